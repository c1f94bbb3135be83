/** What failed or looks wrong in a trace, one sentence each, before anything is clicked. Pure; worst first. */
import type { EndCause } from '../model/record.ts';
import type { SpanRow } from '../model/span.ts';
import { formatBytes, formatDuration } from './format.ts';

/** `error`: it failed. `warning`: it ended, but not as a good answer does. `note`: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';
export interface Finding { spanId: string; severity: Severity; text: string }

const ENDED: Partial<Record<EndCause, { severity: Severity; says: string }>> = {
  cut: { severity: 'error', says: 'answer cut by the network' },
  error: { severity: 'error', says: 'no answer, the request failed' },
  aborted: { severity: 'note', says: 'stopped by the app' },
  cancelled: { severity: 'note', says: 'stopped by the app' },
  page_left: { severity: 'warning', says: 'page left before the answer was complete' },
  unread: { severity: 'note', says: 'the app never read the answer' },
  unobserved: { severity: 'note', says: 'answer read in a way that is not recorded' },
  recorder_gone: { severity: 'warning', says: 'extension was updated, the rest is not recorded' },
};

const RANK: Record<Severity, number> = { error: 0, warning: 1, note: 2 };

export function findingsOf(spans: readonly SpanRow[]): Finding[] {
  const retries = new Map(spans.filter((span) => span.retryOf !== undefined).map((span) => [span.retryOf as string, span]));
  return spans.toSorted((a, b) => a.startMs - b.startMs)
    .flatMap((span) => findingOf(span, retries.get(span.spanId)) ?? [])
    .toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
}

/** The mark a row carries, from the same reasons. */
export function severityOf(span: SpanRow): Severity | undefined {
  return findingOf(span, undefined)?.severity;
}

function findingOf(span: SpanRow, retry: SpanRow | undefined): Finding | undefined {
  // An agent or chain fails by what is below it, and that is named by itself.
  if (span.kind === 'AGENT' || span.kind === 'CHAIN') return undefined;
  const say = (severity: Severity, what: string): Finding => ({ spanId: span.spanId, severity, text: `${nameOf(span)}: ${what}` });
  if (retry) {
    const pause = span.endMs === undefined ? '' : ` after ${formatDuration(Math.max(retry.startMs - span.endMs, 0))}`;
    return say('error', `${reasonOf(span)}, retried${pause}`);
  }
  const end = span.endCause && ENDED[span.endCause];
  if (end) return say(end.severity, `${end.says}${lengthOf(span)}${span.endCause === 'error' && span.statusMessage ? ` (${span.statusMessage})` : ''}`);
  if (span.status === 'error') return say('error', [reasonOf(span), span.statusMessage].filter((part, index, all) => part && all.indexOf(part) === index).join(': '));
  if (span.finish === 'length') return say('warning', 'answer ends at the token limit');
  if (span.finish === 'content_filter') return say('warning', 'answer withheld by the content filter');
  if (span.missingBytes) return say('warning', `${formatBytes(span.missingBytes)} of it are not recorded`);
  return undefined;
}

const nameOf = (span: SpanRow): string => (span.kind === 'LLM' ? span.model : span.name.replace(/^execute_tool /, '')) || span.label;
const reasonOf = (span: SpanRow): string => (span.httpStatus && span.httpStatus >= 400 ? String(span.httpStatus) : span.errorType) || 'failed';
const lengthOf = (span: SpanRow): string => (span.endMs === undefined ? '' : ` after ${formatDuration(span.endMs - span.startMs)}`);
