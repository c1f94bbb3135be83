/** The span of one exchange: one attempt of one model call, embedding or search. */
import type { Exchange } from '../model/exchange.ts';
import type { CallFacts, Operation } from '../model/call.ts';
import type { SpanKind, SpanRow } from '../model/span.ts';
import { spanIdOf, traceIdOf } from './ids.ts';
import { unlinked } from './link.ts';
import { endCauseOf, endOf, failureOf } from './outcome.ts';
import { messageOf, previewOf } from './preview.ts';

const callSpanId = ({ documentId, id }: Exchange): string => spanIdOf(documentId, id, 'llm', 0);

/** What a person calls the model: as asked for, since answers add dates to it. */
export const modelOf = ({ facts }: Exchange): string | undefined => facts?.modelAsked ?? facts?.modelAnswered;

/** What a trace that begins with this exchange is about: the user's words, or what was searched. */
export const titleOf = ({ facts }: Exchange): string | undefined =>
  facts?.userPreview || (facts?.operation === 'search' ? previewOf(['Search', facts.collection].filter(Boolean).join(' in ')) : undefined);

/** Fields that all spans of an exchange's run share. */
export function sharedFields(exchange: Exchange): Pick<SpanRow, 'source' | 'traceId' | 'conversation' | 'rev'> {
  return { source: exchange.session, traceId: exchange.traceId ?? traceIdOf(exchange.run ?? exchange.id), conversation: exchange.conversation, rev: 0 };
}

/** Status fields, as OpenTelemetry has them. */
export function statusFields(exchange: Exchange): Pick<SpanRow, 'status' | 'statusMessage' | 'errorType' | 'httpStatus' | 'endCause'> {
  const failure = failureOf(exchange);
  return {
    status: failure === undefined ? 'unset' : 'error', statusMessage: failure && messageOf(failure.message), errorType: failure?.type,
    httpStatus: exchange.head?.status || undefined, endCause: endCauseOf(exchange),
  };
}

/** Kinds of spans that crossed the wire. */
const KIND: Record<Operation, SpanKind> = { chat: 'LLM', embed: 'EMBEDDING', search: 'RETRIEVER' };
/** `gen_ai.operation.name` of OpenTelemetry, before the model or the collection */
const VERB: Record<Operation, string> = { chat: 'chat', embed: 'embeddings', search: 'retrieval' };

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** What was asked, and what came of it where a number says it. */
function subjectOf(facts: CallFacts | undefined, model: string | undefined): { subject: string | undefined; outcome: string | undefined } {
  if (facts?.operation === 'search') return { subject: [facts.system, facts.collection].filter(Boolean).join(' '), outcome: facts.documents === undefined ? undefined : counted(facts.documents, 'document') };
  return { subject: model, outcome: facts?.vectors === undefined || facts.vectors.count === 1 ? undefined : counted(facts.vectors.count, 'text') };
}

/** @param parent id of the span around the run, if there is one
 *  @param attempt which try this is, from 1, and the one before it
 *  @param retried a later exchange tried again */
export function callRow(exchange: Exchange, parent: string | undefined, attempt: { number: number; before?: Exchange }, retried: boolean): SpanRow {
  const { facts, head } = exchange;
  const model = modelOf(exchange);
  const operation = facts?.operation ?? 'chat';
  const { subject, outcome } = subjectOf(facts, model);
  const name = [subject ?? facts?.dialect ?? 'model call', outcome].filter(Boolean).join(' · ');
  const note = retried ? `${failureOf(exchange)?.brief ?? 'failed'}, retried` : attempt.number > 1 ? `attempt ${attempt.number}` : undefined;
  // A page may tell of more than adds up.
  const missing = Math.min(exchange.request.missing + exchange.response.missing, Number.MAX_SAFE_INTEGER);
  return {
    ...sharedFields(exchange), ...statusFields(exchange),
    spanId: callSpanId(exchange), parentSpanId: parent, kind: KIND[operation],
    name: [VERB[operation], subject].filter(Boolean).join(' '),
    label: previewOf(note === undefined ? name : `${name} · ${note}`),
    title: parent === undefined ? titleOf(exchange) : undefined,
    startMs: exchange.startMs, endMs: endOf(exchange),
    exchange: exchange.id, model: facts?.modelAnswered ?? facts?.modelAsked, provider: facts?.provider,
    usage: facts?.usage, vectors: facts?.vectors, documents: facts?.documents, finish: facts?.finish?.reason,
    headMs: head?.atMs, firstByteMs: exchange.firstByteMs, firstTokenMs: facts?.firstTokenMs,
    attempt: attempt.number > 1 ? attempt.number : undefined, retryOf: attempt.before && callSpanId(attempt.before),
    missingBytes: missing > 0 ? missing : undefined,
    link: exchange.link ?? unlinked,
  };
}
