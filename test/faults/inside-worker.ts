/**
 * Reaches into the running service worker from outside, by the debugger: a transaction in which the product writes is kept
 * busy, so that the worker can be killed while it is open. Nothing of this is in the product.
 */
import type { CDPSession } from 'puppeteer-core';
import type { Launched } from '../browser/launch.ts';

export interface HeldWrite {
  /** Resolves when the write is held, or with false when the worker was gone before. */ held: Promise<boolean>;
  /** It has not been committed, nor has it failed. */ isOpen(): boolean;
}

/** Keeps this transaction busy: beside its own requests there is always one more, and its `commit` does nothing. */
const HOLD = `const { commit } = IDBTransaction.prototype;
  let held;
  IDBTransaction.prototype.commit = function () { if (this !== held) commit.call(this); };
  const hold = (tx, store) => {
    held = tx;
    for (const end of ['complete', 'abort']) tx.addEventListener(end, () => writeIs('closed'));
    const again = () => { store.count('').onsuccess = again; };
    again();
    writeIs('open');
  };`;

/** After the put with this number. */
const holdPut = (nth: number): string => `(() => {
  ${HOLD}
  const { put } = IDBObjectStore.prototype;
  let left = ${nth};
  IDBObjectStore.prototype.put = function (...row) {
    const request = put.apply(this, row);
    if (this.transaction.mode === 'readwrite' && left-- === 0) hold(this.transaction, this);
    return request;
  };
})()`;

/** From its first step on. */
const HOLD_UPGRADE = `(() => {
  ${HOLD}
  const { objectStore } = IDBTransaction.prototype;
  IDBTransaction.prototype.objectStore = function (...name) {
    if (this.mode === 'versionchange' && !held) hold(this, objectStore.call(this, 'sessions'));
    return objectStore.apply(this, name);
  };
})()`;

/** @param nth number of the put after which it is held, from 0 */
export const holdWrite = (launched: Launched, nth: number): Promise<HeldWrite> => hold(launched, holdPut(nth));
export const holdUpgrade = (launched: Launched): Promise<HeldWrite> => hold(launched, HOLD_UPGRADE);

async function hold({ browser, extensionId }: Launched, expression: string): Promise<HeldWrite> {
  let open = false;
  const nobody: HeldWrite = { held: Promise.resolve(false), isOpen: () => false };
  const target = browser.targets().find((target) => target.type() === 'service_worker' && target.url().includes(extensionId));
  let session: CDPSession;
  try {
    if (!target) return nobody;
    session = await target.createCDPSession();
  } catch {
    return nobody; // it ended by itself meanwhile
  }
  // A worker that starts anew with a debugger attached waits for its word.
  session.once('Inspector.targetCrashed', () => { session.detach().catch(() => {}); });
  const held = new Promise<boolean>((resolve) => {
    session.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name !== 'writeIs') return;
      open = payload === 'open';
      if (open) resolve(true);
    });
    session.once('sessiondetached', () => resolve(false));
    setTimeout(() => resolve(false), 15_000).unref();
  });
  try {
    await session.send('Runtime.enable');
    await session.send('Runtime.addBinding', { name: 'writeIs' });
    await session.send('Runtime.evaluate', { expression });
  } catch {
    return nobody;
  }
  return { held, isOpen: () => open };
}
