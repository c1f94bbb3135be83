/** Blocks of outlines as version 4 packed them, in the form of version 8: the same columns, by number and in one buffer. */

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array | undefined;
export interface Packed4 { ids: Uint8Array; columns: Partial<Record<string, Column>>; text: string; lengths: Column }

/** In the places they have since then. */
const COLUMNS = [
  'ids', 'lengths', 'startMs', 'endMs', 'httpStatus', 'toolIndex', 'firstByteMs', 'firstTokenMs', 'missingBytes', 'rev', 'input', 'output', 'total', 'cacheRead', 'cacheWrite', 'reasoning', 'audioInput', 'audioOutput',
  'ordinal', 'relation', 'confidence', 'document', 'kind', 'status', 'endCause', 'finish', 'errorType', 'model', 'name', 'parentSpanId', 'retryOf', 'title', 'statusMessage', 'label', 'call',
] as const;

export function packed8({ ids, lengths, columns, text }: Packed4): { bytes: Uint8Array<ArrayBuffer>; text: string } {
  const all = COLUMNS.map((name): Column => name === 'ids' ? ids : name === 'lengths' ? lengths : columns[name]);
  const head = Uint32Array.from([all.length, ...all.map((column) => column ? column.length * 16 + column.BYTES_PER_ELEMENT : 0)]);
  let at = Math.ceil(head.byteLength / 8) * 8;
  const bytes = new Uint8Array(all.reduce((sum, column) => sum + (column?.byteLength ?? 0), at));
  bytes.set(new Uint8Array(head.buffer));
  for (const width of [8, 4, 2, 1]) {
    for (const column of all) {
      if (column?.BYTES_PER_ELEMENT !== width) continue;
      bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
      at += column.byteLength;
    }
  }
  return { bytes, text };
}
