/**
 * Drains what leaving pages left behind. A page leaves two rescues, and while it was left its last messages may still be
 * under way, with bytes that fit into neither: so a rescue lies on its shelf for `limits.rescueWaitMs`. At once only what
 * could not come better is taken of it; then all, the longer twin first.
 */
import { limits } from '../model/limits.ts';
import { decodeRescue, type Rescue } from '../wire/rescue.ts';
import { takeRescue } from './ingest.ts';
import type { Desk } from './work.ts';

/** Where leaving pages put it (chrome.storage.session), key by key. */
export interface RescueShelf { all(): Promise<Record<string, unknown>>; get(key: string): Promise<unknown>; remove(key: string): Promise<void> }

/** `lost`: make a document without a tab for a rescue whose document nobody has heard of. `young`: take all of them, however
 *  short they have lain. */
export interface Draining { lost?: boolean; young?: boolean }

/** Stores the rescues and takes them off the shelf once they are committed. Returns whether some stayed: they are young, or
 *  of a document nobody has heard of. */
export async function drainRescues(desk: Desk, shelf: RescueShelf, { lost = false, young = false }: Draining): Promise<boolean> {
  let stayed = false;
  // In the order of their keys: of one relay's two rescues the longer one comes first.
  for (const [key, value] of Object.entries(await shelf.all()).toSorted(([a], [b]) => a < b ? -1 : 1)) {
    const rescue = decodeRescue(value);
    const waits = rescue !== undefined && !young && isYoung(rescue, desk.now());
    const taken = !rescue || await takeRescue(desk, waits ? wholePart(rescue) : rescue, { lost: lost && !waits, last: !waits });
    if (waits || !taken) {
      stayed = true;
      continue;
    }
    // The page may have come back and been left again meanwhile: then there is a newer one.
    if (!rescue || decodeRescue(await shelf.get(key))?.at === rescue.at) await shelf.remove(key);
  }
  return stayed;
}

/** One from the future was left before the clock was turned back. */
function isYoung({ at }: Rescue, now: number): boolean {
  return at <= now && now < at + limits.rescueWaitMs;
}

/** Up to the first record of which something was left out. */
function wholePart(rescue: Rescue): Rescue {
  const cut = rescue.records.findIndex((record) => !record || (record.kind === 'chunk' && !record.bytes));
  return cut < 0 ? rescue : { ...rescue, records: rescue.records.slice(0, cut) };
}
