/**
 * Parses a request. Requests of one conversation repeat each other, so what an earlier one had of a list is not parsed again: its
 * elements are the same objects, and nobody may change them. The result is what JSON.parse gives for the whole.
 */
import { limits } from '../model/limits.ts';
import type { CutRequest, RequestList } from '../model/request-list.ts';
import { countParts, isObject, parseJson, type JsonObject } from './json.ts';

type Parsed = { value: unknown } | 'too many parts' | 'not JSON' | undefined;

/** Elements of lists that were read; they go with the list. */
const elements = new WeakMap<RequestList, readonly unknown[]>();

/** What stands between two lists begins with no mark that would be left out. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** @returns undefined where it says nothing */
export function parseRequest(request: Uint8Array | CutRequest): Parsed {
  const cut = request instanceof Uint8Array ? undefined : request;
  const grown = cut && parseGrown(cut);
  if (grown) return { value: grown };
  const text = new TextDecoder().decode(request instanceof Uint8Array ? request : request.bytes(0, request.size));
  if (text === '') return undefined;
  if (countParts(text, limits.jsonParts) >= limits.jsonParts) return 'too many parts';
  const parsed = parseJson(text);
  if (!parsed.ok) return 'not JSON';
  if (cut && hasMembers(parsed.value, cut)) keepElements(cut, parsed.value);
  return { value: parsed.value };
}

/** Names are told apart where each is there once. */
const hasMembers = (value: unknown, { members }: CutRequest): value is JsonObject => isObject(value) && Object.keys(value).length === members;

function keepElements(cut: CutRequest, value: JsonObject): void {
  for (const [i, { list }] of cut.lists.entries()) {
    const held = value[nameAtEnd(before(cut, i))];
    if (Array.isArray(held) && held.length === list.items.at(-1)) elements.set(list, held);
  }
}

/** Undefined where nothing of it is known, or it is not so simple. */
function parseGrown(cut: CutRequest): JsonObject | undefined {
  if (cut.nested >= limits.jsonParts || !cut.lists.some(({ like }) => like && elements.has(like.list))) return undefined;
  const around = [...cut.lists.keys(), cut.lists.length].map((i) => before(cut, i));
  const parsed = parseJson(around.map((bytes) => decoder.decode(bytes)).join(''));
  if (!parsed.ok || !hasMembers(parsed.value, cut)) return undefined;
  for (const [i, { from, list, like }] of cut.lists.entries()) {
    const known = like && elements.get(like.list)?.slice(0, like.list.items[like.parts - 1]);
    const begin = known ? (list.ends[like.parts - 1] ?? 0) + 1 : 0;
    const rest = parseJson(`[${decoder.decode(cut.bytes(from + begin, endOf({ from, list })))}]`);
    const held = rest.ok && Array.isArray(rest.value) ? [...known ?? [], ...rest.value] : [];
    // Fewer: something was no JSON.
    if (held.length !== list.items.at(-1)) return undefined;
    parsed.value[nameAtEnd(around[i] as Uint8Array)] = held;
    elements.set(list, held);
  }
  return parsed.value;
}

const endOf = ({ from, list }: Pick<CutRequest['lists'][number], 'from' | 'list'>): number => from + (list.ends.at(-1) ?? 0);

/** What stands before a list and behind the one before it. */
function before({ size, bytes, lists }: CutRequest, index: number): Uint8Array {
  const previous = lists[index - 1];
  return bytes(previous ? endOf(previous) : 0, lists[index]?.from ?? size);
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/** The name of a list at whose `[` the bytes end: a colon and white space before that, then the name, in which each quote has a
 *  backslash before it. */
function nameAtEnd(bytes: Uint8Array): string {
  const end = bytes.lastIndexOf(QUOTE);
  let begin = bytes.lastIndexOf(QUOTE, end - 1);
  while (begin > 0 && bytes[begin - 1] === BACKSLASH) begin = bytes.lastIndexOf(QUOTE, begin - 1);
  const name = parseJson(decoder.decode(bytes.subarray(begin, end + 1)));
  return name.ok ? String(name.value) : '';
}
