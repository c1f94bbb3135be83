/** Bodies that are small but made to be hard to read: nested deep, slow to look through, of hundreds of thousands of parts. */
import { expect, test } from 'vitest';
import type { PageRecord } from '../../lib/model/record.ts';
import { createReadings } from '../../lib/panel/reading.ts';
import { asked, bytesOf, opened, pageOf, user } from '../record/page.ts';
import { everything, startRecording, type Recording } from '../record/recording.ts';
import { callOf, tell } from './large-calls.ts';
import { listenForMistakes } from './mistakes.ts';
import { expectExportSound, expectPanelSound, expectRowsSound, expectSearchSound } from './sound.ts';
import { deep } from './texts.ts';

/** One call after the other. */
async function record(calls: Array<(n: number) => PageRecord[]>): Promise<Recording> {
  const recording = startRecording();
  await tell(recording, pageOf(66, 2), [opened(), ...calls.flatMap((make, i) => make(i + 1))]);
  expect((await everything(recording.database)).exchanges.map(({ end }) => end?.how)).toEqual(calls.map(() => 'complete'));
  return recording;
}

const PATHS = ['/v1/chat/completions', '/v1/messages', '/v1/responses', '/v1beta/models/m:generateContent', '/api/chat', '/v1/embeddings', '/collections/c/points/search', '/api/v1/collections/c/query', '/anything'];

test('JSON a hundred thousand levels deep, wherever a dialect has a value', async () => {
  const mistakes = listenForMistakes();
  const pit = deep();
  // Past 100,000 lists a request is not parsed.
  const [inRequest, content] = [deep(18_000), pit].map((json) => `[{"type":"text","text":"hello"},{"type":"odd","value":${json}},{"functionCall":{"name":"f","args":${json}}},{"type":"tool_use","id":"t","name":"f","input":${json}}]`);
  const request = `{"model":"m","messages":[{"role":"user","content":${inRequest}}],"contents":[{"role":"user","parts":[]}],"input":"hello","tools":[{"type":"function","function":{"name":"f","parameters":${deep(18_000)}}}],"metadata":${deep(18_000)},"vector":[1]}`;
  const answers = [
    `{"id":"r","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi","tool_calls":[{"id":"c","function":{"name":"f","arguments":${JSON.stringify(pit)}}}]}}],"usage":${pit}}`,
    `{"id":"r","type":"message","role":"assistant","content":${content},"usage":{"input_tokens":${pit}}}`,
    `{"output":[{"type":"message","content":${content}}],"usage":{"x":${pit}}}`,
    `{"candidates":[{"content":{"role":"model","parts":${content}}}]}`,
    `{"message":{"content":"hi","tool_calls":[{"function":{"name":"f","arguments":${pit}}}]},"done":true}`,
    `{"object":"list","data":[{"embedding":${pit}}]}`,
    `{"result":[{"id":1,"score":1,"payload":${pit}}]}`,
    `{"ids":[["i"]],"documents":[["d"]],"metadatas":[[${pit}]]}`,
    `data: {"choices":[{"delta":{"content":"hi","x":${pit}}}]}\n\ndata: {"error":{"message":${pit}}}\n\n`,
  ];
  const recording = await record(PATHS.flatMap((path, i) => [
    (n) => callOf(n, request, answers[i] ?? '', { url: `http://localhost${path}` }),
    (n) => callOf(n, pit, `{"error":${pit}}`, { url: `http://localhost${path}` }, 400),
  ]));
  await expectRowsSound(recording);
  await expectPanelSound(recording, []);
  await expectExportSound(recording);
  await expectSearchSound(recording, ['hello']);
  // What stands beside the pits is read.
  const { input = [], output = [] } = (await createReadings(recording.reader).read('document-66/1'))?.call ?? {};
  expect([...input, ...output].flatMap(({ parts }) => parts).map((part) => [part.type, 'text' in part ? part.text : ''])).toEqual([['text', 'hello'], ['other', ''], ['other', ''], ['other', ''], ['text', 'hi'], ['tool_call', '']]);
  expect(mistakes).toEqual([]);
});

const SLOW = ['<', '\\', '"', ' ', '\n', '\r', '}\n ', '{', '[', ',', ':', '\\"', 'data:\n', 'data: {\n', 'a.', '-', '\t}', '\uFDFA', 'data: <', '{"a":', '"\\\\', '{"":"', 'e\u0301\u0301', '!', '\u3002'];

test('bodies made to be slow to look through', async () => {
  const mistakes = listenForMistakes();
  const recording = await record(SLOW.flatMap((part) => {
    const body = part.repeat(Math.ceil(250_000 / bytesOf(part).length));
    return [
      (n: number) => callOf(n, body, body, {}, 500),
      (n: number) => callOf(n, asked(user(body.slice(0, 60_000))), `data: {"choices":[{"index":0,"delta":{"content":${JSON.stringify(body.slice(0, 60_000))}}}]}\n\ndata: ${body}`),
    ];
  }));
  await expectExportSound(recording);
  expect(mistakes).toEqual([]);
});

const many = (part: string, count: number): string => `${`${part},`.repeat(count - 1)}${part}`;

/** More than a call of a function takes as arguments. */
const MANY = 130_000;

test('a hundred thousand and more of whatever an answer lists', async () => {
  const mistakes = listenForMistakes();
  const recording = await record([
    (n) => callOf(n, '{"vector":[0.1,0.2,0.3],"limit":3}', `{"result":[${many('{"id":1,"score":1,"payload":{}}', MANY)}],"status":"ok"}`, { url: 'http://localhost/collections/c/points/search' }),
    (n) => callOf(n, '{"query_embeddings":[[0.1]],"n_results":1}', `{"ids":[[${many('"i"', MANY)}]],"documents":[[${many('"d"', MANY)}]]}`, { url: 'http://localhost/api/v1/collections/c/query' }),
    (n) => callOf(n, '{"model":"m","input":"x"}', `{"object":"list","data":[${many('{"object":"embedding","index":0,"embedding":[]}', MANY)}],"model":"m"}`, { url: 'http://localhost/v1/embeddings' }),
    (n) => callOf(n, asked(user('x')), `{"id":"c","choices":[${many('{"index":0,"message":{"tool_calls":[{}]}}', MANY)}],"citations":[${many('1', MANY)}]}`),
    (n) => callOf(n, `{"model":"m","input":[${many('"x"', MANY)}]}`, '{}', { url: 'http://localhost/v1/embeddings' }),
  ]);
  await expectPanelSound(recording, []);
  expect(mistakes).toEqual([]);
});
