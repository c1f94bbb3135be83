/** Drains what leaving pages left behind. */
import { decodeRescue } from '../wire/rescue.ts';
import { takeRescue } from './ingest.ts';
import type { Desk } from './work.ts';

/** Where leaving pages put it (chrome.storage.session), key by key. */
export interface RescueShelf { all(): Promise<Record<string, unknown>>; get(key: string): Promise<unknown>; remove(key: string): Promise<void> }

/** Stores every rescue and takes it off the shelf once it is committed. One of a document nobody has heard of stays until
 *  `lost` allows to make a document without a tab for it. Returns whether some stayed. */
export async function drainRescues(desk: Desk, shelf: RescueShelf, lost: boolean): Promise<boolean> {
  let stayed = false;
  // In the order of their keys: of one relay's two rescues the one with the bytes comes first.
  for (const [key, value] of Object.entries(await shelf.all()).toSorted(([a], [b]) => a < b ? -1 : 1)) {
    const rescue = decodeRescue(value);
    if (rescue && !await takeRescue(desk, rescue, lost)) {
      stayed = true;
      continue;
    }
    // The page may have come back and been left again meanwhile: then there is a newer one.
    if (!rescue || decodeRescue(await shelf.get(key))?.at === rescue.at) await shelf.remove(key);
  }
  return stayed;
}
