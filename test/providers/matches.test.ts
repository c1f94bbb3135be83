import { build, type Rolldown } from 'vite';
import { describe, expect, test } from 'vitest';
import { isCall } from '../../lib/capture/recognition.ts';
import { matches } from '../../lib/providers/matches.ts';
import { hasCorpus, recordings, type Recorded } from '../corpus/corpus.ts';

describe('what the page carries', () => {
  test('is the data alone: bundled, no reader is left', async () => {
    const built = await build({
      configFile: false, logLevel: 'silent',
      build: { write: false, minify: false, lib: { entry: new URL('../../lib/providers/matches.ts', import.meta.url).pathname, formats: ['es'], fileName: 'matches' } },
    }) as Rolldown.RolldownOutput[];
    const code = built.flatMap(({ output }) => output).map((chunk) => chunk.type === 'chunk' ? chunk.code : '').join('');
    for (const { dialect, pathEnds } of matches) for (const text of [dialect, ...pathEnds]) expect(code).toContain(text);
    expect(code).not.toMatch(/finish_reason|stop_reason|content_block|parseJson|function |=>/);
    expect(code.length).toBeLessThan(4000);
  });

  test('names each dialect once', () => {
    expect(new Set(matches.map(({ dialect }) => dialect)).size).toBe(matches.length);
  });
});

const isOurs = ({ method, url, request_body: body }: Recorded): boolean => method === 'POST' && url !== null && body !== null && body !== '' && isCall(url, body);

describe.skipIf(!hasCorpus)('corpus', { timeout: 60_000 }, () => {
  test('every recorded call of the two dialects is recognised, at any host', () => {
    const calls = recordings((file) => !file.startsWith('negative')).filter(({ method, url, request_body: body }) => method === 'POST' && body?.trim().startsWith('{') === true
      && /\/chat\/completions$|\/v1\/messages$|pollinations\.ai\/openai$/.test(url?.split('?')[0]?.replace(/\/+$/, '') ?? ''));
    const missed = calls.filter((call) => !isOurs(call) || !isOurs({ ...call, url: (call.url ?? '').replace(/^https?:\/\/[^/]+/, 'http://localhost:8080/proxy') }));
    console.log(`${calls.length} calls, ${missed.length} missed`);
    expect(calls.length).toBeGreaterThan(2000);
    expect(missed.map(({ source }) => source)).toEqual([]);
  });

  test('ordinary traffic is not', () => {
    const negative = recordings((file) => file.startsWith('negative'));
    expect(negative.length).toBeGreaterThan(500);
    expect(negative.filter(isOurs).map(({ url }) => url)).toEqual([]);
  });

  test('nor are token counts and administration', () => {
    const others = recordings((file) => /^(?:openai|anthropic|gemini|mistral|langsmith)\./.test(file)).filter(({ url }) => /count_tokens|countTokens|input_tokens|\/files|\/batches|\/models(?:\/[^:/]+)?$|\/threads\/[^/]+\/messages|cachedContents/.test(url?.split('?')[0] ?? ''));
    expect(others.length).toBeGreaterThan(100);
    expect(others.filter(isOurs).map(({ url }) => url)).toEqual([]);
  });

  // Images, speech and moderation are model calls as well, of dialects we do not know.
  test('nor is anything else that asks no model and searches no vectors', () => {
    const asksModel = /\/collections\/[^/]+\/(?:query|points\/(?:search|query))$|\/(?:completions|complete|responses|compact|openai|messages|rawPredict|streamRawPredict|interactions|converse|converse-stream|invoke|invoke-with-response-stream|chat|embed|embeddings|generate|rerank|speech|generations|moderations)$|:\w+$|\/ai\/run\//;
    const others = recordings(() => true).filter(({ url }) => !asksModel.test(url?.split('?')[0]?.replace(/\/+$/, '') ?? ''));
    expect(others.length).toBeGreaterThan(2000);
    expect(others.filter(isOurs).map(({ url }) => url)).toEqual([]);
  });
});
