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

/** Of transactions of this mode the put with this number is followed by endless reading in the same transaction. */
const hold = (mode: IDBTransactionMode, nth: number): string => `(() => {
  const { put } = IDBObjectStore.prototype;
  let left = ${nth};
  IDBObjectStore.prototype.put = function (...row) {
    const request = put.apply(this, row);
    if (this.transaction.mode === '${mode}' && left-- === 0) {
      for (const end of ['complete', 'abort']) this.transaction.addEventListener(end, () => writeIs('closed'));
      const again = () => { this.count('').onsuccess = again; };
      again();
      writeIs('open');
    }
    return request;
  };
})()`;

/** @param nth number of the put, from 0 */
export async function holdWrite({ browser, extensionId }: Launched, nth: number, mode: IDBTransactionMode = 'readwrite'): Promise<HeldWrite> {
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
    await session.send('Runtime.evaluate', { expression: hold(mode, nth) });
  } catch {
    return nobody;
  }
  return { held, isOpen: () => open };
}
