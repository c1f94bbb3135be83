/** An agent's runs, as records of a page in batches of a relay. */
import type { PageRecord } from '../../lib/model/record.ts';
import { limits } from '../../lib/model/limits.ts';
import { asked, assistant, batchOf, bytesOf, call, frame, streamed, toolResult, user, type Page } from '../record/page.ts';
import { madeText } from './made-texts.ts';

/** Batches as a relay sends them that has much to tell. */
export function batched(page: Page, records: readonly PageRecord[]): unknown[] {
  const batches: unknown[] = [];
  for (let first = 0; first < records.length;) {
    let end = first;
    for (let bytes = 0; end < records.length && end - first < limits.messageRecords && bytes < limits.messageBytes; end++) {
      const record = records[end];
      bytes += 200 + (record?.kind === 'chunk' ? record.size : 0);
    }
    batches.push(batchOf(page, first, records.slice(first, end)));
    first = end;
  }
  return batches;
}

const toolCall = (n: number, i: number): { id: string; type: 'function'; function: { name: string; arguments: string } } => ({ id: `call_${n}_${i}`, type: 'function', function: { name: `tool_${i}`, arguments: `{"city":"Town ${n}.${i}"}` } });

/** A run of `steps` calls, each but the last asking for three tools: 4 × steps − 2 spans. */
export function agentRun(first: number, steps: number): PageRecord[] {
  const messages: object[] = [user(`Plan journey ${first} for two, and look at the weather of every town on the way`)];
  return Array.from({ length: steps }, (_, step): PageRecord[] => {
    const n = first + step;
    const request = asked(...messages);
    if (step === steps - 1) return call(n, { request, pieces: streamed([`Journey ${first} goes by the sea, `, 'which is warm in all towns.']) });
    const tools = [0, 1, 2].map((i) => toolCall(n, i));
    messages.push({ role: 'assistant', content: null, tool_calls: tools }, ...tools.map(({ id }) => toolResult(id, `Sunny in ${id}, twenty degrees, light wind from the west, no rain before Thursday`)));
    return call(n, { request, pieces: [frame({ model: 'gpt-test-1', choices: [{ index: 0, delta: { role: 'assistant', tool_calls: tools.map((tool, index) => ({ ...tool, index })) }, finish_reason: null }] }), frame({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] }), 'data: [DONE]\n\n'] });
  }).flat();
}

/** Calls and spans of one run as `agentRuns` makes them. */
export const RUN_CALLS = 5;
export const RUN_SPANS = 4 * RUN_CALLS - 2;

/** @param before runs that were made before, so that no text is the same */
export const agentRuns = (runs: number, before = 0): PageRecord[] => Array.from({ length: runs }, (_, i) => agentRun(1 + (before + i) * RUN_CALLS, RUN_CALLS)).flat();

/** At least so many characters, as people and models write them; of other numbers others. */
function textFrom(first: number, size: number): string {
  let text = '';
  for (let n = first; text.length < size; n++) text += `${madeText(n)}\n`;
  return text;
}

const bytesIn = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + bytesOf(text).byteLength, 0);

/** One agent, each of whose turns adds a question and an answer of about `size` characters to all that was said before. `fresh`: the
 *  bytes that are in no earlier request and answer. */
export function* agentTurns(turns: number, size: number): Generator<{ turn: number; request: string; pieces: string[]; fresh: number }> {
  const messages: object[] = [];
  for (let turn = 1; turn <= turns; turn++) {
    const answered = messages.slice(-1);
    const question = user(textFrom(2 * turn * size, size));
    messages.push(question);
    const reply = textFrom((2 * turn + 1) * size, size);
    const pieces = streamed([reply]);
    yield { turn, request: asked(...messages), pieces, fresh: bytesIn([...[...answered, question].map((message) => JSON.stringify(message)), ...pieces]) };
    messages.push(assistant(reply));
  }
}
