/** What the user decides about room on the disk, and what was removed for it. */

export interface Budget {
  /** what all sessions may take together */ bytes: number;
  /** days after which what was not used goes; absent: it stays */ days?: number;
}

export const defaultBudget: Budget = { bytes: 500_000_000, days: 7 };

/** What went by itself, on one day. `age`: not used for the budget's days. `room`: the oldest, for the budget's bytes. */
export interface Removal { atMs: number; sessions: number; /** of sessions that stay */ traces: number; bytes: number; days?: number }
export type RemovalCause = 'age' | 'room';

/** Rows of the store `settings`. `forgotten`: `rev` is above that of every session that was removed, since its tab may come
 *  again and a reader may know the one before; what started until `emptiedMs` (everything was deleted) does not come back. */
export type SettingRow =
  | { name: 'budget' } & Budget
  | { name: 'removed' } & Partial<Record<RemovalCause, Removal>>
  | { name: 'forgotten'; rev: number; emptiedMs: number };
export type SettingName = SettingRow['name'];

/** As the panel shows it. */
export interface StorageSettings { budget: Budget; removed: Partial<Record<RemovalCause, Removal>> }
