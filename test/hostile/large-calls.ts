/** Calls of any size, as records and messages. */
import { limits } from '../../lib/model/limits.ts';
import type { PageRecord, Side, StartRecord } from '../../lib/model/record.ts';
import { weigh } from '../../lib/wire/record-check.ts';
import { batchOf, bytesOf, chunk, end, head, start, type Page } from '../record/page.ts';
import type { Recording } from '../record/recording.ts';

/** In messages as a relay would cut them. @returns the number that comes next */
export async function tell({ recorder }: Recording, page: Page, records: readonly PageRecord[], first = 0): Promise<number> {
  let next = first;
  while (next < first + records.length) {
    const left = records.slice(next - first, next - first + limits.messageRecords);
    let weight = 0;
    const tooMuch = left.findIndex((record, i) => (weight += weigh(record)) > limits.messageBytes && i > 0);
    ({ next } = await recorder.take(batchOf(page, next, left.slice(0, tooMuch < 0 ? undefined : tooMuch)), page.sender));
  }
  return next;
}

/** In records that pass the gate. */
function inRecords(exchange: number, bytes: Uint8Array<ArrayBuffer>, side: Side): PageRecord[] {
  return Array.from({ length: Math.ceil(bytes.length / limits.recordBytes) }, (_, i) => chunk(exchange, i * limits.recordBytes, bytes.slice(i * limits.recordBytes, (i + 1) * limits.recordBytes), side));
}

export function callOf(exchange: number, request: string, response: string, more: Partial<StartRecord> = {}, status = 200): PageRecord[] {
  const [sent, got] = [bytesOf(request), bytesOf(response)];
  return [start(exchange, { bodySize: sent.length, ...more }), ...inRecords(exchange, sent, 'request'), head(exchange, status), ...inRecords(exchange, got, 'response'), end(exchange, got.length)];
}
