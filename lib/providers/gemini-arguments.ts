/** Arguments of a function call that Vertex streams in pieces, each with a JSON path to where it belongs:
 *  `{"jsonPath":"$.places[0].name","stringValue":"Lis","willContinue":true}`. Strings grow, other values come whole. */
import { isObject, textOf, type JsonObject } from './json.ts';

/** Past this no one nests, and positions beyond are a hostile page's. */
const DEEPEST = 32;
const LONGEST = 1000;

/** `$.a['b c'][0]` as steps; none where it is no such path. */
function stepsOf(path: string): Array<string | number> {
  return [...path.matchAll(/\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]/g)]
    .map(([, plain, single, double, position]) => position === undefined ? plain ?? single ?? double ?? '' : Number(position));
}

function valueOf(piece: JsonObject, before: unknown): unknown {
  const text = piece['stringValue'] ?? piece['string_value'];
  if (typeof text === 'string') return typeof before === 'string' ? before + text : text;
  const number = piece['numberValue'] ?? piece['number_value'];
  const flag = piece['boolValue'] ?? piece['bool_value'];
  return typeof number === 'number' ? number : typeof flag === 'boolean' ? flag : null;
}

type Holder = JsonObject | unknown[];
const isHolder = (value: unknown): value is Holder => isObject(value) || Array.isArray(value);
const held = (holder: Holder, step: string | number): unknown => Object.hasOwn(holder, step) ? Reflect.get(holder, step) : undefined;
/** As data, whatever the key is named. */
const hold = (holder: Holder, step: string | number, value: unknown): unknown =>
  (Object.defineProperty(holder, step, { value, enumerable: true, configurable: true, writable: true }), value);

/** @param given the arguments so far, which grow */
export function addPartialArguments(given: JsonObject, pieces: readonly JsonObject[]): void {
  for (const piece of pieces) {
    const steps = stepsOf(textOf(piece['jsonPath']) ?? textOf(piece['json_path']) ?? '');
    if (steps.length === 0 || steps.length > DEEPEST || steps.some((step) => typeof step === 'number' && step > LONGEST)) continue;
    let holder: Holder = given;
    for (const [at, step] of steps.entries()) {
      if (Array.isArray(holder) && typeof step === 'string') break;
      const before = held(holder, step);
      const next = steps[at + 1];
      if (next === undefined) hold(holder, step, valueOf(piece, before));
      else {
        const inner: Holder = isHolder(before) ? before : typeof next === 'number' ? [] : {};
        if (inner !== before) hold(holder, step, inner);
        holder = inner;
      }
    }
  }
}
