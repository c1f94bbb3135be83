/** Requests are stored once: whatever is sent comes back byte for byte, and what requests have in common takes no room twice. */
import * as fc from 'fast-check';
import { deleteDB } from 'idb';
import { expect, onTestFinished, test } from 'vitest';
import { cutBody } from '../../lib/store/cut-body.ts';
import { openDatabase, read, write, type Database } from '../../lib/store/database.ts';
import { deleteRequest, putRequestBytes, requestBytesOf, sweepPieces } from '../../lib/store/request-bodies.ts';
import { storeNames } from '../../lib/store/schema.ts';

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

let databases = 0;
function opened(): Database {
  const database = openDatabase(`test-bodies-${databases++}`);
  onTestFinished(async () => {
    await database.close();
    await deleteDB(database.name);
  });
  return database;
}

const put = (database: Database, id: string, body: string, session = 's'): Promise<number> => {
  const bytes = encode(body);
  return write(database, (tx) => putRequestBytes(tx, { id, session, requestSize: bytes.byteLength }, 0, bytes));
};
const get = async (database: Database, id: string, session = 's'): Promise<string> => decode(await read(database, storeNames, (tx) => requestBytesOf(tx, { id, session })));

async function counts(database: Database): Promise<Record<'bodies' | 'chains' | 'pieces' | 'bytes', number>> {
  return read(database, storeNames, async (tx) => ({
    bodies: await tx.objectStore('bodies').count(), chains: await tx.objectStore('chains').count(), pieces: await tx.objectStore('pieces').count(),
    bytes: (await tx.objectStore('pieces').getAll()).reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
  }));
}

const say = (role: string, content: string): object => ({ role, content });
const tools = Array.from({ length: 5 }, (_, i) => ({ type: 'function', function: { name: `tool_${i}`, description: 'does a thing, '.repeat(10) } }));
const ask = (...messages: object[]): string => JSON.stringify({ model: 'm', messages, tools, stream: true });

/** Any JSON, spelled in any way. */
const json = fc.tuple(fc.oneof(fc.json(), fc.dictionary(fc.constantFrom('messages', 'input', 'tools', 'a"b\\'), fc.array(fc.oneof(fc.json().map((text) => JSON.parse(text) as unknown), fc.string({ unit: 'binary' })))).map((value) => JSON.stringify(value))), fc.constantFrom(undefined, 1, '\t'))
  .map(([text, space]) => JSON.stringify(JSON.parse(text), null, space));
/** The same, broken somewhere. */
const broken = fc.tuple(json, fc.nat(), fc.string()).map(([text, at, odd]) => text.slice(0, at % (text.length + 1)) + odd + text.slice(at % (text.length + 1)));

test('however a body is cut, its parts are the body', () => {
  fc.assert(fc.property(fc.oneof(json, broken, fc.string({ unit: 'binary' })), (text) => {
    const parts = cutBody(encode(text)).flatMap((cut) => 'elements' in cut ? cut.elements.flatMap((element, i) => i > 0 ? [...encode(','), ...element] : [...element]) : [...cut.bytes]);
    expect(parts).toEqual([...encode(text)]);
  }), { numRuns: 2_000 });
});

const elements = (text: string): string[][] => cutBody(encode(text)).flatMap((cut) => 'elements' in cut ? [cut.elements.map(decode)] : []);

test('the elements of long arrays are parts of their own, with their white space, and those of strings and numbers are not', () => {
  expect(elements('{"a": "[1,{]", "messages" : [ {"role":"user","content":"a, \\"b\\", [c]"} ,\n {"role":"assistant","content":"x"}], "b": {"messages": ["deep enough to be long, is it not?"]}}'))
    .toEqual([[' {"role":"user","content":"a, \\"b\\", [c]"} ', '\n {"role":"assistant","content":"x"}']]);
  expect(elements('{"input":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}')).toEqual([]);
  expect(elements('[{"role":"user","content":"an array outermost"}]')).toEqual([]);
});

test('any requests of a session, in any pieces and order: each comes back as it was sent', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.oneof(json, broken), fc.array(fc.nat(), { maxLength: 3 })), { minLength: 1, maxLength: 6 }), async (requests) => {
    const database = opened();
    for (const [n, [text, cuts]] of requests.entries()) {
      const bytes = encode(text);
      const places = [...new Set([0, ...cuts.map((cut) => cut % Math.max(1, bytes.byteLength)), bytes.byteLength])].toSorted((a, b) => a - b);
      for (const [i, from] of places.slice(0, -1).entries()) await write(database, (tx) => putRequestBytes(tx, { id: `${n}`, session: 's', requestSize: bytes.byteLength }, from, bytes.slice(from, places[i + 1])));
    }
    for (const [n, [text]] of requests.entries()) expect(await get(database, `${n}`)).toBe(decode(encode(text))); // lone surrogates are no UTF-8
  }), { numRuns: 40, endOnFailure: true });
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

test('whatever is deleted, what is left stays whole, and nothing stays that no request uses', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(5), fc.nat(7), fc.nat(3)), { minLength: 1, maxLength: 12 }), fc.infiniteStream(fc.boolean()), async (shapes, drop) => {
    const database = opened();
    const requests = shapes.map(([from, length, changed]) => ask(...Array.from({ length }, (_, i) => say('user', `message ${from + i} ${i === changed ? 'changed' : 'as it was'} `.repeat(3)))));
    for (const [n, text] of requests.entries()) await put(database, `${n}`, text);
    const kept: Array<[id: string, text: string]> = [];
    for (const [n, text] of requests.entries()) {
      if (drop.next().value) {
        await write(database, async (tx) => {
          await deleteRequest(tx, { id: `${n}`, session: 's' });
          await sweepPieces(tx, 's');
        });
      } else kept.push([`${n}`, text]);
    }
    const left = await counts(database);
    for (const [id, text] of kept) expect(await get(database, id)).toBe(text);
    // As if only those had ever been stored.
    const anew = opened();
    for (const [id, text] of kept) await put(anew, id, text);
    const { chains: _rows, ...expected } = await counts(anew);
    expect(left).toMatchObject(expected);
  }), { numRuns: 60, endOnFailure: true });
}, 60_000);
