/** What failed or looks wrong in a trace, one sentence each, before anything is clicked. Pure; worst first. */
import type { ExchangeId } from '../model/exchange.ts';
import type { EndCause } from '../model/record.ts';
import type { OutlineSpan } from '../model/span.ts';
import { formatBytes, formatDuration } from './format.ts';

/** `error`: it failed. `warning`: it ended, but not as a good answer does. `note`: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';
/** `count`: spans of which the same is to be said; `spanId` is the first. */
export interface Finding { spanId: string; severity: Severity; text: string; count: number }

/** `timed`: how far it had come is told too. */
const ENDED: Partial<Record<EndCause, { severity: Severity; says: string; timed?: true }>> = {
  cut: { severity: 'error', says: 'answer cut by the network', timed: true },
  error: { severity: 'error', says: 'no answer, the request failed' },
  aborted: { severity: 'note', says: 'stopped by the app', timed: true },
  cancelled: { severity: 'note', says: 'stopped by the app', timed: true },
  page_left: { severity: 'warning', says: 'page left in mid-answer', timed: true },
  unread: { severity: 'note', says: 'the app never read the answer' },
  unobserved: { severity: 'note', says: 'answer read in a way that is not recorded' },
  recorder_gone: { severity: 'warning', says: 'recording ended in mid-answer: the extension was updated, or the site removed' },
};

const RANK: Record<Severity, number> = { error: 0, warning: 1, note: 2 };

/** @param causes why calls got no answer, by exchange */
export function findingsOf(spans: readonly OutlineSpan[], causes: ReadonlyMap<ExchangeId, { cause: string }> = new Map()): Finding[] {
  const retries = new Map(spans.filter((span) => span.retryOf !== undefined).map((span) => [span.retryOf as string, span]));
  const findings = new Map<string, Finding>();
  for (const span of spans.toSorted((a, b) => a.startMs - b.startMs)) {
    const found = findingOf(span, retries.get(span.spanId), causes.get(span.exchange)?.cause);
    const same = found && findings.get(found.text);
    if (same) same.count += 1;
    else if (found) findings.set(found.text, found);
  }
  return [...findings.values()].toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
}

/** What is to be said of one span. */
export function findingOfSpan(span: OutlineSpan, spans: readonly OutlineSpan[]): Finding | undefined {
  return findingOf(span, spans.find((other) => other.retryOf === span.spanId));
}

/** The mark a row carries, from the same reasons. */
export function severityOf(span: OutlineSpan): Severity | undefined {
  return findingOf(span, undefined)?.severity;
}

function findingOf(span: OutlineSpan, retry: OutlineSpan | undefined, cause?: string): Finding | undefined {
  // An agent or chain fails by what is below it, and that is named by itself.
  if (span.kind === 'AGENT' || span.kind === 'CHAIN') return undefined;
  const say = (severity: Severity, what: string): Finding => ({ spanId: span.spanId, severity, text: `${nameOf(span)}: ${what}`, count: 1 });
  if (retry) {
    const pause = span.endMs === undefined ? '' : ` after ${formatDuration(Math.max(retry.startMs - span.endMs, 0))}`;
    return say('error', `${reasonOf(span)}, retried${pause}${span.endCause === 'error' ? reason(undefined, cause) : ''}`);
  }
  const end = span.endCause && ENDED[span.endCause];
  // An error answer that the app did not read to its end is an error first.
  if (end && (end.severity === 'error' || span.status !== 'error')) return say(end.severity, `${end.says}${end.timed ? lengthOf(span) : ''}${span.endCause === 'error' ? reason(span.statusMessage, cause) : ''}`);
  if (span.status === 'error') return say('error', [reasonOf(span), span.statusMessage].filter((part, index, all) => part && all.indexOf(part) === index).join(': '));
  if (span.finish === 'length') return say('warning', 'answer ends at the token limit');
  if (span.finish === 'content_filter') return say('warning', 'answer withheld by the content filter');
  if (span.missingBytes) return say('warning', `${formatBytes(span.missingBytes)} of it are not recorded`);
  return undefined;
}

/** The cause says more than the page was told; backticks are for who may copy it. */
const reason = (message: string | undefined, cause: string | undefined): string => (cause === undefined ? message ? ` (${message})` : '' : `. ${cause.replaceAll('`', '')}`);
/** The model as asked for, the tool: the name without its operation. */
const nameOf = (span: OutlineSpan): string => span.name.replace(/^(?:chat|execute_tool) /, '') || span.label;
const reasonOf = (span: OutlineSpan): string => (span.httpStatus && span.httpStatus >= 400 ? String(span.httpStatus) : span.errorType) || 'failed';
const lengthOf = (span: OutlineSpan): string => (span.endMs === undefined ? '' : ` after ${formatDuration(span.endMs - span.startMs)}`);
