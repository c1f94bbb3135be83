import { describe, expect, test } from 'vitest';
import { bodyLog, type BodyLog } from '../../lib/capture/body-log.ts';
import { redactionWith, type BodyMask } from '../../lib/capture/redaction.ts';
import { secretsOfDocument } from '../../lib/capture/secrets.ts';
import { isSecretName } from '../../lib/capture/secret-names.ts';
import { limits } from '../../lib/model/limits.ts';
import type { ChunkRecord } from '../../lib/model/record.ts';

const secret = 'sk-live-0123456789';
const star = (text: string): string => '*'.repeat(text.length);

const frame = (content: string): string => `data: {"id":"c","choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}}}]}\n\n`;
/** The text that the frames of a stream bring. */
const joined = (stream: string): string => [...stream.matchAll(/"content":(".*?")\}/g)].map(([, content]) => JSON.parse(content ?? '""') as string).join('');

type Chunk = Pick<ChunkRecord, 'offset' | 'size' | 'bytes' | 'times' | 'ends'>;
const logInto = (records: Chunk[], mask: BodyMask): BodyLog =>
  bodyLog(() => mask, (offset, size, bytes, times, ends) => { records.push({ offset, size, bytes, times, ends }); });

/** What leaves of a body that arrives in pieces of `size` bytes, told after each piece. */
function leaves(body: string, size: number, known: string[] = [secret]): { text: string; records: Chunk[] } {
  const secrets = secretsOfDocument();
  for (const value of known) secrets.learn(value);
  const records: Chunk[] = [];
  const log = logInto(records, redactionWith(secrets).ofBody(true));
  const bytes = new TextEncoder().encode(body);
  for (let from = 0; from < bytes.length; from += size) {
    log.add(bytes.slice(from, from + size), Math.min(size, bytes.length - from), from, false);
    log.take(false);
  }
  log.take(true);
  return { text: records.map((record) => new TextDecoder('latin1').decode(record.bytes)).join(''), records };
}

describe('a secret that a model says in pieces, a frame each', () => {
  test.each([1, 2, 3, 4, 7, 9, 13])('of %i letters', (letters) => {
    const text = `Here "it" is: ${secret}, and ${secret}! Not sk-live-else.`;
    const body = (text.match(new RegExp(`.{1,${letters}}`, 'g')) ?? []).map(frame).join('');
    for (const size of [1, 5, 19, 64, 200, 10_000]) {
      const said = joined(leaves(body, size).text);
      expect(said).toHaveLength(text.length);
      expect(said).not.toContain(secret.slice(0, 10));
      expect(said).not.toContain(secret.slice(-8));
      expect(said).toMatch(/^Here "it" is: [\s\S]+, and [\s\S]+! Not sk-live-else\.$/);
    }
  });

  test('other texts go out as they are', () => {
    const body = ['sk-', 'live', '-', 'and so on. ', 'The key is "', secret.slice(0, 8), '" at first'].map(frame).join('');
    for (const size of [1, 13, 10_000]) expect(leaves(body, size).text).toBe(body);
  });
});

describe('bodies, however they are cut', () => {
  const sizes = [1, 2, 3, 5, 7, 11, 17, 18, 19, 64, 10_000];

  test.each(sizes)('a known secret, in pieces of %i bytes', (size) => {
    const body = `a ${secret} b ${secret}${secret} sk-live-012 sk-live-0123456788 ${secret.slice(0, 5)}${secret} end`;
    expect(leaves(body, size).text).toBe(body.replaceAll(secret, star(secret)));
  });

  test.each(sizes)('the value of a secret JSON key, in pieces of %i bytes', (size) => {
    const value = 'quoted \\" and \\\\';
    const body = `data: {"id":"x","api_key" : "${value}","API-Key":"abc","max_tokens":"12345678","token":"Hello","n":[{"password":"p\\u0041ss"}],"client_secret":{"value":"ek","expires_at":5},"after":"value"}\n\n`;
    const wanted = body.replace(value, star(value)).replace('"abc"', '"***"').replace('p\\u0041ss', star('p\\u0041ss')).replace('"ek"', '"**"');
    expect(leaves(body, size, []).text).toBe(wanted);
  });

  test.each(sizes)('long strings, escapes at their ends, broken lines, in pieces of %i bytes', (size) => {
    const long = 'x'.repeat(200);
    const key = 'k'.repeat(200);
    const body = `{"a":"${long}\\\\","api_key":"${key}","b":"${long}\\"","password":"12"}\n: he said "hello\n{"authorization":"${key}"}`;
    const wanted = `{"a":"${long}\\\\","api_key":"${star(key)}","b":"${long}\\"","password":"**"}\n: he said "hello\n{"authorization":"${star(key)}"}`;
    expect(leaves(body, size, []).text).toBe(wanted);
  });

  test('a value found in a JSON key is masked from then on', () => {
    expect(leaves(`{"access_token":"${secret}"} ${secret}`, 4, []).text).toBe(`{"access_token":"${star(secret)}"} ${star(secret)}`);
  });

  test('words of the dialects stay', () => {
    const body = '{"messages":[{"role":"user","content":"my password is x"}],"key":"value","token":"a","max_completion_tokens":1,"prompt_cache_key":"abcdefgh"}';
    expect(leaves(body, 9, []).text).toBe(body);
  });

  test('what is held back keeps the time of its read, and every byte is told once', () => {
    const { records } = leaves(`ab${secret}cd`, 3);
    let offset = 0;
    for (const record of records) {
      expect(record.offset).toBe(offset);
      expect(record.ends.at(-1)).toBe(record.size);
      expect(record.times).toHaveLength(record.ends.length);
      offset += record.size;
    }
    const times = records.flatMap((record) => [...record.times]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const ends = records.flatMap((record) => [...record.ends].map((end, i) => [record.times[i], record.offset + end]));
    for (const [time, end] of ends) expect(end).toBeLessThanOrEqual((time as number) + 3);
  });

  test('the beginning of a secret at the very end goes when it says much', () => {
    expect(leaves(`x ${secret.slice(0, 12)}`, 4).text).toBe(`x ${'*'.repeat(12)}`);
    expect(leaves(`x ${secret.slice(0, 3)}`, 4).text).toBe('x sk-');
  });

  test('a large body comes in records of bounded size, past the limit as sizes', () => {
    const records: Chunk[] = [];
    const log = logInto(records, redactionWith(secretsOfDocument()).ofBody(true));
    const bytes = new Uint8Array(9 << 20);
    for (let i = 0; i < 4; i++) log.add(bytes, bytes.length, i, false);
    log.take(true);
    expect(records.reduce((sum, record) => sum + record.size, 0)).toBe(4 * bytes.length);
    for (const { bytes, times } of records) expect((bytes?.byteLength ?? 0) + 12 * times.length).toBeLessThanOrEqual(limits.recordBytes);
    expect(records.filter((record) => !record.bytes).map((record) => record.size)).toEqual([bytes.length]);
  });
});

describe('URLs, headers, texts', () => {
  test.each([
    ['https://u:p@host.example/a?x=1#frag', 'https://host.example/a?x=1'],
    ['https://host.example/a?api_key=12&b=2&X-Amz-Signature=3&sig=4&flag', 'https://host.example/a?api_key=***&b=2&X-Amz-Signature=***&sig=***&flag'],
    ['https://host.example/a?access%5Ftoken=1&=2&a=', 'https://host.example/a?access%5Ftoken=***&=2&a='],
    ['https://host.example/?q=a@b', 'https://host.example/?q=a@b'],
    ['about:blank', 'about:blank'],
    ['https://host.example/u@x/?a=u:p@y', 'https://host.example/u@x/?a=u:p@y'],
    ['https://only-a-token@host.example', 'https://host.example'],
    ['', ''],
  ])('%s', (url, shown) => {
    expect(redactionWith(secretsOfDocument()).ofUrl(url)).toBe(shown);
  });

  test('headers: the scheme stays, the value goes, and goes from everywhere else', () => {
    const redaction = redactionWith(secretsOfDocument());
    const headers = redaction.ofHeaders([['Authorization', `Bearer ${secret}`], ['Cookie', 'a=1; b=22222222'], ['Content-Type', 'application/json'], ['X-Note', `use ${secret} now`]]);
    expect(redaction.ofTexts(headers)).toEqual([['Authorization', 'Bearer ***'], ['Cookie', '***'], ['Content-Type', 'application/json'], ['X-Note', 'use *** now']].map((pair) => expect.objectContaining(pair)));
    expect(redaction.ofText(`https://h/${secret}/${encodeURIComponent(`Bearer ${secret}`)}`)).toBe('https://h/***/Bearer%20***');
    expect(redaction.removed()).toBe(5);
  });

  test('short values go from their own place only', () => {
    const redaction = redactionWith(secretsOfDocument());
    redaction.ofHeaders([['x-api-key', 'ollama']]);
    expect(redaction.ofText('ollama is a model server')).toBe('ollama is a model server');
  });

  test('headers are few and short', () => {
    const redaction = redactionWith(secretsOfDocument());
    const headers = redaction.ofTexts(redaction.ofHeaders(Array.from({ length: 500 }, (_, i) => [`x-${i}`, 'v'.repeat(20_000)] as const)));
    const size = Array.from({ length: headers.length }, (_, i) => headers[i]?.[1].length ?? 0);
    expect(Math.max(...size)).toBeLessThanOrEqual(limits.textLength);
    expect(2 * size.reduce((sum, length) => sum + length, 0)).toBeLessThan(limits.recordBytes);
  });

  test('a secret is found where a long header is cut through it', () => {
    const redaction = redactionWith(secretsOfDocument());
    const headers = redaction.ofTexts(redaction.ofHeaders([['x-plain', `${'v'.repeat(limits.textLength - 10)}${secret}`], ['x-api-key', secret]]));
    expect(headers[0]?.[1]).not.toContain(secret.slice(0, 10));
  });

  test('a secret too long to be looked for whole is removed piece by piece', () => {
    const redaction = redactionWith(secretsOfDocument());
    const token = Array.from({ length: 5_000 }, (_, i) => String(i)).join('.');
    redaction.ofHeaders([['x-token', token]]);
    expect(redaction.ofText(`It is ${token}.`)).toMatch(/^It is \*+\.$/);
  });

  test('a secret in use is not forgotten for many that were used once', () => {
    const secrets = secretsOfDocument();
    for (let i = 0; i < 1_000; i++) redactionWith(secrets).ofHeaders([['x-api-key', secret], ['x-request-token', `once-only-${i}`]]);
    expect(secrets.removeFrom(`It is ${secret}.`, () => {})).toBe('It is ***.');
  });

  test.each(['Authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'api-key', 'X-Goog-Api-Key', 'x-amz-security-token', 'X-Amz-Signature', 'x-client-secret', 'my-credential', 'db_password', 'sig'])('%s is secret', (name) => {
    expect(isSecretName(name)).toBe(true);
  });
  test.each(['content-type', 'accept', 'anthropic-version', 'x-request-id', 'openai-organization', 'design'])('%s is not', (name) => {
    expect(isSecretName(name)).toBe(false);
  });
});
