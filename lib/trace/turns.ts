/**
 * Messages in the form in which two requests of one app can be compared: a later request repeats the earlier one's
 * messages and answer, but not letter by letter. So here system texts are left out (they may hold the date), neighbours
 * of one speaker are one turn (apps split and join text blocks, each dialect groups parallel tool results its own way),
 * white space and the key order of arguments do not count, and neither do reasoning (seldom sent back) and the ids of tool
 * calls (some SDKs renew them). Cache marks, which move from call to call, the readers have left out already.
 */
import type { Message, Part } from '../model/call.ts';

type Speaker = 'user' | 'assistant' | 'tool';

export interface Turn {
  speaker: Speaker;
  /** what is compared, by `textHash` */ content: string;
  /** characters a person would read */ textLength: number;
  calls: Array<Extract<Part, { type: 'tool_call' }>>;
  results: Array<Extract<Part, { type: 'tool_result' }>>;
}

/** Past this depth two values count as the same: no schema is so deep, and a page may nest a hundred thousand levels. */
const DEEPEST = 200;

/** JSON with sorted keys. */
export function canonical(value: unknown, depth = 0): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (depth > DEEPEST) return '…';
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(',')}]`;
  const entries = Object.entries(value).filter(([, held]) => held !== undefined);
  return `{${entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, held]) => `${JSON.stringify(key)}:${canonical(held, depth + 1)}`).join(',')}}`;
}

/** Canonical where it parses; a piece of JSON (a stream broken off) stands for itself. */
export function canonicalText(json: string): string {
  try {
    return canonical(JSON.parse(json === '' ? '{}' : json));
  } catch {
    return json;
  }
}

/** Images are megabytes and are sent again with every request: their length and both ends tell them apart. */
const mark = (url: string): string => (url.length <= 4096 ? url : `${url.length}:${url.slice(0, 2048)}${url.slice(-2048)}`);

/** What one part adds to the text that is compared. Kinds are set apart by a control character no model writes. */
function contentOf(part: Part, speaker: Speaker): string {
  switch (part.type) {
    case 'text':
    case 'refusal': return part.text;
    case 'reasoning': return '';
    case 'tool_call': return `\u0001${part.name}(${canonicalText(part.arguments)})`;
    case 'tool_result': return `\u0002${part.text}`;
    case 'media': return `\u0003${mark(part.url ?? part.name ?? part.modality)}`;
    // Blocks of the provider's own (searches, citations) come back changed or not at all in the assistant's turn.
    case 'other': return speaker === 'assistant' ? '' : `\u0004${mark(canonicalText(part.json))}`;
  }
}

function speakerOf({ role }: Message, { type }: Part): Speaker {
  if (type === 'tool_result' || role === 'tool' || role === 'function') return 'tool';
  return role === 'assistant' ? 'assistant' : 'user';
}

function add(turn: Turn, part: Part, content: string): void {
  turn.content += content;
  if (part.type === 'text' || part.type === 'refusal') turn.textLength += part.text.trim().length;
  if (part.type === 'tool_call') turn.calls.push(part);
  if (part.type === 'tool_result') turn.results.push(part);
}

/** A request is read once and asked often, with every piece of its answer. */
const known = new WeakMap<readonly Message[], readonly Turn[]>();

/** The turns of a conversation, oldest first; empty ones are dropped. */
export function turnsOf(messages: readonly Message[]): readonly Turn[] {
  const turns = known.get(messages) ?? readTurns(messages);
  known.set(messages, turns);
  return turns;
}

/** Of an answer, whose parts may still grow: it is not compared with others. */
export const turnOfAnswer = (message: Message): Turn | undefined => readOn([{ ...message, role: 'assistant' }], undefined).turns[0];

interface Reading { messages: readonly Message[]; turns: readonly Turn[]; /** the message in which each turn begins, where it begins with that */ begins: ReadonlyArray<number | undefined> }

/** Conversations that begin with one part, as they were read last: requests of one share their parts (providers/json.ts). The
 *  latest first. */
const conversations = new WeakMap<Part, readonly Reading[]>();
/** Branches of a conversation that are told apart. */
const BRANCHES = 4;

const isSystem = ({ role }: Message): boolean => role === 'system' || role === 'developer';

function readTurns(messages: readonly Message[]): readonly Turn[] {
  const said = messages.filter((message) => !isSystem(message));
  const key = said.find(({ parts }) => parts.length > 0)?.parts[0];
  if (!key) return [];
  const earlier = conversations.get(key) ?? [];
  let begun: { reading: Reading; turns: number } | undefined;
  for (const reading of earlier) {
    const turns = turnsWithin(reading, sameMessages(reading.messages, said));
    if (turns > (begun?.turns ?? 0)) begun = { reading, turns };
  }
  const reading = readOn(said, begun);
  // What goes on stands for what it goes on from.
  const others = earlier.filter((each) => each !== begun?.reading || 2 * begun.turns < each.turns.length);
  conversations.set(key, [reading, ...others].slice(0, BRANCHES));
  return reading.turns;
}

const isSame = (a: Message, b: Message): boolean => a === b || (a.role === b.role && a.parts.length === b.parts.length && a.parts.every((part, i) => part === b.parts[i]));

/** How many messages they begin with are the same, told by the parts that they share. */
function sameMessages(a: readonly Message[], b: readonly Message[]): number {
  const most = Math.min(a.length, b.length);
  for (let i = 0; i < most; i += 1) if (!isSame(a[i] as Message, b[i] as Message)) return i;
  return most;
}

/** How many turns are over within so many messages: the next one begins with a message of its own among them. */
function turnsWithin({ begins }: Reading, messages: number): number {
  for (let turns = begins.length - 1; turns > 0; turns -= 1) if ((begins[turns] ?? Infinity) < messages) return turns;
  return 0;
}

function readOn(messages: readonly Message[], begun: { reading: Reading; turns: number } | undefined): Reading {
  const turns = begun?.reading.turns.slice(0, begun.turns) ?? [];
  const begins = begun?.reading.begins.slice(0, begun.turns) ?? [];
  const first = begun?.reading.begins[begun.turns] ?? 0;
  for (const [i, message] of messages.slice(first).entries()) {
    let isFirst = true;
    for (const part of message.parts) {
      const speaker = speakerOf(message, part);
      const content = contentOf(part, speaker);
      if (content.trim() === '') continue;
      let turn = turns.at(-1);
      // At a turn that was read before, what follows has another speaker.
      if (turn?.speaker !== speaker) {
        turn = { speaker, content: '', textLength: 0, calls: [], results: [] };
        turns.push(turn);
        begins.push(isFirst ? first + i : undefined);
      }
      isFirst = false;
      add(turn, part, content);
    }
  }
  return { messages, turns, begins };
}

/** One turn out of two that follow each other: a provider goes on where a request ended with an assistant's message. */
export function joined(a: Turn, b: Turn): Turn {
  return {
    speaker: a.speaker, content: a.content + b.content, textLength: a.textLength + b.textLength,
    calls: [...a.calls, ...b.calls], results: [...a.results, ...b.results],
  };
}

/** The words of a message. */
export const textIn = (message: Message | undefined): string => (message?.parts ?? []).flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');

/** The system text, as far as a request has one. */
export function systemTextOf(messages: readonly Message[]): string {
  const parts = messages.filter(({ role }) => role === 'system' || role === 'developer').flatMap(({ parts }) => parts);
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

/** What a request brings after its last answer. A loop goes on where that is tool results (whatever a harness adds to
 *  them) or nothing at all (the app lets the model go on where it stopped); else the user has spoken. */
export function tailOf(messages: readonly Message[]): { results: Turn['results']; continuesLoop: boolean } {
  const turns = turnsOf(messages);
  const tail = turns.slice(turns.findLastIndex(({ speaker }) => speaker === 'assistant') + 1);
  const results = tail.flatMap(({ results }) => results);
  return { results, continuesLoop: results.length > 0 || (tail.length === 0 && turns.length > 0) };
}
