/** A background that keeps what the relays send, and answers unless the test tells it not to. */
import type { PageRecord } from '../../../../lib/model/record.ts';
import { checkBatch } from '../../../../lib/wire/record-check.ts';

export interface Arrived { documentId: string; url: string; seq: number; record: PageRecord }
export interface State { arrived: Arrived[]; answering: boolean; /** messages so far, answered or not */ messages: number }

const state: State = { arrived: [], answering: true, messages: 0 };
const next = new Map<string, number>();
Object.assign(globalThis, { state });

void chrome.storage.session.setAccessLevel({ accessLevel: 'TRUSTED_AND_UNTRUSTED_CONTEXTS' });

chrome.runtime.onMessage.addListener((message: unknown, { documentId = '', url = '' }, answer) => {
  state.messages++;
  const batch = checkBatch(message);
  if ('refused' in batch || !state.answering) return;
  const from = next.get(documentId) ?? 0;
  for (const { seq, record } of batch.records) if (seq >= from) state.arrived.push({ documentId, url, seq, record });
  next.set(documentId, Math.max(from, batch.next));
  answer({ next: next.get(documentId), documentId });
});
