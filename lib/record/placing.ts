/** Finds where changed exchanges hang and writes the span rows that differ. The decisions are lib/trace's; this brings
 *  them what they ask for. */
import type { Exchange, ExchangeId } from '../model/exchange.ts';
import { limits } from '../model/limits.ts';
import { isForgotten } from '../model/session.ts';
import { diskOf } from '../store/disk.ts';
import { holdersOf, putEvidence, type KeyRole } from '../store/evidence.ts';
import { deleteSpans, inRows, putSpans, rowsOfTrace, spansIn, type SpansRow } from '../store/spans.ts';
import { exchangesOfRun } from '../store/exchanges.ts';
import { putTrace } from '../store/traces.ts';
import { traceIdOf } from '../trace/ids.ts';
import { relink, type EvidenceLookup } from '../trace/relink.ts';
import { spansOf } from '../trace/synthesise.ts';
import type { ExchangeChange } from './exchange-rows.ts';
import { isSame } from './same.ts';
import type { Work } from './work.ts';

export async function placeChanged(work: Work): Promise<void> {
  const changed = [...work.exchanges.values()].filter((change) => change.changed);
  for (const { row, was } of changed) if (!isSame(keysOf(row), keysOf(was))) work.session.diskBytes += putEvidence(work.tx, { session: row.session, startMs: row.startMs, exchange: row.id }, row.facts ?? {}, was?.facts);
  const runs = new Set<ExchangeId>();
  const toLink = changed.filter(needsLink);
  if (toLink.length > 0) {
    const relinked = await relink(toLink.map(({ row }) => row), lookupIn(work));
    for (const { id, link, run, conversation, traceId } of relinked.exchanges) {
      const change = await work.exchange(id);
      if (!change) continue;
      Object.assign(change.row, { link, run, conversation, traceId });
      change.changed = true;
    }
    for (const run of relinked.runs) runs.add(run);
  }
  for (const { row, was } of changed) if (row.run !== undefined && !isSame(shown(row), was && shown(was))) runs.add(row.run);
  await writeSpans(work, [...runs]);
}

const needsLink = ({ row, was }: ExchangeChange): boolean => !was || !isSame(linking(row), linking(was));

/** What linking looks at. */
const linking = ({ end, head, facts }: Exchange): unknown => [end?.how, head?.status, facts?.error, facts?.gives, facts?.seeks, facts?.continuesLoop];

/** What span rows show: all but the counters that move with each chunk. */
function shown({ rev: _rev, response, request, ...rest }: Exchange): unknown {
  return { ...rest, pieces: undefined, missing: request.missing + response.missing };
}

const keysOf = (row: Exchange | undefined): unknown => [row?.facts?.gives ?? [], row?.facts?.seeks ?? []];

function lookupIn(work: Work): EvidenceLookup {
  let left: number = limits.batchLookups;
  async function holding(role: KeyRole, keys: readonly string[]): Promise<Exchange[]> {
    const asked = keys.slice(0, Math.max(0, left));
    left -= asked.length;
    const found = await Promise.all(asked.map((key) => holdersOf(work.tx, work.session.id, key, role, limits.keyHolders)));
    const ids = [...new Set(found.flat())].slice(0, Math.max(0, left));
    left -= ids.length;
    const exchanges = await Promise.all(ids.map(work.look));
    return exchanges.filter((exchange) => exchange !== undefined);
  }
  return { giving: (keys) => holding('gives', keys), seeking: (keys) => holding('seeks', keys), ofRun: (run) => membersOf(work, run) };
}

/** As the rows are in this transaction, written or not. */
async function membersOf(work: Work, run: ExchangeId): Promise<Exchange[]> {
  const stored = await exchangesOfRun(work.tx, work.session.id, run, limits.runMembers);
  const unchanged = stored.filter((row) => !work.exchanges.has(row.id) && !isForgotten(work.session, row));
  return [...unchanged, ...[...work.exchanges.values()].map(({ row }) => row).filter((row) => row.run === run)];
}

async function writeSpans(work: Work, runs: ExchangeId[]): Promise<void> {
  const { tx, session, rev } = work;
  const was = new Map<string, SpansRow[]>();
  const wanted = new Map<string, SpansRow>();
  const look = async (traceId: string): Promise<void> => {
    if (!was.has(traceId)) was.set(traceId, await rowsOfTrace(tx, session.id, traceId));
  };
  for (const run of runs) {
    await look(traceIdOf(run));
    for (const row of inRows(spansOf(await membersOf(work, run)))) wanted.set(row.spanId, row);
  }
  for (const { traceId } of wanted.values()) await look(traceId);

  const stored = new Map([...was.values()].flat().map((row) => [row.spanId, row]));
  const rows = [...wanted.values()].map((row) => {
    const before = stored.get(row.spanId);
    if (before && isSame({ ...row, rev: before.rev }, before)) return before;
    const changed = { ...row, rev };
    session.diskBytes += putSpans(tx, changed) - (before ? diskOf('spans', before) : 0);
    return changed;
  });
  for (const row of stored.values()) if (!wanted.has(row.spanId)) session.diskBytes -= deleteSpans(tx, row);
  const now = Map.groupBy(rows, ({ traceId }) => traceId);
  for (const [traceId, before] of was) {
    await putTrace(tx, session, traceId, { was: before.flatMap(spansIn), now: (now.get(traceId) ?? []).flatMap(spansIn), rev });
    if (before.length === 0 || now.has(traceId)) continue;
    session.removedRev = rev;
    work.touch();
  }
}
