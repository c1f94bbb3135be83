/** What a service of no known dialect says: the words in its values, wherever they stand. */
import { usage, type Usage } from './found.ts';
import { count, isObject, list, object, tellsError, word, type Json } from './look.ts';

/** Names under which services put what their model said, the likeliest first. */
const NAMES = ['delta', 'text', 'content', 'parts', 'message', 'token', 'generated_text', 'response', 'completion', 'output_text', 'answer', 'generation', 'result', 'output', 'results', 'outputs', 'completions', 'generations', 'choices', 'candidates', 'steps', 'reply', 'value', 'data'];

function saidBy(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value;
  if (depth > 6) return '';
  if (!isObject(value)) return list(value).map((item) => saidBy(item, depth + 1)).join('');
  return word(...NAMES.map((name) => saidBy(value[name], depth + 1))) ?? '';
}

/** A stream may repeat all that was said so far. An error's words are no answer's. */
export function wordsIn(values: readonly unknown[]): string {
  return values.filter((value) => !(isObject(value) && tellsError(value))).map((value) => saidBy(value))
    .reduce((before, said) => before.length > 1 && said.startsWith(before) ? said : before + said, '');
}

/** Counts of a prompt and of an answer, where nothing beside them says that they include or leave out something. */
export function plainUsage(values: readonly Json[]): Usage | undefined {
  const counted = values.flatMap((value) => [value, object(value['result'])]).map((value) => object(value['usage'])).findLast((each) => Object.keys(each).length > 0) ?? {};
  const [input, output] = [count(counted['prompt_tokens'], counted['input_tokens']), count(counted['completion_tokens'], counted['output_tokens'])];
  if (input === undefined || output === undefined || Object.keys(counted).some((key) => /cache|reasoning|thinking/.test(key))) return undefined;
  return (count(counted['total_tokens']) ?? input + output) === input + output ? usage(input, output) : undefined;
}
