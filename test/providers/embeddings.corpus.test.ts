/** Every recorded embeddings call of OpenAI's shape and of Ollama's, counted by us and once more here from the raw JSON. */
import { beforeAll, describe, expect, test } from 'vitest';
import { isCall } from '../../lib/capture/recognition.ts';
import type { ModelCall } from '../../lib/model/call.ts';
import { readCall } from '../../lib/trace/fold.ts';
import { bytesOf, exchangeOf, hasCorpus, recordings, type Recorded } from '../corpus/corpus.ts';

interface Raw {
  data?: Array<{ embedding: number[] | string }>;
  embeddings?: number[][];
  embedding?: number[];
  usage?: { prompt_tokens?: number; total_tokens?: number };
  prompt_eval_count?: number;
}
interface Read { recorded: Recorded; call: ModelCall; raw: Raw; asked: { input?: unknown; prompt?: unknown; model?: string } }

const isEmbedding = ({ method, url, request_body: body, response_body: answer }: Recorded): boolean =>
  method === 'POST' && /\/embeddings$|\/api\/embed$/.test(url?.split('?')[0] ?? '') && (body ?? '') !== '' && (answer ?? '').startsWith('{');

const vectorsOf = ({ data, embeddings, embedding }: Raw): Array<number[] | string> => data?.map((item) => item.embedding) ?? embeddings ?? (embedding === undefined ? [] : [embedding]);
const floatsIn = (vector: number[] | string): number => typeof vector === 'string' ? Buffer.from(vector, 'base64').length / 4 : vector.length;

describe.skipIf(!hasCorpus)('corpus', { timeout: 60_000 }, () => {
  let all: Read[] = [];
  let answered: Read[] = [];
  beforeAll(() => {
    all = recordings((file) => !file.startsWith('negative')).filter(isEmbedding).map((recorded) => ({
      recorded, asked: JSON.parse(recorded.request_body ?? ''), raw: JSON.parse(recorded.response_body ?? ''), call: readCall(exchangeOf(recorded), bytesOf(recorded.request_body), bytesOf(recorded.response_body)),
    }));
    answered = all.filter(({ recorded }) => recorded.status < 400);
    console.log(`${all.length} exchanges, ${answered.length} answered, ${answered.filter(({ raw }) => typeof vectorsOf(raw)[0] === 'string').length} in base64`);
  }, 60_000);

  test('each is recognised and read by the dialect it speaks', () => {
    expect(all.length).toBeGreaterThan(250);
    expect(all.filter(({ recorded: { url, request_body: body } }) => !isCall(url!, body!)).map(({ recorded }) => recorded.source)).toEqual([]);
    const strange = all.filter(({ recorded, call }) => call.operation !== 'embed' || call.dialect !== (/\/api\/embed/.test(recorded.url ?? '') ? 'ollama-embed' : 'openai-embeddings'));
    expect(strange.map(({ recorded, call }) => [recorded.source, call.dialect])).toEqual([]);
    expect(all.filter(({ call }) => call.problems.length > 0).map(({ recorded, call }) => [recorded.source, call.problems])).toEqual([]);
  });

  test('vectors are as many and as large as on the wire, and nothing is said in words', () => {
    for (const { recorded, raw, call } of answered) {
      const vectors = vectorsOf(raw);
      expect(call.vectors, recorded.source).toEqual({ count: vectors.length, size: floatsIn(vectors[0] ?? []) });
      expect(call.vectorMarks?.length, recorded.source).toBe(Math.min(16, vectors.length));
      expect(call.output).toEqual([]);
    }
  });

  test('each text asked for is one message', () => {
    for (const { recorded, asked, call } of all) {
      const input = asked.input ?? asked.prompt;
      const items: unknown[] = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
      const read = call.input.map(({ role, parts: [part] }) => [role, part?.type === 'text' ? part.text : part?.type === 'other' ? JSON.parse(part.json) : '']);
      expect(read, recorded.source).toEqual(items.map((item) => ['user', item]));
      expect(call.modelAsked ?? asked.model).toBe(asked.model);
    }
  });

  test('tokens are those of the prompt, or the total where only that is told', () => {
    for (const { recorded, raw, call } of answered) {
      const input = raw.usage?.prompt_tokens ?? raw.usage?.total_tokens ?? raw.prompt_eval_count;
      expect(call.usage, recorded.source).toEqual(input === undefined ? undefined : { input, output: 0, total: input });
      if (raw.usage?.total_tokens !== undefined) expect(call.usage?.total, recorded.source).toBe(raw.usage.total_tokens);
    }
  });

  test('every failure tells its error', () => {
    const failed = all.filter(({ recorded }) => recorded.status >= 400);
    expect(failed.length).toBeGreaterThan(50);
    expect(failed.filter(({ call }) => (call.error?.message ?? '') === '').map(({ recorded }) => recorded.source)).toEqual([]);
  });
});
