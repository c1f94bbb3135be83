/** Answers of the OpenAI chat shape: `choices[].message` of a plain body, `choices[].delta` of a stream, or both mixed as
 *  some servers do. */
import type { FinishReason } from '../model/call.ts';
import { errorOf, type CallError } from './error.ts';
import { indexOf, isObject, jsonOf, listOf, mergeFields, objectOf, objectsOf, textOf, type JsonObject } from './json.ts';
import { addToDraft, messageOf, newDraft, type Draft } from './openai-message.ts';
import { openaiUsage } from './openai-usage.ts';
import type { AddedText, Answer } from './provider.ts';

interface Choice { draft: Draft; finish?: string; isWhole: boolean; /** a `message` that stood beside the delta */ beside?: JsonObject }

/** Perplexity repeats in `message` what the deltas said so far, and in a plain body says it there alone. */
function draftOf({ draft, beside }: Choice): Draft {
  if (beside === undefined || draft.content.length > 0 || draft.calls.length > 0 || draft.reasoning !== '') return draft;
  const whole = newDraft();
  addToDraft(whole, beside, true);
  return whole;
}

/** OpenAI's words, and those that other models' own come through with. */
const FINISH: Readonly<Record<string, FinishReason>> = {
  stop: 'stop', eos: 'stop', eos_token: 'stop', end_turn: 'stop', stop_sequence: 'stop', complete: 'stop',
  length: 'length', max_tokens: 'length', model_length: 'length', model_context_window_exceeded: 'length',
  tool_calls: 'tool_calls', function_call: 'tool_calls', tool_use: 'tool_calls', tool_call: 'tool_calls',
  content_filter: 'content_filter', sensitive: 'content_filter', safety: 'content_filter', refusal: 'content_filter',
  error: 'error', network_error: 'error', insufficient_system_resource: 'error',
};

/** Servers say `stop` (or nothing) where the answer is a call: the call is the truth. */
function finishOf(choice: Choice): { raw: string; reason: FinishReason } | undefined {
  if (choice.finish === undefined) return undefined;
  const word = choice.finish.toLowerCase();
  const said = Object.hasOwn(FINISH, word) ? FINISH[word] ?? 'other' : 'other';
  const calls = draftOf(choice).calls.length > 0 && (said === 'stop' || said === 'other');
  return { raw: choice.finish, reason: calls ? 'tool_calls' : said };
}

/** Lists that are repeated in every chunk of a stream (Perplexity): the last one counts. */
const REPEATED = ['search_results', 'citations', 'images', 'related_questions'];

export function startOpenaiAnswer(request: JsonObject): Answer {
  const audioFormat = textOf(objectOf(request['audio'])['format']);
  const choices = new Map<number, Choice>();
  const repeated = new Map<string, unknown[]>();
  const problems: string[] = [];
  /** index of the choice that people watch grow: the first to speak */ let watched: number | undefined;
  let usage: JsonObject = {};
  let modelAnswered: string | undefined;
  let responseId: string | undefined;
  let error: CallError | undefined;

  function takeChoice(value: JsonObject): AddedText[] {
    // Without an index it is the first: Copilot sends text and call of one answer as two such choices.
    const index = indexOf(value['index']) ?? 0;
    const choice = choices.get(index) ?? { draft: newDraft(), isWhole: false };
    const message = value['delta'] ?? value['message'];
    const isWhole = !isObject(value['delta']) && isObject(value['message']);
    if (isWhole && choice.isWhole && value['index'] !== undefined) {
      problems.push('the body holds several answers; the last one is shown');
      choice.draft = newDraft();
    }
    choice.isWhole ||= isWhole;
    if (isObject(value['delta']) && isObject(value['message'])) choice.beside = value['message'];
    choices.set(index, choice);
    const finish = value['finish_reason'];
    if (typeof finish === 'string') choice.finish = finish || choice.finish || finish;
    if (isObject(value['usage'])) usage = mergeFields(usage, value['usage']);
    if (isObject(value['error'])) error ??= errorOf({ error: value['error'] }, 0);
    // Together repeats the delta as `text`; legacy completions have nothing else.
    const added = addToDraft(choice.draft, isObject(message) ? message : { content: value['text'] }, isWhole);
    if (added.length > 0) watched ??= index;
    return index === watched ? added : [];
  }

  return {
    take(value) {
      modelAnswered = textOf(value['model']) ?? modelAnswered;
      responseId = textOf(value['id']) ?? responseId;
      const groq = objectOf(value['x_groq']);
      for (const told of [value['usage'], groq['usage']]) if (isObject(told)) usage = mergeFields(usage, told);
      error ??= errorOf(groq, 0);
      for (const name of REPEATED) if (listOf(value[name]).length > 0) repeated.set(name, listOf(value[name]));
      return objectsOf(value['choices']).flatMap(takeChoice);
    },
    read() {
      const inOrder = [...choices].toSorted(([a], [b]) => a - b).map(([, choice]) => choice);
      const output = inOrder.map((choice) => messageOf(draftOf(choice), audioFormat));
      output[0]?.parts.push(...[...repeated].map(([name, items]) => ({ type: 'other' as const, name, json: jsonOf(items) })));
      const finish = inOrder[0] === undefined ? undefined : finishOf(inOrder[0]);
      const counted = openaiUsage(usage);
      return {
        output, problems,
        ...(modelAnswered === undefined ? {} : { modelAnswered }),
        ...(counted === undefined ? {} : { usage: counted, rawUsage: jsonOf(usage) }),
        ...(finish === undefined ? {} : { finish }),
        ...(responseId === undefined ? {} : { responseId }),
        ...(error === undefined ? {} : { error }),
      };
    },
  };
}
