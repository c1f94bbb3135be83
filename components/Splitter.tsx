/** The line between two panes: drag it, or move it with the arrow keys. It sizes the pane before or after it. */
import { type PointerEvent, useState } from 'react';

export interface SplitterProps {
  className: string;
  label: string;
  /** of the line itself */ orientation: 'vertical' | 'horizontal';
  /** px, of the pane that is sized */ size: number;
  least: number;
  most: number;
  /** the sized pane lies before (left, above) or after the line */ sizes: 'before' | 'after';
  onSize(size: number): void;
}

const KEY_STEP = 16;

export function Splitter({ className, label, orientation, size, least, most, sizes, onSize }: SplitterProps) {
  const [from, setFrom] = useState<{ at: number; size: number }>();
  const place = (event: PointerEvent): number => (orientation === 'vertical' ? event.clientX : event.clientY);
  const sign = sizes === 'before' ? 1 : -1;
  const set = (next: number): void => onSize(Math.min(Math.max(next, least), Math.max(most, least)));
  return (
    <div className={`splitter ${className}`} role="separator" tabIndex={0} aria-label={label} aria-orientation={orientation} aria-valuenow={Math.round(size)} aria-valuemin={least} aria-valuemax={Math.round(most)} data-dragging={from ? true : undefined}
      onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); setFrom({ at: place(event), size }); event.preventDefault(); }}
      onPointerMove={(event) => { if (from) set(from.size + sign * (place(event) - from.at)); }}
      onPointerUp={() => setFrom(undefined)}
      onPointerCancel={() => setFrom(undefined)}
      onKeyDown={(event) => {
        const forward = orientation === 'vertical' ? 'ArrowRight' : 'ArrowDown';
        const back = orientation === 'vertical' ? 'ArrowLeft' : 'ArrowUp';
        if (event.key !== forward && event.key !== back) return;
        event.preventDefault();
        set(size + sign * (event.key === forward ? KEY_STEP : -KEY_STEP));
      }} />
  );
}
