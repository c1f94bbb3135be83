/** The few numbers people look at first. Pure. */
import type { Usage } from '../model/call.ts';
import { isWire, type OutlineSpan, type SpanRow } from '../model/span.ts';
import { formatVectors, formatCount, formatDuration, formatRate } from './format.ts';

/** A card: what it says, what it means, and more in a tooltip. While the span runs `value` is "–" where nothing is
 *  known yet; what an ended span does not know has no card. */
export interface NumberCard { id: string; value: string; caption: string; title: string }

/** @param below the spans below an agent or chain */
export function numbersOf(span: SpanRow, below: readonly OutlineSpan[], nowMs: number): NumberCard[] {
  const cards: NumberCard[] = [];
  const durationMs = (span.endMs ?? Math.max(nowMs, span.startMs)) - span.startMs;
  if (span.kind === 'LLM') {
    const rate = rateOf(span);
    cards.push({ id: 'first-token', value: span.firstTokenMs === undefined ? '–' : formatDuration(span.firstTokenMs), caption: 'first token', title: 'From the request to the first text, reasoning or tool call that the page read' });
    cards.push({ id: 'rate', value: rate === undefined ? '–' : `${formatRate(rate)} tok/s`, caption: 'after the first', title: 'Output tokens a second, from the first token to the end' });
  }
  if (span.vectors) cards.push({ id: 'vectors', value: formatCount(span.vectors.count), caption: `${span.vectors.count === 1 ? 'vector' : 'vectors'} of ${formatCount(span.vectors.size)}`, title: formatVectors(span.vectors) });
  if (span.documents !== undefined) cards.push({ id: 'documents', value: formatCount(span.documents), caption: span.documents === 1 ? 'document' : 'documents', title: 'Documents found, best first' });
  const calls = below.filter((other) => other.kind === 'LLM');
  if (calls.length > 0) {
    const tools = below.filter((other) => other.kind === 'TOOL').length;
    cards.push({ id: 'calls', value: String(calls.length), caption: tools > 0 ? `calls · ${tools} tools` : 'calls', title: `Model calls${tools > 0 ? ' and tool runs' : ''} below this span` });
  }
  const usage = isWire(span) ? span.usage : sumOf(below.filter(isWire));
  if (usage && span.kind !== 'LLM' && usage.output === 0) cards.push({ id: 'tokens', value: formatCount(usage.input), caption: 'tokens', title: 'Tokens that were embedded' });
  else if (usage) {
    const { input, output, cacheRead, cacheWrite, reasoning } = usage;
    const parts = [cacheRead ? `${formatCount(cacheRead)} cached` : '', cacheWrite ? `${formatCount(cacheWrite)} to cache` : '', reasoning ? `${formatCount(reasoning)} reasoning` : ''].filter((part) => part !== '');
    cards.push({ id: 'tokens', value: `${formatCount(input)} → ${formatCount(output)}`, caption: parts.join(' · ') || 'tokens in → out', title: ['Tokens in → out', ...parts].join(', ') });
  } else if (span.kind === 'LLM') {
    cards.push({ id: 'tokens', value: '–', caption: 'tokens in → out', title: 'The answer told no token counts' });
  }
  cards.push({ id: 'duration', value: formatDuration(durationMs), caption: span.endMs === undefined ? 'so far' : 'duration', title: 'From the request to the end of the answer' });
  return span.endMs === undefined ? cards : cards.filter(({ value }) => value !== '–');
}

function sumOf(calls: readonly OutlineSpan[]): Usage | undefined {
  const told = calls.flatMap(({ usage }) => usage ?? []);
  const sum = (pick: (usage: Usage) => number | undefined): number => told.reduce((total, usage) => total + (pick(usage) ?? 0), 0);
  if (told.length === 0) return undefined;
  return { input: sum((usage) => usage.input), output: sum((usage) => usage.output), total: sum((usage) => usage.total), cacheRead: sum((usage) => usage.cacheRead), cacheWrite: sum((usage) => usage.cacheWrite), reasoning: sum((usage) => usage.reasoning) };
}

/** Tokens a second after the first; undefined where a part is unknown or the answer came at once. */
function rateOf({ usage, firstTokenMs, startMs, endMs }: SpanRow): number | undefined {
  if (!usage || firstTokenMs === undefined || endMs === undefined) return undefined;
  const seconds = (endMs - startMs - firstTokenMs) / 1000;
  return seconds > 0.02 && usage.output > 1 ? (usage.output - 1) / seconds : undefined;
}
