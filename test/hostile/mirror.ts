/** What must be stored of a page's records, reckoned plainly: which bytes the page read, in order, each once. */
import type { PageRecord, Side } from '../../lib/model/record.ts';
import { checkRecord } from '../../lib/wire/record-check.ts';

export interface Body { read: number; bytes: number[] }
/** `assumed`: what the page tells later counts more. */
export interface MirroredCall { request: Body; response: Body; end: 'none' | 'assumed' | 'told' }

export interface Mirror {
  calls: Map<number, MirroredCall>;
  /** numbers below are used up */ next: number;
  /** said to be left, and not come back */ left: boolean;
  /** A batch that is no frame of ours changes nothing. `next`: what the recorder answered. */
  take(first: number, records: readonly unknown[], skipped: boolean, next: number): void;
}

export function createMirror(): Mirror {
  const mirror: Mirror = {
    calls: new Map(), next: 0, left: false,
    take(first, records, skipped, next) {
      if (first > mirror.next && !skipped) return;
      for (const [i, given] of records.entries()) {
        const record = first + i < mirror.next || first + i >= next ? undefined : checkRecord(given);
        if (record) tell(mirror, record);
      }
      mirror.next = Math.max(mirror.next, next);
    },
  };
  return mirror;
}

function tell(mirror: Mirror, record: PageRecord): void {
  const { calls } = mirror;
  if (record.kind !== 'end') mirror.left = record.kind === 'leave';
  if (record.kind === 'document') return;
  if (record.kind === 'leave') {
    for (const call of calls.values()) if (call.end === 'none') call.end = 'assumed';
    return;
  }
  const call = calls.get(record.exchange);
  if (record.kind === 'start') {
    if (!call) calls.set(record.exchange, { request: { read: 0, bytes: [] }, response: { read: 0, bytes: [] }, end: 'none' });
    return;
  }
  if (!call || call.end === 'told') return;
  if (record.kind === 'end') {
    const broken = record.how === 'cut' || record.how === 'error';
    call.end = record.how === 'page_left' || record.how === 'recorder_gone' || (broken && mirror.left) ? 'assumed' : 'told';
    call.response.read = Math.max(call.response.read, record.bytes);
  }
  if (record.kind !== 'chunk') return;
  const body = call[record.side satisfies Side];
  const known = Math.max(0, body.read - record.offset);
  if (known > 0 && known >= record.size) return;
  call.end = 'none';
  for (const byte of record.bytes?.subarray(known) ?? []) body.bytes.push(byte);
  body.read = record.offset + record.size;
}
