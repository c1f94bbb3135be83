/**
 * The shim's end of the channel. It runs in the page's world, where every global, every prototype and even plain
 * assignment can be the page's (a setter on Object.prototype). So: natives are taken at document_start; after that no
 * method is called on a value, no array grows, objects are only built by literals, and dictionaries have no prototype.
 */
import { pageLimits as limits } from '../model/page-limits.ts';
import type { PageRecord } from '../model/record.ts';
import { GOT, HELLO, LEAVE, PORT, POST, STOP } from './channel.ts';

export interface ToRelay {
  /** Hands records over, in order. Never throws. */
  post(records: PageRecord[]): void;
  /** The page is being left: these and everything not confirmed yet go over before this returns. */
  leaving(records: PageRecord[]): void;
  /** false once nothing more is wanted: stop copying */
  wanted(): boolean;
}

/** A post the relay has not confirmed. A linked list: pushing to an array would run a page's setter of index 0. */
interface Held { readonly post: number; readonly records: PageRecord[]; readonly bytes: number; later: Held | undefined }

/** Opens the channel; to be called at document_start. Undefined when no relay answers: then nothing is recorded. */
export function openToRelay(document: Document): ToRelay | undefined {
  const { apply } = Reflect;
  const { hasOwn } = Object;
  const CustomEventNative = CustomEvent;
  const { dispatchEvent } = EventTarget.prototype;
  const { postMessage } = MessagePort.prototype;
  const detailOf = Object.getOwnPropertyDescriptor(CustomEventNative.prototype, 'detail')?.get;
  if (!detailOf) return undefined;

  const element = document.createElement('i');
  const { port1: port, port2 } = new MessageChannel();
  let posted = 0;
  let oldest: Held | undefined;
  let newest: Held | undefined;
  let heldBytes = 0;
  let answered = false;
  let stopped = false;

  element.addEventListener(GOT, (event) => {
    // Nobody but the relay holds this element.
    const got = apply(detailOf, event, []) as number;
    answered = true;
    while (oldest && oldest.post <= got) {
      heldBytes -= oldest.bytes;
      oldest = oldest.later;
    }
    if (!oldest) newest = undefined;
  });
  element.addEventListener(STOP, () => {
    stopped = true; // for good: the post it answers is confirmed after it
    oldest = newest = undefined;
  });
  document.fonts.dispatchEvent(new MouseEvent(HELLO, { relatedTarget: element }));
  if (!answered) return undefined;
  element.dispatchEvent(new MessageEvent(PORT, { ports: [port2] }));

  /** Over the element, synchronously; each world reads a structured clone. */
  const tell = (name: string, detail: unknown): void => {
    apply(dispatchEvent, element, [new CustomEventNative(name, { __proto__: null, detail } as CustomEventInit)]);
  };

  const hold = (records: PageRecord[]): void => {
    // Held twice (here and in the port's queue) only until the relay's next task; a page that never lets it come has its
    // bytes dropped here, which matters only if it is left before: then they count as missing.
    const before = heldBytes;
    for (let i = 0; i < records.length; i++) {
      const record = records[i] as PageRecord;
      if (record.kind !== 'chunk' || !hasOwn(record, 'bytes') || !record.bytes) continue;
      if (heldBytes + record.size > limits.outboxBytes) record.bytes = undefined;
      else heldBytes += record.size;
    }
    const held: Held = { post: ++posted, records, bytes: heldBytes - before, later: undefined };
    if (newest) newest.later = held;
    else oldest = held;
    newest = held;
  };

  return {
    post(records) {
      if (stopped) return;
      try {
        apply(postMessage, port, [{ post: posted + 1, records }]);
        hold(records);
      } catch {
        // Not clonable, so never the relay's: its number is not used up, and what it told is missing.
      }
    },
    leaving(records) {
      if (stopped) return;
      hold(records);
      // The confirmation of each comes while it is told, and takes it off the list.
      for (let held = oldest; held; held = held.later) tell(POST, { post: held.post, records: held.records });
      tell(LEAVE, undefined);
    },
    wanted: () => !stopped,
  };
}
