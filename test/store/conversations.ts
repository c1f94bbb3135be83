/** Requests as apps and hostile pages send them one after the other: they repeat each other, nearly. */
import * as fc from 'fast-check';

interface Step { conversation: number; how: 'goOn' | 'grow' | 'edit' | 'shorten' | 'reorder' | 'again'; at: number; fresh: string[]; shape: Shape; broken: [number, string] | undefined; cuts: number[] }
interface Shape { space: '' | ' ' | '\n\t'; after: boolean; tools: number; twice: 'no' | 'messages' | 'null' | 'empty'; name: string; odd: string }

export interface Sent { bytes: Uint8Array<ArrayBuffer>; /** places at which it is cut into records, and whether each begins a transaction */ cuts: Array<{ at: number; apart: boolean }> }

/** What the answer says to the n-th request, the first being 1. */
export const answerOf = (n: number): string => `The answer ${n % 4} is long enough to tell, and to be cut off on its own.`;

const assistant = (n: number): string => JSON.stringify({ role: 'assistant', content: answerOf(n) });

const words = fc.oneof(fc.string({ unit: 'binary', maxLength: 90 }), fc.constantFrom('and so on '.repeat(9), '"quoted\\" [{,]}" '.repeat(6), '\\', '\ufeff', 'é漢🙂'.repeat(20)));
const element = fc.oneof(
  fc.nat(3).map((n) => assistant(n)),
  fc.constant(JSON.stringify({ role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: { name: 'look', arguments: '{"at":"it"}' } }] })),
  words.map((content) => JSON.stringify({ role: 'user', content })),
  words.map((content) => JSON.stringify({ role: 'assistant', content: [{ type: 'text', text: content }, { type: 'tool_use', id: content.slice(0, 3), name: 't', input: { a: [1, [2, {}]] } }] })),
  words.map((content) => JSON.stringify({ role: 'tool', tool_call_id: 'c', content })),
  words.map((text) => JSON.stringify({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] })),
  // Escapes of half characters, odd spellings of numbers, members of the same name, a name that is special in JavaScript.
  fc.constantFrom('"a \\ud800 b \\u0022 c"', '{"role":"user","content":"\\udfff lone","content":"twice, and long enough to be cut off on its own"}', '{"__proto__":{"x":1},"role":"user","content":"something that is more than sixty-four bytes long"}', '1.50e1', 'null', '[[],[[1]],{"messages":[{"a":"this too is more than sixty-four bytes long, as JSON text"}]}]', '{}'),
);

const shape: fc.Arbitrary<Shape> = fc.record({
  space: fc.constantFrom('', '', ' ', '\n\t'), after: fc.boolean(), tools: fc.nat(3), twice: fc.constantFrom('no', 'no', 'no', 'messages', 'null', 'empty'),
  name: fc.constantFrom('messages', 'input', 'contents', '__proto__', 'a\\"b\\\\'), odd: fc.constantFrom('', '', '', ',', ']', '{"x":[1}', '\ufeff', '"'),
});

const step: fc.Arbitrary<Step> = fc.record({
  conversation: fc.constantFrom(0, 0, 0, 0, 1, 2), how: fc.constantFrom('goOn', 'goOn', 'goOn', 'grow', 'edit', 'shorten', 'reorder', 'again'), at: fc.nat(), fresh: fc.array(element, { minLength: 1, maxLength: 4 }),
  shape, broken: fc.option(fc.tuple(fc.nat(), fc.string({ maxLength: 3 })), { nil: undefined, freq: 6 }), cuts: fc.array(fc.nat(), { maxLength: 4 }),
});

const TOOL = { name: 'look', description: 'looks at a thing that is far away, '.repeat(4) };

function textOf(list: string[], { space, after, tools, twice, name, odd }: Shape): string {
  const gap = `,${space}`;
  const offered = `"tools":${space}[${Array.from({ length: tools }, (_, i) => JSON.stringify({ ...TOOL, i })).join(gap)}]`;
  const said = `"${name}"${space}:${space}[${list.join(gap)}${odd}]`;
  const second = { no: '', messages: `${gap}"${name}":[${list.slice(1).join(',')}]`, null: `${gap}"${name}":null`, empty: `${gap}"${name}":[]` }[twice];
  return `${space}{"model":"m"${gap}${after ? `${said}${gap}${offered}` : `${offered}${gap}${said}`}${second}${gap}"stream":true}`;
}

/** @param name of the list
 *  @param changing the shape changes from request to request: else they are what an app sends */
function sentBy(steps: readonly Step[], name: string, changing: boolean): Sent[] {
  const lists = new Map<number, string[]>();
  const shapes = new Map<number, Shape>();
  const latest = new Map<number, number>();
  return steps.map(({ conversation, how, at, fresh, shape: drawn, broken, cuts }, n) => {
    const before = lists.get(conversation) ?? [];
    const place = at % (before.length + 1);
    const list = {
      goOn: [...before, assistant(latest.get(conversation) ?? 0), ...fresh], grow: [...before, ...fresh], edit: before.toSpliced(place, 1, ...fresh), shorten: before.slice(0, place), again: before,
      reorder: [...before.slice(place), ...before.slice(0, place)],
    }[how];
    lists.set(conversation, list);
    latest.set(conversation, n + 1);
    const own = changing && at % 3 === 0 ? drawn : shapes.get(conversation) ?? (changing ? drawn : { ...drawn, name, twice: 'no' as const, odd: '' });
    shapes.set(conversation, own);
    const text = textOf(list, own);
    const spoiled = broken && changing ? text.slice(0, broken[0] % text.length) + broken[1] + text.slice(broken[0] % text.length + 1) : text;
    const bytes = new TextEncoder().encode(spoiled);
    // No UTF-8 any more.
    if (changing && at % 11 === 0) bytes[at % bytes.byteLength] = 0xe2;
    return { bytes, cuts: cuts.map((cut) => ({ at: 1 + cut % bytes.byteLength, apart: cut % 2 === 0 })).toSorted((a, b) => a.at - b.at) };
  });
}

/** @param name of the list that grows, where they are what an app sends */
export const conversations = (name: string): fc.Arbitrary<Sent[]> => fc.tuple(fc.array(step, { minLength: 4, maxLength: 9 }), fc.boolean()).map(([steps, changing]) => sentBy(steps, name, changing));

/** Its records: of each transaction the parts that come in it. */
export function recordsOf({ bytes, cuts }: Sent): Array<Array<Uint8Array<ArrayBuffer>>> {
  const transactions: Array<Array<Uint8Array<ArrayBuffer>>> = [[]];
  let from = 0;
  for (const { at, apart } of [...cuts, { at: bytes.byteLength, apart: false }]) {
    if (at > from) transactions.at(-1)?.push(bytes.slice(from, at));
    from = Math.max(from, at);
    if (apart && from < bytes.byteLength) transactions.push([]);
  }
  return transactions.filter((parts) => parts.length > 0);
}
