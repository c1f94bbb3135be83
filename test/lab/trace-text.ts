/** An OTLP/JSON export as trace trees for the terminal: kind, what, tokens, duration. Reads nothing but the file. */

interface Value { stringValue?: string; intValue?: string | number; doubleValue?: number | string }
interface Span {
  traceId: string; spanId: string; parentSpanId?: string; name: string;
  startTimeUnixNano: string; endTimeUnixNano: string;
  attributes: { key: string; value: Value }[];
  status: { code?: number; message?: string };
}
export interface Otlp { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }

const ERROR = 2;
const WIDTH = 58;

const attribute = (span: Span, key: string): string => {
  const value = span.attributes.find((one) => one.key === key)?.value;
  return String(value?.stringValue ?? value?.intValue ?? value?.doubleValue ?? '');
};
const kindOf = (span: Span): string => attribute(span, 'openinference.span.kind') || 'SPAN';
const startOf = (span: Span): bigint => BigInt(span.startTimeUnixNano);
const byStart = (a: Span, b: Span): number => Number(startOf(a) - startOf(b));

function seconds(span: Span): string {
  const ms = Number(BigInt(span.endTimeUnixNano) - startOf(span)) / 1e6;
  return ms < 995 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function labelOf(span: Span): string {
  const kind = kindOf(span);
  const label = kind === 'TOOL' ? `${attribute(span, 'tool.name')} ${attribute(span, 'tool.parameters')}`
    : kind === 'LLM' ? attribute(span, 'llm.model_name')
    : kind === 'EMBEDDING' ? attribute(span, 'embedding.model_name')
    : kind === 'RETRIEVER' ? `${attribute(span, 'db.system.name')} ${attribute(span, 'db.collection.name')}`.trim()
    : attribute(span, 'agent.name') || span.name;
  const attempt = attribute(span, 'spanlight.retry.attempt');
  return Number(attempt) > 1 ? `${label} · attempt ${attempt}` : label;
}

const cut = (text: string, length: number): string => text.length > length ? `${text.slice(0, length - 1)}…` : text;

/** As the panel shortens them. */
const SHORT: Record<string, string> = { EMBEDDING: 'EMBED', RETRIEVER: 'RETR' };

function line(span: Span, depth: number): string {
  const left = `${'  '.repeat(depth)}${(SHORT[kindOf(span)] ?? kindOf(span)).padEnd(6)}${labelOf(span)}`;
  const tokens = attribute(span, 'llm.token_count.total');
  const cause = attribute(span, 'spanlight.end.cause');
  const trouble = span.status.code === ERROR ? `  ✗ ${cut(span.status.message || attribute(span, 'error.type') || 'failed', 60)}`
    : cause && cause !== 'complete' ? `  ■ ${cause}` : '';
  return `  ${cut(left, WIDTH).padEnd(WIDTH)} ${(tokens && `${tokens} tok`).padStart(9)} ${seconds(span).padStart(8)}${trouble}`.trimEnd();
}

/** What the user said: the last words of theirs in the trace's first model call. */
function titleOf(spans: readonly Span[]): string {
  const call = spans.find((span) => kindOf(span) === 'LLM');
  const messages = call?.attributes.filter(({ key }) => /^llm\.input_messages\.\d+\.message\.role$/.test(key)) ?? [];
  const user = messages.findLast(({ value }) => value.stringValue === 'user')?.key.replace(/\.role$/, '');
  const words = call && user ? attribute(call, `${user}.content`) || attribute(call, `${user}.contents.0.message_content.text`) : '';
  return words || spans[0]?.name || '';
}

/** The trees in order of time, one paragraph a trace. */
export function traceTrees(otlp: Otlp): string {
  const spans = otlp.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)).toSorted(byStart);
  const traces = Map.groupBy(spans, ({ traceId }) => traceId);
  return [...traces.values()].map((members) => {
    const ids = new Set(members.map(({ spanId }) => spanId));
    const under = (parent: Span, depth: number): string[] =>
      [line(parent, depth), ...members.filter(({ parentSpanId }) => parentSpanId === parent.spanId).flatMap((child) => under(child, depth + 1))];
    const roots = members.filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId));
    return [cut(titleOf(members), 90), ...roots.flatMap((root) => under(root, 0))].join('\n');
  }).join('\n\n');
}
