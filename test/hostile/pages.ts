/** Pages that mean harm: what they tell of calls that were made of the wire of all dialects, spoiled, cut anywhere, told twice, out of
 *  order, with clocks that jump; and how it reaches the recorder. */
import * as fc from 'fast-check';
import { limits } from '../../lib/model/limits.ts';
import { endCauses, type PageRecord } from '../../lib/model/record.ts';
import { matches } from '../../lib/providers/matches.ts';
import { asked, askingTool, bytesOf, streamed, toolResult, user, usingTool } from '../record/page.ts';
import { NASTY, deep, json, spoiled, text } from './texts.ts';

export interface Wire { url: string; request: string; response: string; status: number }

const files = import.meta.glob<string>('../fixtures/*/*/*', { query: '?raw', import: 'default', eager: true });

/** What the well-behaved neighbour says: who knows it may say it too. */
export const question = user('Weather in Lisbon, and should I take the umbrella with me?');
export const loop = [
  { request: asked(question), pieces: askingTool('call_lisbon', 'get_weather', '{"city":"Lisbon"}') },
  { request: asked(question, usingTool('call_lisbon', 'get_weather', '{"city":"Lisbon"}'), toolResult('call_lisbon', 'Sunny, 21 degrees')), pieces: streamed(['It is ', 'sunny. ', 'Leave it at home – 😀.']) },
];

/** The small exchanges of test/fixtures. */
const wires: Wire[] = Object.keys(files).filter((path) => path.endsWith('/request.json')).flatMap((path) => {
  const folder = path.slice(0, -'request.json'.length);
  const response = ['response.sse', 'response.ndjson', 'response.json'].map((name) => files[folder + name]).find((body) => body !== undefined);
  const told = JSON.parse(files[`${folder}exchange.json`] ?? '{}') as { url?: string; status?: number };
  const dialect = folder.split('/')[2];
  const url = told.url ?? `http://localhost:4010/v1${matches.find((match) => match.dialect === dialect)?.pathEnds[0] ?? '/generate'}`;
  return [{ url, request: files[path] ?? '', response: response ?? '', status: told.status ?? 200 }];
});
const copied: Wire[] = loop.map(({ request, pieces }) => ({ url: 'http://localhost/v1/chat/completions', request, response: pieces.join(''), status: 200 }));

/** Some of them no time at all, which the gate must see. */
const time = fc.oneof({ weight: 3, arbitrary: fc.double({ min: 0, max: 5_000, noNaN: true }) }, fc.constantFrom(0, -0, -1, 5e-324, 1, 1.7e12, 1.9e12 + 0.25, limits.latestMs, limits.latestMs + 1, Number.NaN, Infinity, -Infinity, 1e300));
const count = fc.oneof(fc.nat(400), fc.constantFrom(0, 1, 2 ** 31, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER - 5, Number.MAX_SAFE_INTEGER, -1, 1.5, Number.NaN, Infinity));

const changes = fc.array(fc.tuple(fc.nat(500), json), { maxLength: 4 });
const wire = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...wires) }, fc.constantFrom(...copied));
const bodies = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(wire, changes, changes).map(([of, inRequest, inResponse]): Wire => ({ ...of, request: spoiled(of.request, inRequest), response: spoiled(of.response, inResponse) })) },
  fc.tuple(wire, json, json).map(([of, request, response]): Wire => ({ ...of, request, response })),
  wire.map((of): Wire => ({ ...of, request: `{"model":"m","messages":[{"role":"user","content":${deep(20_000)}}]}`, response: deep(20_000, of.response.startsWith('{') ? of.response : '1') })),
);

const headers = fc.array(fc.tuple(text, text), { maxLength: 3 });
const urls = fc.tuple(text, fc.nat(5)).map(([said, n]) => n === 0 ? said : undefined);

const call = fc.record({
  exchange: fc.integer({ min: 1, max: 4 }), wire: bodies, url: urls, at: time, clocks: fc.array(time, { minLength: 5, maxLength: 5 }), headers,
  cuts: fc.array(fc.nat(3_000), { maxLength: 5 }), dirt: fc.array(fc.tuple(fc.nat(3_000), fc.integer({ min: 128, max: 255 })), { maxLength: 2 }),
  size: fc.option(count, { freq: 4 }), how: fc.constantFrom(...endCauses), bytes: fc.option(count, { freq: 4 }), error: fc.option(fc.record({ name: text, message: text }), { freq: 3 }),
  ends: fc.boolean(), status: fc.option(fc.constantFrom(0, 200, 400, 429, 503, 999, 1000, -1), { freq: 3 }),
});
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

/** In records as a shim would make them, but for what they say. */
function recordsOf({ exchange, wire: { url, request, response, status: told }, ...given }: Call): PageRecord[] {
  const [started, headAt, readAt, lateAt, endAt] = given.clocks as [number, number, number, number, number];
  const asking = bytesOf(request);
  const answer = bytesOf(response);
  for (const [place, byte] of given.dirt) if (answer.length > 0) answer[place % answer.length] = byte;
  const cut = (bytes: Uint8Array<ArrayBuffer>, side: 'request' | 'response', places: number[]): PageRecord[] => {
    const all = [...new Set([0, ...places.map((place) => place % Math.max(1, bytes.length)), bytes.length])].toSorted((a, b) => a - b);
    return all.slice(0, -1).map((from, i) => {
      const part = bytes.slice(from, all[i + 1]);
      const middle = part.length >> 1;
      return { kind: 'chunk', exchange, side, offset: from, size: part.length, bytes: part, times: Float64Array.of(readAt, i % 2 ? lateAt : readAt), ends: Uint32Array.of(middle, part.length) };
    });
  };
  const address = given.url ?? url;
  return [
    { kind: 'start', exchange, at: given.at, clock: started, transport: 'fetch', method: 'POST', url: address, headers: given.headers, body: 'exact', bodySize: given.size ?? asking.length, removed: 0 },
    ...cut(asking, 'request', given.cuts.slice(0, 2)),
    { kind: 'head', exchange, clock: headAt, status: given.status ?? told, type: 'cors', url: address, headers: given.headers },
    ...cut(answer, 'response', given.cuts),
    ...given.ends ? [{ kind: 'end', exchange, clock: endAt, how: given.how, bytes: given.bytes ?? answer.length, ...(given.error && { error: given.error }) } as const] : [],
  ];
}

const cycle: unknown[] = [];
cycle.push(cycle, { cycle });
/** Whatever a message can carry. */
const junk = fc.oneof(count, time, text, fc.constantFrom<unknown>(
  undefined, null, true, 10n, [], {}, cycle, new Date(0), new Map([['kind', 'start']]), new Uint8Array(3), new Uint8Array(limits.recordBytes + 1), new Float64Array([Number.NaN]), new Uint32Array([3, 2]), new DataView(new ArrayBuffer(2)),
  /x/, new Error('e'), Object.assign([], { length: 2 ** 32 - 1 }), JSON.parse('{"__proto__":{"polluted":1},"length":1e9}'), JSON.parse(deep(2_000)), 'request', 'response', 'start', 'end', 'x'.repeat(100_000), [['a', 'b'], ['__proto__', 'c'], null, ['d']],
));

const disorder = fc.record({ what: fc.constantFrom('again', 'swap', 'drop', 'spoil', 'spoil', 'leave', 'bare', 'far'), at: fc.nat(60), to: fc.nat(60), junk, key: text });
type Disorder = typeof disorder extends fc.Arbitrary<infer T> ? T : never;

function disordered(records: readonly unknown[], changes: readonly Disorder[]): unknown[] {
  const left = [...records];
  for (const { what, at: anywhere, to: elsewhere, junk: value, key } of changes) {
    const [at, to] = [anywhere % Math.max(1, left.length), elsewhere % Math.max(1, left.length)];
    const record = left[at] as Record<string, unknown> | undefined;
    if (record === undefined) continue;
    if (what === 'again') left.splice(to, 0, record);
    if (what === 'swap') [left[at], left[to]] = [left[to], record];
    if (what === 'drop') left.splice(at, 1);
    if (what === 'leave') left.splice(at, 0, { kind: 'leave', at: 1.7e12, clock: 3_000 });
    if (what === 'bare') left[at] = { ...record, bytes: undefined };
    if (what === 'far') left[at] = { ...record, offset: Number.MAX_SAFE_INTEGER - elsewhere, bytes: undefined, size: 2 ** 32 - 1 };
    if (what === 'spoil') left[at] = { ...record, [(NASTY as readonly string[]).includes(key) ? key : Object.keys(record)[elsewhere % Object.keys(record).length] ?? key]: value };
  }
  return left;
}

/** A failure prints the seed that makes it again; the values may be deeper than printing goes. */
const quiet = <T extends object>(value: T): T => Object.assign(value, { [fc.toStringMethod]: () => '…' });

/** `relayed`: its relay is ours; else whoever sends has taken the renderer over. */
export interface HostilePage { records: unknown[]; relayed: boolean }

export const hostilePage = fc.record({ calls: fc.array(call, { minLength: 1, maxLength: 3 }), changes: fc.array(disorder, { maxLength: 6 }), relayed: fc.boolean(), opens: fc.boolean() }).map(({ calls, changes, relayed, opens }): HostilePage => {
  const first: PageRecord[] = opens ? [{ kind: 'document', at: 1_000, url: 'http://localhost/\uD83D__proto__', top: true }] : [];
  // Calls one in the other: each gives its records in turn.
  const told = calls.map(recordsOf);
  const woven = Array.from({ length: Math.max(...told.map(({ length }) => length)) }, (_, i) => told.map((records) => records[i])).flat().filter((record) => record !== undefined);
  return quiet({ records: disordered([...first, ...(opens ? woven : told.flat())], changes), relayed });
});

/** How some of it is sent: in its place; a second time; behind a gap; as if what came before were lost; in a frame that is none. */
export interface Sending { who: number; how: 'next' | 'again' | 'gap' | 'skipped' | 'frame'; size: number; frame: unknown; now: number; restart: boolean }

export const sendings = fc.array(fc.record({
  who: fc.nat(2), how: fc.constantFrom<Sending['how']>('next', 'next', 'next', 'next', 'again', 'gap', 'skipped', 'frame'), size: fc.integer({ min: 1, max: 12 }), frame: junk,
  now: fc.constantFrom(100_000, 0, 1.7e12, 50_000, 2.5e12), restart: fc.nat(7).map((n) => n === 0),
}).map(quiet), { minLength: 6, maxLength: 24 });
