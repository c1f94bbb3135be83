/** The background as the outbox knows it: stores a batch and moves `next` in one transaction, and dies when told to. */
import type { Ack, Batch, PageRecord } from '../../lib/model/record.ts';
import { checkBatch } from '../../lib/wire/record-check.ts';
import { decodeRescue } from '../../lib/wire/rescue.ts';

/** What becomes of one message. `held`: answered when `release` is called. */
export type Fate = 'stored' | 'killed before the write' | 'killed after the write' | 'never answered' | 'answered with nothing' | 'held';

export interface BackgroundDouble {
  send(batch: Batch): Promise<unknown>;
  /** fate of the messages to come */ fate(next: () => Fate): void;
  /** the oldest of the held, or all */ release(most?: number): void;
  /** forgets everything, as when its database is deleted */ forget(): void;
  drain(rescue: unknown): void;
  /** how often each number was sent */ sent: Map<number, number>;
  batches: Batch[];
  stored: Map<number, PageRecord>;
  next(): number;
}

const died = (): Promise<never> => Promise.reject(new Error('A listener indicated an asynchronous response by returning true, but the message channel closed before a response was received'));

const always = (): Fate => 'stored';

export function createBackground(): BackgroundDouble {
  const stored = new Map<number, PageRecord>();
  const sent = new Map<number, number>();
  const batches: Batch[] = [];
  const held: Array<() => void> = [];
  let next = 0;
  let fate = always;

  function write(batch: Batch): Ack {
    const checked = checkBatch(structuredClone(batch));
    if ('refused' in checked) throw new Error(checked.refused);
    if (checked.dropped > 0) throw new Error('a record of ours did not pass our gate');
    if (checked.first <= next || checked.skipped) {
      for (const { seq, record } of checked.records) if (seq >= next) stored.set(seq, record);
      next = Math.max(next, checked.next);
    }
    return { next, documentId: 'D0C' };
  }

  return {
    stored, sent, batches,
    next: () => next,
    fate: (given) => { fate = given; },
    release: (most = Infinity) => { for (const answer of held.splice(0, most)) answer(); },
    forget() {
      stored.clear();
      next = 0;
    },
    drain(value) {
      const rescue = decodeRescue(structuredClone(value));
      if (!rescue) throw new Error('not a rescue');
      if (rescue.first > next) throw new Error('the rescue begins after a gap');
      for (const [i, record] of rescue.records.entries()) if (record && rescue.first + i >= next) stored.set(rescue.first + i, record);
      next = Math.max(next, rescue.first + rescue.records.length);
    },
    send(batch) {
      batches.push(batch);
      for (const i of batch.records.keys()) sent.set(batch.first + i, (sent.get(batch.first + i) ?? 0) + 1);
      switch (fate()) {
        case 'stored': return Promise.resolve(write(batch));
        case 'killed before the write': return died();
        case 'killed after the write':
          write(batch);
          return died();
        case 'never answered': return new Promise(() => {});
        case 'answered with nothing': return Promise.resolve();
        case 'held': return new Promise((resolve) => { held.push(() => resolve(write(batch))); });
      }
    },
  };
}
