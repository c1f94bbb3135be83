/**
 * The lists of the requests that came last, in memory: the next request of a conversation begins with what the last one had, and
 * what is the same byte for byte is neither looked through, hashed nor read a second time. Only a cache: a request that finds
 * nothing here is stored the same. It is dropped where `known.ts` is: with a transaction that fails, and when something of the
 * session is deleted.
 */
import { limits } from '../model/limits.ts';
import type { CutRequest, RequestList } from '../model/request-list.ts';
import type { Hash } from './pieces.ts';
import { bytesBetween, stretchOf, type Stretch } from './stretch.ts';

/** A list that was stored. Its bytes lie in `body` from `from` on. */
export interface RecentList extends RequestList { session: string; body: Stretch; from: number; nested: readonly number[]; hashes: readonly Hash[]; prefixes: readonly Hash[] }

/** A list that comes. `recent`: those that are the same so far. `hashes` are there when it has ended, until then `prefixes` only
 *  of what is like an earlier list. */
export interface OpenList {
  from: number; nestedBefore: number;
  ends: number[]; items: number[]; nested: number[];
  hashes: readonly Hash[]; prefixes: readonly Hash[];
  recent: RecentList[]; like?: { list: RecentList; parts: number };
}

/** A request that comes, of which all so far was seen. */
export interface Growing {
  session: string; body: Stretch;
  open?: OpenList; done: OpenList[];
}

/** The latest used last. */
interface Memory { lists: Set<RecentList>; growing: Map<string, Growing> }

interface Transaction { readonly db: object }

/** by connection: what another one deleted is not known here */
const memories = new WeakMap<object, Memory>();

function memoryOf({ db }: Transaction): Memory {
  const memory = memories.get(db) ?? { lists: new Set(), growing: new Map() };
  memories.set(db, memory);
  return memory;
}

/** Those of a session, the latest first. */
export const recentLists = (tx: Transaction, session: string): RecentList[] => [...memoryOf(tx).lists].filter((list) => list.session === session).toReversed();

/** A request begins to come. */
export function beginGrowing(tx: Transaction, session: string, exchange: string): Growing {
  const growing: Growing = { session, body: stretchOf([]), done: [] };
  memoryOf(tx).growing.set(exchange, growing);
  return growing;
}

export const growingOf = (tx: Transaction, exchange: string): Growing | undefined => memories.get(tx.db)?.growing.get(exchange);

export const stopGrowing = (tx: Transaction, exchange: string): void => void memories.get(tx.db)?.growing.delete(exchange);

/** It has come whole: its lists are kept, in place of those that they go on from. */
export function endGrowing(tx: Transaction, exchange: string, { session, body, done, open }: Growing, { members, nested: all }: Pick<CutRequest, 'members' | 'nested'>): CutRequest {
  const { lists, growing } = memoryOf(tx);
  growing.delete(exchange);
  const bytes = (from: number, to: number): Uint8Array<ArrayBuffer> => bytesBetween(body, from, to);
  if (open) return { size: body.end, bytes, lists: [], members: 0, nested: 0 };
  const cut = done.map(({ from, ends, items, nested, hashes, prefixes, like }) => {
    const end = from + sizeOf({ ends });
    // A small part of a body must not hold all of it in memory.
    const own = 2 * (end - from) < body.end ? { body: stretchOf([bytes(from, end).slice()]), from: 0 } : { body, from };
    const list: RecentList = { session, ...own, ends, items, nested, hashes, prefixes };
    if (like && 2 * (like.list.ends[like.parts - 1] ?? 0) >= sizeOf(like.list)) lists.delete(like.list);
    // Tools are the same with each request.
    for (const each of lists) if (isSame(each, list)) lists.delete(each);
    lists.add(list);
    return { from, list, ...(like && { like }) };
  });
  return { size: body.end, bytes, lists: cut, members, nested: all };
}

const isSame = (a: RecentList, b: RecentList): boolean => a.session === b.session && a.prefixes.length === b.prefixes.length && a.prefixes.at(-1)?.toHex() === b.prefixes.at(-1)?.toHex();

export const sizeOf = ({ ends }: Pick<RequestList, 'ends'>): number => ends.at(-1) ?? 0;

/** Besides its bytes: hashes of parts, and as objects what was read of it. */
const [PART, NESTED, ITEM] = [300, 300, 50];

const bytesOfList = ({ body, ends, nested, items }: RecentList): number => body.end + PART * ends.length + NESTED * (nested.at(-1) ?? 0) + ITEM * (items.at(-1) ?? 0);

/** What was used longest ago goes where there is too much. */
export function boundRecent(tx: Transaction): void {
  const { lists, growing } = memoryOf(tx);
  let bytes = [...lists].reduce((sum, list) => sum + bytesOfList(list), 0) + [...growing.values()].reduce((sum, { body }) => sum + body.end, 0);
  for (const list of lists) {
    if (lists.size <= limits.recentLists && bytes <= limits.recentBytes) break;
    lists.delete(list);
    bytes -= bytesOfList(list);
  }
  for (const [exchange, { body }] of growing) {
    if (growing.size <= limits.recentLists && bytes <= limits.recentBytes) break;
    growing.delete(exchange);
    bytes -= body.end;
  }
}

/** Rows of the session are deleted, or it is not known whether they are stored. */
export function forgetRecent({ db }: Transaction, session?: string): void {
  const memory = memories.get(db);
  if (!memory || session === undefined) return void memories.delete(db);
  for (const list of memory.lists) if (list.session === session) memory.lists.delete(list);
  for (const [exchange, each] of memory.growing) if (each.session === session) memory.growing.delete(exchange);
}
