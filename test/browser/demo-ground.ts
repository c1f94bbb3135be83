/** What most tests stand on: the demo and its model server, a browser with the extension, the panel beside the demo. */
import type { Page } from 'puppeteer-core';
import { onTestFinished } from 'vitest';
import { startDemoServer, type DemoServer } from '../lab/demo-server.ts';
import { openDemo } from '../lab/drive-demo.ts';
import { startModelServer, type ModelServer } from '../lab/model-server.ts';
import { openPanel, type DevtoolsPanel } from './devtools-panel.ts';
import { launch, type Launched, type LaunchOptions } from './launch.ts';

export interface DemoGround { launched: Launched; models: ModelServer; demo: DemoServer; close(): Promise<void> }

/** For all tests of a file, which closes it. */
export async function startDemo(options: LaunchOptions = {}): Promise<DemoGround> {
  const models = await startModelServer();
  const demo = await startDemoServer({ models: models.url });
  const stop = async (): Promise<void> => { await Promise.all([demo, models].map((server) => server.close())); };
  const launched = await launch(options).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    launched, models, demo,
    async close() {
      await launched.close();
      await stop();
    },
  };
}

/** For one test: closed after it. */
export async function demoOfTest(options: LaunchOptions = {}): Promise<DemoGround> {
  const ground = await startDemo(options);
  onTestFinished(() => ground.close());
  return ground;
}

export interface DemoWithPanel extends DemoGround { page: Page; panel: DevtoolsPanel }

/** The demo, `speed` times faster than real life, in a tab with the panel open. */
export async function startDemoWithPanel(speed: number): Promise<DemoWithPanel> {
  const ground = await startDemo();
  try {
    const page = await ground.launched.browser.newPage();
    await openDemo(page, ground.demo.url, speed);
    const panel = await openPanel(page);
    await panel.resize(1400, 900);
    return { ...ground, page, panel };
  } catch (error) {
    await ground.close();
    throw error;
  }
}
