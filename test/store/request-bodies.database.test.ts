/** Requests are stored once: whatever is sent comes back byte for byte, and what requests have in common takes no room twice. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { newScan, scanOn, type Cut } from '../../lib/store/cut-body.ts';
import { read, write, type Database, type ReadTransaction } from '../../lib/store/database.ts';
import { piecesIn } from '../../lib/store/pieces.ts';
import { deleteRequest, putRequestBytes, requestBytesOf } from '../../lib/store/request-bodies.ts';
import { storeNames } from '../../lib/store/schema.ts';
import { beginToLook, deletePieces, deleteRows, endLooking, findInUse, unusedPieces } from '../../lib/store/unused.ts';
import { opened } from './opened-database.ts';

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const put = (database: Database, id: string, body: string, session = 's'): Promise<number> => {
  const bytes = encode(body);
  return write(database, async (tx) => (await putRequestBytes(tx, { id, session }, bytes.byteLength, 0, [bytes])).disk);
};
const get = async (database: Database, id: string, session = 's'): Promise<string> => decode(await read(database, storeNames, (tx) => requestBytesOf(tx, { id, session })));

async function counts(database: Database): Promise<Record<'bodies' | 'chains' | 'pieces' | 'bytes', number>> {
  return read(database, storeNames, async (tx) => {
    const pieces = (await tx.objectStore('pieces').getAll()).flatMap(piecesIn);
    return {
      bodies: await tx.objectStore('bodies').count(), chains: await tx.objectStore('chains').count(), pieces: pieces.length,
      bytes: pieces.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
    };
  });
}

const say = (role: string, content: string): object => ({ role, content });
const tools = Array.from({ length: 5 }, (_, i) => ({ type: 'function', function: { name: `tool_${i}`, description: 'does a thing, '.repeat(10) } }));
const ask = (...messages: object[]): string => JSON.stringify({ model: 'm', messages, tools, stream: true });

/** Any JSON, spelled in any way. */
const json = fc.tuple(fc.oneof(fc.json(), fc.dictionary(fc.constantFrom('messages', 'input', 'tools', 'a"b\\'), fc.array(fc.oneof(fc.json().map((text) => JSON.parse(text) as unknown), fc.string({ unit: 'binary' })))).map((value) => JSON.stringify(value))), fc.constantFrom(undefined, 1, '\t'))
  .map(([text, space]) => JSON.stringify(JSON.parse(text), null, space));
/** The same, broken somewhere. */
const broken = fc.tuple(json, fc.nat(), fc.string()).map(([text, at, odd]) => text.slice(0, at % (text.length + 1)) + odd + text.slice(at % (text.length + 1)));

/** Cuts, found in pieces of at most `step` bytes. */
function cutsOf(text: string, step = 1e9): Cut[] {
  const bytes = encode(text);
  const scan = newScan();
  const cuts: Cut[] = [];
  for (let end = 0; end < bytes.byteLength;) {
    end = Math.min(end + step, bytes.byteLength);
    while (scan.at < end) cuts.push(...scanOn(scan, bytes.subarray(scan.at, end)));
  }
  return cuts;
}

function listsOf(text: string): string[][] {
  const bytes = encode(text);
  const lists: string[][] = [];
  let from = 0;
  for (const { kind, at } of cutsOf(text)) {
    if (kind === 'list') lists.push([]);
    else lists.at(-1)?.push(decode(bytes.subarray(from, at)));
    from = at + 1;
  }
  return lists;
}

test('however a body comes, the same cuts are found, in order, each at its byte', () => {
  fc.assert(fc.property(fc.oneof(json, broken, fc.string({ unit: 'binary' })), fc.integer({ min: 1, max: 9 }), (text, step) => {
    const cuts = cutsOf(text);
    expect(cutsOf(text, step)).toEqual(cuts);
    expect(cuts.map(({ at }) => at)).toEqual([...new Set(cuts.map(({ at }) => at))].toSorted((a, b) => a - b));
    // Broken JSON may end a list with a brace.
    for (const { kind, at } of cuts) expect({ list: '[', element: ',', end: ']}' }[kind]).toContain(decode(encode(text).subarray(at, at + 1)));
  }), { numRuns: 2_000, endOnFailure: true });
});

const long = (role: string): string => `{"role":"${role}","content":"a, \\"b\\", [c] ${'and so on '.repeat(6)}"}`;

test('the elements of long lists are parts of their own, with their white space; those of strings, of numbers and of inner lists are not', () => {
  expect(listsOf(`{"a": "[1,{]", "messages" : [ ${long('user')} ,\n ${long('assistant')}], "b": {"messages": [${long('user')}]}}`)).toEqual([[` ${long('user')} `, `\n ${long('assistant')}`]]);
  expect(listsOf('{"input":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}')).toEqual([]);
  expect(listsOf(`[${long('user')},${long('user')}]`)).toEqual([]);
  // Short ones stay together.
  expect(listsOf(`{"stop":["a","b"],"messages":[{"role":"user"},{"role":"system"},${long('user')},{}]}`)).toEqual([['"a","b"'], [`{"role":"user"},{"role":"system"},${long('user')}`, '{}']]);
});

test('any requests of a session, in any pieces and order: each comes back as it was sent', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.oneof(json, broken), fc.array(fc.nat(), { maxLength: 3 })), { minLength: 1, maxLength: 6 }), async (requests) => {
    const database = opened();
    for (const [n, [text, cuts]] of requests.entries()) {
      const bytes = encode(text);
      const places = [...new Set([0, ...cuts.map((cut) => cut % Math.max(1, bytes.byteLength)), bytes.byteLength])].toSorted((a, b) => a - b);
      for (const [i, from] of places.slice(0, -1).entries()) await write(database, (tx) => putRequestBytes(tx, { id: `${n}`, session: 's' }, bytes.byteLength, from, [bytes.slice(from, places[i + 1])]));
    }
    for (const [n, [text]] of requests.entries()) expect(await get(database, `${n}`)).toBe(decode(encode(text))); // lone surrogates are no UTF-8
  }), { numRuns: 60, endOnFailure: true });
}, 60_000);

test('a conversation takes room for what is new, also where a message was edited, the window slid, or a call is sent twice', async () => {
  const database = opened();
  const said = Array.from({ length: 40 }, (_, i) => say(i % 2 ? 'assistant' : 'user', `${i} `.repeat(50)));
  const stored: number[] = [];
  for (let turn = 1; turn < said.length; turn += 2) stored.push(await put(database, `call-${turn}`, ask(...said.slice(0, turn))));
  // The last twelve of them bring two messages each, and a hash a message.
  expect(Math.max(...stored.slice(-12))).toBeLessThan(1.1 * Math.max(...stored.slice(1, 12)));
  const before = await counts(database);
  expect(before).toMatchObject({ bodies: 20, chains: 21 }); // one more for the tools

  expect(await put(database, 'again', ask(...said.slice(0, 39)))).toBeLessThan(500); // the row that says so
  expect(await counts(database)).toEqual({ ...before, bodies: 21 });
  const edited = said.with(20, say('user', 'something else'));
  await put(database, 'edited', ask(...edited.slice(0, 39)));
  await put(database, 'window', ask(...said.slice(10, 39)));
  expect((await counts(database)).pieces).toBe(before.pieces + 1);
  expect(await get(database, 'edited')).toBe(ask(...edited.slice(0, 39)));
  expect(await get(database, 'window')).toBe(ask(...said.slice(10, 39)));
  expect(await get(database, 'call-39')).toBe(ask(...said.slice(0, 39)));

  // The same bytes of another session are its own.
  await put(database, 'call-1', ask(...said.slice(0, 1)), 'other');
  expect((await counts(database)).pieces).toBeGreaterThan(before.pieces + 5);
});

/** What none uses goes, and other requests come between. */
async function sweep(database: Database, meanwhile: () => Promise<void> = async () => {}): Promise<void> {
  const look = <T>(work: (tx: ReadTransaction) => Promise<T>): Promise<T> => read(database, ['bodies', 'chains', 'pieces'], work);
  const uses = await look(async (tx) => beginToLook(tx, 's'));
  const inUse = await findInUse(look, 's', uses);
  await meanwhile();
  await write(database, async (tx) => deleteRows(tx, inUse.unusedRows, inUse));
  for await (const keys of unusedPieces(look, 's', inUse)) await write(database, (tx) => deletePieces(tx, 's', keys, inUse));
  await look(async (tx) => endLooking(tx, 's'));
}

test('whatever is deleted, what is left stays whole, also what came while it was looked for, and nothing stays that no request uses', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(5), fc.nat(7), fc.nat(3)), { minLength: 1, maxLength: 12 }), fc.infiniteStream(fc.nat(2)), async (shapes, drop) => {
    const database = opened();
    const requests = shapes.map(([from, length, changed]) => ask(...Array.from({ length }, (_, i) => say('user', `message ${from + i} ${i === changed ? 'changed' : 'as it was'} `.repeat(3)))));
    for (const [n, text] of requests.entries()) await put(database, `${n}`, text);
    const kept: Array<[id: string, text: string]> = [];
    for (const [n, text] of requests.entries()) {
      const how = drop.next().value;
      if (how === 0) kept.push([`${n}`, text]);
      else {
        await write(database, (tx) => deleteRequest(tx, { id: `${n}`, session: 's' }));
        await sweep(database, async () => {
          if (how === 1) return;
          kept.push([`again-${n}`, text]);
          await put(database, `again-${n}`, text);
        });
      }
    }
    for (const [id, text] of kept) expect(await get(database, id)).toBe(text);
    await sweep(database);
    const left = await counts(database);
    for (const [id, text] of kept) expect(await get(database, id)).toBe(text);
    // What was deleted comes again, and goes on.
    for (const [n, text] of requests.entries()) {
      const grown = text.replace('],"tools"', `${text.includes('[]') ? '' : ','}${JSON.stringify(say('user', 'and one more '.repeat(9)))}],"tools"`);
      await put(database, `once more ${n}`, grown);
      expect(await get(database, `once more ${n}`)).toBe(grown);
      await write(database, (tx) => deleteRequest(tx, { id: `once more ${n}`, session: 's' }));
    }
    await sweep(database);
    // As if only those had ever been stored.
    const anew = opened();
    for (const [id, text] of kept) await put(anew, id, text);
    const { chains: _rows, ...expected } = await counts(anew);
    expect(left).toMatchObject(expected);
  }), { numRuns: 60, endOnFailure: true });
}, 60_000);
