/** Presses the demo's own buttons and waits until it says it is done. */
import type { Page } from 'puppeteer-core';

export type DemoState = 'done' | 'failed' | 'stopped';

/** Every scenario's button id, in the order of the page, with how it should end. */
export const demoScenarios: ReadonlyArray<readonly [id: string, ends: DemoState]> = [
  ['chat-openai', 'done'],
  ['chat-anthropic', 'done'],
  ['chat-whole', 'done'],
  ['chat-long', 'stopped'],
  ['agent-openai', 'done'],
  ['agent-anthropic', 'done'],
  ['rag', 'done'],
  ['error-retry', 'done'],
  ['error-refused', 'failed'],
  ['error-outage', 'failed'],
];

/** Opens the demo, `speed` times faster than real life. */
export async function openDemo(page: Page, url: string, speed = 1): Promise<void> {
  await page.goto(speed === 1 ? url : `${url}/?speed=${speed}`);
  await page.waitForSelector('#chat-openai');
}

/** Presses a button that starts something and resolves with how that ended. */
export async function press(page: Page, id: string): Promise<DemoState> {
  await (await page.waitForSelector(`#${id}:enabled`))?.click();
  return ended(page);
}

/** Runs one scenario; the long answer (never hurried, so that there is time to stop it) is stopped once some of it is there. */
export async function runScenario(page: Page, id: string): Promise<DemoState> {
  if (id !== 'chat-long') return press(page, id);
  await (await page.waitForSelector('#chat-long:enabled'))?.click();
  // Pressed by the page itself in that moment: on a busy machine the answer could be over before our click arrives.
  await page.waitForFunction(() => {
    const stop = document.querySelector('[data-scenario="chat-long"] .answer') && document.querySelector<HTMLElement>('#stop');
    stop?.click();
    return stop !== null;
  }, { polling: 'mutation', timeout: 60_000 });
  return ended(page);
}

async function ended(page: Page): Promise<DemoState> {
  const app = await page.waitForSelector('[data-state]:not([data-state="running"], [data-state="idle"])', { timeout: 60_000 });
  return await app?.evaluate((element) => (element as HTMLElement).dataset['state']) as DemoState;
}
