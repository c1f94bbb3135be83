/** Random programs for a page that reads one answer, and for the server that sends it. Equal seeds, equal programs. */
import { chance } from '../../chance.ts';

/** What a step does, and how often it is drawn. `on` of a step picks the object, `how` the variant. */
const WEIGHTS = {
  body: 8, text: 3, json: 2, arrayBuffer: 2, bytes: 2, blob: 2, formData: 1, textStream: 5, clone: 6, rewrap: 1, foreignText: 1,
  getReader: 12, getByobReader: 6, constructReader: 1, read: 22, readTwice: 6, readInto: 16, readOn: 10, closed: 4, releaseLock: 9, cancelReader: 3,
  values: 5, next: 8, nextTwice: 3, return: 5, forAwait: 5,
  tee: 5, cancel: 3, pipeTo: 5, pipeThrough: 5, abortPipe: 3, abort: 1,
} as const;
export type PageDeed = keyof typeof WEIGHTS;
export type ServerDeed = 'send' | 'finish' | 'cut';

export interface Step {
  do: PageDeed | ServerDeed;
  on: number;
  how: number;
  /** the page drops the promise: whether a rejection counts as unhandled is then the page's to see */
  loose: boolean;
}

export interface Program {
  seed: number;
  /** what the server writes at each `send`, one character a byte */
  pieces: string[];
  type: string;
  /** not UTF-8 as it would be encoded again: text does not tell which bytes it was made from */
  odd: boolean;
  steps: Step[];
}

const DEEDS = Object.entries(WEIGHTS).flatMap(([deed, weight]) => Array.from({ length: weight }, () => deed as PageDeed));
const LOOSE = ['text', 'json', 'arrayBuffer', 'closed', 'cancelReader', 'cancel', 'pipeTo', 'return'];

/** Most programs go on with the body, some by two ways: else half of their steps would find nothing to do. `:n` names the
 *  object. */
const OPENINGS = ['', 'body', 'body getReader', 'body getByobReader', 'body values', 'textStream getReader', 'body values:0 next:0 return:0',
  'body tee getReader:1 getReader:2', 'body tee getReader:1 values:2', 'clone body:0 body:1 getReader:0 getReader:1', 'clone body:0 cancel:0 getReader:0'];

const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

function bodyOf(below: (n: number) => number): { bytes: string; type: string; odd: boolean } {
  const words = Array.from({ length: 1 + below(12) }, () => ['data: ', 'ü', '👋', '\n\n', 'token', '"', '\\u00e9', 'x'.repeat(below(60))][below(8)] as string).join('');
  switch (below(8)) {
    case 0: return { bytes: `\xef\xbb\xbf${utf8(words)}`, type: 'text/plain', odd: true };
    case 1: return { bytes: `${utf8(words)}\xf0\x9f`, type: 'text/event-stream', odd: true };
    case 2: return { bytes: '', type: 'text/event-stream', odd: false };
    case 3: return { bytes: utf8(`data: ${'ü'.repeat(3000 + below(60_000))}\n\n`), type: 'text/event-stream', odd: false };
    case 4: case 5: return { bytes: utf8(JSON.stringify({ model: 'm', words, n: [below(100), null, true] })), type: 'application/json', odd: false };
    default: return { bytes: utf8(words), type: 'text/event-stream', odd: false };
  }
}

export function programOf(seed: number): Program {
  const below = chance(seed);
  const { bytes, type, odd } = bodyOf(below);
  const cuts = Array.from({ length: below(5) }, () => below(bytes.length + 1)).toSorted((a, b) => a - b);
  const pieces = [0, ...cuts].map((from, i) => bytes.slice(from, cuts[i] ?? bytes.length)).filter((piece) => piece !== '');
  const server: ServerDeed[] = pieces.map(() => 'send');
  const ending = below(20);
  if (ending < 13) server.push('finish');
  else if (ending < 17) server.splice(below(server.length + 1), Infinity, 'cut');
  // else it hangs until the program is over

  const steps: Step[] = [];
  const opening = OPENINGS[below(OPENINGS.length)]?.split(' ') ?? [];
  const count = 8 + below(16);
  for (let i = 0; i < count; i++) {
    // An answer that came early, late, or all along.
    while (server.length > 0 && below(count - i + 2) < server.length) steps.push({ do: server.shift() as ServerDeed, on: 0, how: 0, loose: false });
    const [deed, which] = opening[i]?.split(':') ?? [DEEDS[below(DEEDS.length)]];
    steps.push({ do: deed as PageDeed, on: which === undefined ? below(64) : 2 * Number(which), how: below(1 << 12), loose: LOOSE.includes(deed as PageDeed) && below(5) === 0 });
  }
  for (const deed of server) steps.push({ do: deed, on: 0, how: 0, loose: false });
  return { seed, pieces, type, odd, steps };
}
