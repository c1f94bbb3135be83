/** `npm start` where there is no display: runs the whole demo, and prints and saves what the panel knows. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { JournalEntry } from '../lab/model-server.ts';
import { expectedCalls } from './expected-calls.ts';

interface Attribute { key: string; value: { stringValue?: string; intValue?: string } }
interface Exported { resourceSpans: { scopeSpans: { spans: { spanId: string; parentSpanId?: string; startTimeUnixNano: string; attributes: Attribute[] }[] }[] }[] }

const ROOT = join(import.meta.dirname, '../..');
const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, 'test/output/start', name), 'utf8'));

function start(environment: NodeJS.ProcessEnv = {}): Promise<{ code: number | null; output: string; errors: string }> {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _wayland, ...inherited } = process.env;
  const child = spawn(process.execPath, ['test/lab/start.ts'], { cwd: ROOT, env: { ...inherited, ...environment } });
  let output = '';
  let errors = '';
  child.stdout.on('data', (text: Buffer) => { output += text.toString(); });
  child.stderr.on('data', (text: Buffer) => { errors += text.toString(); });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output, errors })));
}

describe.runIf(process.platform === 'linux')('npm start without a display', () => {
  let run: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    run = await start();
  });

  test('exits 0 and closes with the paths of picture, traces and journal', () => {
    expect([run.code, run.errors]).toEqual([0, '']);
    const paths = run.output.trim().split('\n').slice(-3);
    expect(paths.map((path) => path.slice(join(ROOT, 'test/output/start/').length))).toEqual(['panel.png', 'traces.json', 'journal.json']);
    expect(readFileSync(paths[0] ?? '').subarray(1, 4).toString()).toBe('PNG');
  });

  test('exports a span for every model call of the journal, with its model, tokens, words and end', () => {
    const calls = expectedCalls(read('journal.json') as JournalEntry[]);
    const spans = (read('traces.json') as Exported).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
      .toSorted((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)))
      .map(({ attributes }) => new Map(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? ''])))
      .filter((attributes) => attributes.get('openinference.span.kind') === 'LLM');
    expect(calls.length).toBeGreaterThan(15);
    expect(spans.map((span) => ({
      status: Number(span.get('http.response.status_code')), model: span.get('llm.model_name'), finish: span.get('llm.finish_reason') ?? '',
      tokens: Number(span.get('llm.token_count.total') ?? 0), whole: span.get('spanlight.end.cause') !== 'aborted',
    }))).toEqual(calls.map((call) => ({
      status: call.status, model: call.model, finish: call.finish, tokens: call.input + call.output, whole: call.ended === 'complete',
    })));
  });

  test('prints the tree of the agent: three model calls and three tool calls under it', () => {
    const [, tree = ''] = /No flights before ten\.\n((?: {2}.*\n)+)/.exec(run.output) ?? [];
    expect(tree.split('\n').map((line) => line.trim().split(/\s+/)[0])).toEqual(['AGENT', 'LLM', 'TOOL', 'TOOL', 'LLM', 'TOOL', 'LLM', '']);
    expect(tree).toMatch(/LLM +gpt-5-mini +376 tok/);
  });
});

test('without a browser npm start says what to install, and no more', async () => {
  const { code, errors } = await start({ CHROME_PATH: '/nowhere/chromium' });
  expect(code).toBe(1);
  expect(errors.trim().split('\n')).toEqual([expect.stringContaining('Install one')]);
});
