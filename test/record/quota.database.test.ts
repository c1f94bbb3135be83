import { expect, onTestFinished, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import { batchOf, chunk, end, head, opened, pageOf, start } from './page.ts';
import { startRecording } from './recording.ts';

/** https://wicg.github.io/storage-buckets: a small disk of our own. */
interface Bucket { indexedDB: IDBFactory; estimate(): Promise<{ quota: number; usage: number }> }
interface Buckets { open(name: string, options: { quota: number }): Promise<Bucket>; delete(name: string): Promise<void> }

async function smallDisk(quota: number): Promise<Bucket> {
  const { storageBuckets } = navigator as Navigator & { storageBuckets: Buckets };
  const bucket = await storageBuckets.open('small', { quota });
  const own = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB');
  Object.defineProperty(globalThis, 'indexedDB', { value: bucket.indexedDB, configurable: true });
  onTestFinished(async () => {
    if (own) Object.defineProperty(globalThis, 'indexedDB', own);
    await storageBuckets.delete('small');
  });
  return bucket;
}

/** Bytes that no compression makes fit. */
function noise(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) bytes.set(crypto.getRandomValues(new Uint8Array(Math.min(65_536, size - at))), at);
  return bytes;
}

test('a full disk costs bytes, counted as missing, and no call', async () => {
  const bucket = await smallDisk(limits.diskReserve + 6 * 1024 * 1024);
  const { recorder, reader, session } = startRecording(async () => {
    const { quota, usage } = await bucket.estimate();
    return quota - usage;
  });
  const page = pageOf(1);
  await recorder.take(batchOf(page, 0, [opened(), start(1), head(1)]), page.sender);
  const sent = 40;
  for (let i = 0; i < sent; i++) await recorder.take(batchOf(page, 3 + i, [chunk(1, i * limits.recordBytes, noise(limits.recordBytes))]), page.sender);
  const size = sent * limits.recordBytes;
  await recorder.take(batchOf(page, 3 + sent, [end(1, size), start(2)]), page.sender);

  const exchange = await reader.exchange('document-1/1');
  expect(exchange).toMatchObject({ end: { how: 'complete' }, response: { read: size } });
  const { stored = 0, missing = 0 } = exchange?.response ?? {};
  expect(Math.min(stored, missing)).toBeGreaterThan(0);
  expect(stored + missing).toBe(size);
  expect((await reader.body('document-1/1', 'response')).bytes.byteLength).toBe(stored);
  expect((await reader.spans(session())).toSorted((a, b) => a.startMs - b.startMs)).toMatchObject([{ missingBytes: missing, endCause: 'complete' }, { exchange: 'document-1/2' }]);
});
