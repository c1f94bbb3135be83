import { expect, test } from 'vitest';
import { createSerial } from '../../lib/record/serial.ts';

/** Jobs that say their name when they run, one macrotask long. */
function setUp(): { said: string[]; job(name: string): () => Promise<string> } {
  const said: string[] = [];
  return {
    said,
    job: (name) => async () => {
      said.push(`${name} begins`);
      await new Promise((resolve) => { setTimeout(resolve); });
      said.push(`${name} ends`);
      return name;
    },
  };
}

test('one at a time, those of a lane in order, lanes in turn', async () => {
  const { said, job } = setUp();
  const serial = createSerial();
  const jobs = ['a1', 'a2', 'a3', 'a4'].map((name) => serial(job(name), 'a'));
  jobs.push(serial(job('b1'), 'b'), serial(job('own')), serial(job('b2'), 'b'));
  expect(await Promise.all(jobs)).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'own', 'b2']);
  expect(said).toEqual(['a1', 'a2', 'b1', 'own', 'a3', 'b2', 'a4'].flatMap((name) => [`${name} begins`, `${name} ends`]));
});

test('a job that fails fails alone, and one given while others run has its turn', async () => {
  const { said, job } = setUp();
  const serial = createSerial();
  const failing = serial(async () => { throw new Error('failed'); }, 'a');
  const later = serial(job('later'), 'a').then(() => serial(job('last'), 'a'));
  await expect(failing).rejects.toThrow('failed');
  expect(await later).toBe('last');
  expect(await serial(job('anew'))).toBe('anew');
  expect(said.filter((word) => word.endsWith('ends'))).toEqual(['later ends', 'last ends', 'anew ends']);
});
