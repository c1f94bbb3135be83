/** Interleaving: the two sides of a comparison take turns in one browser, so that whatever slows the machine slows both. */
import type { Turns } from './statistics.ts';

/** One measurement of one side; answers its cost per unit of work. */
export type Turn = () => Promise<number>;

/** Plays `rounds` rounds of one turn each, who begins alternating, after a warm-up round that does not count. */
export async function playRounds(rounds: number, sides: { base: Turn; ours: Turn }): Promise<Turns> {
  const base: number[] = [];
  const ours: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const first = round % 2 === 0;
    const early = await (first ? sides.base : sides.ours)();
    const late = await (first ? sides.ours : sides.base)();
    if (round < 0) continue;
    base.push(first ? early : late);
    ours.push(first ? late : early);
  }
  return { base, ours };
}
