/** All texts that are stored, read without the search: what it must find, and what it may. */
import { piecesIn } from '../../lib/store/pieces.ts';
import { fieldsOf } from '../../lib/store/search/fields.ts';
import { everything, type Recording } from '../record/recording.ts';

/** By the name that a hit has. `certain`: of a call that has ended. */
export type Stored = Map<string, { fields: string[]; certain: boolean }>;

/** What the user sees as the same: written plainly here, once more. */
const plain = (text: string): string => text.replaceAll('\0', ' ').normalize('NFKC').toLowerCase().replaceAll('ς', 'σ').replace(/\s+/g, ' ');

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const stringsOf = (bytes: Uint8Array): string[] => fieldsOf(decode(bytes)).map(({ text }) => plain(text));

/** Strings of JSON in a string. */
function stringsIn(text: string): string[] {
  const strings: string[] = [];
  try {
    JSON.parse(text, (_, value: unknown) => void (typeof value === 'string' && strings.push(value)));
  } catch { /* it is none, or too deep */ }
  return strings;
}

/** What a provider has to put together: its words are those of the answer. */
const inPieces = (text: string): boolean => /^\s*(?:data:|event:|id:|retry:|:|\[)/.test(text) || (/^\s*\{/.test(text) && /\}[ \t\r]*\n\s*\{/.test(text));

export async function stored({ database, reader }: Recording): Promise<Stored> {
  const { pieces, exchanges, texts, bodies } = await everything(database);
  const found: Stored = new Map();
  for (const row of pieces) for (const { hash, bytes } of piecesIn(row)) found.set(`${row.session} piece ${hash.toHex()}`, { fields: stringsOf(bytes), certain: true });
  const ended = new Set(exchanges.flatMap(({ id, end }) => end ? id : []));
  for (const { session, exchange, bytes } of texts) {
    const said = JSON.parse(decode(bytes)) as Array<[string, string]>;
    found.set(`${session} answer ${exchange}`, { fields: said.flatMap(([, text]) => [text, ...stringsIn(text)]).map(plain), certain: ended.has(exchange) });
  }
  for (const { id, session, url, facts, end } of exchanges) {
    const told = [url, facts?.modelAsked, facts?.modelAnswered, facts?.provider, facts?.collection, facts?.error?.type, facts?.error?.message, end?.error?.name, end?.error?.message, facts?.requestId, facts?.responseId];
    found.set(`${session} call ${id}`, { fields: told.map((text) => plain(text ?? '')), certain: ended.has(id) });
    const { bytes } = await reader.body(id, 'response');
    found.set(`${session} response ${id}`, { fields: stringsOf(bytes), certain: ended.has(id) && !inPieces(decode(bytes)) });
    const uncut = bodies.some((row) => row.exchange === id && row.offset >= 0);
    found.set(`${session} request ${id}`, { fields: stringsOf((await reader.body(id, 'request')).bytes), certain: ended.has(id) && uncut });
  }
  return found;
}

export function tellingOf(texts: Stored, query: string): { must: string[]; may: string[] } {
  const wanted = plain(query).trim();
  const telling = wanted === '' ? [] : [...texts].filter(([, { fields }]) => fields.some((field) => field.includes(wanted)));
  return { must: telling.flatMap(([name, { certain }]) => certain ? name : []), may: telling.map(([name]) => name) };
}
