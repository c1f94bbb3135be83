/** Rows of the store `settings`: few, small, each under its name. */
import { defaultBudget, type SettingName, type SettingRow, type StorageSettings } from '../model/settings.ts';
import { send, type ReadTransaction, type WriteTransaction } from './database.ts';

export async function settingOf<Name extends SettingName>(tx: ReadTransaction, name: Name): Promise<Extract<SettingRow, { name: Name }> | undefined> {
  return await tx.objectStore('settings').get(name) as Extract<SettingRow, { name: Name }> | undefined;
}

export function putSetting(tx: WriteTransaction, row: SettingRow): void {
  send(tx.objectStore('settings').put(row));
}

export async function storageSettings(tx: ReadTransaction): Promise<StorageSettings> {
  const { name: _, ...budget } = await settingOf(tx, 'budget') ?? { name: 'budget', ...defaultBudget };
  const { name: __, ...removed } = await settingOf(tx, 'removed') ?? { name: 'removed' };
  return { budget, removed };
}
