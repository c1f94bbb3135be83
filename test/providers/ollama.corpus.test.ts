/** Every recorded exchange of Ollama's own API, read by us and once more here, simply: each line's fields, concatenated. */
import { beforeAll, describe, expect, test } from 'vitest';
import { isCall } from '../../lib/capture/recognition.ts';
import type { ModelCall, Part } from '../../lib/model/call.ts';
import { callOf, endFold, feedFold, readCall, startFold } from '../../lib/trace/fold.ts';
import { chance } from '../chance.ts';
import { bytesOf, exchangeOf, hasCorpus, recordings, type Recorded } from '../corpus/corpus.ts';

interface Line {
  error?: string;
  message?: { content?: string; thinking?: string; tool_calls?: Array<{ function: { name: string; arguments: unknown } }> };
  response?: string;
  thinking?: string;
  done?: boolean;
  prompt_eval_count?: number;
  eval_count?: number;
  choices?: unknown;
}
interface Read { recorded: Recorded; call: ModelCall; lines: Line[] }

const isOllama = ({ method, url, request_body: body, response_body: answer }: Recorded): boolean =>
  method === 'POST' && /\/api\/(?:chat|generate)$/.test(url ?? '') && (body ?? '') !== '' && (answer ?? '') !== '' && !body!.includes('"parts"');
const linesOf = ({ response_body: body }: Recorded): Line[] => (body ?? '').split('\n').filter((line) => line.trim() !== '').map((line): Line => JSON.parse(line));
const partsOf = <T extends Part['type']>({ output }: ModelCall, type: T): Array<Extract<Part, { type: T }>> => output.flatMap(({ parts }) => parts).filter((part): part is Extract<Part, { type: T }> => part.type === type);
const textOf = (call: ModelCall, type: 'text' | 'reasoning'): string => partsOf(call, type).map(({ text }) => text).join('');

describe.skipIf(!hasCorpus)('corpus', { timeout: 60_000 }, () => {
  let all: Read[] = [];
  let answered: Read[] = [];
  beforeAll(() => {
    all = recordings((file) => !file.startsWith('negative')).filter(isOllama).map((recorded) => ({ recorded, lines: linesOf(recorded), call: readCall(exchangeOf(recorded), bytesOf(recorded.request_body), bytesOf(recorded.response_body)) }));
    answered = all.filter(({ lines }) => lines.some(({ done }) => done !== undefined));
    console.log(`${all.length} exchanges, ${answered.length} answered in this dialect`);
  }, 60_000);

  test('each is recognised and read without a problem, whatever its host', () => {
    expect(all.length).toBeGreaterThan(90);
    expect(all.filter(({ recorded: { url, request_body: body } }) => !isCall(url!, body!) || !isCall('http://localhost:1/proxy/api/chat', body!)).map(({ recorded }) => recorded.source)).toEqual([]);
    expect(all.filter(({ call }) => call.problems.length > 0).map(({ recorded, call }) => [recorded.source, call.problems])).toEqual([]);
    // One server answered in the shape of OpenAI.
    expect(all.filter(({ call, lines }) => call.dialect !== (lines.some(({ choices }) => choices !== undefined) ? 'openai-chat' : 'ollama')).map(({ recorded }) => recorded.source)).toEqual([]);
  });

  test('text, thinking and tool calls are those of the lines', () => {
    expect(answered.length).toBeGreaterThan(80);
    for (const { recorded, lines, call } of answered) {
      expect(textOf(call, 'text'), recorded.source).toBe(lines.map(({ message, response }) => message?.content ?? response ?? '').join(''));
      expect(textOf(call, 'reasoning'), recorded.source).toBe(lines.map(({ message, thinking }) => message?.thinking ?? thinking ?? '').join(''));
      const calls = lines.flatMap(({ message }) => message?.tool_calls ?? []).map(({ function: { name, arguments: given } }) => [name, given]);
      expect(partsOf(call, 'tool_call').map(({ name, arguments: text }) => [name, text === '' ? '' : JSON.parse(text)]), recorded.source).toEqual(calls);
      expect(call.finish?.reason, recorded.source).toMatch(calls.length > 0 ? /^tool_calls$/ : /^(?:stop|length|other)$/);
    }
    expect(answered.filter(({ call }) => partsOf(call, 'tool_call').length > 0).length).toBeGreaterThan(10);
  });

  test('counts are those of the last line', () => {
    for (const { recorded, lines, call } of answered) {
      const { prompt_eval_count: input, eval_count: output } = lines.at(-1) ?? {};
      const expected = input === undefined && output === undefined ? undefined : { input: input ?? 0, output: output ?? 0, total: (input ?? 0) + (output ?? 0) };
      expect(call.usage, recorded.source).toEqual(expected);
    }
    expect(answered.filter(({ call }) => call.usage !== undefined).length).toBeGreaterThan(80);
  });

  test('every failure tells its error', () => {
    const failed = all.filter(({ recorded }) => recorded.status >= 400);
    expect(failed.length).toBeGreaterThan(5);
    for (const { recorded, lines, call } of failed) expect(call.error?.message, recorded.source).toBe(lines[0]?.error);
  });

  test('each, cut at random places, with LF or CRLF, gives the same call', () => {
    const below = chance(11);
    for (const { recorded, call } of all) {
      for (const end of ['\n', '\r\n']) {
        const bytes = bytesOf((recorded.response_body ?? '').replaceAll(/\r?\n/g, end));
        const fold = startFold(exchangeOf(recorded), bytesOf(recorded.request_body));
        for (let at = 0; at < bytes.length;) {
          const size = 1 + below(300);
          feedFold(fold, bytes.subarray(at, at + size));
          at += size;
        }
        endFold(fold);
        expect({ ...callOf(fold), firstTokenByte: undefined }, recorded.source).toEqual({ ...call, firstTokenByte: undefined });
      }
    }
  });
});
