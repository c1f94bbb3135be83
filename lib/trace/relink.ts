/**
 * Links again what a change touches: a follow-up may become known before the call it follows (another frame, the rescue
 * of a leaving page), and a call's evidence is whole only at its end. The result does not depend on the order in which
 * exchanges became known: a decision looks only at exchanges that began earlier, and whatever it changes for later ones
 * is decided again, in order of starts.
 */
import type { Exchange, ExchangeId } from '../model/exchange.ts';
import { limits } from '../model/limits.ts';
import { decide, place, turnOf } from './link.ts';
import { byStart } from './order.ts';

/** Look-ups in one session. They may answer with states older than those handed to `relink`, and may cut a long answer
 *  to the latest few dozen (a page that sends one request thousands of times). */
export interface EvidenceLookup {
  /** exchanges with one of the keys in `facts.gives` */ giving(keys: readonly string[]): Promise<Exchange[]>;
  /** exchanges with one of the keys in `facts.seeks` */ seeking(keys: readonly string[]): Promise<Exchange[]>;
  /** exchanges whose `run` this is */ ofRun(run: ExchangeId): Promise<Exchange[]>;
}

export interface Relinked {
  /** those handed in and all others whose link, run, conversation or traceId is new: to be written */
  exchanges: Exchange[];
  /** Runs to synthesise again. One that lost members has spans that are no more: rows of its trace that `spansOf` does
   *  not return are to be removed; a run without members has no rows at all. */
  runs: ExchangeId[];
}

/** @param changed exchanges that are new or whose facts or end changed. Call it in the transaction that writes them. */
export async function relink(changed: readonly Exchange[], lookup: EvidenceLookup): Promise<Relinked> {
  const view = newest(changed, lookup);
  const runs = new Set<ExchangeId>();
  const turned = new Set<ExchangeId>();
  const waiting = new Map(changed.map((exchange) => [exchange.id, exchange]));
  const reconsider = async (givers: readonly Exchange[], after: Exchange): Promise<void> => {
    for (const exchange of await view.seeking(givenBy(givers))) if (byStart(exchange, after) > 0) waiting.set(exchange.id, exchange);
  };
  for (const exchange of changed) await reconsider([exchange], exchange);

  let decided = 0;
  for (let next = first(waiting.values()); next !== undefined && decided < limits.relinked; next = first(waiting.values())) {
    decided += 1;
    waiting.delete(next.id);
    const before = view.state(next);
    const givers = await view.giving(before.facts?.seeks ?? []);
    const candidates = new Map([...givers, ...await view.seeking(givenBy(givers))].map((exchange) => [exchange.id, exchange]));
    const link = decide(before, [...candidates.values()]);
    const after = { ...before, link, ...place(before, link, (id) => candidates.get(id)) };
    if (samePlace(before, after)) continue;
    view.put(after);
    for (const { run } of [before, after]) if (run !== undefined) runs.add(run);
    const named = [before.link, link].flatMap((each) => [each?.to, each?.turnOf]);
    const targets = givers.filter(({ id }) => named.includes(id));
    const turns = [turnOf(before.link), turnOf(link)];
    for (const { id, run } of givers) if (turns.includes(id)) turned.add(run ?? id);
    // `place` does not know who follows: a run that had its name may still have it.
    if (before.conversation !== after.conversation) turned.add(after.run);
    await reconsider([after, ...targets], after);
  }

  for (const run of turned) await nameConversation(run, view);
  for (const { id, run } of view.touched()) runs.add(run ?? id);
  return { exchanges: view.touched(), runs: [...runs] };
}

type View = ReturnType<typeof newest>;

/** A conversation is known once a user's turn followed: then the run it began with bears the name too. */
async function nameConversation(run: ExchangeId, view: View): Promise<void> {
  const members = (await view.ofRun(run)).toSorted(byStart);
  const ids = new Set(members.map(({ id }) => id));
  const isFollowed = async (): Promise<boolean> => (await view.seeking(givenBy(members))).some(({ link }) => ids.has(turnOf(link) ?? ''));
  const turn = members.find(({ link }) => turnOf(link) !== undefined);
  const conversation = turn !== undefined ? turn.conversation : await isFollowed() ? run : undefined;
  for (const member of members) if (member.conversation !== conversation) view.put({ ...member, conversation });
}

/** The look-ups, with what is newer than their answers laid over them. */
function newest(changed: readonly Exchange[], lookup: EvidenceLookup) {
  const known = new Map<ExchangeId, Exchange>();
  /** of the known, whose facts do not change here, by key */
  const holders = { gives: new Map<string, Set<ExchangeId>>(), seeks: new Map<string, Set<ExchangeId>>() };
  const put = (exchange: Exchange): void => {
    if (!known.has(exchange.id)) {
      for (const role of ['gives', 'seeks'] as const) for (const key of exchange.facts?.[role] ?? []) holders[role].set(key, (holders[role].get(key) ?? new Set()).add(exchange.id));
    }
    known.set(exchange.id, exchange);
  };
  const state = (exchange: Exchange): Exchange => known.get(exchange.id) ?? exchange;
  const holding = async (keys: readonly string[], role: 'gives' | 'seeks'): Promise<Exchange[]> => {
    if (keys.length === 0) return [];
    const found = await (role === 'gives' ? lookup.giving(keys) : lookup.seeking(keys));
    const all = new Map(found.map((exchange) => [exchange.id, state(exchange)]));
    for (const key of keys) for (const id of holders[role].get(key) ?? []) all.set(id, known.get(id) as Exchange);
    const wanted = new Set(keys);
    return [...all.values()].filter(({ facts }) => facts?.[role].some((key) => wanted.has(key)));
  };
  for (const exchange of changed) put(exchange);
  return {
    state, put,
    touched: (): Exchange[] => [...known.values()],
    giving: (keys: readonly string[]) => holding(keys, 'gives'),
    seeking: (keys: readonly string[]) => holding(keys, 'seeks'),
    async ofRun(run: ExchangeId) {
      const all = new Map([...(await lookup.ofRun(run)).map((exchange) => [exchange.id, exchange] as const), ...known]);
      return [...all.values()].filter((exchange) => exchange.run === run);
    },
  };
}

const givenBy = (exchanges: readonly Exchange[]): string[] => [...new Set(exchanges.flatMap(({ facts }) => facts?.gives ?? []))];

function first(exchanges: Iterable<Exchange>): Exchange | undefined {
  let least: Exchange | undefined;
  for (const exchange of exchanges) if (!least || byStart(exchange, least) < 0) least = exchange;
  return least;
}

const samePlace = (a: Exchange, b: Exchange): boolean =>
  a.run === b.run && a.conversation === b.conversation && a.traceId === b.traceId && JSON.stringify(a.link) === JSON.stringify(b.link);
