/** The page of an agent, in a thread of its own as in life: what it makes its requests of, and its garbage, are not the recorder's. */
import type { PageRecord } from '../../lib/model/record.ts';
import { limits } from '../../lib/model/limits.ts';
import { call, chunk } from '../record/page.ts';
import { agentTurns } from './agent-runs.ts';

interface Told { turn: number; records: PageRecord[]; fresh: number }

const PART = limits.recordBytes / 2;

/** A request as records of the size that is allowed. */
function inRecords(record: PageRecord): PageRecord[] {
  if (record.kind !== 'chunk' || !record.bytes || record.size <= PART) return [record];
  const { bytes, exchange, side } = record;
  return Array.from({ length: Math.ceil(bytes.byteLength / PART) }, (_, i) => chunk(exchange, i * PART, bytes.slice(i * PART, (i + 1) * PART), side));
}

/** In the thread: tells turn after turn, each when it is asked for. */
export function tellTurns(): void {
  let turns: ReturnType<typeof agentTurns> | undefined;
  self.addEventListener('message', ({ data: asked }: MessageEvent<{ turns: number; size: number } | undefined>) => {
    if (asked) turns = agentTurns(asked.turns, asked.size);
    const next = turns?.next();
    const told: Told | undefined = next?.done === false
      ? { turn: next.value.turn, records: call(next.value.turn, next.value).flatMap(inRecords), fresh: next.value.fresh }
      : undefined;
    self.postMessage(told, { transfer: [] });
  });
}

/** @param script which calls `tellTurns` in the thread */
export async function* turnsOfThread(script: string, turns: number, size: number): AsyncGenerator<Told> {
  const thread = new Worker(script);
  const next = (asked?: { turns: number; size: number }): Promise<Told | undefined> => new Promise((resolve, reject) => {
    thread.addEventListener('message', ({ data }: MessageEvent<Told | undefined>) => resolve(data), { once: true });
    thread.addEventListener('error', ({ message }) => reject(new Error(message)), { once: true });
    thread.postMessage(asked, { transfer: [] });
  });
  try {
    for (let told = await next({ turns, size }); told; told = await next()) yield told;
  } finally {
    thread.terminate();
  }
}
