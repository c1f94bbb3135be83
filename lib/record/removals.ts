/** The account of what went by itself, one line a cause and day, for the panel. */
import type { Budget, RemovalCause } from '../model/settings.ts';
import type { WriteTransaction } from '../store/database.ts';
import { putSetting, settingOf } from '../store/settings.ts';

const isSameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();

/** In the transaction that removes it (or marks it): so it counts once, whatever dies. */
export async function addRemoval(tx: WriteTransaction, cause: RemovalCause, more: { sessions: number; traces: number; bytes: number }, { days }: Budget, now: number): Promise<void> {
  const removed = await settingOf(tx, 'removed');
  const last = removed?.[cause];
  const before = last && isSameDay(last.atMs, now) ? last : { sessions: 0, traces: 0, bytes: 0 };
  const sum = { atMs: now, sessions: before.sessions + more.sessions, traces: before.traces + more.traces, bytes: before.bytes + more.bytes, ...(cause === 'age' && { days }) };
  putSetting(tx, { ...removed, name: 'removed', [cause]: sum });
}
