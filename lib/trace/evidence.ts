/**
 * What an exchange offers to later ones (`gives`) and what it looks for in earlier ones (`seeks`): short keys, hashes of
 * messages. Two exchanges belong together where one gives what the other seeks.
 *
 *   history:  all its messages and its answer     ... each beginning of the history that ends with an answer
 *   reply:    its answer alone                    ... the last answer in the history (the window slid, or was compacted)
 *   call:     each tool call of its answer        ... each tool result at the end
 *   called:   the same by name and arguments      ... each tool result without an id, by the call that the request repeats
 *   response: the ids under which the provider keeps its answer ... each answer that the request names instead of saying it
 *   request:  the whole request, once it failed in a way that passes ... the whole request
 *   vector:   the vectors an embedding gave       ... the vectors a search asks with
 *   passage:  texts a search found or a query that was embedded ... texts the prompt is made of
 */
import type { ModelCall } from '../model/call.ts';
import type { Exchange } from '../model/exchange.ts';
import { keyHash, textHash } from './ids.ts';
import { failedForNow } from './outcome.ts';
import { passagesOfDocument, passagesOfPrompt } from './passages.ts';
import { resultOf } from './tool-results.ts';
import { canonical, canonicalText, joined, systemTextOf, textIn, turnOfAnswer, turnsOf, type Turn } from './turns.ts';

/** Of a history of hundreds of turns only the longest beginnings are sought: one of them fits unless the last few
 *  answers were all changed, and then `reply:` or `call:` may still. */
const BEGINNINGS = 8;
/** Parallel tool calls or choices of one answer past this are no evidence. */
const PARALLEL = 64;
/** Documents of one search past this are no evidence. */
const FOUND = 32;
/** Texts embedded in one call: a question is one or a few, more are an index being built, which later prompts do not use. */
const QUERIES = 4;
/** Answers shorter than this ("Yes.") come from anywhere. */
const TELLING = 12;

const START = keyHash('history');

/** Requests of one conversation share their turns (turns.ts). */
const grown = new WeakMap<Turn, { from: string; to: string }>();

function grow(chain: string, turn: Turn): string {
  const known = grown.get(turn);
  if (known?.from === chain) return known.to;
  const to = keyHash(chain, turn.speaker, textHash(turn.content));
  grown.set(turn, { from: chain, to });
  return to;
}

/** What a request alone shows. */
interface Asked {
  turns: readonly Turn[];
  /** each turn hashed once: `chain[i]` covers the first i turns */ chain: readonly string[];
  requestKey: string;
}

/** A request is read once and asked often, with every piece of its answer. */
const known = new WeakMap<ModelCall['input'], Asked>();

function askedBy(call: ModelCall): Asked {
  const asked = known.get(call.input) ?? readAsked(call);
  known.set(call.input, asked);
  return asked;
}

/** Of any number: as arguments of one call they would be too many. */
const listHash = (parts: readonly string[]): string => keyHash(JSON.stringify(parts));

function readAsked(call: ModelCall): Asked {
  const turns = turnsOf(call.input);
  const chain = [START];
  for (const turn of turns) chain.push(grow(chain.at(-1) ?? START, turn));
  const ids = turns.flatMap(({ calls, results }) => [...calls, ...results].map(({ id }) => id ?? ''));
  const rest = [systemTextOf(call.input), canonical(call.parameters), ...call.tools.map(({ json }) => json)].map(textHash);
  return { turns, chain, requestKey: `request:${keyHash(chain.at(-1) ?? START, call.modelAsked ?? '', listHash(rest), listHash(ids))}` };
}

function replyKeys(turn: Turn): string[] {
  if (turn.textLength >= TELLING) return [`reply:${textHash(turn.content)}`];
  // Calls without text are often the same in unrelated runs (`list_files({})`): here their ids count.
  return turn.calls.length > 0 ? [`reply:${keyHash(textHash(turn.content), listHash(turn.calls.map(({ id }) => id ?? '')))}`] : [];
}

/** The tool's name stands in the key because servers and mocks that replay answers give out the same ids again. */
const callKey = (id: string, name: string): string => `call:${keyHash(id, name)}`;
const calledKey = ({ name, arguments: given }: Turn['calls'][number]): string => `called:${keyHash(name, textHash(canonicalText(given)))}`;

const responseKey = (id: string): string => `response:${keyHash(id)}`;

/** What an embedding or a search gives to the calls after it; nothing until it is over. */
function retrievedKeys(exchange: Exchange, call: ModelCall): string[] {
  if (exchange.end === undefined) return [];
  const vectors = call.operation === 'embed' ? (call.vectorMarks ?? []).map((mark) => `vector:${textHash(mark)}`) : [];
  const texts = call.operation === 'embed' ? (call.input.length > QUERIES ? [] : call.input.map(textIn)) : (call.documents ?? []).slice(0, FOUND).map(({ text }) => text);
  const failed = call.input.length > 0 && failedForNow(exchange, call.error) ? [askedBy(call).requestKey] : [];
  return [...new Set([...vectors, ...texts.flatMap(passagesOfDocument), ...failed])];
}

/** What the prompt of this turn is made of: the instructions, and what came after the last answer. */
function promptTexts({ input }: ModelCall): string[] {
  const last = input.findLastIndex(({ role }) => role === 'assistant');
  const parts = input.filter(({ role }, index) => index > last || role === 'system' || role === 'developer').flatMap(({ parts }) => parts);
  return parts.flatMap((part) => (part.type === 'text' || part.type === 'tool_result' ? [part.text] : []));
}

/** Of an answer that still grows. Its texts and arguments are not looked at: with every piece anew that would cost their
 *  whole length, and a long answer the square of it. */
function idsGiven({ output }: ModelCall): string[] {
  const calls = output.slice(0, PARALLEL).flatMap(({ parts }) => parts).filter((part) => part.type === 'tool_call').slice(0, PARALLEL);
  return calls.flatMap(({ id, name }) => (id === undefined || id === '' ? [] : [callKey(id, name)]));
}

/** Grows while the answer comes and at the end: ask again whenever the call or the exchange's end changed. */
export function givesOf(exchange: Exchange, call: ModelCall): string[] {
  if (call.operation !== 'chat') return retrievedKeys(exchange, call);
  const failed = failedForNow(exchange, call.error);
  // Hand-written loops stop reading at the last event and never see the body's end.
  const answered = exchange.end !== undefined || call.finish !== undefined;
  if (!answered && !failed) return idsGiven(call);
  const replies = call.output.slice(0, PARALLEL).map(turnOfAnswer).filter((turn) => turn !== undefined);
  const keys = replies.flatMap(({ calls }) => calls).slice(0, PARALLEL).flatMap((asked) => [...(asked.id === undefined || asked.id === '' ? [] : [callKey(asked.id, asked.name)]), calledKey(asked)]);
  keys.push(...(call.keptAs ?? []).slice(0, PARALLEL).map(responseKey));
  if (exchange.request.missing > 0 || call.input.length === 0) return keys;
  const { turns, chain, requestKey } = askedBy(call);
  if (failed) keys.push(requestKey);
  if (exchange.response.missing > 0) return keys;
  const last = turns.at(-1);
  for (const reply of replies) {
    const goesOn = last?.speaker === 'assistant';
    const whole = goesOn ? joined(last, reply) : reply;
    keys.push(`history:${grow(chain.at(goesOn ? -2 : -1) ?? START, whole)}`, ...replyKeys(whole));
  }
  return [...new Set(keys)];
}

/** Fixed once the request is read; strongest first. */
export function seeksOf(exchange: Exchange, call: ModelCall): string[] {
  if (call.operation === 'search' && exchange.request.missing === 0 && call.vectorMarks !== undefined) return call.vectorMarks.map((mark) => `vector:${textHash(mark)}`);
  const named = (call.refersTo ?? []).slice(0, PARALLEL).map(responseKey);
  if (exchange.request.missing > 0 || call.input.length === 0) return named;
  if (call.operation !== 'chat') return [askedBy(call).requestKey];
  const { turns, chain, requestKey } = askedBy(call);
  const answers = turns.flatMap(({ speaker }, index) => (speaker === 'assistant' && index > 0 ? [index] : [])).toReversed();
  const last = turns.findLastIndex(({ speaker }) => speaker === 'assistant');
  const asked = (turns[last]?.calls ?? []).slice(0, PARALLEL);
  const names = new Map(turns.flatMap(({ calls }) => calls).map(({ id, name }) => [id, name]));
  const results = turns.slice(last + 1).flatMap(({ results }) => results).slice(0, PARALLEL);
  return [...new Set([
    ...named,
    ...answers.slice(0, BEGINNINGS).map((index) => `history:${chain[index + 1]}`),
    ...turns.slice(last, last + 1).flatMap(replyKeys),
    ...results.flatMap(({ id, name = names.get(id) }) => (id === undefined || name === undefined ? [] : [callKey(id, name)])),
    ...asked.filter((_, index) => isWithoutId(resultOf(asked, index, results))).map(calledKey),
    requestKey,
    ...passagesOfPrompt(promptTexts(call)),
  ])];
}

const isWithoutId = (result: Turn['results'][number] | undefined): boolean => result !== undefined && result.id === undefined;
