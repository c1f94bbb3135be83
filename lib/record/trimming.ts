/** A session whose tab lives is not removed: its oldest traces go. Never one that runs, nor for room the newest. */
import { limits } from '../model/limits.ts';
import type { TabSession } from '../model/session.ts';
import type { Budget, RemovalCause } from '../model/settings.ts';
import { read } from '../store/database.ts';
import { pagesOf } from '../store/pages.ts';
import { deleteTrace } from './clearing.ts';
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
  const going = chosen(await tracesOf(desk, session.id), olderThan, excess);
  let freed = 0;
  for (const group of groupsOf(going)) freed += await turn(() => drop(desk, session.id, group, budget));
  if (isOld) await turn(() => change(desk, session.id, async ({ session }) => { session.trimmedMs = desk.now(); }));
  return freed;
}

/** All traces of a session, the oldest first. */
async function tracesOf({ database }: Desk, session: string): Promise<OldTrace[]> {
  const traces = new Map<string, OldTrace>();
  const documents = await read(database, ['documents'], (tx) => tx.objectStore('documents').index('session').getAllKeys(session));
  for (const document of documents) {
    for await (const rows of pagesOf((work) => read(database, ['exchanges'], work), 'exchanges', IDBKeyRange.bound(`${document}/`, `${document}0`), limits.sweepRows)) {
      for (const { traceId, startMs, open, disk = 0, requestDisk = 0 } of rows) {
        if (traceId === undefined) continue;
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
    for (const { traceId } of group) await deleteTrace(work, desk.folds, traceId);
    const bytes = before - work.session.diskBytes;
    await addRemoval(work.tx, group[0]?.cause ?? 'room', { sessions: 0, traces: group.length, bytes }, budget, desk.now());
  });
}

/** Changes a session that is still there. Returns the bytes that this freed. */
async function change(desk: Desk, id: string, job: (work: Work) => Promise<void>): Promise<number> {
  return await inSession(desk, (tx) => storedSession(tx, id), async (work) => {
    const before = work.session.diskBytes;
    await job(work);
    work.touch();
    return before - work.session.diskBytes;
  }) ?? 0;
}
