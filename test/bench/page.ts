/**
 * `npm run bench`: what a page pays for being recorded, how soon its text is in the panel, and what reading calls costs.
 *
 * Side by side in one browser: the same page and server reached at 127.0.0.1, which the extension records, and at
 * 127.0.0.2, which it does not (unpatched). `--against-itself` compares 127.0.0.2 with 127.0.0.3, both unpatched: that
 * must give 1.0 and shows what the harness itself can tell apart.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { EXTENSION } from '../browser/launch.ts';
import { benchCalls } from './calls.ts';
import { benchPanelText } from './panel-text.ts';
import { benchReading } from './reading.ts';
import { ceilingRow, finish } from './report.ts';

const againstItself = process.argv.includes('--against-itself');

const rows = await benchCalls(againstItself ? ['127.0.0.2', '127.0.0.3'] : ['127.0.0.2', '127.0.0.1'], !againstItself);
if (!againstItself) {
  rows.push(await benchPanelText());
  const shim = readFileSync(join(EXTENSION, 'content-scripts/shim.js'));
  rows.push(ceilingRow('size of the shim, min+gzip', 'bytes', gzipSync(shim, { level: 9 }).length, 10 * 1024, { samples: 1 }), ...benchReading());
}
finish('page', rows);
