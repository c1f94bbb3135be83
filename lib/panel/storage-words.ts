/** What the panel says of room on the disk. Pure. */
import type { TabSession } from '../model/session.ts';
import type { Budget, Removal, RemovalCause, StorageSettings } from '../model/settings.ts';
import { formatBytes, plural } from './format.ts';

/** "500 MB", "41.2 MB" */
export const formatRoom = (bytes: number): string => formatBytes(bytes).replace('.0 ', ' ');

/** A tab that was watched and made no call takes nothing worth telling. */
export const holdsSomething = ({ exchanges, imported, unrecorded }: Pick<TabSession, 'exchanges' | 'imported' | 'unrecorded'>): boolean => exchanges > 0 || unrecorded > 0 || imported !== undefined;

export interface StorageUse { bytes: number; /** of the budget, at most 1 */ part: number; title: string; detail: string }

export function storageUse(sessions: readonly TabSession[], budget: Budget, nowMs: number): StorageUse {
  const held = sessions.filter(holdsSomething);
  const bytes = held.reduce((sum, { diskBytes }) => sum + diskBytes, 0);
  const oldest = Math.min(...held.map(({ lastMs }) => lastMs));
  const pinned = held.filter((session) => session.pinned).length;
  const parts = [plural(held.length, 'session'), ...pinned > 0 ? [`${pinned} pinned`] : [], ...held.length > 1 ? [`oldest from ${formatDay(oldest, nowMs)}`] : []];
  return { bytes, part: Math.min(1, bytes / budget.bytes), title: `${formatRoom(bytes)} of ${formatRoom(budget.bytes)}`, detail: held.length === 0 ? 'Nothing is stored' : parts.join(', ') };
}

/** What went by itself, a sentence a cause. */
export function removedWords({ removed }: StorageSettings, nowMs: number): string[] {
  const said = (cause: RemovalCause): string[] => removed[cause] ? [removalWords(cause, removed[cause], nowMs)] : [];
  return [...said('age'), ...said('room')];
}

function removalWords(cause: RemovalCause, { atMs, sessions, traces, bytes, days = 0 }: Removal, nowMs: number): string {
  const what = [...sessions > 0 ? [plural(sessions, 'session')] : [], ...traces > 0 ? [plural(traces, 'trace')] : []].join(' and ');
  const when = formatDay(atMs, nowMs);
  const why = cause === 'age' ? ` older than ${plural(days, 'day')}` : '';
  const how = cause === 'room' ? ' to make room' : '';
  return `${what}${why} ${sessions + traces === 1 ? 'was' : 'were'} removed${how} ${when === 'today' || when === 'yesterday' ? when : `on ${when}`} (${formatRoom(bytes)})`;
}

/** "today", "yesterday", "19 Nov" */
function formatDay(epochMs: number, nowMs: number): string {
  const date = new Date(epochMs);
  const isDay = (ms: number): boolean => date.toDateString() === new Date(ms).toDateString();
  if (isDay(nowMs)) return 'today';
  return isDay(nowMs - 86_400_000) ? 'yesterday' : `${date.getDate()} ${date.toLocaleString('en', { month: 'short' })}`;
}

/** What may be chosen, and what was set otherwise. */
export const roomChoices = (set: number): number[] => [...new Set([100_000_000, 500_000_000, 1_000_000_000, 2_000_000_000, 5_000_000_000, set])].toSorted((a, b) => a - b);
export const dayChoices = (set: number | undefined): number[] => [...new Set([1, 7, 30, 90, ...set === undefined ? [] : [set]])].toSorted((a, b) => a - b);
