/** The few statistics a bench needs. Pure; all functions throw on an empty list, since a bench without samples has failed. */

/** The q-quantile (0..1), linear between the two nearest samples (R's type 7, as most tools do). */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new Error('no samples');
  return below + (above - below) * (position - Math.floor(position));
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** First and third quartile: half of all samples lie between them. */
export const quartiles = (samples: readonly number[]): [low: number, high: number] => [quantile(samples, 0.25), quantile(samples, 0.75)];

/** What the two sides of one comparison measured, turn by turn: `base[i]` and `ours[i]` were taken one after the other. */
export interface Turns { base: readonly number[]; ours: readonly number[] }

/** ours / base of each round. Slow drift of the machine is in both halves of a round and falls out. */
export function roundRatios({ base, ours }: Turns): number[] {
  if (base.length !== ours.length) throw new Error(`${base.length} turns against ${ours.length}`);
  return ours.map((value, round) => value / (base[round] ?? Number.NaN));
}

/**
 * 95 % confidence interval of the median, from the order of the samples alone (no assumption of their distribution):
 * the samples about 0.98 √n ranks below and above the middle.
 * With three samples or fewer it is their whole range.
 */
export function medianInterval(samples: readonly number[]): [low: number, high: number] {
  const half = 0.98 / Math.sqrt(samples.length);
  return [quantile(samples, Math.max(0, 0.5 - half)), quantile(samples, Math.min(1, 0.5 + half))];
}

/** How far the interval may reach before "cannot be told from equal" stops meaning anything. */
const WIDEST_INTERVAL = 0.1;

/**
 * Whether a comparison keeps its goal: the median of the rounds' ratios is at most the goal; or, where `orWithinSpread`,
 * the rounds scatter so that equal speed lies within the median's 95 % interval: no cost can be told from the noise. A
 * run too noisy to tell anything (interval wider than 0.1) is not excused by its own noise.
 */
export function keepsGoal(ratios: readonly number[], goal: number, orWithinSpread: boolean): boolean {
  if (median(ratios) <= goal) return true;
  const [low, high] = medianInterval(ratios);
  return orWithinSpread && low <= 1 && high - low <= WIDEST_INTERVAL;
}
