/** A transaction that comes to nothing at any of its writes, as on a disk that fails. What it had read and remembered is forgotten:
 *  the batch comes again, and all is as if it had come once. */
import { expect, onTestFinished, test } from 'vitest';
import { limits } from '../../lib/model/limits.ts';
import type { PageRecord } from '../../lib/model/record.ts';
import { batchOf, call, opened, pageOf } from '../record/page.ts';
import { meaning, startRecording, type Recording } from '../record/recording.ts';
import { loop } from './pages.ts';

const page = pageOf(1);
const [first, second] = loop as [typeof loop[number], typeof loop[number]];
/** The second call says the first one's messages again. */
const calls: PageRecord[][] = [[opened(), ...call(1, first)], call(2, second)];

/** The write after so many ends its transaction. @returns how many writes there were */
function failingAfter(writes: number): { count(): number } {
  const { put } = IDBObjectStore.prototype;
  let count = 0;
  IDBObjectStore.prototype.put = function (...given) {
    if (count++ === writes) this.transaction.abort();
    return put.apply(this, given);
  };
  onTestFinished(() => { IDBObjectStore.prototype.put = put; });
  return { count: () => { IDBObjectStore.prototype.put = put; return count; } };
}

async function tellAll({ recorder }: Recording, batches: readonly PageRecord[][], failing: number, writes: number, meanwhile: () => void = () => {}): Promise<number[]> {
  let next = 0;
  const counts: number[] = [];
  for (const [i, records] of batches.entries()) {
    const fails = i === failing;
    const disk = failingAfter(fails ? writes : Infinity);
    const told = recorder.take(batchOf(page, next, records), page.sender);
    if (fails) {
      await expect(told).rejects.toThrow();
      disk.count();
      meanwhile();
      await recorder.take(batchOf(page, next, records), page.sender);
    } else {
      await told;
      counts.push(disk.count());
    }
    next += records.length;
  }
  return counts;
}

test.each([['the first', 0], ['a later', 1]] as const)('%s batch fails at each of its writes, and comes again', async (_, failing) => {
  const undisturbed = startRecording();
  const counts = await tellAll(undisturbed, calls, calls.length, 0);
  const count = counts[failing] ?? 0;
  const whole = await meaning(undisturbed);
  expect(count).toBeGreaterThan(8);
  for (let writes = 0; writes < count; writes += 2) {
    const recording = startRecording();
    await tellAll(recording, calls, failing, writes);
    expect(await meaning(recording), `after ${writes} writes`).toEqual(whole);
  }
});

test('a batch fails at its last write, and comes again when the disk is full: of its bytes nothing is told', async () => {
  const asking = call(1, first).slice(0, 2);
  const full = startRecording(async () => 0);
  const [count = 0] = await tellAll(full, [[opened(), ...asking]], 1, 0);
  let room = limits.diskReserve + first.request.length;
  const recording = startRecording(async () => room);
  await tellAll(recording, [[opened(), ...asking]], 0, count - 1, () => { room = 0; });
  expect(await meaning(recording)).toEqual(await meaning(full));
});
