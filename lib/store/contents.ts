/** What is kept of an imported span beside its row: its attributes as the file has them, behind the span's id. */
import { send, startingWith, type ReadTransaction, type WriteTransaction } from './database.ts';

export function putContent(tx: WriteTransaction, session: string, ref: string, bytes: Uint8Array<ArrayBuffer>): void {
  send(tx.objectStore('contents').put({ session, ref, bytes }));
}

export async function contentOf(tx: ReadTransaction, session: string, ref: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return (await tx.objectStore('contents').get([session, ref]))?.bytes;
}

export function deleteContent(tx: WriteTransaction, session: string, ref: string): void {
  send(tx.objectStore('contents').delete([session, ref]));
}

export function deleteContents(tx: WriteTransaction, session: string): void {
  send(tx.objectStore('contents').delete(startingWith(session)));
}
