/** Judges the record of one run of a program by what the server sent and what the page has certainly read. */
import type { Program } from './fuzz-programs.ts';
import { bytesOf, type ToldRecord } from './watched-page.ts';

/** What a page saw of a run. */
export interface Seen {
  /** what returned, threw and settled, by the step at which it did, and the state of all objects after each step */
  log: string[];
  /** which steps were given the same error object */
  same: string[];
  /** what the records are judged by */
  truth: Truth;
}

export interface Truth {
  /** bytes of the body the page has certainly got */
  read: number;
  /** it may have got more: by a pipe that reads ahead, or a promise nobody looked at */
  inexact: boolean;
  /** it saw the end of the body, or the body fail */
  done: boolean; failed: boolean;
  /** it has done something that may cancel, that aborts, that cannot be watched */
  mayCancel: boolean; aborted: boolean; unwatched: boolean;
  /** asked for a form, which a body that is none refuses as if it were cut */
  form: boolean;
}

export function faultsOf(all: ToldRecord[], run: string, program: Program, server: { sent: number; ending: 'hang' | 'finish' | 'cut' }, truth: Truth): string[] {
  const faults: string[] = [];
  const must = (holds: boolean, what: string): void => { if (!holds) faults.push(`${what} ${JSON.stringify(truth)} ${JSON.stringify(server)}`); };
  const exchange = all.find(({ kind, url }) => kind === 'start' && url.includes(`&run=${run}`))?.exchange;
  if (exchange === undefined) return ['no start'];
  const records = all.filter((record) => record.exchange === exchange);
  const count = (kind: string): number => records.filter((record) => record.kind === kind).length;
  must(count('start') === 1 && count('head') === 1 && count('end') <= 1, `records: ${records.map(({ kind }) => kind).join()}`);
  const end = records.find(({ kind }) => kind === 'end');
  must(end === undefined || records.at(-1) === end, 'something after the end');

  let told = '';
  try { told = bytesOf(all, exchange); } catch (error) { return [...faults, String(error)]; }
  must(end === undefined || Number(end.bytes) === told.length, `end says ${end?.bytes}, told ${told.length}`);
  const sent = program.pieces.slice(0, server.sent).join('');
  if (!program.odd) {
    must(sent.startsWith(told), `told ${told.length} bytes that were not sent`);
    if (end?.how !== 'unobserved' && !truth.unwatched) must(truth.inexact ? told.length >= truth.read : told.length === truth.read, `told ${told.length}`);
  }

  const how = end?.how;
  const { unwatched, aborted, mayCancel, done, failed } = truth;
  if (how === undefined) must(unwatched || !((done && !mayCancel) || failed), 'no end');
  else if (how === 'complete') must(server.ending === 'finish' && (program.odd || told === sent), 'complete');
  else if (how === 'cut') must(server.ending === 'cut' || truth.form, 'cut');
  else if (how === 'aborted') must(aborted, 'aborted');
  else if (how === 'cancelled') must(mayCancel, 'cancelled');
  else must(how === 'unobserved' && unwatched, how);
  // What the page saw first is how it ended, unless it has cancelled.
  if (!mayCancel && !unwatched && done && !failed) must(how === 'complete', `complete for the page, ${how}`);
  if (!mayCancel && !unwatched && failed && !done) must(how === (aborted ? 'aborted' : 'cut') || (aborted && how === 'cut' && server.ending === 'cut'), `failed for the page, ${how}`);
  return faults;
}
