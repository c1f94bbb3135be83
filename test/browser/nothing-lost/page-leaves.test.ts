/** A page that is left in mid-stream: everything it had read by then is stored, or counted as missing. */
import type { Page } from 'puppeteer-core';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { limits } from '../../../lib/model/limits.ts';
import { holdWrite } from '../../faults/inside-worker.ts';
import { leaveAfterMore, type CountedWindow } from './counted-page.ts';
import type { EndlessAnswer } from './endless-answer.ts';
import { fallAsleep, ground, openPage, quiet, startCalls } from './ground.ts';
import { expectAccounted, nameOf, readStored, storedWhen, until, type Account, type Stored } from '../stored.ts';

const all = ground();
/** rescues that leaving pages put into chrome.storage.session: size of each as JSON */
const rescues: number[] = [];

beforeAll(async () => {
  await all.origin.exposeFunction('rescued', (size: number) => { rescues.push(size); });
  await all.origin.evaluate(() => {
    chrome.storage.session.onChanged.addListener((changes) => {
      for (const [key, { newValue }] of Object.entries(changes)) if (key.startsWith('rescue:') && newValue !== undefined) (window as unknown as { rescued(size: number): void }).rescued(JSON.stringify(newValue).length);
    });
  });
});
beforeEach(() => { rescues.length = 0; });

/** All these calls have ended with their page, and their bytes add up. */
async function accounts(answers: Map<string, EndlessAnswer>): Promise<{ stored: Stored; calls: Account[] }> {
  const names = [...answers.keys()];
  await until(() => names.every((name) => all.server.left[name]), () => 'the page sends its counts home');
  // A page may read on while it is left: that follows its first word of leaving.
  const isWhole = (name: string, { exchanges }: Stored): boolean => exchanges.some(({ url, end, response }) => nameOf(url) === name && end && response.read >= (all.server.left[name]?.read ?? 0));
  const stored = await storedWhen(all.origin, (now) => names.every((name) => isWhole(name, now)), `${names.join(', ')} have an end, and what the page read: ${JSON.stringify(all.server.left)}`);
  const calls = [...answers].map(([name, answer]) => {
    // Chromium lets some pages hear that their network is going.
    expect(['running', 'TypeError']).toContain(all.server.left[name]?.how);
    return expectAccounted(stored, name, { read: all.server.left[name]?.read ?? 0, sent: answer.sent(), how: 'page_left' });
  });
  return { stored, calls };
}

/** From now on the tab closes in the very moment in which each call has read so many bytes more; `closed` tells. */
async function closeAfterMore(page: Page, bytes: number, before = (): void => {}): Promise<{ closed: Promise<unknown> }> {
  const closed = new Promise((resolve) => { page.once('close', resolve); });
  await page.exposeFunction('bindingLeave', () => {
    before();
    void page.close();
  });
  await leaveAfterMore(page, bytes, 'bindingLeave');
  return { closed };
}

async function crash(page: Page): Promise<void> {
  const session = await page.createCDPSession();
  const crashed = new Promise((resolve) => { page.once('error', resolve); });
  session.send('Page.crash').catch(() => {}); // answered by nobody
  await crashed;
}

/** As a panel does that is opened or looked at: it asks for the status of its tab. */
const look = (): Promise<void> => all.origin.evaluate(() => { chrome.runtime.sendMessage({ type: 'status', tabId: 0 }).catch(() => {}); });

test('reloaded in mid-stream, the worker awake: all that was read is stored; then the page is recorded on', async () => {
  const page = await openPage(all);
  const answers = await startCalls(all, page, ['awake1', 'awake2', 'awake3']);
  await all.worker.running();
  await page.reload();
  const { stored, calls } = await accounts(answers);
  expect(calls.map(({ missing }) => missing)).toEqual([0, 0, 0]);
  const after = await startCalls(all, page, ['again']);
  after.get('again')?.end();
  const again = await storedWhen(all.origin, ({ exchanges }) => exchanges.some(({ url, end }) => nameOf(url) === 'again' && end), 'the call after the reload has an end');
  const sent = after.get('again')?.sent() ?? Buffer.alloc(0);
  const { row } = expectAccounted(again, 'again', { read: sent.length, sent, how: 'complete' });
  expect(row.session).toBe(calls[0]?.row.session);
  expect(again.sessions).toHaveLength(stored.sessions.length);
  await page.close();
});

test('reloaded in mid-stream, the worker asleep: the rescue brings what it could not be told', async () => {
  const page = await openPage(all);
  const answers = await startCalls(all, page, ['asleep1', 'asleep2', 'asleep3']);
  await fallAsleep(all, answers);
  await leaveAfterMore(page, 500, 'reload');
  for (const answer of answers.values()) answer.resume();
  const { calls } = await accounts(answers);
  expect(calls.map(({ missing }) => missing)).toEqual([0, 0, 0]);
  expect(rescues.length).toBeGreaterThan(0);
  await page.close();
});

test('tab closed in mid-stream, the worker asleep: the rescue brings all of several streams', async () => {
  const page = await openPage(all);
  const answers = await startCalls(all, page, ['closed1', 'closed2', 'closed3', 'closed4', 'closed5']);
  await fallAsleep(all, answers);
  const { closed } = await closeAfterMore(page, 500);
  for (const answer of answers.values()) answer.resume();
  await closed;
  const { calls } = await accounts(answers);
  expect(calls.map(({ missing }) => missing)).toEqual([0, 0, 0, 0, 0]);
  expect(rescues.length).toBeGreaterThan(0);
  await storedWhen(all.origin, ({ sessions }) => sessions.some(({ id, closedMs }) => id === calls[0]?.row.session && closedMs !== undefined), 'the session is closed');
});

/** Its document counts as open. */
const isHere = (name: string, { exchanges, documents }: Stored): boolean => documents.some(({ documentId, here }) => here !== undefined && exchanges.some((row) => row.documentId === documentId && nameOf(row.url) === name && row.end));

test('a worker killed while it writes that a tab closed is not told again: it finds out when it wakes', async () => {
  const page = await openPage(all);
  const [answer] = (await startCalls(all, page, ['untold'])).values();
  answer?.end();
  await storedWhen(all.origin, (stored) => isHere('untold', stored), 'the call has an end');
  await crash(page); // so it leaves no word behind
  await all.worker.running();
  const write = await holdWrite(all.launched, 0);
  await page.close();
  expect(await write.held).toBe(true);
  await all.worker.stop();
  expect(isHere('untold', await readStored(all.origin))).toBe(true);
  await look();
  // A session that counts as an open tab's is never removed for its age or for room.
  await storedWhen(all.origin, (stored) => !isHere('untold', stored), 'its page counts as open no more');
});

test('tab closed with more unstored than a rescue holds: what does not fit is counted as missing', async () => {
  const page = await openPage(all);
  const answers = await startCalls(all, page, ['much1', 'much2', 'much3', 'much4', 'much5']);
  await fallAsleep(all, answers);
  all.worker.keepDown();
  const { closed } = await closeAfterMore(page, 1_600_000, () => all.worker.letUp());
  for (const answer of answers.values()) answer.resume({ piece: 128 * 1024, pauseMs: 30 });
  await closed;
  const { calls } = await accounts(answers);
  const missing = calls.reduce((sum, call) => sum + call.missing, 0);
  expect(missing).toBeGreaterThan(0);
  expect(Math.max(...rescues)).toBeLessThanOrEqual(limits.rescueBytes);
  for (const { span, missing } of calls) expect(span.missingBytes ?? 0).toBe(missing);
});

/** The browser gives a page that is closed half a second. */
test.each(['awake', 'asleep'])('tab closed in the task in which it got nine megabytes, the worker %s: what nobody has looked through is counted', async (worker) => {
  const name = `whole-${worker}`;
  const page = await openPage(all);
  const body = Buffer.from(`data: {"choices":[{"index":0,"delta":{"content":"${'word '.repeat(50)}"}}]}\n\n`.repeat(30_000));
  all.models.answer(`/${name}/v1/chat/completions`, async (reply) => {
    reply.head(200, { 'content-type': 'text/event-stream' });
    await reply.write(body);
    reply.end();
  });
  const closed = new Promise((resolve) => { page.once('close', resolve); });
  await page.exposeFunction('bindingLeave', () => {
    all.worker.letUp();
    void page.close();
  });
  if (worker === 'asleep') {
    await all.worker.stop();
    all.worker.keepDown();
  }
  await page.evaluate((name, url) => {
    const own = window as unknown as CountedWindow & { bindingLeave(): void };
    void (async () => {
      const asked = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: name }] });
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: asked });
      own.counts[name] = { read: (await response.arrayBuffer()).byteLength, how: 'done' };
      own.bindingLeave();
    })();
  }, name, `${all.models.url}/${name}/v1/chat/completions`);
  await closed;
  await until(() => all.server.left[name] !== undefined, () => 'the page sends its count home');
  const stored = await storedWhen(all.origin, ({ exchanges }) => exchanges.some(({ url, end, response }) => nameOf(url) === name && end && response.read === body.length), `${name} has an end, and ${body.length} bytes`);
  const { span, missing } = expectAccounted(stored, name, { read: all.server.left[name]?.read ?? 0, sent: body, how: 'complete' });
  expect(span.missingBytes ?? 0).toBe(missing);
});

const readOf = (name: string, { exchanges }: Stored): number => exchanges.find(({ url }) => nameOf(url) === name)?.response.read ?? 0;

test('page crashed in mid-stream: what was stored is there, the call has an end (what the page read since is not counted, nobody was left to)', async () => {
  const page = await openPage(all);
  const answers = await startCalls(all, page, ['silent', 'crashed']);
  const [silent, flowing] = [...answers.values()];
  if (!silent || !flowing) throw new Error('both were started');
  await quiet(all, new Map([['silent', silent]]));
  const before = readOf('crashed', await readStored(all.origin));
  await crash(page);
  await page.reload();
  const stored = await storedWhen(all.origin, ({ exchanges }) => ['silent', 'crashed'].every((name) => exchanges.some(({ url, end }) => nameOf(url) === name && end)), 'both have an end');
  expect(expectAccounted(stored, 'silent', { read: silent.sent().length, sent: silent.sent(), how: 'page_left' }).missing).toBe(0);
  const read = readOf('crashed', stored);
  expect(expectAccounted(stored, 'crashed', { read, sent: flowing.sent(), how: 'page_left' }).missing).toBe(0);
  expect(read).toBeGreaterThanOrEqual(before);
  await page.close();
});

test('page crashed and left so: its calls end when somebody looks, though the worker was awake all the time', async () => {
  const page = await openPage(all);
  const answers = await startCalls(all, page, ['crashed-silent']);
  await quiet(all, answers);
  await all.worker.running();
  await crash(page);
  await look();
  const stored = await storedWhen(all.origin, ({ exchanges }) => exchanges.some(({ url, end }) => nameOf(url) === 'crashed-silent' && end), 'the call has an end');
  const sent = answers.get('crashed-silent')?.sent() ?? Buffer.alloc(0);
  expect(expectAccounted(stored, 'crashed-silent', { read: sent.length, sent, how: 'page_left' }).missing).toBe(0);
  await page.close();
});
