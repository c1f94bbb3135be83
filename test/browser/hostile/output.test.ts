/** What a model says is shown as text: nothing of it runs in the panel, nothing remote is loaded by it. */
import { expect, test } from 'vitest';
import { pieces } from '../capture/model-server.ts';
import { openPanel } from '../devtools-panel.ts';
import { everyView, exportFrom, openTrace, tracesSettled } from '../panel-dom.ts';
import { eventually, run, setup, sse } from './setup.ts';

const all = setup();

test('markup, scripts, remote images and links in every text of a call', async () => {
  const lure = `${all.otherOrigin}/?case=lure`;
  all.server.on('lure', (response) => { response.writeHead(200, { 'content-type': 'image/png' }).end(); });
  const tricks = [
    `<script>globalThis.ran = 1; fetch('${lure}')</script>`, `<img src=x onerror="globalThis.ran = 1" srcset="${lure}">`, `<svg onload="globalThis.ran = 1"><image href="${lure}"/></svg>`,
    `<iframe src="javascript:top.ran=1" srcdoc="<img src='${lure}'>"></iframe>`, `<link rel=stylesheet href="${lure}"><style>@import '${lure}'; body{background:url(${lure})}</style>`,
    `<meta http-equiv=refresh content="0;url=${lure}"><base href="${lure}">`, `![image](${lure}) [link](javascript:globalThis.ran=1)`, `</div></pre></textarea></script><script>globalThis.ran=1</script>`,
    `{{constructor.constructor('globalThis.ran=1')()}} \${globalThis.ran=1}`, `\u202e<script>\u202c\u0000\u001b]8;;${lure}\u0007`,
  ].join('\n');
  const named = (name: string): string => `${name} ${tricks}`;
  const media = [{ type: 'image_url', image_url: { url: lure } }, { type: 'image_url', image_url: { url: `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" onload="fetch('${lure}')"><image href="${lure}"/><script>globalThis.ran=1</script></svg>`)}` } }, { type: 'image_url', image_url: { url: `data:text/html,<script>globalThis.ran=1</script>` } }, { type: 'video_url', video_url: { url: lure } }, { type: 'input_audio', input_audio: { data: lure, format: tricks } }];
  const call = { id: tricks, type: 'function', function: { name: named('tool'), arguments: JSON.stringify({ [named('key')]: named('value') }) } };
  all.server.on('tricks', (response, request, noted) => {
    response.setHeader('x-request-id', lure);
    return pieces([sse({ id: named('id'), model: named('model'), choices: [{ index: 0, delta: { role: 'assistant', content: tricks, reasoning_content: tricks, tool_calls: [{ index: 0, ...call }] } }] }), sse({ choices: [{ index: 0, delta: { refusal: tricks }, finish_reason: named('finish') }] })], 5)(response, request, noted);
  });
  all.server.on('failed', (response) => { response.writeHead(400, { 'content-type': 'text/html' }).end(tricks); });
  all.server.on('refused', (response) => { response.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { type: named('error'), message: tricks } })); });

  const page = await all.open(`document.title = ${JSON.stringify(tricks).replaceAll('</', '<\\/')}`);
  const body = { model: named('asked'), [named('parameter')]: named('value'), stream: true, messages: [{ role: 'system', content: `You are ${tricks}` }, { role: named('role'), name: tricks, content: tricks }, { role: 'user', content: [{ type: 'text', text: `Show me\n${tricks}` }, ...media] }], tools: [{ type: 'function', function: { name: named('offered'), description: tricks } }] };
  const loop = { ...body, messages: [...body.messages, { role: 'assistant', content: tricks, tool_calls: [call] }, { role: 'tool', tool_call_id: tricks, content: tricks }] };
  await run(page, `for (const body of ${JSON.stringify([body, loop].map((value) => JSON.stringify(value)))}) await (await call('tricks', { body, headers: { 'x-title': '<img src=x onerror=ran=1>' } })).text();
    for (const name of ['failed', 'refused']) await (await call(name, { body: ${JSON.stringify(JSON.stringify({ ...body, messages: [{ role: 'user', content: `Show me ${tricks}` }] }))} })).text()`);

  const panel = await openPanel(page);
  const requests: string[] = [];
  panel.devtools.on('request', (request) => { requests.push(request.url()); });
  await panel.resize(1400, 1600);
  await tracesSettled(panel.frame, 3);
  await openTrace(panel.frame, 'Show me');
  const views = await everyView(panel.frame);
  expect(views.length).toBeGreaterThan(30);
  const { text } = await exportFrom(all.launched, panel.frame, 'everything');
  expect(text).toContain('onerror');
  // It is shown, letter by letter.
  expect(views.some(({ text }) => text.includes('&lt;script&gt;globalThis.ran = 1; fetch('))).toBe(true);
  // And is nothing but text: no element of the model's, and nothing ran.
  const made = await panel.frame.evaluate(() => ({
    ran: (globalThis as unknown as { ran?: number }).ran,
    foreign: [...document.querySelectorAll('script, iframe, link, style, meta, base, object, embed, a, image, video, audio')].map(({ outerHTML }) => outerHTML).filter((html) => /lure|ran/.test(html)),
    images: [...document.images].map(({ src }) => src).filter((src) => !src.startsWith('data:')),
  }));
  expect(made).toEqual({ ran: undefined, foreign: [], images: [] });
  await eventually('what might load has loaded', async () => panel.frame.evaluate(() => [...document.images].every(({ complete }) => complete)));
  expect(requests.filter((url) => url.startsWith('http'))).toEqual([]);
  expect(all.server.noted('lure')).toEqual([]);
  await page.close();
});
