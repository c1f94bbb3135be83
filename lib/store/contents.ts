/** Bytes behind a reference. What a reference is made of is known only here, so that a later form may store what requests
 *  repeat only once. */
import { send, startingWith, type ReadTransaction, type WriteTransaction } from './database.ts';

/** Stores bytes of a session; `name` says whose they are, the same name is the same content. Returns the reference. */
export function putContent(tx: WriteTransaction, session: string, name: string, bytes: Uint8Array<ArrayBuffer>): string {
  send(tx.objectStore('contents').put({ session, ref: name, bytes }));
  return name;
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
