/** When what happened: the phases of the call, and how the answer came in. */
import { isWire, type SpanRow } from '../../lib/model/span.ts';
import { formatBytes, formatCount, formatDuration } from '../../lib/panel/format.ts';
import type { StreamShape } from '../../lib/panel/stream-shape.ts';

export interface TimingProps { span: SpanRow; lengthMs: number; shape: StreamShape | undefined }

/** A pause longer than this share of the stream is marked. */
const NOTABLE_GAP = 0.15;

export function Timing({ span, lengthMs, shape }: TimingProps) {
  return (
    <>
      <h3 className="section-head">Phases</h3>
      <div data-kind={span.kind}>
        {phases(span, lengthMs).map(({ name, phase, fromMs, toMs }) => (
          <div key={name} className="phase-row" data-phase-row={phase}>
            <span className="dim">{name}</span>
            <div className="bar"><i className="bar-part" data-phase={phase} style={{ left: `${(fromMs / lengthMs) * 100}%`, width: `${Math.max(((toMs - fromMs) / lengthMs) * 100, 0.4)}%` }} /></div>
            <span className="number">{formatDuration(toMs - fromMs)}</span>
          </div>
        ))}
      </div>
      {shape && shape.reads > 1 && (
        <>
          <h3 className="section-head">Stream</h3>
          <Curve shape={shape} />
          <div className="curve-axis number"><span>{formatDuration(shape.firstMs)}</span><span>bytes read over time</span><span>{formatDuration(shape.lastMs)}</span></div>
        </>
      )}
      {shape && (
        <dl className="pairs">
          <dt>bytes</dt><dd>{formatBytes(shape.bytes)}</dd>
          <dt>reads by the page</dt><dd>{formatCount(shape.reads)}</dd>
          {shape.reads > 2 && <><dt>longest pause</dt><dd>{formatDuration(shape.longestGapMs)}, at {formatDuration(shape.longestGapAtMs)}</dd></>}
        </dl>
      )}
    </>
  );
}

interface TimedPhase { name: string; phase: 'wait' | 'thinking' | 'text' | 'whole'; fromMs: number; toMs: number }

function phases(span: SpanRow, lengthMs: number): TimedPhase[] {
  const { headMs, firstByteMs, firstTokenMs } = span;
  if (!isWire(span)) return [{ name: 'whole', phase: 'whole', fromMs: 0, toMs: lengthMs }];
  const found: TimedPhase[] = [];
  let at = 0;
  const until = (name: string, phase: TimedPhase['phase'], toMs: number | undefined): void => {
    if (toMs === undefined || toMs < at) return;
    const end = Math.min(toMs, lengthMs); // an imported file may say anything
    found.push({ name, phase, fromMs: at, toMs: end });
    at = end;
  };
  until('until headers', 'wait', headMs);
  until('until first byte', 'wait', firstByteMs);
  until('until first token', 'thinking', firstTokenMs);
  until(at === 0 ? 'whole' : 'until the end', firstTokenMs === undefined ? 'wait' : 'text', lengthMs);
  return found;
}

function Curve({ shape }: { shape: StreamShape }) {
  const length = Math.max(shape.lastMs - shape.firstMs, 1);
  const x = (ms: number): number => ((ms - shape.firstMs) / length) * 1000;
  const y = (bytes: number): number => 96 - (bytes / Math.max(shape.bytes, 1)) * 90;
  const line = shape.curve.map(([ms, bytes]) => `${x(ms).toFixed(1)} ${y(bytes).toFixed(1)}`).join('L');
  return (
    <svg className="curve" viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label={`${formatBytes(shape.bytes)} in ${formatDuration(length)}`}>
      {shape.longestGapMs > length * NOTABLE_GAP && shape.reads > 2 && <rect className="curve-gap" x={x(shape.longestGapAtMs)} y="0" width={(shape.longestGapMs / length) * 1000} height="100" />}
      <path className="curve-area" d={`M0 100L${line}L1000 100Z`} />
      <path d={`M${line}`} />
    </svg>
  );
}
