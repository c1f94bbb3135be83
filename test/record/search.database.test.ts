/** The search finds what is stored: as much as reading everything would, at once, and after whatever happened to the worker. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PageRecord } from '../../lib/model/record.ts';
import { read, write } from '../../lib/store/database.ts';
import { piecesIn } from '../../lib/store/pieces.ts';
import { fieldsOf } from '../../lib/store/search/fields.ts';
import { createSearch, type Search, type SearchHit } from '../../lib/store/search/search.ts';
import { chance } from '../chance.ts';
import { asked, assistant, askingTool, batchOf, call, opened, pageOf, streamed, toolResult, user, usingTool, type Page } from './page.ts';
import { everything, startRecording, type Recording } from './recording.ts';

async function hitsOf(search: Search, query: string, sessions?: ReadonlySet<string>): Promise<SearchHit[]> {
  const hits: SearchHit[] = [];
  for await (const page of search.hits(query, { sessions })) hits.push(...page);
  return hits;
}

/** What the user sees as the same: written plainly here, once more. */
const plain = (text: string): string => text.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ').replace(/\s+/g, ' ');

/** The strings of JSON in a string. */
function stringsIn(text: string): string[] {
  const strings: string[] = [];
  try {
    JSON.parse(text, (_, value: unknown) => void (typeof value === 'string' && strings.push(value)));
  } catch { /* it is none */ }
  return strings;
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const stringsOf = (bytes: Uint8Array): string[] => fieldsOf(decode(bytes)).map(({ text }) => plain(text));

/** Every text that is stored, by the name a hit has. */
async function storedTexts({ database, reader }: Recording): Promise<Map<string, string[]>> {
  const { pieces, exchanges, texts, spans, contents, bodies } = await everything(database);
  const found = new Map<string, string[]>();
  for (const row of pieces) for (const { hash, bytes } of piecesIn(row)) found.set(`${row.session} piece ${hash.toHex()}`, stringsOf(bytes));
  for (const { session, exchange, bytes } of texts) found.set(`${session} answer ${exchange}`, (JSON.parse(decode(bytes)) as Array<[string, string]>).flatMap(([, text]) => [text, ...stringsIn(text)]).map(plain));
  for (const { id, session, end, url, facts } of exchanges) {
    if (!end) continue;
    found.set(`${session} call ${id}`, [url, facts?.modelAsked, facts?.modelAnswered, facts?.provider, facts?.error?.type, facts?.error?.message, facts?.responseId].map((text) => plain(text ?? '')));
    const { bytes } = await reader.body(id, 'response');
    if (!decode(bytes).startsWith('data:')) found.set(`${session} response ${id}`, stringsOf(bytes));
    const uncut = bodies.filter((row) => row.exchange === id && row.offset >= 0);
    if (uncut.length > 0) found.set(`${session} request ${id}`, stringsOf((await reader.body(id, 'request')).bytes));
  }
  for (const { source, spanId, name, label } of spans.filter((span) => span.source.startsWith('import-'))) {
    const content = contents.find(({ ref }) => ref === spanId);
    found.set(`${source} span ${new TextEncoder().encode(spanId).toHex()}`, [plain(name), plain(label), ...(content ? stringsOf(content.bytes) : [])]);
  }
  return found;
}

/** Reading everything against the search, whose texts are in memory from the second time on. */
async function expectSame(recording: Recording, search: Search, queries: readonly string[]): Promise<void> {
  await search.settled();
  const texts = await storedTexts(recording);
  for (const query of queries) {
    const wanted = plain(query.replaceAll('\0', ' ')).trim();
    const expected = wanted === '' ? [] : [...texts].filter(([, fields]) => fields.some((field) => field.includes(wanted))).map(([name]) => name);
    const hits = await hitsOf(search, query);
    expect(hits.map(({ text }) => text).toSorted(), JSON.stringify(query)).toEqual(expected.toSorted());
    for (const { before, match, after } of wanted.isWellFormed() ? hits : []) expect(plain(before + match + after), JSON.stringify(query)).toContain(wanted.slice(0, 100));
  }
}

const WORDS = ['Lisbon', 'weather', 'über', 'Straße', 'İstanbul', 'ΟΔΟΣ', 'ﬁne', 'e\u0301te\u0301', '東京', '猫', '🎉', '👩‍👩‍👧', 'مرحبا', 'שלום', '\uD800', 'x\uDFFFy', 'a"b\\c', 'line\nbreak', 'tab\tstop', '21.5', '{"city":"Nürnberg","n":[1,2]}', 'na\u00EFve', 'Ⅷ', '\u200B', 'get_weather'];

/** A conversation of some turns with a tool, in random words, and the words of it. */
function conversation(random: (below: number) => number, first: number): { records: PageRecord[]; said: string[] } {
  const said: string[] = [];
  const say = (): string => {
    const text = Array.from({ length: 1 + random(8) }, () => WORDS[random(WORDS.length)]).join(random(2) ? ' ' : '');
    said.push(text);
    return text;
  };
  const messages: object[] = [];
  const records: PageRecord[] = [];
  const turns = 1 + random(4);
  for (let turn = 0; turn < turns; turn++) {
    const n = first + turn;
    const kind = random(5);
    messages.push(random(2) && turn > 0 ? toolResult(`call_${n}`, JSON.stringify({ found: say(), temp: 21 })) : user(say()));
    if (kind === 0) {
      const answer = JSON.stringify({ id: 'r', object: 'chat.completion', model: 'gpt-test', choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: say() } }] });
      records.push(...call(n, { request: asked(...messages), pieces: [answer] }));
    } else if (kind === 1) {
      const args = JSON.stringify({ city: say() });
      records.push(...call(n, { request: asked(...messages), pieces: askingTool(`call_${n}`, 'get_weather', args) }));
      messages.push(usingTool(`call_${n}`, 'get_weather', args));
    } else if (kind === 2) {
      records.push(...call(n, { request: asked(...messages), pieces: [`Bad gateway ${say()}`], status: 502 }));
    } else {
      const answer = say();
      records.push(...call(n, { request: asked(...messages), pieces: streamed([...answer.matchAll(/[\s\S]{1,3}/gu)].map(([part]) => part)) }));
      messages.push(assistant(answer));
    }
  }
  return { records, said };
}

async function deliver(recording: Recording, page: Page, records: PageRecord[], random: (below: number) => number): Promise<void> {
  for (let next = 0; next < records.length;) {
    const from = Math.max(0, next - random(3));
    ({ next } = await recording.recorder.take(batchOf(page, from, records.slice(from, next + 1 + random(9))), page.sender));
    if (random(6) === 0) recording.restart();
  }
}

/** Parts of what was said, and what was not. */
function queriesOf(said: readonly string[], random: (below: number) => number): string[] {
  const parts = Array.from({ length: 14 }, () => {
    const text = said[random(said.length)] ?? '';
    const from = random(text.length);
    const part = text.slice(from, from + 1 + random(6));
    return random(3) === 0 ? part.toUpperCase() : part;
  });
  return [...parts, 'gpt-test', 'e', '', ' ', '21', 'localhost', 'lis bon', 'no such thing', 'fine', 'ss', 'bad GATEWAY'];
}

test('any conversation, in any language: it finds what reading all would, also after restarts and deletions', async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1 }), async (seed) => {
    const random = chance(seed);
    const recording = startRecording();
    const search = createSearch(recording.database);
    const said: string[] = [];
    for (let tab = 1; tab <= 2; tab++) {
      const page = pageOf(tab, tab);
      const records: PageRecord[] = [opened()];
      for (let n = 1; n < 12; n += 5) {
        const made = conversation(random, n);
        records.push(...made.records);
        said.push(...made.said);
      }
      await deliver(recording, page, records, random);
      await expectSame(recording, search, queriesOf(said, random));
    }
    for (const traceId of new Set((await recording.reader.spans(recording.session())).map((span) => span.traceId))) {
      if (random(2) === 0) continue;
      await recording.recorder.command({ type: 'delete_trace', session: recording.session(), traceId });
      await expectSame(recording, search, queriesOf(said, random));
      await expectSame(recording, createSearch(recording.database), queriesOf(said, random));
    }
    await recording.recorder.command({ type: 'clear', session: recording.session(1) });
    await expectSame(recording, search, queriesOf(said, random));
    await recording.recorder.command({ type: 'clear', session: recording.session(2) });
    const left = await everything(recording.database);
    expect([left.signatures, left.texts]).toEqual([[], []]);
    expect(await hitsOf(search, 'e')).toEqual([]);
  }), { numRuns: 5, endOnFailure: true });
}, 300_000);

const page = pageOf(1);
const weather = user('Weather in Lisbon, and should I take the umbrella with me?');
const loop = [
  ...call(1, { request: asked(weather), pieces: askingTool('call_1', 'get_weather', '{"city":"Lisbon"}') }),
  ...call(2, { request: asked(weather, usingTool('call_1', 'get_weather', '{"city":"Lisbon"}'), toolResult('call_1', 'Sunny, 21 degrees')), pieces: streamed(['It is ', 'sunny.']) }),
];

async function recorded(...records: PageRecord[]): Promise<Recording> {
  const recording = startRecording();
  await recording.recorder.take(batchOf(page, 0, [opened(), ...records]), page.sender);
  return recording;
}

test('a hit tells which call brought the text, in what, and the words around it', async () => {
  const { database, reader } = await recorded(...loop);
  const search = createSearch(database);
  const [result] = await hitsOf(search, '21 DEGREES');
  expect(result).toMatchObject({ exchange: 'document-1/2', kind: 'piece', role: 'tool', key: 'content', before: 'Sunny, ', match: '21 degrees', after: '' });
  expect((await reader.spans(result?.session ?? '')).map(({ traceId }) => traceId)).toContain(result?.traceId);
  expect(await hitsOf(search, 'is sunny')).toMatchObject([{ exchange: 'document-1/2', kind: 'answer', key: 'content', match: 'is sunny' }]);
  expect((await hitsOf(search, 'lisbon')).map(({ exchange, kind, role }) => [exchange, kind, role])).toEqual([
    ['document-1/2', 'piece', 'assistant'], ['document-1/1', 'piece', 'user'], ['document-1/1', 'answer', undefined],
  ]);
});

test('of each trace the newest hit is told where one is enough, and the next call takes the place of a deleted one; with texts in memory as without', async () => {
  const recording = await recorded(...loop, ...call(3, { request: asked(user('And Lisbon in winter?')), pieces: streamed(['Mild.']) }));
  for (const settle of [false, true]) {
    const search = createSearch(recording.database);
    const traces = async (): Promise<string[]> => {
      const hits: SearchHit[] = [];
      for await (const page of search.hits('Lisbon', { perTrace: true })) hits.push(...page);
      return hits.map(({ exchange, match }) => `${exchange} ${match}`);
    };
    await traces();
    if (settle) await search.settled();
    expect(await traces()).toEqual(['document-1/3 Lisbon', 'document-1/2 Lisbon']);
    search.rest();
    expect(await traces()).toEqual(['document-1/3 Lisbon', 'document-1/2 Lisbon']);
  }
});

test('what two calls hold stays findable through the one that is left', async () => {
  const recording = await recorded(
    ...call(1, { request: asked({ role: 'system', content: 'You are a careful gardener who never forgets to water what he planted.' }, user('Roses?')), pieces: streamed(['Yes']) }),
    ...call(2, { request: asked({ role: 'system', content: 'You are a careful gardener who never forgets to water what he planted.' }, user('Tulips?')), pieces: streamed(['No']) }),
  );
  const search = createSearch(recording.database);
  const [before] = await hitsOf(search, 'gardener');
  expect(before?.exchange).toBe('document-1/1');
  await recording.recorder.command({ type: 'delete_trace', session: recording.session(), traceId: before?.traceId });
  expect(await hitsOf(search, 'gardener')).toMatchObject([{ exchange: 'document-1/2' }]);
  expect(await hitsOf(search, 'Roses')).toEqual([]);
});

test('a long conversation is indexed in what is new, not in what each turn repeats', async () => {
  const recording = await recorded();
  const messages: object[] = [];
  let next = 1;
  for (let turn = 1; turn <= 60; turn++) {
    messages.push(user(`Question ${turn} about ${'some thing or other '.repeat(5)}`));
    const records = call(turn, { request: asked(...messages), pieces: streamed([`Answer ${turn}`]) });
    next = (await recording.recorder.take(batchOf(page, next, records), page.sender)).next;
    messages.push(assistant(`Answer ${turn}`));
  }
  const { signatures } = await everything(recording.database);
  // A question, the answer before it, the answer, the call; some of what stands around the messages.
  expect(signatures.reduce((sum, { kinds }) => sum + kinds.length, 0)).toBeLessThan(60 * 4 + 10);
  expect(signatures.length).toBeLessThan(60);
  expect((await hitsOf(createSearch(recording.database), 'Question 17 ')).map(({ exchange }) => exchange)).toEqual(['document-1/17']);
});

test('imported spans are found by name and attributes, until they are removed', async () => {
  const recording = startRecording();
  const row = { source: 'import-1', spanId: '00000000000000a1', traceId: 'a'.repeat(32), kind: 'LLM', name: 'chat gpt', label: 'gpt', startMs: 1, endMs: 2, status: 'unset', exchange: 'import-1/00000000000000a1', rev: 0 } as never;
  await recording.recorder.command({ type: 'import', part: { session: 'import-1', file: 'old.json', site: '', resource: '{}', spans: [{ row, content: '[{"key":"input.value","value":{"stringValue":"Where is the harbour?"}}]' }] } });
  const search = createSearch(recording.database);
  expect(await hitsOf(search, 'HARBOUR')).toMatchObject([{ spanId: '00000000000000a1', traceId: 'a'.repeat(32), session: 'import-1' }]);
  await expectSame(recording, search, ['chat', 'harbour', 'stringValue', 'nothing']);
  await recording.recorder.command({ type: 'delete_trace', session: 'import-1', traceId: 'a'.repeat(32) });
  expect(await hitsOf(search, 'HARBOUR')).toEqual([]);
  expect((await everything(recording.database)).signatures).toEqual([]);
});

test('what an earlier version stored is indexed in steps, from where the last start came, and the search says so until then', async () => {
  const recording = await recorded(...loop);
  const { database } = recording;
  const before = await everything(database);
  // As after an upgrade.
  const tx = (await database.connection()).transaction(['signatures', 'texts', 'unindexed', 'sessions'], 'readwrite');
  await Promise.all([tx.objectStore('signatures').clear(), tx.objectStore('texts').clear(), tx.objectStore('unindexed').put({ session: recording.session(), after: '' }), tx.done]);
  const search = createSearch(database);
  expect([await search.complete(), await hitsOf(search, 'Lisbon')]).toEqual([false, []]);
  await recording.recorder.indexOld();
  expect(await search.complete()).toBe(true);
  await expectSame(recording, search, ['Lisbon', 'sunny', 'get_weather', 'gpt-test', 'e']);
  expect(await read(database, ['texts'], (tx) => tx.objectStore('texts').getAll())).toEqual(before.texts);
  await recording.recorder.command({ type: 'clear', session: recording.session() });
  expect(await hitsOf(search, 'Lisbon')).toEqual([]);
});

test('of a session that is being removed nothing is found any more', async () => {
  const { database, reader, session } = await recorded(...loop);
  const search = createSearch(database);
  expect(await hitsOf(search, 'sunny')).not.toEqual([]);
  const row = await reader.session(session());
  await write(database, async (tx) => { if (row) await tx.objectStore('sessions').put({ ...row, rev: row.rev + 1, removing: 1 }); });
  for (const asked of [search, createSearch(database)]) expect(await hitsOf(asked, 'sunny')).toEqual([]);
});

test('a search that nobody waits for any more stops', async () => {
  const { database } = await recorded(...loop);
  const leave = new AbortController();
  leave.abort();
  await expect(createSearch(database).hits('sunny', {}, leave.signal).next()).rejects.toThrow('abort');
});
