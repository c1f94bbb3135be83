/** Puts the watch over fetch in place. To be called once in each document, before any script of the page; whoever calls it
 *  ends its script with `endOfOwnScript` (see error-stacks.ts). */
import { observedFetch } from './fetch.ts';
import { journalTo } from './journal.ts';
import { maskToString, replace } from './masks.ts';
import { epoch, getter, type Fn } from './natives.ts';
import type { Outgoing } from './outgoing.ts';
import { redactionWith } from './redaction.ts';
import type { Room } from './recording.ts';
import { secretsOfDocument } from './secrets.ts';

type Page = Window & typeof globalThis;

/** From here on the model calls of this window are told to `outgoing`. */
export function installCapture(page: Page, outgoing: Outgoing): void {
  const room: Room = { journal: journalTo(outgoing), secrets: secretsOfDocument(), exchanges: 0 };
  tellDocument(page, room);

  const { document } = page;
  const baseOf = getter(page.Node.prototype, 'baseURI');
  maskToString(page.Function.prototype);
  replace(page, 'fetch', observedFetch(page.fetch as Fn, room, () => baseOf(document)));

  // `isTrusted` is the event's own and cannot be forged: a page may dispatch such events itself.
  page.addEventListener('pagehide', (event) => { if (event.isTrusted) room.journal.leave(); }, true);
  page.addEventListener('pageshow', (event) => { if (event.isTrusted) room.journal.back(); }, true);
}

function tellDocument(page: Page, room: Room): void {
  const redaction = redactionWith(room.secrets);
  const url = redaction.ofText(redaction.ofUrl(page.location.href));
  room.journal.addNow({ kind: 'document', at: epoch(), url, top: page.top === page });
}
