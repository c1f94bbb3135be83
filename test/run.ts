/**
 * `npm run check`: types, lint, unit, database, build, real browser; closes with `N passed, N failed`.
 * Every step runs even when one before it failed, so that one run tells everything; without a browser or a build
 * what needs them is left out, and that one step counts as failed.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const OUTPUT = join(import.meta.dirname, 'output');
interface Count { passed: number; failed: number; skipped: number }
const total: Count = { passed: 0, failed: 0, skipped: 0 };

/** Runs a command with our output as its own; resolves with whether it exited 0. */
function run(title: string, command: string): Promise<boolean> {
  console.log(`\n── ${title}: ${command}`);
  return new Promise((resolve) => {
    const child = spawn(command, { stdio: ['ignore', 'inherit', 'inherit'], shell: true });
    child.on('close', (code) => resolve(code === 0));
    child.on('error', () => resolve(false));
  });
}

/** A step that is one check: counts as one test. */
async function check(title: string, command: string): Promise<boolean> {
  const ok = await run(title, command);
  total[ok ? 'passed' : 'failed']++;
  return ok;
}

/** A vitest project: counts its tests; a crash before any test counts as one failure. */
async function tests(project: string): Promise<void> {
  const report = join(OUTPUT, `vitest-${project}.json`);
  rmSync(report, { force: true });
  const ok = await run(`${project} tests`, `vitest run --project ${project} --reporter=default --reporter=json --outputFile.json="${report}"`);
  const counted: Count = { passed: 0, failed: 0, skipped: 0 };
  if (existsSync(report)) {
    const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
    Object.assign(counted, { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests });
  }
  if (!ok && counted.failed === 0) counted.failed = 1;
  for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counted[key];
}

mkdirSync(OUTPUT, { recursive: true });
const hasBrowser = await check('browser to test in', `node "${join(import.meta.dirname, 'lab/chromium.ts')}"`);
await check('types', 'tsc --noEmit');
await check('lint', 'oxlint --deny-warnings');
await tests('unit');
if (hasBrowser) await tests('database');
if (await check('build', 'wxt build') && hasBrowser) await tests('browser');
if (total.skipped > 0) console.log(`\n${total.skipped} skipped (tests that read the recorded traffic, where it is absent)`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
