/** Frames of every kind: a call in one is recorded once, and as what it is. */
import { expect, test } from 'vitest';
import { eventually, run, saying, setup } from './setup.ts';
import { readStored } from './stored.ts';

const all = setup();

test('one call in each kind of frame', async () => {
  const kinds = ['src', 'src set later', 'empty', 'srcdoc', 'blob', 'written', 'other site', 'opened'];
  for (const kind of kinds) all.server.on(kind, (response, request, noted) => {
    response.setHeader('access-control-allow-origin', '*');
    return saying([`in ${kind}`])(response, request, noted);
  });
  const script = (kind: string): string => `fetch('${all.server.origin}/v1/chat/completions?case=${encodeURIComponent(kind)}', { method: 'POST', body: '{"model":"m","messages":[{"role":"user","content":"${kind}"}]}' }).then((r) => r.text()).then((text) => { top.postMessage(text, '*'); opener?.postMessage(text, '*'); });`;
  const markup = (kind: string): string => `<body><script>${script(kind)}</script>`;
  const url = (kind: string): string => JSON.stringify(all.url(markup(kind)));
  const text = (kind: string): string => JSON.stringify(markup(kind)).replaceAll('</', '<\\/');
  const page = await all.open(`
    globalThis.heard = [];
    addEventListener('message', ({ data }) => { if (typeof data === 'string' && data.includes('chat.completion.chunk')) heard.push(data); });
    const frame = (set) => { const made = document.createElement('iframe'); set(made); return document.body.appendChild(made); };
    frame((made) => { made.src = ${url('src')}; });
    frame(() => {}).src = ${url('src set later')};
    frame(() => {}).contentWindow.eval(${JSON.stringify(script('empty'))});
    frame((made) => { made.srcdoc = ${text('srcdoc')}; });
    frame((made) => { made.src = URL.createObjectURL(new Blob([${text('blob')}], { type: 'text/html' })); });
    const written = frame(() => {}).contentDocument; written.open(); written.write(${text('written')}); written.close();
    frame((made) => { made.src = ${url('other site').replace(all.server.origin, all.otherOrigin)}; });
    open(${url('opened')});`);
  await page.waitForFunction(`heard.length >= ${kinds.length}`, { polling: 50, timeout: 60_000 }).catch(() => {});
  const origin = await all.launched.originPage();
  const calls = async (): Promise<string[]> => ((await readStored(origin, false)).rows['exchanges'] as Array<{ url: string; end?: object }>).filter(({ end }) => end).map(({ url }) => new URL(url).searchParams.get('case') ?? '').toSorted();
  await eventually('all are stored', async () => (await calls()).length >= kinds.length).catch(() => {});
  expect(await run(page, 'return heard.length')).toBe(kinds.length);
  expect(await calls()).toEqual(kinds.toSorted());
  await page.close();
});
