/** What rows take on the disk, as an estimate: their bytes and text, and what the database needs for each key. It is a matter
 *  of the row alone, so that what was added when it was written is taken off when it is deleted. The browser's own figure is
 *  of all sessions together, asked slowly, and lags behind. */
import { stores, type Schema, type StoreName } from './schema.ts';

/** Of one key, in the store or an index: the key, its copy beside the value, and what is written around them. */
const KEY = 100;

export function diskOf<Name extends StoreName>(store: Name, row: Schema[Name]['value']): number {
  return KEY * (1 + Object.keys(stores[store].indexes).length) + sizeOf(row);
}

/** As structured clone writes it, about. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 9;
  if (ArrayBuffer.isView(value)) return value.byteLength + 12;
  let size = 2;
  if (Array.isArray(value)) for (const item of value) size += sizeOf(item);
  else for (const name in value) size += name.length + 2 + sizeOf((value as Record<string, unknown>)[name]);
  return size;
}
