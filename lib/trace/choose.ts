/** Which of several earlier exchanges with the same evidence is meant: identical runs, side by side or one after the
 *  other (mock servers, evaluations, the same button pressed twice). */
import type { Exchange } from '../model/exchange.ts';
import { limits } from '../model/limits.ts';
import { byStart } from './order.ts';
import { endOf, knownAt } from './outcome.ts';

export interface Choice {
  exchange: Exchange;
  /** tool calls of its answer whose results the later one carries */ sharedCalls: number;
  /** how it stood out. `alone`: by evidence. `free`: the others are continued already. `order`: by time only.
   *  `open`: its answer is whole, but its end was seen late or never. `early`: it was not answered yet. */
  by: 'alone' | 'free' | 'order' | 'open' | 'early';
}

/** @param fit those with the evidence; @param earlier all known ones that began before, to see what is taken */
export function choose(exchange: Exchange, fit: readonly Exchange[], earlier: readonly Exchange[]): Choice | undefined {
  const sought = new Set((exchange.facts?.seeks ?? []).filter((key) => key.startsWith('call:')));
  const sharedCalls = (candidate: Exchange): number => (candidate.facts?.gives ?? []).filter((key) => sought.has(key)).length;
  const most = Math.max(...fit.map(sharedCalls));

  const over = (candidate: Exchange): boolean => (knownAt(candidate) ?? Infinity) <= exchange.startMs + limits.clockToleranceMs;
  const left = preferring(fit, [
    over,
    (candidate) => sharedCalls(candidate) === most,
    ({ documentId }) => documentId === exchange.documentId,
    ({ facts }) => facts?.systemPreview === exchange.facts?.systemPreview,
    ({ facts }) => facts?.modelAsked === exchange.facts?.modelAsked,
    ({ url }) => url === exchange.url,
    ({ facts }) => facts?.streaming === exchange.facts?.streaming,
  ]);
  const chosen = (chosen: Exchange, by: Choice['by']): Choice =>
    ({ exchange: chosen, sharedCalls: sharedCalls(chosen), by: over(chosen) ? by : chosen.facts?.finish === undefined ? 'early' : 'open' });
  const [only, second] = left;
  if (only === undefined) return undefined;
  if (second === undefined) return chosen(only, 'alone');

  const taken = new Set(earlier.filter(({ link }) => link?.relation === 'continues' || link?.relation === 'turn').map(({ link }) => link?.to));
  const [free = only, ...others] = preferring(left, [({ id }) => !taken.has(id)]);
  return others.length === 0 ? chosen(free, 'free') : chosen(nextInWave(free, others), 'order');
}

/** Each preference is followed where it leaves somebody. */
function preferring(exchanges: readonly Exchange[], preferences: ReadonlyArray<(exchange: Exchange) => boolean>): Exchange[] {
  let left = [...exchanges];
  for (const preference of preferences) {
    const preferred = left.filter(preference);
    if (preferred.length > 0) left = preferred;
  }
  return left;
}

const ended = (exchange: Exchange): number => endOf(exchange) ?? Infinity;

/** The nearest earlier one; but of those that ran at the same time as it, the one that was answered first. */
function nextInWave(one: Exchange, others: readonly Exchange[]): Exchange {
  const newest = others.reduce((late, other) => (byStart(other, late) > 0 ? other : late), one);
  const wave = [one, ...others].filter((exchange) => exchange === newest || ended(exchange) > newest.startMs);
  return wave.reduce((best, exchange) => ((ended(exchange) - ended(best) || byStart(exchange, best)) < 0 ? exchange : best), newest);
}
