/** What is held in memory, as the browser counts it when all that nobody holds was cleared away. */
import { cdp } from 'vitest/browser';

interface Debugger { send(method: string, params?: object): Promise<unknown> }

export const MB = 1024 * 1024;

/** Bytes of objects and texts, and of what typed arrays lie in. */
export async function memoryInUse(): Promise<number> {
  const debug = cdp() as unknown as Debugger;
  await debug.send('HeapProfiler.collectGarbage');
  const { usedSize = 0, backingStorageSize = 0 } = await debug.send('Runtime.getHeapUsage') as Record<string, number>;
  return usedSize + backingStorageSize;
}
