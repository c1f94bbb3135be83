/**
 * `npm run conformance -- <file.jsonl | folder>`: recorded exchanges through the extension's own code, set against a plain
 * checker of its own. What is right or wrong is said by the JSON of the last line; the exit code tells of misuse alone.
 */
import { resolve } from 'node:path';
import { createJudges } from './judges.ts';
import { filesAt, linesOf, Misuse, rowOf } from './rows.ts';
import { createTally } from './tally.ts';

/** @returns whether every line was an exchange */
async function conform(path: string): Promise<boolean> {
  const tally = createTally();
  const judges = createJudges();
  let broken = 0;
  for (const file of filesAt(path)) {
    for await (const line of linesOf(file)) {
      const row = 'json' in line ? rowOf(line.json) : line.broken;
      if (typeof row !== 'string') tally.add(line, await judges.verdictOn(row));
      else {
        broken += 1;
        console.error(`${file}:${line.line}: ${row}`);
      }
    }
  }
  await judges.close();
  if (broken > 0) console.error(`${broken} broken ${broken === 1 ? 'line' : 'lines'} left out`);
  console.log(`${tally.report()}\n${tally.closingLine()}`);
  return broken === 0;
}

try {
  const [path, ...more] = process.argv.slice(2);
  if (path === undefined || more.length > 0) throw new Misuse('usage: npm run conformance -- <file.jsonl | folder>');
  // npm runs in the project's folder wherever it was called.
  process.exitCode = await conform(resolve(process.env['INIT_CWD'] ?? '', path)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof Misuse)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
