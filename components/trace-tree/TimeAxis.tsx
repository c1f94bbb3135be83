/** Labels above the bars. */
import { formatDuration } from '../../lib/panel/format.ts';

/** px before the right end in which no label begins */
const LAST = 24;

export function TimeAxis({ ticks, lengthMs, width }: { ticks: readonly number[]; lengthMs: number; width: number }) {
  return ticks.filter((tick) => (tick / lengthMs) * width < width - LAST).map((tick) => <span key={tick} style={{ left: `${(tick / lengthMs) * 100}%` }}>{tick === 0 ? '0' : formatDuration(tick).replace('.0 ', ' ')}</span>);
}
