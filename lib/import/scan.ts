/**
 * Finds the spans and resources in an OTLP/JSON text, also in one that was cut or broken: what stands whole before the fault is
 * found all the same. Only the frame around them is followed here; what is inside is `JSON.parse`'s business.
 *
 *   {"resourceSpans":[{"resource":…,"scopeSpans":[{"spans":[…]}]}]}      several in a row (one a line) are one file
 *
 * After a fault the reading goes on at the next line that begins a span or a group, which is how Spanlight writes them.
 */

type Found =
  /** `group` counts the resources of the file from 0; `start` to `end` is the value's text */
  | { kind: 'span' | 'resource'; group: number; start: number; end: number }
  /** `at`: place in the text */
  | { kind: 'fault'; at: number; why: string };

class Broken extends Error {
  readonly at: number;
  constructor(at: number, why: string) {
    super(why);
    this.at = at;
  }
}

type Steps = Generator<Found, void, undefined>;
type Step = () => Steps;

const SPACE = /[\s\u{feff}]*/uy;
/** numbers, true, false, null */
const WORD = /[-+.\w]+/y;
const GROUP_LINE = '\n{"resource":';
const SPAN_LINE = '\n{';

export function* scan(text: string): Steps {
  let at = 0;
  let group = -1;

  const skipSpace = (): void => {
    SPACE.lastIndex = at;
    SPACE.test(text);
    at = SPACE.lastIndex;
  };
  const cut = (): Broken => new Broken(text.length, 'the file ends here, before what was begun is closed: it was cut');
  const fail = (wanted: string): Broken => at >= text.length ? cut() : new Broken(at, `${wanted} expected, found ${JSON.stringify(text.slice(at, at + 12).toWellFormed())}`);
  function take(wanted: string): void {
    skipSpace();
    if (text[at] !== wanted) throw fail(`“${wanted}”`);
    at += 1;
  }
  const comes = (wanted: string): boolean => {
    skipSpace();
    if (text[at] !== wanted) return false;
    at += 1;
    return true;
  };

  /** Over a string, whose quote is the next character. */
  function skipString(): void {
    const start = at;
    for (at += 1; at < text.length; at += 1) {
      const char = text[at];
      if (char === '"') {
        at += 1;
        return;
      }
      if (char === '\\') at += 1;
      else if (char === '\n') throw new Broken(start, 'a text begins here that the end of the line breaks off');
    }
    throw cut();
  }

  function skipValue(): void {
    skipSpace();
    let depth = 0;
    do {
      skipSpace();
      const char = text[at];
      if (char === undefined) throw cut();
      if (char === '"') skipString();
      else if (char === '{' || char === '[') {
        depth += 1;
        at += 1;
      } else if (char === '}' || char === ']') {
        depth -= 1;
        at += 1;
        if (depth < 0) throw new Broken(at - 1, `“${char}” closes what was not opened`);
      } else if ((char === ',' || char === ':') && depth > 0) at += 1;
      else {
        WORD.lastIndex = at;
        if (!WORD.test(text)) throw fail('a value');
        at = WORD.lastIndex;
      }
    } while (depth > 0);
    // A number goes on in the next piece of a cut file.
    if (at >= text.length && /[-+.\w]/.test(text[at - 1] ?? '')) throw cut();
  }

  function* leaf(kind: 'span' | 'resource'): Steps {
    skipSpace();
    const start = at;
    skipValue();
    yield { kind, group, start, end: at };
  }

  function* object(fields: Readonly<Record<string, Step>>): Steps {
    take('{');
    if (comes('}')) return;
    do {
      skipSpace();
      const start = at;
      if (text[at] !== '"') throw fail('a key');
      skipString();
      const key = text.slice(start + 1, at - 1);
      take(':');
      if (Object.hasOwn(fields, key)) yield* fields[key]?.() ?? [];
      else skipValue();
    } while (comes(','));
    take('}');
  }

  /** @param resume where to go on after a fault in or behind an item that began at the given place; -1: nowhere */
  function* list(item: Step, resume: (from: number) => number): Steps {
    take('[');
    if (comes(']')) return;
    for (let more = true; more;) {
      skipSpace();
      const start = at;
      try {
        yield* item();
        more = comes(',');
        if (!more) take(']');
      } catch (error) {
        const next = error instanceof Broken ? resume(start) : -1;
        if (!(error instanceof Broken) || next < 0) throw error;
        yield { kind: 'fault', at: error.at, why: error.message };
        at = next + 1;
      }
    }
  }

  const nextGroup = (from: number): number => text.indexOf(GROUP_LINE, Math.max(from, at - 1));
  const nextSpan = (from: number): number => {
    const next = text.indexOf(SPAN_LINE, from);
    return next >= 0 && text.startsWith(GROUP_LINE, next) ? -1 : next;
  };
  const scope: Step = () => object({ spans: () => list(() => leaf('span'), nextSpan) });
  function* resourceSpans(): Steps {
    group += 1;
    yield* object({ resource: () => leaf('resource'), scopeSpans: () => list(scope, () => -1) });
  }

  try {
    do {
      skipSpace();
      if (text[at] !== '{') throw at >= text.length ? new Broken(at, 'the file is empty') : fail('“{”, the beginning of a JSON object,');
      yield* object({ resourceSpans: () => list(resourceSpans, nextGroup) });
      skipSpace();
    } while (at < text.length);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    yield { kind: 'fault', at: error.at, why: error.message };
  }
}

/** `line 3, column 17`, both from 1. */
export function placeOf(text: string, at: number): string {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', start)) {
    line += 1;
    start = end + 1;
  }
  return `line ${line}, column ${at - start + 1}`;
}
