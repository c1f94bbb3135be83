/**
 * `npm start`: the demo app, the model server, and a browser with the extension, DevTools open on the Spanlight panel.
 * With a display it stays open until the browser is closed. Without one it drives the demo by its own buttons, prints the
 * captured trace trees and saves a picture, the panel's export and the model server's journal.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPanel } from '../browser/devtools-panel.ts';
import { launch } from '../browser/launch.ts';
import type { Launched } from '../browser/launch.ts';
import { exportFrom, openTrace, tracesSettled } from '../browser/panel-dom.ts';
import { buildDemo } from './build-demo.ts';
import { startDemoServer } from './demo-server.ts';
import { demoScenarios, openDemo, press, runScenario } from './drive-demo.ts';
import { startModelServer } from './model-server.ts';
import type { ModelServer } from './model-server.ts';
import { traceTrees } from './trace-text.ts';
import type { Otlp } from './trace-text.ts';

const OUTPUT = join(import.meta.dirname, '../output/start');
const mayHaveDisplay = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);

/** A person plays; resolves when the browser is closed. */
async function showPerson(launched: Launched, demoUrl: string): Promise<void> {
  const page = (await launched.browser.pages())[0] ?? await launched.browser.newPage();
  await openDemo(page, demoUrl);
  await openPanel(page, { docked: true });
  console.log([
    '', 'Spanlight is recording.', '',
    `  Demo app   ${demoUrl}`,
    '  Press a scenario on the left of the page and watch the Spanlight panel in DevTools.',
    '  Your own app on localhost is recorded as well: open it in this browser, press F12, choose Spanlight.', '',
    'Close the browser (or press Ctrl+C here) to stop.', '',
  ].join('\n'));
  await new Promise((resolve) => launched.browser.once('disconnected', resolve));
}

/** Nobody looks: every scenario runs once, and what the panel knows is printed and saved. */
async function showTerminal(launched: Launched, demoUrl: string, models: ModelServer): Promise<void> {
  const page = (await launched.browser.pages())[0] ?? await launched.browser.newPage();
  await openDemo(page, demoUrl, 2);
  const panel = await openPanel(page);
  await panel.resize(1400, 900);
  let traces = 0;
  for (const [id] of demoScenarios) {
    console.log(`  ${id}: ${await runScenario(page, id)}`);
    traces++;
    if (id !== 'chat-openai') continue;
    console.log(`  follow-rain: ${await press(page, 'follow-rain')}`);
    traces++;
  }
  await models.settled();
  await tracesSettled(panel.frame, traces);
  const exported = await exportFrom(launched, panel.frame, 'everything');
  console.log(`\n${traceTrees(JSON.parse(exported.text) as Otlp)}\n`);
  await openTrace(panel.frame, 'from Oslo');
  await (await panel.frame.waitForSelector('[role="treeitem"][data-kind="LLM"]'))?.click();
  await panel.frame.waitForSelector('[data-testid="detail"] [data-role="assistant"]');

  await mkdir(OUTPUT, { recursive: true });
  const files = { picture: join(OUTPUT, 'panel.png'), traces: join(OUTPUT, 'traces.json'), journal: join(OUTPUT, 'journal.json') };
  await panel.devtools.screenshot({ path: files.picture as `${string}.png` });
  await writeFile(files.traces, exported.text);
  const journal = models.journal.map(({ method, path, status, request, response, responseBytes, ended }) => ({ method, path, status, request, response, responseBytes, ended }));
  await writeFile(files.journal, JSON.stringify(journal, null, 2));
  for (const file of Object.values(files)) console.log(file);
}

/** With a window where one can be opened: a display may be named and not be there. */
async function launchForPerson(): Promise<{ launched: Launched; isSeen: boolean }> {
  if (!mayHaveDisplay) return { launched: await launch(), isSeen: false };
  try {
    return { launched: await launch({ headless: false }), isSeen: true };
  } catch (error) {
    console.error(`No window could be opened, so it goes on without one. (${String(error).split('\n', 1)[0]})`);
    return { launched: await launch(), isSeen: false };
  }
}

async function start(): Promise<void> {
  await buildDemo();
  const { launched, isSeen } = await launchForPerson();
  const models = await startModelServer();
  const demo = await startDemoServer({ models: models.url });
  try {
    await (isSeen ? showPerson(launched, demo.url) : showTerminal(launched, demo.url, models));
  } finally {
    await launched.close();
    await demo.close();
    await models.close();
  }
}

try {
  await start();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
