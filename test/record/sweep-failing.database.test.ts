/** What goes wrong with one session keeps no other, and is tried again. */
import { expect, test } from 'vitest';
import { createFolds } from '../../lib/record/folds.ts';
import { createSweep } from '../../lib/record/sweep.ts';
import type { Desk } from '../../lib/record/work.ts';
import { asked, batchOf, call, leave, opened, pageOf, streamed, user } from './page.ts';
import { everything, startRecording } from './recording.ts';

test('a session that cannot be removed does not keep the others, and goes once it can', async () => {
  const { recorder, database, clock, session } = startRecording();
  for (const tab of [1, 2, 3]) {
    const page = pageOf(tab, tab);
    await recorder.take(batchOf(page, 0, [opened(), ...call(1, { request: asked(user(`Hello ${tab}`)), pieces: streamed(['Yes.']) }), leave()]), page.sender);
  }
  clock.now += 30 * 86_400_000;
  const desk: Desk = { database, run: 'run-1', now: () => clock.now, folds: createFolds(), hasRoom: async () => true, announce() {}, grew() {}, toSweep() {} };
  const state = { fails: true, turns: 0 };
  const sweep = createSweep(desk, (job) => {
    // The first turn marks them; the second would delete rows of the first session.
    if (state.fails && ++state.turns === 2) return Promise.reject(new Error('the disk does not answer'));
    return job();
  });
  await expect(sweep.look()).rejects.toThrow('the disk does not answer');
  const [left] = (await everything(database)).sessions;
  expect((await everything(database)).sessions).toHaveLength(1);
  expect([session(1), session(2), session(3)]).toContain(left?.id);
  state.fails = false;
  await sweep.look();
  expect((await everything(database)).sessions).toEqual([]);
});
