/** What every fault here is made of: a ground to stand on, calls that run on it, and the judgement of what is left of them. */
import type { Page } from 'puppeteer-core';
import type { EndCause } from '../../lib/model/record.ts';
import { accountOf, nameOf, readStored, until, type Stored } from '../browser/stored.ts';
import type { LaunchOptions } from '../browser/launch.ts';
import type { EndlessAnswer } from '../browser/nothing-lost/endless-answer.ts';
import type { Ground } from '../browser/nothing-lost/ground.ts';
import { panelOf, panelTells, type Shown } from './panel-tells.ts';
import type { Tally } from './tally.ts';

export interface Scenario {
  /** what happens, for people; its first word chooses it (`--only`) */ name: string;
  options?: LaunchOptions;
  run(all: Ground, tally: Tally, random: (below: number) => number): Promise<void>;
}

/** A call and what became of it on the page's side. Getters, where the page may still be reading. */
export interface Past {
  answer: Pick<EndlessAnswer, 'sent'>;
  /** bytes the page read by its own count; of a page that died, when it was last quiet */ read: number;
  /** any of these */ how: EndCause | EndCause[];
  /** The page or the browser died: what is stored beyond `read` is right, and not counted. `seen`: its last own count. */
  died?: { seen: number };
  /** There was no room for all of its bytes. Else none may be missing. */ mayMiss?: true;
}

/** Calls of a page that was left, by the counts it sent home. A tab that closes has no one to tell from a moment on, which
 *  comes some ms after its word of leaving: `closed` counts up to that word. */
export function leftBehind({ server: { left, last } }: Pick<Ground, 'server'>, answers: ReadonlyMap<string, EndlessAnswer>, closed: boolean): Map<string, Past> {
  return new Map([...answers].map(([name, answer]): [string, Past] => [name, {
    answer,
    how: 'page_left',
    get read() { return (closed ? left : last)[name]?.read ?? 0; },
    ...(closed && { died: { get seen() { return last[name]?.read ?? 0; } } }),
  }]));
}

/** As a panel that is opened or looked at does: it asks for the status of its tab. */
export async function wake(origin: Page): Promise<void> {
  await origin.evaluate(() => { chrome.runtime.sendMessage({ type: 'status', tabId: 0 }).catch(() => {}); });
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Waits for the ends of these calls, holds all of them against what is stored. Returns what the panel is to show. */
export async function judge({ origin }: Pick<Ground, 'origin'>, tally: Tally, calls: ReadonlyMap<string, Past>): Promise<Map<string, Shown>> {
  const isThere = ({ exchanges }: Stored): boolean => [...calls].every(([name, past]) => exchanges.some(({ url, end, response }) => nameOf(url) === name && end && (past.died || response.read >= past.read)));
  await until(async () => isThere(await readStored(origin, ['exchanges'])), () => 'every call has an end, and what the page read').catch((error: unknown) => { tally.check(false, String(error)); });
  const stored = await readStored(origin);
  const shown = new Map<string, Shown>();
  for (const [name, past] of calls) {
    const account = judgeOne(stored, name, past);
    const counted = past.died ? Math.min(account.stored, past.read - account.missing) : account.stored;
    tally.call({ ...account, stored: counted }, { sent: past.answer.sent().length, read: past.read });
    tally.check(past.mayMiss === true || account.missing === 0, `${name}: ${account.missing} bytes are missing, for which there was room`);
    if (past.died) tally.untold(Math.max(0, past.died.seen - account.stored));
    if (account.row?.end) shown.set(name, { how: account.row.end.how, missing: account.missing });
  }
  tally.check(stored.live === 0 || stored.exchanges.some(({ end }) => !end), `${stored.live} pieces of live text are left`);
  tally.check(stored.unusedPieces === 0, `${stored.unusedPieces} pieces that no request uses`);
  return shown;
}

function judgeOne(stored: Stored, name: string, { answer, read, how, died }: Past): ReturnType<typeof accountOf> {
  if (!died) return accountOf(stored, name, { read, sent: answer.sent(), how });
  const told = stored.exchanges.find(({ url }) => nameOf(url) === name)?.response.read ?? 0;
  const account = accountOf(stored, name, { read: told, sent: answer.sent(), how });
  if (told < read) account.faults.push(`${name}: the page had read ${read} bytes when it was last quiet, and ${told} are known`);
  return account;
}

/** The panel of this page shows them so. */
export async function judgePanel(page: Page, tally: Tally, shown: ReadonlyMap<string, Shown>): Promise<void> {
  const panel = await panelOf(page);
  for (const fault of await panelTells(panel.frame, shown)) tally.check(false, fault);
  await panel.devtools.close();
}
