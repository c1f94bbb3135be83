/** The conformance run itself: what it counts, that it can fail, and how it is used. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { corpusFolder, hasCorpus } from '../corpus/corpus.ts';
import { judge } from './judge.ts';
import { createJudges } from './judges.ts';
import { readingOf, type OurReading } from './our-reading.ts';
import * as rows from './own-rows.ts';
import type { Row } from './rows.ts';
import type { Counts } from './tally.ts';

const RUN = join(import.meta.dirname, 'run.ts');
const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

interface Ran { code: number; out: string; err: string; counts: Counts | undefined }

const run = (...paths: string[]): Promise<Ran> => new Promise((resolve) => {
  execFile(process.execPath, ['--js-base-64', RUN, ...paths], { maxBuffer: 1e8 }, (error, out, err) => {
    const last = out.trimEnd().split('\n').at(-1) ?? '';
    resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err, counts: last.startsWith('{') ? JSON.parse(last) as Counts : undefined });
  });
});

const lines = (...given: unknown[]): string => given.map((each) => typeof each === 'string' ? each : JSON.stringify(each)).join('\n');

describe('counts', { timeout: 60_000 }, () => {
  test('a folder’s own files, gzipped or not, without its subfolders', async () => {
    const here = join(folder, 'counts');
    mkdirSync(join(here, 'inner'), { recursive: true });
    writeFileSync(join(here, 'a.jsonl'), lines(rows.chat, rows.chatStream, rows.chatError, rows.responseOnly, ''));
    writeFileSync(join(here, 'b.jsonl.gz'), gzipSync(lines(rows.claude, rows.modelList, rows.tokenCount, rows.picture)));
    writeFileSync(join(here, 'inner', 'c.jsonl'), lines(rows.chat));
    writeFileSync(join(here, 'notes.txt'), 'no exchange');
    const { code, out, err, counts } = await run(here);
    expect([code, err]).toEqual([0, '']);
    expect(Object.keys(counts ?? {})).toEqual(['exchanges', 'inference', 'recognised', 'parsed', 'notInference', 'falseInference', 'withUsage', 'usageExact', 'failures', 'byDialect']);
    expect(counts).toEqual({
      exchanges: 8, inference: 4, recognised: 4, parsed: 4, notInference: 3, falseInference: 0, withUsage: 2, usageExact: 2, failures: 0,
      byDialect: { 'openai-chat': { inference: 3, recognised: 3, parsed: 3, withUsage: 1, usageExact: 1 }, 'anthropic': { inference: 1, recognised: 1, parsed: 1, withUsage: 1, usageExact: 1 } },
    });
    expect(out).toMatch(/openai-chat +3 +3 +3 +1 +1\n/);
  });

  test('lines end at line feeds alone: other ends of lines are text', async () => {
    const file = join(folder, 'ends.jsonl');
    const says = { ...rows.chat, response_body: JSON.stringify({ model: 'm', choices: [{ index: 0, message: { content: 'one\u2028two\u2029three\u0085four' }, finish_reason: 'stop' }] }) };
    writeFileSync(file, `${lines(says, rows.chat).replaceAll('\n', '\r\n')}\r\n`);
    expect(await run(file)).toMatchObject({ code: 0, err: '', counts: { exchanges: 2, parsed: 2 } });
  });

  test('a row that is no inference and is recorded as one is told with its place', async () => {
    const file = join(folder, 'false.jsonl');
    writeFileSync(file, lines(rows.chat, rows.estimate));
    const { counts, out } = await run(file);
    expect(counts).toMatchObject({ inference: 1, notInference: 1, falseInference: 1, failures: 0 });
    expect(out).toContain(`${file}:2: recorded as chat`);
  });

  test('a call at a path that nobody knows is missed', () => {
    expect(judge(rows.row('https://x.example/v1/ml/text/generation', { model_id: 'm', input: 'hi' }, {}))).toMatchObject({ counts: 'not' });
    expect(judge({ ...rows.chat, url: 'https://x.example/v1/threads/t/runs', request_body: '{"assistant_id":"a"}' })).toMatchObject({ dialect: 'assistants', recognised: false, parsed: false });
  });
});

describe('at a path of its own a service is known by its answer', () => {
  const { messages } = JSON.parse(rows.chat.request_body ?? '') as { messages: unknown };
  const told = { model: 'm-1', usage: { input_tokens: 3, output_tokens: 1, total_tokens: 4 } };
  test.each<[string, object, unknown, Partial<Row>, object]>([
    ['openai-responses', { model: 'm', input: 'hi' }, { ...told, object: 'response', status: 'completed', output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hello' }] }] }, {}, { withUsage: true, usageExact: true }],
    ['gemini', { generationConfig: {}, contents: [{ parts: [{ text: 'hi' }] }] }, { candidates: [{ content: { parts: [{ text: 'Hello' }] }, finishReason: 'STOP' }] }, {}, {}],
    ['ollama', { model: 'm', messages, options: {} }, '{"model":"m","message":{"role":"assistant","content":"Hello"},"done":false}\n{"model":"m","done":true,"response":""}', {}, {}],
    ['openai-embeddings', { model: 'm', input: ['hi'] }, { data: [{ embedding: [1, 2] }], model: 'm-1', usage: { total_tokens: 2 } }, {}, { withUsage: true, usageExact: true }],
    ['ollama', { model: 'm', prompt: 'hi', options: {} }, { embedding: [1, 2] }, {}, {}],
    ['unknown', { model: 'm', prompt: 'hi' }, { ...told, result: { text: 'Hello' } }, {}, { withUsage: true, usageExact: true }],
    ['unknown', { model: 'm', messages }, 'Hello', { response_headers: { 'Content-Type': 'text/plain' } }, {}],
    ['unknown', { model: 'm', messages }, 'data: Hel\n\ndata: lo\n\n', {}, {}],
    ['unknown', { model: 'm', messages }, 'busy', { status: 503 }, {}],
    ['unknown', { model: 'm', messages }, 'event: error\ndata: {"message":"lost"}\n\n', {}, {}],
  ])('%s: %o', (dialect, request, response, more, verdict) => {
    expect(judge(rows.row('https://app.example/ask', request, response, more))).toMatchObject({ dialect, counts: 'inference', recognised: true, parsed: true, faults: [], ...verdict });
  });

  test('a refused prompt may have been one for a picture; a record of a call is none', () => {
    expect(judge(rows.row('https://app.example/ask', { model: 'm', prompt: 'hi' }, { error: 'no' }, { status: 400 }))).toMatchObject({ counts: 'aside', faults: [] });
    expect(judge(rows.row('https://app.example/log', { events: [{ model: 'm', messages }] }, { ok: true }))).toMatchObject({ counts: 'not', faults: [] });
  });
});

test('an answer that is taken in, to be asked for later, needs neither output nor end', () => {
  const row = rows.row('https://api.example/v1/responses', { model: 'm', input: 'hi', background: true }, { object: 'response', status: 'queued', model: 'm', output: [] });
  expect(judge(row)).toMatchObject({ parsed: true, faults: [] });
  expect(judge({ ...row, response_body: '{"object":"response","model":"m","output":[]}' })).toMatchObject({ parsed: false });
});

/** What a wrong reader would give. */
const wrongly = (row: Row, change: (reading: OurReading) => void): ReturnType<typeof judge> => judge(row, (given, bodies) => {
  const reading = structuredClone(readingOf(given, bodies));
  change(reading);
  return reading;
});

describe('a wrong reading is told', () => {
  test.each<[string, Row, (reading: OurReading) => void, string]>([
    ['text', rows.chatStream, ({ call }) => { call.output[0]?.parts.splice(0, 1, { type: 'text', text: 'Pars' }); }, 'text differs at 3 of 5'],
    ['model', rows.chat, ({ call }) => { call.modelAnswered = 'gpt-test'; }, 'model: ours gpt-test, on the wire gpt-test-1'],
    ['end', rows.claude, ({ call }) => { delete call.finish; }, 'finish: ours none, on the wire length'],
    ['end of an answer that was cut', { ...rows.chatStream, response_body: rows.chatStream.response_body?.split('data: ').slice(0, 3).join('data: ') ?? '' }, ({ call }) => { call.finish = { raw: 'stop', reason: 'stop' }; }, 'finish: ours stop, on the wire none'],
    ['output', { ...rows.chat, response_body: '{"model":"m","choices":[{"message":{"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}' }, ({ call }) => { call.output = []; }, 'no output; on the wire 1'],
    ['error', rows.chatError, ({ call, spans: [span] }) => { delete call.error; if (span) span.status = 'unset'; }, 'the error on the wire is not read'],
    ['error that is none', rows.chat, ({ call }) => { call.error = { type: 'x', message: 'y' }; }, 'an error that the wire does not tell'],
    ['usage where there is none', rows.chatStream, ({ call }) => { call.usage = { input: 1, output: 1, total: 2 }; }, 'usage that the wire does not tell'],
    ['kind', rows.chat, ({ spans: [span] }) => { if (span) span.kind = 'EMBEDDING'; }, 'span of kind EMBEDDING, not LLM'],
  ])('%s', (_, row, change, reason) => {
    expect(judge(row)).toMatchObject({ parsed: true, faults: [] });
    const verdict = wrongly(row, change);
    expect(verdict).toMatchObject({ recognised: true, parsed: false });
    expect(verdict.faults.map((fault) => fault.reason).join()).toContain(reason);
  });

  test('a body that is torn', () => {
    const torn = { ...rows.chat, response_body: rows.chat.response_body?.slice(0, 60) ?? '' };
    expect(judge(torn)).toMatchObject({ parsed: true, faults: [] });
    expect(wrongly(torn, ({ call }) => { call.problems = []; })).toMatchObject({ parsed: false, faults: [{ reason: 'the body is torn, and that is not said' }] });
    expect(judge({ ...rows.chat, response_body: '{"id":"c"}' })).toMatchObject({ parsed: false });
  });

  test('usage: counted, not exact', () => {
    const verdict = wrongly(rows.claude, ({ call }) => { if (call.usage) call.usage = { ...call.usage, input: 5 }; });
    expect(verdict).toMatchObject({ parsed: true, withUsage: true, usageExact: false, faults: [{ kind: 'usage', reason: 'usage: input ours 5, on the wire 25' }] });
    expect(wrongly(rows.claude, ({ call }) => { delete call.usage; })).toMatchObject({ withUsage: true, usageExact: false });
  });

  test.each<[string, (reading: OurReading) => void]>([
    ['id', ({ spans: [span] }) => { if (span) span.spanId = '0'.repeat(16); }],
    ['end before the start', ({ spans: [span] }) => { if (span) span.endMs = span.startMs - 1; }],
    ['no number', ({ spans: [span] }) => { if (span) span.firstTokenMs = Number.NaN; }],
    ['parts beyond the whole', ({ spans: [span] }) => { if (span?.usage) span.usage.reasoning = 99; }],
    ['attribute that is an object', ({ attributes: [first] }) => { Object.assign(first ?? {}, { 'llm.model_name': {} }); }],
    ['exception', () => { throw new Error('a reader’s mistake'); }],
    ['exception that was swallowed', ({ call }) => { call.problems.push('the response could not be read'); }],
  ])('failure: %s', (_, change) => {
    expect(wrongly(rows.chat, change).faults.some(({ kind }) => kind === 'failure')).toBe(true);
  });

  test('failure: a thread that hangs or dies; the next row is judged', { timeout: 60_000 }, async () => {
    const thread = new URL(`data:text/javascript,${encodeURIComponent(`
      import { parentPort } from 'node:worker_threads';
      parentPort.on('message', ({ source }) => { if (source === 'hangs') for (;;); if (source === 'dies') throw new Error('out of hand'); parentPort.postMessage({ faults: [] }); });
    `)}`);
    const judges = createJudges(thread, 5000);
    const faults = [];
    for (const source of ['hangs', 'fine', 'dies', 'fine']) faults.push((await judges.verdictOn({ ...rows.chat, source })).faults);
    await judges.close();
    expect(faults).toMatchObject([[{ kind: 'failure', reason: expect.stringContaining('hung') }], [], [{ kind: 'failure', reason: expect.stringContaining('out of hand') }], []]);
  });
});

describe('misuse', { timeout: 60_000 }, () => {
  test('a path that is not there, a folder without exchanges, no path', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const [absent, nothing, none] = [await run(join(folder, 'absent.jsonl')), await run(empty), await run()];
    expect([absent.code, nothing.code, none.code]).toEqual([2, 2, 2]);
    expect(absent.err).toBe(`There is no file or folder ${join(folder, 'absent.jsonl')}\n`);
    expect(nothing.err).toContain('has no .jsonl');
    expect(none.err).toContain('usage');
  });

  test('broken lines are told, the others are judged', async () => {
    const file = join(folder, 'broken.jsonl');
    writeFileSync(file, lines(rows.chat, '{"method":"POST","url":', '[]', { url: 'x' }, rows.claude));
    const { code, err, counts } = await run(file);
    expect(counts).toMatchObject({ exchanges: 2, parsed: 2 });
    expect(code).toBe(1);
    expect(err).toMatch(/broken\.jsonl:2: not JSON: [^]*broken\.jsonl:3: not an exchange: no JSON object\n[^]*broken\.jsonl:4: not an exchange: no method\n[^]*3 broken lines/);
  });

  test('a gzip that breaks off', async () => {
    const file = join(folder, 'cut.jsonl.gz');
    writeFileSync(file, gzipSync(lines(...Array.from({ length: 50 }, (_, at) => ({ ...rows.chat, source: `${at} ${Math.sin(at)}` })))).subarray(0, 400));
    const { code, err, counts } = await run(file);
    expect(code).toBe(1);
    expect(err).toMatch(/cut\.jsonl\.gz:\d+: /);
    expect(counts).toMatchObject({ failures: 0 });
  });
});

/** Dialects whose reading is finished. */
const FINISHED = ['openai-chat', 'anthropic', 'openai-responses', 'gemini', 'openai-embeddings', 'ollama'];

describe.skipIf(!hasCorpus)('corpus', { timeout: 120_000 }, () => {
  test('the recorded traffic is read as its wire says', async () => {
    const { out, err, counts } = await run(corpusFolder ?? '');
    console.log(out.slice(out.lastIndexOf('\ndialect ')).split('\n').slice(0, -2).join('\n'));
    expect(err).toBe('');
    expect(counts?.inference).toBeGreaterThan(4000);
    expect(counts).toMatchObject({ falseInference: 0, failures: 0 });
    for (const dialect of FINISHED) {
      const { inference = 0, recognised, parsed, withUsage, usageExact } = counts?.byDialect[dialect] ?? {};
      expect(inference, dialect).toBeGreaterThan(100);
      expect(recognised, dialect).toBeGreaterThanOrEqual(inference * 0.99);
      expect(parsed, dialect).toBeGreaterThanOrEqual(inference * 0.99);
      expect(usageExact, dialect).toBe(withUsage);
    }
  });
});
