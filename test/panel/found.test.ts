/** What the search found as lines above the list. */
import { expect, test } from 'vitest';
import type { SearchHit } from '../../lib/store/search/search.ts';
import { noFilter } from '../../lib/panel/filter.ts';
import { addHits, foundIn, MOST_FOUND, soughtText, toFoundRows, type Found } from '../../lib/panel/found.ts';

const hit = (traceId: string, more: Partial<SearchHit> = {}): SearchHit => ({ session: 's', exchange: 'd/1', traceId, title: 'Weather?', kind: 'piece', text: traceId, role: 'user', key: 'content', startMs: 1, before: 'in ', match: 'Lisbon', after: '?', ...more });
const found = (more: Partial<Found> = {}): Found => ({ text: 'lisbon', traces: addHits([], [hit('a'), hit('b')]), state: 'all', complete: true, ...more });

test('words are looked for in texts as they are typed, without fields, and not beside a chip or for a single letter', () => {
  expect(soughtText({ chip: 'all', text: '  kind:llm harbour  view "of it" constructor:x' })).toBe('harbour view of it constructor:x');
  expect(['a', ' ', '', 'status:error'].map((text) => soughtText({ chip: 'all', text }))).toEqual(['', '', '', '']);
  expect(soughtText({ chip: 'all', text: '猫' })).toBe('猫');
  expect(soughtText({ chip: 'error', text: 'harbour' })).toBe('');
});

test('a trace is told once, with its newest text, and a tab session and an import may have the same trace', () => {
  const traces = addHits(addHits([], [hit('a', { match: 'newest' })]), [hit('a', { match: 'older' }), hit('b'), hit('a', { session: 'import-1', spanId: '00000000000000a1' })]);
  expect(traces.map(({ session, traceId, match }) => [session, traceId, match])).toEqual([['s', 'a', 'newest'], ['s', 'b', 'Lisbon'], ['import-1', 'a', 'Lisbon']]);
  expect(traces[2]?.spanId).toBe('00000000000000a1');
  expect(addHits([], Array.from({ length: 2 * MOST_FOUND }, (_, i) => hit(`${i}`)))).toHaveLength(MOST_FOUND);
});

test.each([
  [{ role: 'tool' }, 'tool result'], [{ role: 'tool', tool: 'get_weather' }, 'tool result of get_weather'], [{ kind: 'answer', role: undefined }, 'answer'],
  [{ kind: 'answer', role: undefined, key: 'arguments', tool: 'get_weather' }, 'tool call get_weather'], [{ kind: 'answer', role: undefined, key: 'reasoning' }, 'reasoning'],
  [{ kind: 'call', role: undefined, key: 'model' }, 'model'], [{ role: 'system' }, 'system'], [{ role: undefined, key: 'description' }, 'tools'], [{ role: undefined, key: 'q' }, 'request'],
] as Array<[Partial<SearchHit>, string]>)('%j is told as %s', (more, where) => {
  expect(addHits([], [hit('a', more)])[0]?.where).toBe(where);
});

test('the lines say how many there are, whether more may come, and belong to the words in the box alone', () => {
  const filter = { ...noFilter, text: 'lisbon' };
  const head = (more: Partial<Found>): string | undefined => toFoundRows(found(more), filter).map((row) => (row.kind === 'hint' ? row.text : ''))[0];
  expect(head({})).toBe('In the text of 2 traces');
  expect(head({ state: 'looking' })).toBe('In the text of 2 traces…');
  expect(head({ traces: [] })).toBe('In no text');
  expect(head({ traces: [], state: 'looking' })).toBe('Looking through all texts…');
  expect(head({ complete: false })).toBe('In the text of 2 traces · earlier ones are still being indexed');
  expect(toFoundRows(found(), { ...noFilter, text: 'oslo' })).toEqual([]);
  expect(foundIn({ found: found(), filter }, { session: 's', traceId: 'b' })?.match).toBe('Lisbon');
  expect(foundIn({ found: found(), filter: noFilter }, { session: 's', traceId: 'b' })).toBeUndefined();
});
