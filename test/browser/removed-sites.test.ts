/** A site that is removed is recorded no longer, whatever its pages are doing. */
import type { Page } from 'puppeteer-core';
import { expect, test } from 'vitest';
import { allowing, call, isWatched, makeOptional, scriptsOf } from './allowed-site.ts';
import { demoOfTest, type DemoGround } from './demo-ground.ts';
import type { LaunchOptions } from './launch.ts';
import { storedWhen, until } from './stored.ts';

/** A browser where http://allowed.test is allowed and can be removed, with a page of it open. */
async function allowedPage(options: LaunchOptions = {}): Promise<DemoGround & { origin: Page; page: Page }> {
  const folder = await allowing('http://allowed.test/*');
  const ground = await demoOfTest({ extension: folder, ...options });
  const { launched, demo } = ground;
  await makeOptional(folder, launched);
  const origin = await launched.originPage();
  await scriptsOf(origin);
  const page = await launched.browser.newPage();
  await page.goto(demo.url.replace('localhost', 'allowed.test'));
  return { ...ground, origin, page };
}

const remove = (origin: Page): Promise<boolean> => origin.evaluate(() => chrome.permissions.remove({ origins: ['http://allowed.test/*'] }));

const piece = (content: string): string => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta: { content } }] })}\n\n`;

test('a site removed in mid-answer: the record ends there, the page notices nothing', async () => {
  const { models, origin, page } = await allowedPage();
  const { promise: removed, resolve: goOn } = Promise.withResolvers<void>();
  models.answer('/v1/chat/completions', async (reply) => {
    reply.head(200, { 'content-type': 'text/event-stream' });
    await reply.write(piece('before'));
    await removed;
    await reply.write(piece('after'));
    reply.end();
  });
  const read = page.evaluate(async (url) => {
    const { body } = await fetch(url, { method: 'POST', body: '{"model":"m","messages":[]}' });
    let text = '';
    for await (const bytes of body ?? []) text += new TextDecoder().decode(bytes);
    return text;
  }, `${models.url}/v1/chat/completions`);
  const before = await storedWhen(origin, ({ exchanges }) => (exchanges[0]?.response.read ?? 0) > 0, 'the answer runs');
  expect(await remove(origin)).toBe(true);
  const ended = await storedWhen(origin, ({ exchanges }) => exchanges[0]?.end !== undefined, 'the record has an end');
  goOn();
  expect(await read).toBe(piece('before') + piece('after'));
  await call(page, `${models.url}/v1/chat/completions`);
  expect(ended.exchanges[0]).toMatchObject({ end: { how: 'recorder_gone' }, response: before.exchanges[0]?.response });
  expect((await storedWhen(origin, () => true, '')).exchanges).toEqual(ended.exchanges);
});

test('a page that slept while its site was removed is not recorded when it comes back', async () => {
  const { launched, models, demo, origin, page } = await allowedPage({ backForwardCache: true });
  await page.evaluate(() => { addEventListener('pageshow', ({ persisted }) => { document.title = `kept ${persisted}`; }); });
  await call(page, `${models.url}/v1/chat/completions`);
  await storedWhen(origin, ({ exchanges }) => exchanges[0]?.end !== undefined, 'the first call is stored');
  await page.goto(demo.url);
  expect(await remove(origin)).toBe(true);
  await page.goBack();
  await page.waitForFunction(() => document.title === 'kept true');
  await call(page, `${models.url}/v1/chat/completions`);
  await until(async () => !await isWatched(launched, page), () => 'the page’s relay answers no longer');
  await call(page, `${models.url}/v1/chat/completions`);
  await page.goto(demo.url);
  await call(page, `${models.url}/v1/chat/completions`);
  const stored = await storedWhen(origin, ({ exchanges }) => exchanges.some(({ pageUrl, end }) => end && pageUrl.startsWith(demo.url)), 'the later call of a local page is stored');
  expect(stored.exchanges.map(({ pageUrl }) => new URL(pageUrl).hostname).toSorted()).toEqual(['allowed.test', 'localhost']);
});
