import { describe, expect, test } from 'vitest';
import { type Filter, noFilter } from '../../lib/panel/filter.ts';
import { toOutline } from '../../lib/panel/outline.ts';
import { type TreeRow, toRows } from '../../lib/panel/rows.ts';
import { span } from './made-span.ts';

const outline = toOutline([
  span('agent', { kind: 'AGENT', label: 'Trip Planner', startMs: 0 }),
  span('plan', { parentSpanId: 'agent', startMs: 10 }),
  span('flights', { kind: 'TOOL', label: 'search_flights(from: "OSL")', parentSpanId: 'agent', startMs: 20 }),
  span('sub', { label: 'claude-haiku', model: 'claude-haiku', parentSpanId: 'flights', startMs: 21, status: 'error' }),
  span('answer', { parentSpanId: 'agent', startMs: 30 }),
  span('later', { startMs: 40 }),
]);
const shown = (rows: TreeRow[]): string[] => rows.map((row) => `${'  '.repeat(row.depth)}${row.span.spanId}${row.context ? ' (context)' : ''}${row.collapsed ? ' +' : ''}`);
const rowsFor = (filter: Partial<Filter>, collapsed: string[] = []): TreeRow[] => toRows(outline, new Set(collapsed), { ...noFilter, ...filter });

const folds = (filter: Partial<Filter>): string[] => rowsFor(filter).filter((row) => row.hasChildren).map((row) => row.span.spanId);

const places = (filter: Partial<Filter>): string[] => rowsFor(filter).map((row) => `${row.span.spanId} ${row.position}/${row.siblings}`);

describe('rows', () => {
  test('everything, in order', () => {
    expect(shown(rowsFor({}))).toEqual(['agent', '  plan', '  flights', '    sub', '  answer', 'later']);
  });

  test('a collapsed span hides all that is below it and nothing else', () => {
    expect(shown(rowsFor({}, ['flights', 'plan']))).toEqual(['agent', '  plan', '  flights +', '  answer', 'later']);
    expect(shown(rowsFor({}, ['agent']))).toEqual(['agent +', 'later']);
  });

  test('a match keeps its ancestors, marked as context, and drops everything else', () => {
    expect(shown(rowsFor({ text: 'haiku' }))).toEqual(['agent (context)', '  flights (context)', '    sub']);
    expect(shown(rowsFor({ chip: 'tool' }))).toEqual(['agent (context)', '  flights']);
    expect(shown(rowsFor({ text: 'nowhere' }))).toEqual([]);
  });

  test('a match is found inside a collapsed span', () => {
    expect(shown(rowsFor({ text: 'status:error' }, ['agent', 'flights']))).toEqual(['agent (context)', '  flights (context)', '    sub']);
  });

  test('a row can be unfolded only where something of it is shown', () => {
    expect(folds({})).toEqual(['agent', 'flights']);
    expect(folds({ chip: 'tool' })).toEqual(['agent']);
    expect(folds({ text: 'status:error' })).toEqual(['agent', 'flights']);
  });

  test('places among siblings count what is shown', () => {
    expect(places({})).toEqual(['agent 1/2', 'plan 1/3', 'flights 2/3', 'sub 1/1', 'answer 3/3', 'later 2/2']);
    expect(places({ text: 'haiku' })).toEqual(['agent 1/1', 'flights 1/1', 'sub 1/1']);
  });
});
