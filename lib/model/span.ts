/** A span row: an OpenTelemetry span, small, without message text. Attributes are derived when read or exported. */
import type { EndCause } from './record.ts';
import type { ExchangeId } from './exchange.ts';
import type { FinishReason, Usage, Vectors } from './call.ts';

/** `openinference.span.kind` */
export type SpanKind = 'LLM' | 'TOOL' | 'AGENT' | 'CHAIN' | 'EMBEDDING' | 'RETRIEVER' | 'RERANKER' | 'GUARDRAIL';

/** One exchange on the wire; the other kinds are put around or between those. */
export const isWire = ({ kind }: { kind: SpanKind }): boolean => kind !== 'TOOL' && kind !== 'AGENT' && kind !== 'CHAIN';

/** What an exchange or span hangs on, and why we think so. */
export interface Link {
  /** `continues`: next step of a tool loop. `retries`: same request again after a failure. `uses`: it takes what an
   *  embedding or a search gave. `turn`: a new user turn of the same conversation (own trace). `root`: nothing found, or
   *  nothing needed. */
  relation: 'root' | 'continues' | 'retries' | 'uses' | 'turn';
  /** the earlier exchange */ to?: ExchangeId;
  /** of `uses`: the call whose conversation it goes on besides */ turnOf?: ExchangeId;
  evidence: 'none' | 'response_id' | 'history' | 'history_tail' | 'tool_call_id' | 'same_request' | 'vector' | 'passage';
  /** 0..1; below 0.5 nothing is linked */ confidence: number;
  /** one sentence for people: what was compared and found */ detail: string;
}

/** Key of the store `spans`: [source, spanId]. `source`: a tab session's id, or an import's. */
export interface SpanRow {
  source: string;
  /** 16 hex */ spanId: string;
  /** 32 hex */ traceId: string;
  parentSpanId?: string;
  kind: SpanKind;
  /** OpenTelemetry name: `chat gpt-5-mini`, `execute_tool get_weather`, `invoke_agent` */ name: string;
  /** what the row shows a person: model, tool with arguments, agent; at most limits.previewLength */ label: string;
  /** on roots: what the trace is about (the user's words) */ title?: string;
  /** epoch ms, float */ startMs: number;
  /** epoch ms, float; absent while running */ endMs?: number;
  status: 'unset' | 'error';
  statusMessage?: string;
  /** `error.type`: HTTP status, provider's type or exception name */ errorType?: string;
  httpStatus?: number;
  endCause?: EndCause;
  /** LLM: its exchange. TOOL: the exchange that asked for the tool. AGENT, CHAIN: first exchange of the run. */
  exchange: ExchangeId;
  /** TOOL: index of the call in the answer */
  toolIndex?: number;
  /** TOOL: the exchange that carried the result back. AGENT, CHAIN: last exchange of the run. */
  resultExchange?: ExchangeId;
  model?: string;
  provider?: string;
  usage?: Usage;
  /** EMBEDDING */ vectors?: Vectors;
  /** RETRIEVER: how many were found */ documents?: number;
  finish?: FinishReason;
  /** LLM: ms from start to response head, first body byte, first token */ headMs?: number; firstByteMs?: number; firstTokenMs?: number;
  /** retried calls: 2 for the second attempt, ...; and the span of the attempt before */
  attempt?: number;
  retryOf?: string;
  /** request bytes missing or response bytes missing: shown as a warning */ missingBytes?: number;
  link: Link;
  /** `session.id`: the conversation where one is known */ conversation?: string;
  rev: number;
}

/** What a tree shows of a span: the part that is kept in blocks too (lib/store/outline-blocks.ts). */
export type OutlineSpan = Pick<SpanRow, 'spanId' | 'parentSpanId' | 'kind' | 'name' | 'label' | 'title' | 'startMs' | 'endMs' | 'status' | 'statusMessage' | 'errorType' | 'httpStatus' | 'endCause'
  | 'exchange' | 'toolIndex' | 'model' | 'usage' | 'finish' | 'firstByteMs' | 'firstTokenMs' | 'retryOf' | 'missingBytes' | 'rev'> & { link: Pick<Link, 'relation' | 'confidence'> };

/** Appended text of a running call, dropped at its end. Key [exchange, n]. */
export interface LivePiece { exchange: ExchangeId; n: number; kind: 'text' | 'reasoning' | 'tool'; text: string }
