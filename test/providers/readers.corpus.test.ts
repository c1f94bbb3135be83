/** Every recorded exchange of the two dialects, read by us and once more here, simply: concatenated deltas of raw JSON. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { ModelCall, Part } from '../../lib/model/call.ts';
import { callOf, endFold, feedFold, readCall, startFold } from '../../lib/trace/fold.ts';
import { chance } from '../chance.ts';
import { bytesOf, exchangeOf, hasCorpus, recordings, type Recorded } from '../corpus/corpus.ts';

interface Read { recorded: Recorded; call: ModelCall }

const PATHS = /\/chat\/completions$|pollinations\.ai\/openai$|(?<!\/threads\/[^/]+)\/messages$|:(?:stream)?rawPredict$/i;
const requestOf = ({ request_body: body }: Recorded): Uint8Array | undefined => body === null ? undefined : bytesOf(body);

/** JSON of the response: the body, or each data line. */
function valuesOf({ response_body: body }: Recorded): Raw[] {
  const text = (body ?? '').replace(/\r\n?/g, '\n').trim();
  if (text.startsWith('{')) return [JSON.parse(text)];
  return text.split('\n').filter((line) => line.startsWith('data:') && !line.includes('[DONE]')).map((line) => JSON.parse(line.slice('data:'.length)));
}

interface RawMessage { content?: unknown; tool_calls?: Array<{ function?: { name?: string | null } }> }
interface Raw {
  error?: unknown;
  choices?: Array<{ index?: number; delta?: RawMessage; message?: RawMessage }>;
  type?: string;
  content?: Array<{ type: string; text?: string; name?: string }>;
  content_block?: { type: string; name?: string };
  delta?: { type?: string; text?: string };
  usage?: { prompt_tokens?: number; completion_tokens?: number; total_tokens?: number } | null;
}

const plain = (content: unknown): string => typeof content === 'string' ? content : Array.isArray(content) ? content.map((item: { text?: string }) => item.text ?? '').join('') : content ? JSON.stringify(content) : '';
/** The same for both dialects: what does not apply adds nothing. */
const rawText = (values: Raw[]): string => values.map((value) => [
  ...(value.choices ?? []).filter(({ index }) => (index ?? 0) === 0).map(({ delta, message }) => plain(delta?.content) || (delta === undefined || values.length === 1 ? plain(message?.content) : '')),
  ...(value.type === 'message' ? value.content ?? [] : []).filter(({ type }) => type === 'text').map(({ text }) => text),
  value.delta?.type === 'text_delta' ? value.delta.text : '',
].join('')).join('');
const rawTools = (values: Raw[]): string[] => values.flatMap((value) => [
  ...(value.choices ?? []).flatMap(({ delta, message }) => (delta ?? message)?.tool_calls ?? []).map((call) => call.function?.name),
  ...[...(value.type === 'message' ? value.content ?? [] : []), ...(value.content_block === undefined ? [] : [value.content_block])].filter(({ type }) => type === 'tool_use').map(({ name }) => name),
]).filter((name): name is string => typeof name === 'string' && name !== '');

const partsOf = <T extends Part['type']>({ output }: ModelCall, type: T): Array<Extract<Part, { type: T }>> => output.flatMap(({ parts }) => parts).filter((part): part is Extract<Part, { type: T }> => part.type === type);
const firstText = ({ output: [first] }: ModelCall): string => (first?.parts ?? []).filter((part) => part.type === 'text').map(({ text }) => text).join('');

describe.skipIf(!hasCorpus)('corpus', { timeout: 60_000 }, () => {
  let all: Read[] = [];
  beforeAll(() => {
    // One gateway gives Gemini's own answers under the compatible path: its dialect is another.
    const ours = recordings((file) => !file.startsWith('negative')).filter(({ method, url, response_body: body }) => method === 'POST' && PATHS.test((url ?? '').split('?')[0]?.replace(/\/+$/, '') ?? '') && !body?.includes('"candidates"'));
    all = ours.map((recorded) => ({ recorded, call: readCall(exchangeOf(recorded), requestOf(recorded), bytesOf(recorded.response_body)) }));
    console.log(`${all.length} exchanges: ${['openai-chat', 'anthropic'].map((name) => `${name} ${all.filter(({ call }) => call.dialect === name).length}`).join(', ')}`);
  }, 60_000);
  const answered = (): Read[] => all.filter(({ call }) => call.output.length > 0 && call.error === undefined);

  test('each is read by the dialect it speaks', () => {
    expect(all.length).toBeGreaterThan(2000);
    const strange = all.filter(({ call, recorded }) => call.dialect !== (/messages$|rawpredict$/i.test((recorded.url ?? '').split('?')[0] ?? '') ? 'anthropic' : 'openai-chat'));
    expect(strange.map(({ recorded }) => recorded.source)).toEqual([]);
  });

  test('problems only where the recording is no answer of its dialect', () => {
    const odd = all.filter(({ call }) => call.problems.length > 0);
    console.log(`${odd.length} with problems:\n${odd.map(({ recorded, call }) => `  ${recorded.source.split('/').at(-1)}: ${call.problems.join('; ')}`).join('\n')}`);
    // A bare "quota exceeded" at status 200.
    expect(odd.filter(({ recorded }) => recorded.response_body?.startsWith('quota exceeded') !== true)).toEqual([]);
  });

  test('text is that of the raw deltas', () => {
    const wrong = answered().filter(({ recorded, call }) => firstText(call) !== rawText(valuesOf(recorded)) && partsOf(call, 'media').length === 0);
    expect(wrong.map(({ recorded, call }) => [recorded.source, firstText(call).slice(0, 80), rawText(valuesOf(recorded)).slice(0, 80)])).toEqual([]);
  });

  test('tool calls are those of the raw deltas, their arguments whole JSON, their finish a tool finish', () => {
    const calling = answered().filter(({ recorded, call }) => partsOf(call, 'tool_call').length > 0 || rawTools(valuesOf(recorded)).length > 0);
    expect(calling.length).toBeGreaterThan(300);
    for (const { recorded, call } of calling) {
      const calls = partsOf(call, 'tool_call');
      expect(new Set(calls.map(({ name }) => name)), recorded.source).toEqual(new Set(rawTools(valuesOf(recorded))));
    }
    const unfinished = calling.filter(({ call }) => !/^(?:tool_calls|length)$/.test(call.finish?.reason ?? ''));
    // One server never says how it finished.
    expect(unfinished.map(({ recorded }) => recorded.source).filter((source) => !source.includes('Qwen3-4B_thinking/GenStream-Tools-SquareRoot-1'))).toEqual([]);
    const torn = calling.filter(({ call }) => call.finish?.reason !== 'length' && partsOf(call, 'tool_call').some(({ arguments: given }) => given !== '' && !isJson(given)));
    console.log(`${calling.length} with tool calls, ${torn.length} with arguments that are no JSON on the wire`);
    // One model loses itself in the second call: the server itself sends torn arguments.
    expect(torn.map(({ recorded }) => recorded.source).filter((source) => !source.includes('DeepSeek-V4-Pro_thinking/GenStream-Tools'))).toEqual([]);
  });

  test('usage adds up, parts lie within wholes, and the total is the wire’s', () => {
    const counted = all.filter(({ call }) => call.usage !== undefined);
    expect(counted.length).toBeGreaterThan(1800);
    for (const { recorded, call: { usage: { input, output, total, cacheRead = 0, cacheWrite = 0, reasoning = 0 } = { input: 0, output: 0, total: 0 } } } of counted) {
      expect(total, recorded.source).toBe(input + output);
      expect(cacheRead + cacheWrite <= input && reasoning <= output, recorded.source).toBe(true);
      const said = Math.max(...valuesOf(recorded).map((value) => value.usage?.total_tokens ?? 0));
      if (said > 0) expect(total, recorded.source).toBe(said);
    }
  });

  test('every failure tells its error', () => {
    const silent = all.filter(({ recorded, call }) => recorded.status >= 400 && recorded.response_body !== '' && recorded.response_body !== null && (call.error === undefined || call.error.message === ''));
    expect(silent.map(({ recorded }) => recorded.source)).toEqual([]);
  });

  test('each, cut at random places, inside characters and line ends too, gives the same call', () => {
    const below = chance(20);
    for (const { recorded, call } of all) {
      const bytes = bytesOf(recorded.response_body);
      const fold = startFold(exchangeOf(recorded), requestOf(recorded));
      for (let at = 0; at < bytes.length;) {
        const size = 1 + below(bytes.length > 20_000 ? 900 : 60);
        feedFold(fold, bytes.subarray(at, at + size));
        at += size;
      }
      endFold(fold);
      expect(callOf(fold), recorded.source).toEqual(call);
    }
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
