/** Whatever way the page reads an answer: the record holds the server's bytes, each once, in order, and the end is right. */
import { describe, expect, test } from 'vitest';
import { pieces } from './model-server.ts';
import { run, setup } from './setup.ts';
import { bytesOf, ended, told } from './watched-page.ts';

const all = setup();
const PARTS = ['data: {"choices":[{"delta":{"content":"Grüße"}}]}\n\n', 'data: {"choices":[{"delta":{"content":" 👋 \\u00e9"}}]}\n\n', 'data: [DONE]\n\n'];
const WHOLE = PARTS.join('');
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

/** Each reads `r` and returns the text it got. */
const WAYS: Record<string, string> = {
  'text': `return r.text()`,
  'arrayBuffer': `return decode(await r.arrayBuffer())`,
  'bytes': `return decode(await r.bytes())`,
  'blob': `return (await r.blob()).text()`,
  'reader': `return readAll(r.body.getReader())`,
  'BYOB reader': `const reader = r.body.getReader({ mode: 'byob' }); let parts = [], buffer = new ArrayBuffer(7);
    for (;;) { const { done, value } = await reader.read(new Uint8Array(buffer, 1, 5)); if (done) break; parts.push(...value); buffer = value.buffer; }
    return decode(new Uint8Array(parts))`,
  'BYOB reader with wide views': `const reader = r.body.getReader({ mode: 'byob' }); let parts = []; const put = ({ value }) => parts.push(...new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    put(await reader.read(new Uint16Array(4))); put(await reader.read(new DataView(new ArrayBuffer(9), 2))); reader.releaseLock(); for await (const chunk of r.body) parts.push(...chunk); return decode(new Uint8Array(parts))`,
  'for await': `let parts = []; for await (const chunk of r.body) parts.push(...chunk); return decode(new Uint8Array(parts))`,
  'values()': `let parts = []; const it = r.body.values(); for (;;) { const { done, value } = await it.next(); if (done) break; parts.push(...value); } return decode(new Uint8Array(parts))`,
  'textStream': `let text = ''; for await (const part of r.textStream()) text += part; return text`,
  'tee, both read': `const [a, b] = r.body.tee(); const [x, y] = await Promise.all([readAll(a.getReader()), readAll(b.getReader())]); if (x !== y) throw new Error('branches differ'); return x`,
  'tee, one after the other': `const [a, b] = r.body.tee(); const x = await readAll(a.getReader()); await b.cancel(); return x`,
  'clone, both read': `const c = r.clone(); const [x, y] = await Promise.all([r.text(), readAll(c.body.getReader())]); if (x !== y) throw new Error('branches differ'); return x`,
  'clone, the copy only': `return r.clone().text()`,
  'pipeTo': `let parts = []; await r.body.pipeTo(new WritableStream({ write(chunk) { parts.push(...chunk) } })); return decode(new Uint8Array(parts))`,
  'pipeThrough': `let text = ''; for await (const part of r.body.pipeThrough(new TextDecoderStream())) text += part; return text`,
  'pipeThrough, slow sink': `let text = ''; await r.body.pipeThrough(new TextDecoderStream()).pipeTo(new WritableStream({ async write(part) { await pause(5); text += part; } })); return text`,
  'two readers': `const first = r.body.getReader(); const { value } = await first.read(); first.releaseLock(); return decode(value) + await readAll(r.body.getReader())`,
  'part by reader, rest by pipe': `const first = r.body.getReader(); const { value } = await first.read(); first.releaseLock(); let parts = [...value];
    await r.body.pipeTo(new WritableStream({ write(chunk) { parts.push(...chunk) } })); return decode(new Uint8Array(parts))`,
  'new Response around its body, by its stream': `return readAll(new Response(r.body).body.getReader())`,
};
const READ = `const decode = (bytes) => new TextDecoder().decode(bytes);
const readAll = async (reader) => { let parts = []; for (;;) { const { done, value } = await reader.read(); if (done) return decode(new Uint8Array(parts)); parts.push(...value); } };`;

describe('records equal the server bytes', () => {
  test.each(Object.entries(WAYS))('%s', async (name, way) => {
    const id = encodeURIComponent(name);
    all.server.on(name, pieces(PARTS));
    const page = await all.watched();
    expect(await run(page, `${READ} const r = await call('${id}'); ${way}`)).toBe(WHOLE);
    const records = await told(page, ended());
    expect(bytesOf(records)).toBe(latin1(WHOLE));
    expect(records.at(-1)).toMatchObject({ kind: 'end', how: 'complete', bytes: latin1(WHOLE).length });
    expect(bytesOf(records, 1, 'request')).toBe(all.server.noted(name)[0]?.body.toString('latin1'));
    await page.browserContext().close();
  });

  test('json is told again from the value, and says so', async () => {
    all.server.on('json', pieces(['{ "id": "x",\n "n": [1, 2.5, null, true],', ' "s": "é\\n" }'], 5, 'application/json'));
    const page = await all.watched();
    expect(await run(page, `return (await call('json')).json()`)).toEqual({ id: 'x', n: [1, 2.5, null, true], s: 'é\n' });
    const records = await told(page, ended());
    expect(Buffer.from(bytesOf(records), 'latin1').toString()).toBe('{"id":"x","n":[1,2.5,null,true],"s":"é\\n"}');
    expect(records.find(({ kind, side }) => kind === 'chunk' && side === 'response')?.reserialised).toBe(true);
    expect(records.at(-1)).toMatchObject({ how: 'complete', bytes: 43 });
    await page.browserContext().close();
  });

  test('textStream: the old body is at its end before the page has the last piece of text', async () => {
    all.server.on('half', pieces([Buffer.from([0x61, 0x62, 0xe2])], 15, 'text/plain')); // half a character is text only when nothing follows
    const page = await all.watched();
    expect(await run(page, `const r = await call('half'), reader = r.textStream().getReader(), text = [(await reader.read()).value];
      for (let i = 0; i < 100 && r.body.locked; i++) await pause(5);
      await r.body.getReader().closed; await pause(5);
      for (;;) { const { done, value } = await reader.read(); if (done) return text; text.push(value); }`)).toEqual(['ab', '\ufffd']);
    const records = await told(page, ended());
    expect(bytesOf(records)).toBe(latin1('ab\ufffd'));
    expect(records.at(-1)).toMatchObject({ kind: 'end', how: 'complete', bytes: 5 });
    await page.browserContext().close();
  });

  test('formData: that it was read is told', async () => {
    all.server.on('form', pieces(['a=1&b=%26%20x'], 5, 'application/x-www-form-urlencoded'));
    const page = await all.watched();
    expect(await run(page, `return [...await (await call('form')).formData()]`)).toEqual([['a', '1'], ['b', '& x']]);
    expect((await told(page, ended())).at(-1)).toMatchObject({ kind: 'end', how: 'unobserved', bytes: 0 });
    await page.browserContext().close();
  });

  test('a large answer comes in records of bounded size, past the limit as sizes only', async () => {
    const block = Buffer.alloc(1 << 20, 'x');
    all.server.on('large', async (response) => {
      response.writeHead(200);
      for (let i = 0; i < 34; i++) if (!response.write(block)) await new Promise((resolve) => { response.once('drain', resolve); });
      response.end();
    });
    const page = await all.watched();
    await run(page, `for await (const chunk of (await call('large')).body);`);
    const records = (await told(page, ended())).filter(({ kind, side }) => kind === 'chunk' && side === 'response');
    const stored = records.filter(({ bytes }) => bytes !== undefined);
    expect(Math.max(...stored.map(({ bytes, times }) => (bytes?.length ?? 0) + 12 * times.length))).toBeLessThanOrEqual(256 * 1024);
    expect(records.reduce((sum, { size }) => sum + size, 0)).toBe(34 << 20);
    const kept = stored.reduce((sum, { size }) => sum + size, 0);
    expect(kept).toBeLessThanOrEqual(32 << 20);
    expect(kept).toBeGreaterThan(31 << 20);
    await page.browserContext().close();
  });

  test('reads are gathered: many chunks, few records, the time of each', async () => {
    const parts = Array.from({ length: 200 }, (_, i) => `data: {"i":${i}}\n\n`);
    all.server.on('many', pieces(parts, 1));
    const page = await all.watched();
    const reads = await run(page, `let reads = 0; for await (const chunk of (await call('many')).body) reads++; return reads`);
    const chunks = (await told(page, ended())).filter(({ kind, side }) => kind === 'chunk' && side === 'response');
    expect(chunks.reduce((sum, { times }) => sum + times.length, 0)).toBe(reads);
    expect(chunks.length).toBeLessThan((reads as number) / 3);
    const times = chunks.flatMap((chunk) => chunk.times);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    await page.browserContext().close();
  });
});
