/** 50,000 spans at once, the size the panel is built for: every row there, each in its place. */
import { describe, expect, test } from 'vitest';
import type { SpanRow } from '../../lib/model/span.ts';
import { type Filter, noFilter } from '../../lib/panel/filter.ts';
import { type ListRow, toListRows } from '../../lib/panel/list-rows.ts';
import { toOutline } from '../../lib/panel/outline.ts';
import { emptyRecording, mergeRows, type Recording } from '../../lib/panel/recording.ts';
import { type TreeRow, toRows } from '../../lib/panel/rows.ts';
import { HERE, NOW, sessions } from '../lab/panel-story/data.ts';
import { manyRows, manyTraces } from '../lab/panel-story/many-rows.ts';
import { tracesOf } from '../store/memory-reader.ts';
import { span } from './made-span.ts';

const COUNT = 50_000;

/** As no reader would have them: the order of the rows must come from what they say. (Prime, so each comes once.) */
const shuffled = (rows: readonly SpanRow[]): SpanRow[] => rows.map((_, index) => rows[(index * 7919) % rows.length] as SpanRow);
/** Ids that are in no order. */
const turned = (id: string): string => [...id].toReversed().join('');
/** The first places where two long lists part: a runner that draws all the difference is at it for minutes. */
function differences(got: readonly unknown[], wanted: readonly unknown[]): string[] {
  const places = Array.from({ length: Math.max(got.length, wanted.length) }, (_, place) => place).filter((place) => String(got[place]) !== String(wanted[place]));
  return places.slice(0, 5).map((place) => `${place}: ${String(got[place])}, not ${String(wanted[place])}`);
}
const idsOf = (rows: readonly TreeRow[]): string[] => rows.map((row) => row.span.spanId);

describe('a tree of 50,000 rows', () => {
  const made = manyRows(COUNT).map((row) => ({ ...row, spanId: turned(row.spanId), parentSpanId: row.parentSpanId && turned(row.parentSpanId) }));
  const outline = toOutline(shuffled(made));
  const rowsFor = (filter: Partial<Filter>, collapsed: string[] = []): TreeRow[] => toRows(outline, new Set(collapsed), { ...noFilter, ...filter });
  /** crawlers: the children of the root */
  const crawlers = made.filter((_, index) => index % 40 === 1).map(({ spanId }) => spanId);
  const root = made[0]?.spanId ?? '';
  const heads = new Set([root, ...crawlers]);

  test('all of them, in the order they happened, each at its depth and place', () => {
    const rows = rowsFor({});
    expect(differences(idsOf(rows), made.map(({ spanId }) => spanId))).toEqual([]);
    expect(differences(rows.map(({ depth }) => depth), made.map((_, index) => index === 0 ? 0 : index % 40 === 1 ? 1 : 2))).toEqual([]);
    expect(differences(rows.filter(({ depth }) => depth === 1).map(({ position, siblings }) => `${position} of ${siblings}`), crawlers.map((_, index) => `${index + 1} of 1250`))).toEqual([]);
    expect(rows[0]?.tokens).toBe(made.reduce((sum, { usage }) => sum + (usage?.total ?? 0), 0));
  });

  test('text finds one among them, below those it hangs on', () => {
    const rows = rowsFor({ text: 'step_30000' });
    expect(idsOf(rows)).toEqual([0, 29_961, 30_000].map((index) => made[index]?.spanId));
    expect(rows.map(({ context }) => context)).toEqual([true, true, false]);
  });

  test('a kind keeps every row of that kind, with those it hangs on, and a word beside it fewer', () => {
    const rows = rowsFor({ chip: 'tool' });
    expect(differences(idsOf(rows), made.filter(({ kind, spanId }) => kind === 'TOOL' || heads.has(spanId)).map(({ spanId }) => spanId))).toEqual([]);
    expect(rows.filter(({ context }) => context)).toHaveLength(1251);
    const failed = rowsFor({ chip: 'tool', text: 'status:error' }).filter(({ context }) => !context);
    expect(differences(idsOf(failed), made.filter(({ kind }, index) => kind === 'TOOL' && index % 97 === 50).map(({ spanId }) => spanId))).toEqual([]);
    expect(failed.length).toBeGreaterThan(100);
  });

  test('collapsed, 1,250 crawlers are 1,250 rows and the root is one', () => {
    const rows = rowsFor({}, crawlers);
    expect(differences(idsOf(rows), [root, ...crawlers])).toEqual([]);
    expect(rows.filter(({ collapsed }) => collapsed)).toHaveLength(1250);
    const allButOne = rowsFor({}, crawlers.filter((spanId) => spanId !== made[29_961]?.spanId));
    expect(allButOne).toHaveLength(1 + 1250 + 39);
    expect(idsOf(rowsFor({}, [root]))).toEqual([root]);
  });

  test('one below the other, 50,000 deep', () => {
    const chain = Array.from({ length: COUNT }, (_, index) => span(String(index), { parentSpanId: index === 0 ? undefined : String(index - 1), startMs: index, label: index === COUNT - 1 ? 'the last' : 'gpt-5-mini' }));
    const deep = toOutline(shuffled(chain));
    expect(differences(toRows(deep, new Set(), noFilter).map(({ depth }) => depth), chain.map((_, index) => index))).toEqual([]);
    const found = toRows(deep, new Set(), { ...noFilter, text: '"the last"' });
    expect([found.length, found.filter(({ context }) => !context).map((row) => row.span.spanId)]).toEqual([COUNT, [String(COUNT - 1)]]);
    expect(toRows(deep, new Set(['12345']), noFilter)).toHaveLength(12_346);
  });
});

describe('a list of 10,000 traces', () => {
  const made = shuffled(manyTraces(COUNT / 5));
  const rows = tracesOf(made);
  /** Comes in portions, as it does while it is recorded. */
  const recording = Array.from({ length: 20 }, (_, portion) => portion).reduce<Recording>((known, portion) => mergeRows(known, rows.slice(portion * 500, (portion + 1) * 500), 1), emptyRecording(HERE));
  const listFor = (filter: Partial<Filter>): ListRow[] => toListRows({ sessions: sessions.slice(0, 1), current: HERE, recordings: new Map([[HERE, recording]]), documents: new Map(), open: new Set(), filter: { ...noFilter, ...filter }, nowMs: NOW });
  const titles = (filter: Partial<Filter>): string[] => listFor(filter).flatMap((row) => row.kind === 'trace' ? row.trace.title : []);

  test('the newest first, each with what its rows say', () => {
    expect(differences(titles({}), Array.from({ length: 10_000 }, (_, index) => `Question ${9_999 - index}`))).toEqual([]);
    const [head, newest] = listFor({});
    expect(head?.kind).toBe('session');
    expect(newest).toMatchObject({ trace: { spans: 5, errors: 0, tokens: 200, startMs: NOW - 1000, endMs: NOW - 500 } });
  });

  test('text and kind keep the traces in which a span matches', () => {
    expect(titles({ text: '"question 4321"' })).toEqual(['Question 4321']);
    expect(titles({ chip: 'tool', text: 'question: 4321' })).toEqual(['Question 4321']);
    expect(titles({ chip: 'llm', text: 'question: 4321' })).toEqual([]);
    expect(titles({ chip: 'error' })).toEqual(Array.from({ length: 20 }, (_, index) => `Question ${9_507 - index * 500}`));
  });
});
