/**
 * `npm run test:faults`: real Chromium, the built extension, and everything that may end a page, a worker or a browser at the
 * worst moment. Whatever happens, each byte a page read is stored once or counted as missing, calls have an end, and the panel
 * tells it. `--seed N` repeats what was drawn (the machine's own pace stays), `--only kills,quota` chooses, `--kills N` says how
 * often the worker is killed under the twenty streams. The last line is JSON; the exit code is 1 when bytes are lost or doubled,
 * or anything is not as it must be.
 *
 * Whose end leaves nobody to tell: a page that crashes, a browser that is killed and an extension that is replaced take with
 * them what was read in the last 160 ms (the shim gathers for 100, the relay for 60), a tab that closes what its page reads
 * after its word of leaving (`pagehide`), when the browser listens to it no more. Of such calls `readByPage` counts what the
 * page had read when it was last quiet (held back by the server until all was stored), or at that word. What is stored beyond
 * that is checked and not counted; what the pages had read beyond, by their own last count, is told in the line before the last.
 */
import { parseArgs } from 'node:util';
import { chance } from '../chance.ts';
import { standUp, takeDown } from '../browser/nothing-lost/ground.ts';
import { createTally } from './tally.ts';
import { backForward, prerender } from './kept-pages.ts';
import { pagesCrash, pagesLeave } from './pages-leave.ts';
import { manyTabs } from './many-tabs.ts';
import { browserKilled } from './browser-dies.ts';
import { extensionReloads, panelCloses } from './extension-and-panel.ts';
import { diskFull } from './disk-full.ts';
import { upgradeKilled } from './upgrade-killed.ts';
import { workerKills } from './worker-kills.ts';

const { values } = parseArgs({ options: { seed: { type: 'string' }, only: { type: 'string' }, kills: { type: 'string', default: '220' } } });
const seed = Number(values.seed ?? Date.now() % 1e9);
const wanted = values.only?.split(',');
const scenarios = [workerKills(Number(values.kills)), ...pagesLeave(3), pagesCrash(6), backForward(2), prerender(3), extensionReloads(3), panelCloses(3), browserKilled(5), manyTabs(2), upgradeKilled(6), diskFull(2)];

console.log(`seed ${seed}`);
const tally = createTally();
for (const [i, { name, options, run }] of scenarios.entries()) {
  if (wanted && !wanted.some((word) => name.startsWith(`${word}:`))) continue;
  const begun = Date.now();
  console.log(name);
  const all = await standUp(options);
  try {
    await run(all, tally, chance(seed + i));
  } catch (error) {
    tally.check(false, `${name}: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    await takeDown(all);
  }
  console.log(`  ${((Date.now() - begun) / 1000).toFixed(0)} s`);
}
for (const fault of tally.faults) console.log(`WRONG: ${fault}`);
console.log(tally.sentence());
console.log(tally.line());
process.exitCode = tally.isClean() ? 0 : 1;
