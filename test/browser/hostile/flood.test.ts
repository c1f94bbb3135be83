/** A page and its frames call as fast as they can. What is stored of it is bounded, its own answers are right, its panel
 *  shows it; and another tab's call is recorded and shown meanwhile as ever. */
import { expect, test } from 'vitest';
import { openPanel } from '../devtools-panel.ts';
import { openTrace, treeRows } from '../panel-dom.ts';
import { outOfBounds } from './bounds.ts';
import { run, saying, setup } from './setup.ts';
import { readStored } from './stored.ts';

const all = setup();

/** Calls that end before they begin cost the page next to nothing and us a record each of start, body and end; others are
 *  answered, a few at a time. \`answers\`: what those were, each once. */
const FLOOD = `
  globalThis.flooding = true;
  globalThis.calls = 0;
  globalThis.answers = new Set();
  const aborted = AbortSignal.abort();
  const body = (n) => JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'flood ' + n % 7 }] });
  (async () => {
    while (flooding) {
      for (let i = 0; i < 100; i++) fetch('/v1/chat/completions?case=flood', { method: 'POST', body: body(calls++), signal: aborted }).catch(() => {});
      await new Promise((done) => setTimeout(done));
    }
  })();
  (async () => {
    while (flooding) answers.add((await (await fetch('/v1/chat/completions?case=flood', { method: 'POST', body: body(calls++) })).text()).length);
  })();`;

test('one tab floods, another goes on', async () => {
  all.server.on('flood', saying(['So ', 'be ', 'it.'], 0));
  all.server.on('mine', saying(['My own ', 'answer.'], 20));
  const frame = all.url(`<body><script>${FLOOD}</script>`);
  const victim = await all.open('');
  const panel = await openPanel(victim);
  const attacker = await all.open(`${FLOOD} for (let i = 0; i < 6; i++) document.body.appendChild(document.createElement('iframe')).src = ${JSON.stringify(frame)};`);
  await attacker.waitForFunction('calls > 5000', { polling: 100 });

  for (const words of ['Tell me one', 'Tell me two']) {
    const answer = await run(victim, `return (await (await call('mine', { body: ${JSON.stringify(JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: words }] }))} })).text()).includes('answer.')`);
    expect(answer).toBe(true);
    await openTrace(panel.frame, words);
    await panel.frame.waitForFunction(() => document.querySelector('[role="treeitem"]')?.getAttribute('data-running') === 'false');
    expect(await treeRows(panel.frame)).toMatchObject([{ kind: 'LLM', label: 'm', status: 'unset' }]);
  }
  expect(await run(attacker, 'return flooding && answers.size')).toBe(1); // it floods still, and every answer was whole

  // How far it is by now is a matter of how fast the other tab was shown.
  await attacker.waitForFunction('calls > 10_000', { polling: 100 });
  await run(attacker, 'for (const each of [globalThis, ...Array.from(frames)]) each.flooding = false');
  const origin = await all.launched.originPage();
  const { rows } = await readStored(origin, false);
  expect(outOfBounds(rows).map((text) => text.slice(0, 300)).slice(0, 20)).toEqual([]);
  expect(rows['exchanges']?.length).toBeGreaterThan(500);

  // There is still much to store; its panel shows what there is.
  const its = await openPanel(attacker);
  await openTrace(its.frame, 'flood');
  expect((await treeRows(its.frame)).length).toBeGreaterThan(0);
  await attacker.close();
  await victim.close();
});
