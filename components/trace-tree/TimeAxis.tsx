/** Ticks above the bars; as many as there is room for. */
import { useRef } from 'react';
import { formatDuration } from '../../lib/panel/format.ts';
import { ticksOf } from '../../lib/panel/time-scale.ts';
import { useSize } from '../use-size.ts';

/** Room a label needs, px. */
const LABEL = 46;

export function TimeAxis({ lengthMs }: { lengthMs: number }) {
  const axis = useRef<HTMLDivElement>(null);
  const { width } = useSize(axis);
  const ticks = width === 0 ? [] : ticksOf(lengthMs, Math.max(Math.floor(width / LABEL), 1));
  return <div className="tree-axis number" ref={axis}>{ticks.filter((tick) => (tick / lengthMs) * width < width - 24).map((tick) => <span key={tick} style={{ left: `${(tick / lengthMs) * 100}%` }}>{tick === 0 ? '0' : formatDuration(tick).replace('.0 ', ' ')}</span>)}</div>;
}
