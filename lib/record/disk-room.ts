/** Whether the disk has room for bytes. It says no while there is still some left, because a database over its quota takes
 *  not even the small rows that tell what happened. */
import { limits } from '../model/limits.ts';

/** @param free bytes that the browser would still let us store */
export function createDiskRoom(free: () => Promise<number>): (bytes: number) => Promise<boolean> {
  let allowance = 0;
  return async (bytes) => {
    // Asked again only after some megabytes: the answer takes a while, and lags behind what is written.
    if (bytes > allowance) allowance = Math.min(await free() - limits.diskReserve, Math.max(bytes, limits.diskStep));
    if (bytes > allowance) return false;
    allowance -= bytes;
    return true;
  };
}
