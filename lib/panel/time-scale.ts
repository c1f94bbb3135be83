/** Time to per cent and back, ticks, and the phases of one bar. Pure; epoch ms in, per cent of the axis out. */
import type { OutlineSpan } from '../model/span.ts';

export interface TimeScale { startMs: number; lengthMs: number }

/** From the first start to the last end; what still runs reaches to `nowMs`. Never of length 0. */
export function scaleOf(spans: readonly OutlineSpan[], nowMs: number): TimeScale {
  let start = Infinity;
  let end = -Infinity;
  for (const span of spans) {
    start = Math.min(start, span.startMs);
    end = Math.max(end, span.endMs ?? Math.max(nowMs, span.startMs));
  }
  return start === Infinity ? { startMs: 0, lengthMs: 1 } : { startMs: start, lengthMs: Math.max(end - start, 1) };
}

/** Places round ticks (1, 2 or 5 times a power of ten) so that about `wanted` fit; the first is 0. Offsets in ms. */
export function ticksOf(lengthMs: number, wanted: number): number[] {
  const raw = lengthMs / Math.max(wanted, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? raw;
  return Array.from({ length: Math.floor(lengthMs / step + 1e-9) + 1 }, (_, index) => index * step);
}

/** A short span must still be seen and hit by a pointer. */
const LEAST_PERCENT = 0.4;

type PhaseKind = 'wait' | 'thinking' | 'text' | 'whole';
export interface Phase { kind: PhaseKind; leftPercent: number; widthPercent: number }

/** The parts of a bar. An LLM call: waiting for the first byte, bytes without a token yet (the model thinks), tokens.
 *  Everything else, and calls of which no times are known: one whole. */
export function phasesOf(span: OutlineSpan, scale: TimeScale, nowMs: number): Phase[] {
  const length = (span.endMs ?? Math.max(nowMs, span.startMs)) - span.startMs;
  const at = (offsetMs: number): number => clamp(((span.startMs + offsetMs - scale.startMs) / scale.lengthMs) * 100);
  const part = (kind: PhaseKind, fromMs: number, toMs: number): Phase => ({ kind, leftPercent: at(fromMs), widthPercent: at(toMs) - at(fromMs) });
  const waits = span.kind === 'LLM' && (span.firstByteMs !== undefined || span.firstTokenMs !== undefined || span.endMs === undefined);
  const phases = waits ? llmPhases(span, length, part) : [part('whole', 0, length)];
  const last = phases.at(-1);
  const total = phases.reduce((sum, phase) => sum + phase.widthPercent, 0);
  if (last && total < LEAST_PERCENT) {
    last.widthPercent += LEAST_PERCENT - total;
    last.leftPercent = Math.min(last.leftPercent, 100 - last.widthPercent);
  }
  return phases.filter((phase) => phase.widthPercent > 0);
}

function llmPhases(span: OutlineSpan, length: number, part: (kind: PhaseKind, fromMs: number, toMs: number) => Phase): Phase[] {
  const firstByte = Math.min(span.firstByteMs ?? span.firstTokenMs ?? length, length);
  const firstToken = Math.min(Math.max(span.firstTokenMs ?? (span.firstByteMs === undefined ? length : firstByte), firstByte), length);
  return [part('wait', 0, firstByte), part('thinking', firstByte, firstToken), part('text', firstToken, length)];
}

const clamp = (percent: number): number => Math.min(Math.max(percent, 0), 100);
