/** The jobs of the bench's page that sweep: what is too old goes, by itself, when the worker starts. */
import { read, type Database } from '../../lib/store/database.ts';
import { leave, opened, pageOf } from '../record/page.ts';
import { RUN_SPANS, agentRuns, batched } from './agent-runs.ts';
import { countSpans, makeRecorder, type Made } from './made.ts';

const DAY = 86_400_000;

let recorded: Made | undefined;

/** Nothing is left, nor anything to do. */
const isSwept = (database: Database): Promise<boolean> => read(database, ['spans', 'sessions'], async (tx) => {
  const [spans, sessions] = await Promise.all([tx.objectStore('spans').count(), tx.objectStore('sessions').getAll()]);
  return spans === 0 && sessions.every(({ removing, unswept }) => removing === undefined && !unswept);
});

export const sweepJobs = {
  /** Records a tab of so many spans, which is left or still open. */
  async record(spans: number, left: boolean) {
    recorded = makeRecorder();
    const page = pageOf(1);
    for (const batch of batched(page, [opened(), ...agentRuns(Math.ceil(spans / RUN_SPANS)), ...left ? [leave()] : []])) await recorded.recorder.take(batch, page.sender);
    const stored = await countSpans(recorded.database);
    if (stored < spans) throw new Error(`${stored} of ${spans} spans are recorded`);
  },

  /** A worker starts eight days later. Marks `sweep` and `swept` in the trace. */
  async sweep() {
    if (!recorded) throw new Error('nothing is recorded');
    const { database } = recorded;
    await database.close();
    const started = makeRecorder(() => Date.now() + 8 * DAY, database.name);
    await started.database.connection();
    performance.mark('sweep');
    await started.recorder.woke();
    do await new Promise((resolve) => { setTimeout(resolve, 50); }); while (!await isSwept(started.database));
    performance.mark('swept');
    await started.close();
    recorded = undefined;
  },
};
