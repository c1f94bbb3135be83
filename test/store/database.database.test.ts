import { deleteDB, openDB } from 'idb';
import { expect, test } from 'vitest';
import { DATABASE_VERSION } from '../../lib/model/versions.ts';
import { openDatabase, read, write } from '../../lib/store/database.ts';
import type { TabSession } from '../../lib/model/session.ts';

const session = (id: string): TabSession => ({ id, tabId: 1, run: 'r', startedMs: 0, lastMs: 0, url: '', paused: false, rev: 1, removedRev: 0, clearedMs: 0, bytes: 0, diskBytes: 0, exchanges: 0, unrecorded: 0 });

test('a transaction whose work throws leaves nothing behind, and the next one is not hindered', async () => {
  const database = openDatabase('test-abort');
  await expect(write(database, async (tx) => {
    await tx.objectStore('sessions').put(session('a'));
    throw new Error('no');
  })).rejects.toThrow('no');
  await write(database, (tx) => tx.objectStore('sessions').put(session('b')));
  expect(await read(database, ['sessions'], (tx) => tx.objectStore('sessions').getAllKeys())).toEqual(['b']);
  await database.close();
  await deleteDB('test-abort');
});

test('a newer version is not held up by an old connection', async () => {
  const database = openDatabase('test-upgrade');
  await write(database, (tx) => tx.objectStore('sessions').put(session('a')));
  const newer = await openDB('test-upgrade', DATABASE_VERSION + 1);
  expect(newer.version).toBe(DATABASE_VERSION + 1);
  newer.close();
  await deleteDB('test-upgrade');
});

test('a connection that was closed is opened again', async () => {
  const database = openDatabase('test-reopen');
  (await database.connection()).close();
  await write(database, (tx) => tx.objectStore('sessions').put(session('a')));
  expect(await read(database, ['sessions'], (tx) => tx.objectStore('sessions').count())).toBe(1);
  await database.close();
  await deleteDB('test-reopen');
});


test('a reading that nobody waits for any more when it has just ended ends in peace', async () => {
  const database = openDatabase('test-left');
  const leave = new AbortController();
  const failures: string[] = [];
  const listen = (event: ErrorEvent): void => {
    event.preventDefault();
    failures.push(event.message);
  };
  addEventListener('error', listen);
  const count = await read(database, ['sessions'], (tx) => {
    void tx.done.then(() => leave.abort());
    return tx.objectStore('sessions').count();
  }, leave.signal);
  removeEventListener('error', listen);
  expect([count, failures]).toEqual([0, []]);
  await database.close();
  await deleteDB('test-left');
});
