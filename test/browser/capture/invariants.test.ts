/**
 * What a page can see of a recorded call, value by value against the same page without us (invariant-checks.ts). A check
 * that the platform itself answers in several ways (whether a body had arrived yet) passes when one of our answers is among
 * the platform's.
 */
import { describe, expect, test } from 'vitest';
import type { Page } from 'puppeteer-core';
import { INVARIANT_SCOPE, invariantChecks } from './invariant-checks.ts';
import type { Answer } from './model-server.ts';
import { setup } from './setup.ts';

const all = setup();
const wait = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

const WASM = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const MULTIPART = '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--b\r\ncontent-disposition: form-data; name="f"; filename="x.txt"\r\ncontent-type: text/plain\r\n\r\nfile\r\n--b--\r\n';
/** Long enough for every check, short enough that six of them do not use up the page's sockets. */
const HANG_MS = 600;

const whole = (body: string | Buffer, type = 'application/json', status = 200): Answer => (response) => { response.writeHead(status, { 'content-type': type }).end(body); };
const parts = (end: 'end' | 'hang' | 'cut'): Answer => async (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let i = 0; i < 3; i++) {
    response.write(`data: ${i}\n\n`);
    await wait(8);
  }
  if (end === 'hang') await wait(HANG_MS);
  if (end === 'cut') response.destroy();
  else response.end();
};
const KINDS: Record<string, Answer> = {
  json: whole('{"a":[1,"ü"]}'), empty: whole(''), malformed: whole('{"a":'), bom: whole('\ufeff{"a":1}'), invalid: whole(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
  multipart: whole(MULTIPART, 'multipart/form-data; boundary=b'), error500: whole('{"error":1}', 'application/json', 500), wasm: whole(WASM, 'application/wasm'),
  none: (response) => { response.writeHead(204).end(); }, redirect: (response) => { response.writeHead(307, { location: '/v1/chat/completions?case=invariants&kind=json' }).end(); },
  sse: parts('end'), slow: parts('hang'), cut: parts('cut'), never: (response) => { setTimeout(() => { response.destroy(); }, HANG_MS); }, refuse: (response) => { response.destroy(); },
};

async function answersOf(page: Page, code: string, times: number): Promise<string[]> {
  const answers = new Set<string>();
  for (let i = 0; i < times; i++) answers.add(await page.evaluate(`(async () => { ${INVARIANT_SCOPE}\nreturn JSON.stringify(tell(await Promise.race([(async () => { ${code} })(), pause(4000).then(() => 'hangs')]))); })()`) as string);
  return [...answers];
}

describe('a recorded call is, for the page, the same call', () => {
  test('value by value', async () => {
    all.server.on('invariants', (response, request, noted) => KINDS[new URL(noted.url, 'http://x').searchParams.get('kind') ?? '']?.(response, request, noted));
    const [bare, watched] = [await all.bare(), await all.watched()];
    const differing: Record<string, { bare: unknown; watched: unknown }> = {};
    for (const [name, code] of Object.entries(invariantChecks)) {
      const theirs = await answersOf(bare, code, 2).catch((error: unknown) => { throw new Error(`${name} fails without us`, { cause: error }); });
      const ours = await answersOf(watched, code, 1);
      if (ours.some((answer) => theirs.includes(answer))) continue;
      const more = [...theirs, ...await answersOf(bare, code, 4)];
      if ([...ours, ...await answersOf(watched, code, 3)].some((answer) => more.includes(answer))) continue;
      differing[name] = { bare: JSON.parse(more[0] as string), watched: JSON.parse(ours[0] as string) };
    }
    expect(differing).toEqual({});
    expect(Object.keys(invariantChecks).length).toBeGreaterThan(150);
  });
});
