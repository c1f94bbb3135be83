/** The worker is killed while it brings a database of an earlier version to the schema of today, again and again, and at last is
 *  let through. Meanwhile a page makes a call, which waits. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATABASE_VERSION } from '../../lib/model/versions.ts';
import { countsOf } from '../browser/nothing-lost/counted-page.ts';
import { openPage, startCalls, type Ground } from '../browser/nothing-lost/ground.ts';
import { readStored, until, type Account, type Stored } from '../browser/stored.ts';
import { requests, type KeptDatabase } from '../store/kept-database.ts';
import { holdUpgrade } from './inside-worker.ts';
import { askedIn, putBackIn, releaseIn, versionIn } from './old-database.ts';
import { judge, judgePanel, pause, wake, type Past, type Scenario } from './scenario.ts';
import type { Tally } from './tally.ts';

const FOLDER = join(import.meta.dirname, '../store/databases');
const COPIES = 40;

interface Kept { version: number; text: string }
const kept = readdirSync(FOLDER).filter((name) => /^v\d+\.json$/.test(name)).map((name): Kept => ({ version: Number(/\d+/.exec(name)?.[0]), text: readFileSync(join(FOLDER, name), 'utf8') })).filter(({ version }) => version < DATABASE_VERSION);

export const upgradeKilled = (times: number): Scenario => ({
  name: `upgrade: the worker killed ${times} times in mid-upgrade, of databases of version ${kept.map(({ version }) => version).join(', ')}`,
  async run(all, tally, random) {
    for (const database of kept) await upgrade(all, tally, random, database, times);
  },
});

async function upgrade(all: Ground, tally: Tally, random: (below: number) => number, { version, text }: Kept, times: number): Promise<void> {
  const { origin, worker, launched } = all;
  worker.keepDown();
  await until(() => worker.status() === 'stopped', () => 'the worker is down');
  await putBackIn(origin, text, COPIES);
  let now = await versionIn(origin);
  worker.letUp();
  const page = await openPage(all);
  const names = [0, 1].map((n) => `upgrade-${version}-${n}`);
  const answers = await startCalls(all, page, names);
  let [kills, held] = [0, 0];
  for (let time = 0; time < times && now === version; time++) {
    // It waits for us: an upgrade begins when the last who has the old version open lets go.
    await wake(origin);
    await until(() => askedIn(origin), () => 'the worker asks for the upgrade');
    // The last ones as it comes: a short upgrade may be done before.
    const write = time < times - 2 ? await holdUpgrade(launched) : undefined;
    await releaseIn(origin);
    if (write) await write.held;
    await pause(random(60));
    const isOpen = write?.isOpen() ?? false;
    // Ours is the next turn, whatever wakes the worker again: it waits until the upgrade is done or dead.
    const turn = versionIn(origin);
    await pause(20);
    if (await worker.stop() === 'running') {
      tally.kill(isOpen);
      kills++;
      held += Number(isOpen);
    }
    now = await turn;
    if (isOpen) tally.check(now === version, `version ${version}: what was killed in mid-upgrade is what it was`);
    tally.run();
  }
  await releaseIn(origin);
  console.log(`  version ${version}: ${kills} kills, ${held} of them with the upgrade open`);
  tally.check(held > times / 3, `version ${version}: only ${held} kills fell into the upgrade`);
  for (const answer of answers.values()) answer.end();
  await until(async () => Object.values(await countsOf(page)).every(({ how }) => how === 'done'), () => 'the page reads all to the end');
  const shown = await judge(all, tally, new Map([...answers].map(([name, answer]): [string, Past] => [name, { answer, read: answer.sent().length, how: 'complete' }])));
  await until(async () => (await readStored(origin, ['exchanges'])).exchanges.every(({ end }) => end), () => 'the old calls have an end');
  now = await versionIn(origin);
  tally.check(now === DATABASE_VERSION, `it is of version ${now}, not ${DATABASE_VERSION}`);
  const stored = await readStored(origin);
  for (const call of callsIn(text)) {
    const account = accountOfOld(call, stored);
    tally.call(account, { sent: call.read, read: call.read });
  }
  await judgePanel(page, tally, shown);
  await page.close();
}

/** A call that the file holds; bytes as base64. */
interface OldCall { id: string; copied: boolean; read: number; request: string; response: string }

const joined = (rows: Array<{ bytes: string }>): Buffer => Buffer.concat(rows.map(({ bytes }) => Buffer.from(bytes, 'base64')));

function callsIn(text: string): OldCall[] {
  const { stores } = JSON.parse(text) as KeptDatabase;
  const answers = (stores['segments']?.rows ?? []) as Array<{ exchange: string; side: string; bytes: { $bytes: string } }>;
  const calls = ((stores['exchanges']?.rows ?? []) as Array<{ id: string; response: { read: number } }>).map(({ id, response: { read } }): OldCall => ({
    id, read, copied: false, request: requests[id] ?? '',
    response: joined(answers.filter(({ exchange, side }) => exchange === id && side === 'response').map(({ bytes }) => ({ bytes: bytes.$bytes }))).toString(),
  }));
  return calls.flatMap((call) => Array.from({ length: COPIES }, (_, copy) => copy === 0 ? call : { ...call, copied: true, id: call.id.replace('document-', `document-${copy}-`) }));
}

/** What an earlier version had stored is there as it was, once. */
function accountOfOld({ id, copied, read, request, response }: OldCall, stored: Stored): Account {
  const row = stored.exchanges.find((exchange) => exchange.id === id) as Account['row'];
  const spans = stored.spans.filter(({ exchange, kind }) => exchange === id && kind === 'LLM');
  const bytesOf = (of: string): Buffer => joined(stored.segments.filter(({ exchange, side }) => exchange === id && side === of));
  const faults: string[] = [];
  if (bytesOf('request').toString() !== request) faults.push(`${id}: the request is not what it was`);
  if (bytesOf('response').toString() !== response) faults.push(`${id}: the response is not what it was`);
  // The name of a copy's span is not the one its document gives, so what changes gets a second.
  if (!row?.end || spans.length < 1 || (!copied && spans.length > 1) || spans.some(({ endMs }) => endMs === undefined && !copied)) faults.push(`${id}: ${spans.length} spans, ended ${row?.end?.how}`);
  const { length } = bytesOf('response');
  return { stored: Math.min(length, read), missing: row?.response.missing ?? 0, doubled: Math.max(0, length - read), faults, row, span: spans[0] as Account['span'] };
}
