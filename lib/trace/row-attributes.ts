/** What a row says besides its ids, times, kind and name: from these an import makes the same row again (lib/import/row.ts). */
import { isWire, type SpanRow } from '../model/span.ts';

type Loose = Record<string, string | number | undefined>;

export function rowAttributes(span: SpanRow): Loose {
  const { link } = span;
  return {
    'error.type': span.errorType, 'http.response.status_code': span.httpStatus,
    'spanlight.label': span.label, 'spanlight.title': span.title,
    'spanlight.tab_session.id': span.source, 'spanlight.source': isWire(span) ? 'wire' : 'synthesized', 'spanlight.exchange.id': span.exchange,
    'spanlight.result_exchange.id': span.resultExchange, 'spanlight.tool.index': span.toolIndex,
    // A model's name and provider are of the conventions where it is asked for words.
    'spanlight.model': span.kind === 'LLM' ? undefined : span.model, 'spanlight.provider': span.kind === 'LLM' ? undefined : span.provider,
    'spanlight.retrieval.count': span.documents, 'spanlight.finish.reason': span.finish, 'spanlight.end.cause': span.endCause,
    'spanlight.stream.head_ms': span.headMs, 'spanlight.stream.first_byte_ms': span.firstByteMs, 'spanlight.stream.first_token_ms': span.firstTokenMs,
    'spanlight.retry.attempt': span.attempt, 'spanlight.retry.of': span.retryOf, 'spanlight.missing_bytes': span.missingBytes,
    'spanlight.link.relation': link.relation, 'spanlight.link.to': link.to, 'spanlight.link.turn_of': link.turnOf,
    'spanlight.link.evidence': link.evidence, 'spanlight.link.confidence': link.confidence, 'spanlight.link.detail': link.detail || undefined,
  };
}
