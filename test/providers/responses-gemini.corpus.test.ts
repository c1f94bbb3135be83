/** Every recorded exchange of OpenAI Responses and Gemini, read by us and once more here, simply: whole bodies, or the raw
 *  deltas of a stream one after the other. */
import { beforeAll, describe, expect, test } from 'vitest';
import { isCall } from '../../lib/capture/recognition.ts';
import type { FinishReason, ModelCall, Part } from '../../lib/model/call.ts';
import { callOf, endFold, feedFold, readCall, startFold } from '../../lib/trace/fold.ts';
import { chance } from '../chance.ts';
import { bytesOf, exchangeOf, hasCorpus, recordings, type Recorded } from '../corpus/corpus.ts';

interface Walk { text: string; tools: string[]; usage?: { input: number; output: number; cacheRead: number; reasoning: number }; finish?: FinishReason; model?: string; failed: boolean }
interface Read { recorded: Recorded; call: ModelCall; walk: Walk }

const PATHS = { 'openai-responses': /\/responses$/, 'gemini': /:(?:stream)?generateContent$/i } as const;
type Dialect = keyof typeof PATHS;

/* oxlint-disable typescript/no-explicit-any -- a plain walk of whatever JSON was recorded, apart from the readers' own checks */
/** JSON of the response: the body, the elements of an array, or each data line. */
function valuesOf({ response_body: body }: Recorded): any[] {
  const text = (body ?? '').replace(/\r\n?/g, '\n').trim();
  if (text.startsWith('{') || text.startsWith('[')) return [JSON.parse(text)].flat();
  return text.split('\n').filter((line) => line.startsWith('data:') && !line.includes('[DONE]')).map((line) => JSON.parse(line.slice('data:'.length)));
}

function walkResponses(values: any[]): Walk {
  const last = values.findLast((value) => value.object === 'response' || value.response?.object === 'response');
  const response = last?.response ?? last ?? {};
  const events = (type: string): any[] => values.filter((value) => value.type === type);
  const isStream = values.some(({ type }) => typeof type === 'string');
  const whole: any[] = response.output ?? [];
  const items: any[] = isStream ? events('response.output_item.done').map(({ item }) => item) : whole;
  const text = isStream ? events('response.output_text.delta').map(({ delta }) => delta).join('') : whole.flatMap(({ content }) => content ?? []).map((part) => part.text ?? '').join('');
  const tools = items.filter(({ type }) => type === 'function_call').map(({ name }) => name);
  const { usage, status, incomplete_details: why } = response;
  return {
    text, tools, model: response.model, failed: values.some(({ error }) => error !== null && error !== undefined),
    ...(usage ? { usage: { input: usage.input_tokens, output: usage.output_tokens, cacheRead: usage.input_tokens_details?.cached_tokens ?? 0, reasoning: usage.output_tokens_details?.reasoning_tokens ?? 0 } } : {}),
    ...(status === 'completed' ? { finish: tools.length > 0 ? 'tool_calls' as const : 'stop' as const } : why?.reason === 'max_output_tokens' ? { finish: 'length' as const } : {}),
  };
}

function walkGemini(values: any[]): Walk {
  const candidates: any[] = values.flatMap(({ candidates = [] }) => candidates);
  const parts: any[] = candidates.flatMap(({ content }) => content?.parts ?? []);
  const usage = values.findLast(({ usageMetadata }) => usageMetadata?.promptTokenCount !== undefined)?.usageMetadata;
  const tools = parts.flatMap(({ functionCall }) => functionCall?.name ?? []);
  const reason = candidates.findLast(({ finishReason }) => finishReason)?.finishReason;
  const finish = reason === 'STOP' || reason === 1 ? tools.length > 0 ? 'tool_calls' : 'stop' : reason === 'MAX_TOKENS' || reason === 2 ? 'length' : reason === undefined ? undefined : 'error';
  return {
    text: parts.filter(({ thought }) => !thought).map(({ text = '' }) => text).join(''), tools, model: values.at(-1)?.modelVersion, failed: values.some(({ error }) => error !== undefined),
    ...(usage ? {
      // All that is no prompt was made by the model: what the answer was counted as, and what was thought.
      usage: { input: usage.promptTokenCount + (usage.toolUsePromptTokenCount ?? 0), output: usage.totalTokenCount - usage.promptTokenCount - (usage.toolUsePromptTokenCount ?? 0), cacheRead: usage.cachedContentTokenCount ?? 0, reasoning: usage.thoughtsTokenCount ?? 0 },
    } : {}),
    ...(finish === undefined ? {} : { finish }),
  };
}
/* oxlint-enable typescript/no-explicit-any */

const partsOf = <T extends Part['type']>({ output }: ModelCall, type: T): Array<Extract<Part, { type: T }>> => output.flatMap(({ parts }) => parts).filter((part): part is Extract<Part, { type: T }> => part.type === type);
const requestOf = ({ request_body: body }: Recorded): Uint8Array => bytesOf(body);

describe.skipIf(!hasCorpus).each([['openai-responses', walkResponses, 400], ['gemini', walkGemini, 150]] as const)('%s', { timeout: 60_000 }, (dialect: Dialect, walk, least) => {
  let all: Read[] = [];
  beforeAll(() => {
    const ours = recordings((file) => !file.startsWith('negative')).filter(({ method, url, request_body: body }) => method === 'POST' && body && PATHS[dialect].test((url ?? '').split('?')[0] ?? ''));
    all = ours.map((recorded) => ({ recorded, call: readCall(exchangeOf(recorded), requestOf(recorded), bytesOf(recorded.response_body)), walk: walk(valuesOf(recorded)) }));
    console.log(`${all.length} exchanges of ${dialect}, ${all.filter(({ call }) => call.streaming).length} streamed, ${all.filter(({ call }) => call.usage !== undefined).length} with usage, ${all.filter(({ call }) => call.error !== undefined).length} failed`);
  }, 60_000);
  const named = (reads: Read[]): string[] => reads.map(({ recorded }) => `${recorded.source} ${recorded.scenario} ${recorded.order}`);

  test('each is recognised and read by the dialect it speaks, at any host', () => {
    expect(all.length).toBeGreaterThan(least);
    const missed = all.filter(({ recorded: { url, request_body: body } }) => !isCall(url ?? '', body ?? '') || !isCall((url ?? '').replace(/^https?:\/\/[^/]+/, 'http://localhost:8080/proxy'), body ?? ''));
    expect(named(missed)).toEqual([]);
    expect(named(all.filter(({ call }) => call.dialect !== dialect || call.operation !== 'chat'))).toEqual([]);
    expect(all.filter(({ call }) => call.problems.length > 0).map(({ recorded, call }) => [recorded.source, call.problems])).toEqual([]);
  });

  test.each(['text', 'tools', 'usage', 'finish', 'model'] as const)('%s is that of the raw answer', (what) => {
    const wrong = all.flatMap(({ recorded, call, walk: said }) => {
      const { input, output, cacheRead = 0, reasoning = 0 } = call.usage ?? { input: -1, output: -1 };
      const ours = {
        text: partsOf(call, 'text').map(({ text }) => text).join(''), tools: partsOf(call, 'tool_call').map(({ name }) => name),
        usage: call.usage && { input, output, cacheRead, reasoning }, finish: call.finish?.reason, model: call.modelAnswered,
      };
      return JSON.stringify(ours[what]) === JSON.stringify(said[what]) ? [] : [[recorded.source, recorded.scenario, recorded.order, ours[what], said[what]]];
    });
    expect(wrong).toEqual([]);
  });

  test('numbers add up; what was asked has a model and words', () => {
    for (const { recorded, call } of all) {
      const { input, output, total, cacheRead = 0, cacheWrite = 0, reasoning = 0 } = call.usage ?? { input: 0, output: 0, total: 0 };
      expect(total === input + output && cacheRead + cacheWrite <= input && reasoning <= output, recorded.source).toBe(true);
      expect(call.modelAsked, recorded.source).toMatch(/./);
      if (!/"(?:contents|input)":\s*(?:\[\]|"")/.test(recorded.request_body ?? '')) expect(call.input.flatMap(({ parts }) => parts).length, recorded.source).toBeGreaterThan(0);
    }
  });

  test('every failure tells its error, and nothing else has one', () => {
    const strange = all.filter(({ recorded, call, walk: { failed } }) => (call.error !== undefined) !== (failed || (recorded.status >= 400 && recorded.response_body !== '')));
    expect(named(strange)).toEqual([]);
    expect(all.filter(({ call }) => call.error?.message === '')).toEqual([]);
  });

  test('arguments are whole JSON where the answer is whole', () => {
    for (const { call } of all.filter(({ call }) => call.finish?.reason === 'tool_calls')) for (const { arguments: given } of partsOf(call, 'tool_call')) expect(() => JSON.parse(given)).not.toThrow();
  });

  test('cut at random places, also within characters and line ends, the same call comes out; cut off, its beginning', () => {
    const random = chance(11);
    for (const { recorded, call } of all.filter(({ call }) => call.streaming)) {
      const bytes = bytesOf(recorded.response_body);
      const fold = startFold(exchangeOf(recorded), requestOf(recorded));
      for (let at = 0; at < bytes.length;) {
        const size = 1 + random(90);
        feedFold(fold, bytes.subarray(at, at + size));
        at += size;
      }
      endFold(fold);
      expect(callOf(fold), recorded.source).toEqual(call);
      const half = readCall(exchangeOf(recorded), requestOf(recorded), bytes.subarray(0, random(bytes.length + 1)));
      const text = (each: ModelCall): string => partsOf(each, 'text').map((part) => part.text).join('');
      expect(text(call).startsWith(text(half)), recorded.source).toBe(true);
    }
  });
});
