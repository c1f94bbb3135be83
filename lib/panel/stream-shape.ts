/** How an answer came in: the curve of bytes over time, and where it stood still. Pure. */
import type { StoredBody } from '../store/reader.ts';

export interface StreamShape {
  /** times the page read something */ reads: number;
  /** ms from the exchange's start */ firstMs: number;
  lastMs: number;
  bytes: number;
  longestGapMs: number;
  /** when that gap began, ms from the exchange's start */ longestGapAtMs: number;
  /** ms and bytes so far; at most `POINTS` of them, the first and the last kept */ curve: Array<readonly [ms: number, bytes: number]>;
}

const POINTS = 240;

/** Undefined where nothing was read. */
export function streamShapeOf({ times, ends }: Pick<StoredBody, 'times' | 'ends'>): StreamShape | undefined {
  const reads = Math.min(times.length, ends.length);
  const [firstMs, lastMs, bytes] = [times[0], times[reads - 1], ends[reads - 1]];
  if (firstMs === undefined || lastMs === undefined || bytes === undefined) return undefined;
  let longestGapMs = 0;
  let longestGapAtMs = firstMs;
  for (let index = 1; index < reads; index++) {
    const gap = (times[index] as number) - (times[index - 1] as number);
    if (gap > longestGapMs) [longestGapMs, longestGapAtMs] = [gap, times[index - 1] as number];
  }
  const stride = Math.max(1, Math.ceil(reads / POINTS));
  const kept = Array.from({ length: reads }, (_, index) => index).filter((index) => index % stride === 0 || index === reads - 1);
  return { reads, firstMs, lastMs, bytes, longestGapMs, longestGapAtMs, curve: kept.map((index) => [times[index] as number, ends[index] as number] as const) };
}
