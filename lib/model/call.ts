/** What a provider says an exchange means: the model call in one normal form, whatever the dialect. */

type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool' | (string & {});

export type Part =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string; signature?: string }
  | { type: 'refusal'; text: string }
  /** `arguments`: JSON text as on the wire, maybe incomplete while streaming */
  | { type: 'tool_call'; id?: string; name: string; arguments: string }
  | { type: 'tool_result'; id?: string; name?: string; text: string; isError?: boolean }
  /** image, audio, file: `url` is a data: or remote URL, never loaded by the panel unless data: */
  | { type: 'media'; modality: 'image' | 'audio' | 'video' | 'file'; mimeType?: string; url?: string; name?: string }
  /** anything a dialect has and we have no word for; `json` is its wire form */
  | { type: 'other'; name: string; json: string };

export interface Message { role: Role; name?: string; parts: Part[] }

export interface ToolDefinition { name: string; description?: string; /** wire form, JSON */ json: string }

/** Tokens in the normal form: total = input + output; cacheRead and cacheWrite are parts of input, reasoning of output. */
export interface Usage { input: number; output: number; total: number; cacheRead?: number; cacheWrite?: number; reasoning?: number; audioInput?: number; audioOutput?: number }

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'error' | 'other';

/** What the service is asked for: words (`chat` stands for plain completion too), vectors, or documents. */
export type Operation = 'chat' | 'embed' | 'search';

/** What an embedding call gave. The numbers themselves are in the raw body only. */
export interface Vectors { count: number; /** numbers of one vector */ size: number }

/** What a search found. */
export interface Found { id?: string; score?: number; text: string; /** other fields, JSON */ metadata?: string }

/** One model call, complete or as far as it has come. */
export interface ModelCall {
  dialect: string;
  operation: Operation;
  /** `llm.system`: the shape of the API (openai, anthropic) */ system: string;
  /** `llm.provider`: who serves it, by host where known, else the system */ provider?: string;
  modelAsked?: string;
  modelAnswered?: string;
  streaming: boolean;
  /** request minus messages, tools and model */ parameters: Record<string, unknown>;
  input: Message[];
  /** one message a choice */ output: Message[];
  tools: ToolDefinition[];
  /** `embed` */ vectors?: Vectors;
  /** `search`, best first */ documents?: Found[];
  /** `search`: collection or index that was searched */ collection?: string;
  /** fingerprints of vectors given (`embed`) or sought (`search`), see `vectorMark`: the same vector, the same mark */
  vectorMarks?: string[];
  usage?: Usage;
  /** raw usage object of the wire, JSON */ rawUsage?: string;
  finish?: { raw: string; reason: FinishReason };
  responseId?: string;
  /** ids under which the provider keeps this answer and its items: a later request may name them instead of saying them again */
  keptAs?: string[];
  /** the same of earlier answers, as this request names them, the latest first */ refersTo?: string[];
  /** request id seen in a header or body */ requestId?: string;
  /** an error the provider told of, in a body or in the stream, also at status 200 */
  error?: { type: string; message: string };
  /** response byte offset after which the first text, reasoning or tool-call delta was complete; gives first-token time */
  firstTokenByte?: number;
  /** things that did not parse; shown, never hidden */ problems: string[];
}

/** Small facts of a call, kept on the exchange row so that linking and rows need no bodies. All texts are cut to
 *  `limits.previewLength`. Keys are hashes. */
export interface CallFacts {
  dialect: string;
  operation: Operation;
  system: string;
  provider?: string;
  modelAsked?: string;
  modelAnswered?: string;
  streaming: boolean;
  /** last user text, for titles */ userPreview: string;
  /** first line of the system text, for the agent's name */ systemPreview: string;
  /** start of the answer */ replyPreview: string;
  usage?: Usage;
  finish?: { raw: string; reason: FinishReason };
  error?: { type: string; message: string };
  requestId?: string;
  responseId?: string;
  vectors?: Vectors;
  /** how many a search found */ documents?: number;
  collection?: string;
  /** ms from the exchange's start */ firstTokenMs?: number;
  toolCalls: Array<{ id?: string; name: string; preview: string }>;
  /** tool results at the tail of the request (after its last assistant message) */
  toolResults: Array<{ id?: string; name?: string; isError: boolean }>;
  /** nothing new from the user: the request ends with tool results or lets the model go on where it stopped */ continuesLoop: boolean;
  messageCount: number;
  /** evidence this exchange offers to later ones, and what it looks for; see lib/trace/evidence */
  gives: string[];
  seeks: string[];
}
