/** What is kept of an imported span beside its row: its attributes as the file has them, behind the span's id. */
import { send, type ReadTransaction, type WriteTransaction } from './database.ts';
import { diskOf } from './disk.ts';

/** Returns what it takes on the disk. */
export function putContent(tx: WriteTransaction, session: string, ref: string, bytes: Uint8Array<ArrayBuffer>): number {
  const row = { session, ref, bytes };
  send(tx.objectStore('contents').put(row));
  return diskOf('contents', row);
}

export async function contentOf(tx: ReadTransaction, session: string, ref: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return (await tx.objectStore('contents').get([session, ref]))?.bytes;
}

/** Returns its size and what it took on the disk. */
export async function deleteContent(tx: WriteTransaction, session: string, ref: string): Promise<{ size: number; disk: number }> {
  const reading = tx.objectStore('contents').get([session, ref]);
  send(tx.objectStore('contents').delete([session, ref]));
  const row = await reading;
  return row ? { size: row.bytes.byteLength, disk: diskOf('contents', row) } : { size: 0, disk: 0 };
}
