/**
 * `npm run bench:store`: what writing and reading cost, in a page that runs lib/record and lib/store over the browser's own
 * IndexedDB, and what the extension's worker takes, in the extension. `npm run bench:store -- --only search,reading` measures
 * only these.
 */
import { parseArgs } from 'node:util';
import { cpuRows } from './cpu-rows.ts';
import { idleRows } from './idle-rows.ts';
import { diskRows } from './disk-rows.ts';
import { finish, type BenchRow } from './report.ts';
import { searchRows } from './search-rows.ts';
import { openStoreBrowser } from './store-browser.ts';
import { contentRows, readingRows, writingRows } from './store-rows.ts';
import { sweepRows } from './sweep-rows.ts';
import { wakeRows } from './wake-rows.ts';

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const wanted = values.only?.split(',');

const inPage = { writing: writingRows, content: contentRows, reading: readingRows, search: searchRows, sweep: sweepRows };

async function onPage(measure: typeof inPage[keyof typeof inPage]): Promise<BenchRow[]> {
  const browser = await openStoreBrowser();
  try {
    return await measure(browser.job, browser);
  } finally {
    await browser.close();
  }
}

const all: Record<string, () => Promise<BenchRow[]>> = {
  ...Object.fromEntries(Object.entries(inPage).map(([name, measure]) => [name, () => onPage(measure)])),
  disk: diskRows,
  wake: wakeRows,
  worker: async () => [...await cpuRows(), ...await idleRows()],
};
const rows: BenchRow[] = [];
for (const [name, measure] of Object.entries(all)) {
  if (wanted && !wanted.includes(name)) continue;
  const begun = performance.now();
  rows.push(...await measure());
  console.log(`${name}: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
}
finish('store', rows);
