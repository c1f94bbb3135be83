/** A session whose tab lives is not removed: its oldest traces go. Never one that runs, nor for room the newest. */
import { limits } from '../model/limits.ts';
import { isForgotten, type TabSession } from '../model/session.ts';
import type { Budget, RemovalCause } from '../model/settings.ts';
import { read } from '../store/database.ts';
import { pagesOf } from '../store/pages.ts';
import { deleteTrace } from './dropping.ts';
import { addRemoval } from './removals.ts';
import { storedSession } from './tab-session.ts';
import { inSession, type Desk, type Turn, type Work } from './work.ts';

interface OldTrace { traceId: string; lastMs: number; calls: number; runs: boolean; cause?: RemovalCause; /** what deleting it frees, about */ disk: number }

/** `excess`: bytes too many on the disk. */
export interface TooMuch { olderThan: number; excess: number; budget: Budget }

/** Returns the bytes that it freed; what only those traces had is forgetting.ts's. */
export async function trim(desk: Desk, turn: Turn, session: TabSession, { olderThan, excess, budget }: TooMuch): Promise<number> {
  // Who lives for weeks is looked at for age once in a while: that reads all its calls.
  const isOld = session.startedMs < olderThan && (session.trimmedMs ?? 0) < desk.now() - limits.trimAgainMs;
  if (excess <= 0 && !isOld) return 0;
  const going = chosen(await tracesOf(desk, session), olderThan, excess);
  let freed = 0;
  for (const group of groupsOf(going)) freed += await turn(() => drop(desk, session.id, group, budget));
  if (isOld) await turn(() => change(desk, session.id, async ({ session }) => { session.trimmedMs = desk.now(); }));
  return freed;
}

/** All traces of a session, the oldest first. */
async function tracesOf({ database }: Desk, session: TabSession): Promise<OldTrace[]> {
  const traces = new Map<string, OldTrace>();
  const documents = await read(database, ['documents'], (tx) => tx.objectStore('documents').index('session').getAllKeys(session.id));
  for (const document of documents) {
    for await (const rows of pagesOf((work) => read(database, ['exchanges'], work), 'exchanges', IDBKeyRange.bound(`${document}/`, `${document}0`), limits.sweepRows)) {
      for (const row of rows) {
        const { traceId, startMs, open, disk = 0, requestDisk = 0 } = row;
        if (traceId === undefined || isForgotten(session, row)) continue;
        const trace = traces.get(traceId) ?? { traceId, lastMs: 0, calls: 0, runs: false, disk: 0 };
        traces.set(traceId, { traceId, lastMs: Math.max(trace.lastMs, startMs), calls: trace.calls + 1, runs: trace.runs || open !== undefined, disk: trace.disk + disk + requestDisk });
      }
    }
  }
  return [...traces.values()].toSorted((a, b) => a.lastMs - b.lastMs);
}

function chosen(traces: OldTrace[], olderThan: number, excess: number): OldTrace[] {
  let left = excess;
  return traces.flatMap((trace, index) => {
    const cause = trace.lastMs < olderThan ? 'age' : left > 0 && index < traces.length - 1 ? 'room' : undefined;
    if (!cause || trace.runs) return [];
    left -= trace.disk;
    return [{ ...trace, cause }];
  });
}

/** Small enough for one transaction each, of one cause. */
function groupsOf(traces: OldTrace[]): OldTrace[][] {
  const groups: OldTrace[][] = [];
  let calls = 0;
  for (const trace of traces) {
    const last = groups.at(-1);
    calls += trace.calls;
    if (last && calls <= limits.sweepCalls && last[0]?.cause === trace.cause) last.push(trace);
    else {
      groups.push([trace]);
      ({ calls } = trace);
    }
  }
  return groups;
}

async function drop(desk: Desk, session: string, group: OldTrace[], budget: Budget): Promise<number> {
  return change(desk, session, async (work) => {
    const before = work.session.diskBytes;
    let traces = 0;
    for (const { traceId } of group) {
      // Looked at some time ago: it may have gone on since.
      const row = await work.tx.objectStore('traces').get([session, traceId]);
      if (!row?.running && await deleteTrace(work, desk.folds, traceId)) traces++;
    }
    if (traces === 0) return;
    const bytes = before - work.session.diskBytes;
    await addRemoval(work.tx, group[0]?.cause ?? 'room', { sessions: 0, traces, bytes }, budget, desk.now());
  });
}

/** Changes a session that is still there. Returns the bytes that this freed. */
async function change(desk: Desk, id: string, job: (work: Work) => Promise<void>): Promise<number> {
  return await inSession(desk, (tx) => storedSession(tx, id), async (work) => {
    const before = work.session.diskBytes;
    await job(work);
    work.touch();
    work.unused();
    return before - work.session.diskBytes;
  }) ?? 0;
}
