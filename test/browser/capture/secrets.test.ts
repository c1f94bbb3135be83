/** A distinct canary in each place a secret can be: none leaves the page, byte counts stay true. */
import { expect, test } from 'vitest';
import { pieces } from './model-server.ts';
import { run, setup } from './setup.ts';
import { bytesOf, ended, told } from './watched-page.ts';

const all = setup();

const canaries = ['authorization', 'apikeyheader', 'tokenheader', 'querykey', 'querysig', 'fragment', 'bodykey', 'bodypassword', 'clientsecret', 'setresponse', 'inanswer', 'encoded/+=', 'objectsecret']
  .map((place) => `canary-${place}-0123456789`);
const [authorization, apiKey, token, queryKey, querySignature, fragment, bodyKey, bodyPassword, clientSecret, responseHeader, inAnswer, encoded, objectSecret] = canaries as [string, string, string, string, string, string, string, string, string, string, string, string, string];

test('no secret leaves the page, wherever it was or is repeated', async () => {
  // The answer repeats every one of them, cut at every place that hurts.
  const answer = [`data: {"client_secret":"${clientSecret}","api-key": "${inAnswer}"}\n\n`, `data: ${canaries.filter((canary) => canary !== objectSecret).join(' ')} ${encodeURIComponent(encoded)}\n\n`];
  const bytes = Buffer.from(answer.join(''));
  const cuts = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.subarray(i * 7, i * 7 + 7));
  all.server.on('secrets', (response, request, noted) => {
    response.setHeader('x-session-token', responseHeader);
    response.setHeader('x-echo', `${authorization} ${responseHeader}`);
    return pieces(cuts, 12)(response, request, noted);
  });
  const page = await all.watched();
  const url = `/v1/chat/completions?case=secrets&api_key=${queryKey}&sig=${querySignature}&x-token=${encodeURIComponent(encoded)}&plain=${queryKey}#access_token=${fragment}`;
  const body = { model: 'm', messages: [{ role: 'user', content: canaries.slice(0, 6).join(' ') }], apiKey: bodyKey, nested: { password: bodyPassword }, max_tokens: 12345678, client_secret: { value: objectSecret, expires_at: 1 }, last: objectSecret };
  const headers = { Authorization: `Bearer ${authorization}`, 'X-Api-Key': apiKey, 'x-my-token': token, 'x-plain': `${apiKey} ${authorization}` };
  const read = await run(page, `history.replaceState(null, '', '/#x=${fragment}'); const r = await fetch(${JSON.stringify(url)}, { method: 'POST', headers: ${JSON.stringify(headers)}, body: ${JSON.stringify(JSON.stringify(body))} });
    let text = ''; for await (const part of r.body.pipeThrough(new TextDecoderStream())) text += part; return text`);
  expect(read).toBe(answer.join('')); // the page itself reads what was sent
  const records = await told(page, ended());
  const everything = JSON.stringify(records) + bytesOf(records) + bytesOf(records, 1, 'request');
  expect(canaries.filter((canary) => everything.includes(canary) || everything.includes(encodeURIComponent(canary)))).toEqual([]);

  const start = records.find(({ kind }) => kind === 'start');
  expect(start?.url).toBe(`${all.server.origin}/v1/chat/completions?case=secrets&api_key=***&sig=***&x-token=***&plain=***`);
  expect(Object.fromEntries(start?.headers ?? [])).toEqual({ Authorization: 'Bearer ***', 'X-Api-Key': '***', 'x-my-token': '***', 'x-plain': '*** ***' });
  expect(start?.removed).toBeGreaterThan(12);
  const sent = bytesOf(records, 1, 'request');
  expect(sent).toHaveLength(JSON.stringify(body).length);
  expect(JSON.parse(sent)).toMatchObject({ max_tokens: 12345678, nested: { password: '*'.repeat(bodyPassword.length) }, client_secret: { value: '*'.repeat(objectSecret.length), expires_at: 1 } });
  expect(bytesOf(records)).toHaveLength(bytes.length);
  expect(records.at(-1)).toMatchObject({ how: 'complete', bytes: bytes.length });
  const head = records.find(({ kind }) => kind === 'head');
  expect(Object.fromEntries(head?.headers ?? [])).toMatchObject({ 'x-session-token': '***', 'x-echo': '*** ***' });
  await page.browserContext().close();
});

test('a URL with a user and the page\'s own secrets', async () => {
  all.server.on('own', pieces(['ok'], 1));
  const page = await all.watched();
  await page.goto(`${all.server.origin}/?auth=canary-page-query#access_token=canary-page-fragment`);
  await run(page, `try { await fetch(location.origin.replace('//', '//user:canary-password@') + '/v1/chat/completions', { method: 'POST', body: '{"messages":["canary-page-query"]}' }) } catch {}`);
  const records = await told(page, ended());
  expect(JSON.stringify(records)).not.toMatch(/canary/);
  expect(records[0]).toMatchObject({ kind: 'document', url: `${all.server.origin}/?auth=***` });
  expect(records.find(({ kind }) => kind === 'start')?.url).toBe(`${all.server.origin}/v1/chat/completions`);
  await page.browserContext().close();
});

test.each([
  ['a user and a password', `location.origin.replace('//', '//bob:hunter2@') + '/v1/chat/completions'`, 'Request cannot be constructed from a URL that includes credentials: ***'],
  ['a user and a password, without scheme', `'//bob:hunter2@' + location.host + '/v1/chat/completions?key=k3y'`, 'Request cannot be constructed from a URL that includes credentials: ***'],
  ['no host', `'https://:bad/v1/chat/completions?key=sk-live-hunter2'`, 'Failed to parse URL from ***'],
  ['no host, a short key', `'https://:bad/v1/chat/completions?a=1&key=k3y'`, 'Failed to parse URL from ***'],
  ['no host, a user', `'https://bob:hunter2@:bad/v1/chat/completions'`, 'Failed to parse URL from ***'],
  ['no host, slashes of another kind', String.raw`'https:\\bob:hunter2@:bad/v1/chat/completions'`, 'Failed to parse URL from ***'],
  ['white space', `'https://bob hunter2 @:bad/v1/chat/completions#access_token=k3y'`, 'Failed to parse URL from ***'],
])('a URL that fetch refuses for %s is in no record', async (_name, url, wording) => {
  const page = await all.watched();
  const body = JSON.stringify({ messages: url.includes('sk-live') ? ['sk-live-hunter2'] : [] });
  const [name, message] = await run(page, `try { await fetch(${url}, { method: 'POST', body: ${JSON.stringify(body)} }) } catch (error) { return [error.name, error.message] }`) as [string, string];
  expect(message).toMatch(/bob|k3y|hunter2/); // the page itself is told all
  const records = await told(page, ended());
  expect(JSON.stringify(records) + bytesOf(records, 1, 'request')).not.toMatch(/bob|k3y|hunter2/);
  expect(bytesOf(records, 1, 'request')).toHaveLength(body.length);
  expect(records.at(-1)).toMatchObject({ how: 'error', error: { name, message: `Failed to execute 'fetch' on 'Window': ${wording}` } });
  await page.browserContext().close();
});

test('a URL that fetch refuses is not told of an aborted call either', async () => {
  const page = await all.watched();
  await run(page, `await fetch('https://:bad/v1/chat/completions?key=k3y', { method: 'POST', body: '{"messages":[]}', signal: AbortSignal.abort() }).catch(() => {})`);
  const records = await told(page, ended());
  expect(JSON.stringify(records)).not.toContain('k3y');
  expect(records.at(-1)?.error?.message).toContain('***');
  await page.browserContext().close();
});

test('an answer that breaks off inside a secret gives nothing of it away', async () => {
  const secret = 'sk-canary-0123456789abcdef';
  all.server.on('broken', async (response) => {
    response.writeHead(200);
    response.write(`key ${secret.slice(0, 20)}`);
    setTimeout(() => { response.destroy(); }, 80);
  });
  const page = await all.watched();
  await run(page, `try { for await (const c of (await call('broken', { headers: { authorization: 'Bearer ${secret}' } })).body); } catch {}`);
  const records = await told(page, ended());
  expect(bytesOf(records)).toBe(`key ${'*'.repeat(20)}`);
  await page.browserContext().close();
});
