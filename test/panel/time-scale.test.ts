import { describe, expect, test } from 'vitest';
import { phasesOf, scaleOf, ticksOf } from '../../lib/panel/time-scale.ts';
import { span } from './made-span.ts';

const scale = { startMs: 1000, lengthMs: 1000 };
const drawn = (phases: ReturnType<typeof phasesOf>): string[] => phases.map((phase) => `${phase.kind} ${Math.round(phase.leftPercent)}+${Math.round(phase.widthPercent)}`);

describe('time scale', () => {
  test('reaches from the first start to the last end; what runs reaches to now', () => {
    expect(scaleOf([span('a', { startMs: 1200 }), span('b', { startMs: 1000, endMs: 1900 })], 0)).toEqual({ startMs: 1000, lengthMs: 1000 });
    expect(scaleOf([span('a', { startMs: 1000, endMs: undefined })], 1300)).toEqual({ startMs: 1000, lengthMs: 300 });
    expect(scaleOf([span('a', { startMs: 1000, endMs: undefined })], 900).lengthMs).toBe(1);
    expect(scaleOf([], 0).lengthMs).toBeGreaterThan(0);
  });

  test('ticks are round and begin at 0', () => {
    expect(ticksOf(9200, 5)).toEqual([0, 2000, 4000, 6000, 8000]);
    expect(ticksOf(1000, 4)).toEqual([0, 500, 1000]);
    expect(ticksOf(0.5, 3)[0]).toBe(0);
    expect(ticksOf(3_600_000, 6).length).toBeLessThan(8);
  });

  test('an LLM bar shows waiting, thinking and text', () => {
    expect(drawn(phasesOf(span('a', { firstByteMs: 200, firstTokenMs: 500 }), scale, 0))).toEqual(['wait 0+20', 'thinking 20+30', 'text 50+50']);
    expect(drawn(phasesOf(span('a', { firstByteMs: 200 }), scale, 0))).toEqual(['wait 0+20', 'text 20+80']);
    expect(drawn(phasesOf(span('a', { endMs: undefined }), scale, 1400))).toEqual(['wait 0+40']);
  });

  test('everything else is one bar, and none is too short to be seen or leaves the axis', () => {
    expect(drawn(phasesOf(span('t', { kind: 'TOOL', firstByteMs: 5 }), scale, 0))).toEqual(['whole 0+100']);
    const [short] = phasesOf(span('t', { kind: 'TOOL', startMs: 2000, endMs: 2000 }), scale, 0);
    expect(short?.widthPercent).toBeGreaterThan(0.3);
    expect((short?.leftPercent ?? 0) + (short?.widthPercent ?? 0)).toBeLessThanOrEqual(100);
  });

  test('times that contradict each other draw nothing backwards', () => {
    for (const phase of phasesOf(span('a', { firstByteMs: 900, firstTokenMs: 100 }), scale, 0)) expect(phase.widthPercent).toBeGreaterThan(0);
    for (const phase of phasesOf(span('a', { firstByteMs: 9000, firstTokenMs: 9500 }), scale, 0)) expect(phase.leftPercent + phase.widthPercent).toBeLessThanOrEqual(100);
  });
});
