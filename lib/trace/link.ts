/**
 * Decides where an exchange hangs: pure, from the exchange and those that share evidence with it. A missing link is
 * better than a wrong one. Strongest first:
 *
 *   same_request   the whole request failed shortly before: a retry. A request sent again after the app itself stopped
 *                  it is a person's second try and stands alone.
 *   response_id    it names the answer of an earlier call, which the provider keeps, instead of repeating it
 *   history        it begins with all messages and the answer of an earlier call
 *   history_tail   the last answer in it is the answer of an earlier call, what stood before was changed or dropped
 *   vector         a search with the vector that an earlier embedding gave
 *   passage        a prompt made of what an earlier search found, or around the question that was embedded. A turn of a
 *                  conversation that uses what was found for it belongs to both
 *   tool_call_id   it carries results of an earlier call's tool calls. Comes last: ids repeat where answers are replayed,
 *                  and where a dialect has none the same tool is called the same way again
 */
import type { Exchange, ExchangeId } from '../model/exchange.ts';
import { limits } from '../model/limits.ts';
import type { Link } from '../model/span.ts';
import { choose, type Choice } from './choose.ts';
import { traceIdOf } from './ids.ts';
import { failedForNow, failureOf, knownAt } from './outcome.ts';
import { byStart } from './order.ts';

export interface Place { run: ExchangeId; conversation: string | undefined; traceId: string }

export const unlinked: Link = { relation: 'root', evidence: 'none', confidence: 1, detail: 'Nothing in this request comes from an earlier call.' };

/** @param candidates all that give something it seeks, and all that seek something those give (to know what is taken) */
export function decide(exchange: Exchange, candidates: readonly Exchange[]): Link {
  const earlier = candidates.filter((candidate) => candidate.id !== exchange.id && byStart(candidate, exchange) < 0);
  const link = retried(exchange, earlier) ?? following(exchange, earlier) ?? unlinked;
  return link.confidence < 0.5 ? unlinked : link;
}

/** The call whose conversation an exchange goes on with a new turn. */
export const turnOf = (link: Link | undefined): ExchangeId | undefined => (link?.relation === 'turn' ? link.to : link?.turnOf);

/** Run, conversation and trace that follow from a link. `find` knows the exchanges that the link names. */
export function place(exchange: Exchange, link: Link, find: (id: ExchangeId) => Exchange | undefined): Place {
  const own = { run: exchange.id, traceId: traceIdOf(exchange.id) };
  const target = find(link.to ?? '');
  if (target === undefined || link.relation === 'root') return { ...own, conversation: undefined };
  const run = target.run ?? target.id;
  const before = find(turnOf(link) ?? '');
  const conversation = before === undefined ? target.conversation : before.conversation ?? before.run ?? before.id;
  return link.relation === 'turn' ? { ...own, conversation } : { run, conversation, traceId: target.traceId ?? traceIdOf(run) };
}

const seeks = (exchange: Exchange, kind: string): string[] => (exchange.facts?.seeks ?? []).filter((key) => key.startsWith(`${kind}:`));
const giving = (candidates: readonly Exchange[], keys: readonly string[]): Exchange[] =>
  keys.length === 0 ? [] : candidates.filter(({ facts }) => facts?.gives.some((key) => keys.includes(key)));

/** The SDKs of OpenAI and Anthropic count their attempts in a header. */
const attemptsBefore = ({ requestHeaders }: Exchange): number =>
  Number(requestHeaders.find(([name]) => name.toLowerCase() === 'x-stainless-retry-count')?.[1] ?? 0) || 0;

function retried(exchange: Exchange, earlier: readonly Exchange[]): Link | undefined {
  const counted = attemptsBefore(exchange);
  const retriedBefore = new Set(earlier.filter(({ link }) => link?.relation === 'retries').map(({ link }) => link?.to));
  const failed = giving(earlier, seeks(exchange, 'request')).filter((candidate) => {
    const known = knownAt(candidate);
    if (known === undefined || !failedForNow(candidate) || retriedBefore.has(candidate.id)) return false;
    const pause = exchange.startMs - known;
    return pause > -limits.clockToleranceMs && (counted > 0 || pause < limits.retryWithinMs);
  });
  const choice = choose(exchange, failed, earlier);
  if (choice === undefined) return undefined;
  const reason = failureOf(choice.exchange)?.brief ?? 'error';
  return {
    relation: 'retries', to: choice.exchange.id, evidence: 'same_request', confidence: certainty(counted > 0 ? 0.98 : 0.9, choice),
    detail: `The same request was sent before and failed (${reason})${counted > 0 ? `; the client counts this as retry ${counted}` : ''}.`,
  };
}

/** The next step of a loop is that; a turn, or a first call, may use what was found for it. */
function following(exchange: Exchange, earlier: readonly Exchange[]): Link | undefined {
  const extension = extended(exchange, earlier);
  if (extension?.relation === 'continues') return extension;
  // What stood in the conversation before was found for an earlier turn.
  const before = earlier.find(({ id }) => id === extension?.to);
  const used = uses(exchange, before === undefined ? earlier : earlier.filter((candidate) => byStart(candidate, before) > 0));
  return used !== undefined && extension !== undefined ? { ...used, turnOf: extension.to } : used ?? extension;
}

/** A question asked again minutes later finds the same documents again: only the latest retrieval of its page counts. */
function uses(exchange: Exchange, earlier: readonly Exchange[]): Link | undefined {
  const ready = earlier.filter((candidate) => {
    const known = knownAt(candidate);
    return candidate.documentId === exchange.documentId && candidate.facts?.operation !== 'chat' && failureOf(candidate) === undefined
      && known !== undefined && known <= exchange.startMs + limits.clockToleranceMs && exchange.startMs - known < limits.retrievalWithinMs;
  });
  const searched = latest(giving(ready, seeks(exchange, 'vector')));
  if (searched !== undefined) return { relation: 'uses', to: searched.id, evidence: 'vector', confidence: 0.98, detail: 'It searches with a vector that an earlier embedding gave.' };
  const passages = seeks(exchange, 'passage');
  const source = latest(giving(ready, passages));
  if (source === undefined) return undefined;
  const shared = passages.filter((key) => source.facts?.gives.includes(key)).length;
  const [what, confidence] = source.facts?.operation === 'embed' ? ['the text that was embedded before', 0.8] as const : ['what an earlier search found', shared > 1 ? 0.95 : 0.85] as const;
  return { relation: 'uses', to: source.id, evidence: 'passage', confidence, detail: `Its prompt contains ${what} (${shared} ${shared === 1 ? 'passage' : 'passages'}).` };
}

const latest = (exchanges: readonly Exchange[]): Exchange | undefined => exchanges.toSorted(byStart).at(-1);

interface Match { evidence: Link['evidence']; choice: Choice; base: number; detail: string; /** answers lie between */ older?: true }

function extended(exchange: Exchange, earlier: readonly Exchange[]): Link | undefined {
  const match = findMatch(exchange, earlier);
  if (match === undefined) return undefined;
  const { evidence, choice, base, detail, older } = match;
  const sameTurn = exchange.facts?.continuesLoop === true && !(older && usersDiffer(exchange, choice.exchange));
  return {
    relation: sameTurn ? 'continues' : 'turn', to: choice.exchange.id, evidence, confidence: certainty(base, choice),
    detail: sameTurn ? detail : `${detail} Then the user wrote again.`,
  };
}

/** What a request names stands for all before it; what it repeats besides may come from a later call. */
function findMatch(exchange: Exchange, earlier: readonly Exchange[]): Match | undefined {
  const [named, repeated] = [namedMatch(exchange, earlier), repeatedMatch(exchange, earlier)];
  return named === undefined || (repeated !== undefined && byStart(repeated.choice.exchange, named.choice.exchange) > 0) ? repeated : named;
}

/** Mocks give out the same ids again: where results of tools come with it, the answer is one that asked for them. */
function namedMatch(exchange: Exchange, earlier: readonly Exchange[]): Match | undefined {
  const ids = new Set((exchange.facts?.toolResults ?? []).map(({ id }) => id));
  for (const key of seeks(exchange, 'response')) {
    const fit = giving(earlier, [key]);
    const asking = fit.filter(({ facts }) => facts?.toolCalls.some(({ id }) => id !== undefined && ids.has(id)));
    const choice = choose(exchange, asking.length > 0 ? asking : fit, earlier);
    if (choice !== undefined) return { evidence: 'response_id', choice, base: 0.99, detail: 'It names the answer of an earlier call and goes on from there.' };
  }
  return undefined;
}

function repeatedMatch(exchange: Exchange, earlier: readonly Exchange[]): Match | undefined {
  const [whole, ...beginnings] = seeks(exchange, 'history');
  const latest = historyMatch(exchange, earlier, whole === undefined ? [] : [whole]) ?? tailMatch(exchange, earlier);
  if (latest !== undefined) return latest;
  const byIds = idMatch(exchange, earlier);
  for (const beginning of beginnings) {
    const match = historyMatch(exchange, earlier, [beginning]);
    if (match === undefined) continue;
    // The tool results may come from a later step of the run in which that beginning was found.
    const isLater = byIds !== undefined && byIds.choice.exchange.run === match.choice.exchange.run && byStart(byIds.choice.exchange, match.choice.exchange) > 0;
    return isLater ? byIds : { ...match, base: 0.95, older: true };
  }
  return byIds;
}

function historyMatch(exchange: Exchange, earlier: readonly Exchange[], keys: readonly string[]): Match | undefined {
  const choice = choose(exchange, giving(earlier, keys), earlier);
  if (choice === undefined) return undefined;
  const messages = (choice.exchange.facts?.messageCount ?? 0) + 1;
  return { evidence: 'history', choice, base: 0.99, detail: `Its first ${messages} messages are the messages and the answer of an earlier call.` };
}

function tailMatch(exchange: Exchange, earlier: readonly Exchange[]): Match | undefined {
  const choice = choose(exchange, giving(earlier, seeks(exchange, 'reply')), earlier);
  if (choice === undefined) return undefined;
  // Within a loop the user's words stay the same. Where they differ the answers may be alike by chance.
  const strange = exchange.facts?.continuesLoop === true && usersDiffer(exchange, choice.exchange);
  if (strange && choice.sharedCalls === 0) return undefined;
  return { evidence: 'history_tail', choice, base: strange ? 0.8 : 0.97, detail: 'The last answer in its history is the answer of an earlier call; what stood before it was changed or left out.' };
}

function idMatch(exchange: Exchange, earlier: readonly Exchange[]): Match | undefined {
  const alike = giving(earlier, [...seeks(exchange, 'call'), ...seeks(exchange, 'called')]).filter((candidate) => !usersDiffer(exchange, candidate));
  const choice = choose(exchange, alike, earlier);
  if (choice === undefined) return undefined;
  if (choice.sharedCalls === 0) return { evidence: 'tool_call_id', choice, base: 0.85, detail: 'It carries the result of a tool call that an earlier call asked for in the same words; there are no ids.' };
  const ids = choice.sharedCalls === 1 ? 'the result of a tool call' : `the results of ${choice.sharedCalls} tool calls`;
  return { evidence: 'tool_call_id', choice, base: 0.95, detail: `It carries ${ids} that an earlier call asked for.` };
}

/** Both show what the user said last, and it is not the same. */
function usersDiffer(a: Exchange, b: Exchange): boolean {
  const [one, other] = [a.facts?.userPreview ?? '', b.facts?.userPreview ?? ''];
  return one !== '' && other !== '' && one !== other;
}

const FACTORS = { alone: 1, free: 0.92, open: 0.9, order: 0.75, early: 0.6 } as const;
const certainty = (base: number, { by }: Choice): number => Math.round(base * FACTORS[by] * 100) / 100;
