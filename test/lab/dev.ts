/**
 * `npm run dev`: WXT's live reload with the demo, for people who work on Spanlight. The browser, the demo app and the model
 * server are those of `npm start`; the extension is the development build, which is reloaded (or, for the panel, updated in
 * place) when a file is saved. It is not what users run: see CONTRIBUTING.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { createServer } from 'wxt';
import { openPanel } from '../browser/devtools-panel.ts';
import { launch } from '../browser/launch.ts';
import { buildDemo } from './build-demo.ts';
import { startDemoServer } from './demo-server.ts';
import { openDemo } from './drive-demo.ts';
import { startModelServer } from './model-server.ts';

const EXTENSION = join(import.meta.dirname, '../../.output/chrome-mv3-dev');
const hasDisplay = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);

const wxt = await createServer({ webExt: { disabled: true } });
await wxt.start();
await buildDemo();
const models = await startModelServer();
const demo = await startDemoServer({ models: models.url });
const launched = await launch({ extension: EXTENSION, headless: !hasDisplay });
const page = (await launched.browser.pages())[0] ?? await launched.browser.newPage();
await openDemo(page, demo.url);
// In development the worker registers the scripts, after the first page may have loaded.
await launched.worker();
await page.reload();
if (hasDisplay) await openPanel(page, { docked: true });
console.log(`\nDemo app  ${demo.url}\nSave a file of the extension and see it change${hasDisplay ? '' : ' (no display here: the browser runs without a window)'}. Ctrl+C stops.\n`);
await Promise.race([once(process, 'SIGINT'), new Promise((resolve) => launched.browser.once('disconnected', resolve))]);
await launched.close();
await demo.close();
await models.close();
await wxt.stop();
