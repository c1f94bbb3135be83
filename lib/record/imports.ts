/** Spans that come out of a file: sessions of their own, whose rows are told apart from recorded ones by their source alone.
 *  Of each span its attributes are kept as the file has them. */
import type { ImportPart } from '../model/command.ts';
import type { ChangeNote, TabSession } from '../model/session.ts';
import { putContent } from '../store/contents.ts';
import { putSpans } from '../store/spans.ts';
import { addSignatures, type IndexedText } from '../store/search/signatures.ts';
import { textOfSpan } from '../store/search/texts.ts';
import { send, write } from '../store/database.ts';
import { addToTraces } from '../store/traces.ts';
import type { Desk } from './work.ts';

const FULL = 'the disk is full. Clear sessions that you no longer need, or free some of the disk, and import it again.';

/** Stores all of the part or throws with a message for people. */
export async function importSpans(desk: Desk, { session: id, file, site, resource, spans }: ImportPart): Promise<void> {
  const contents = spans.map(({ content }) => new TextEncoder().encode(content));
  const bytes = contents.reduce((sum, { length }) => sum + length, 0);
  if (!await desk.hasRoom(bytes)) throw new Error(FULL);
  let grown = 0;
  const note = await write(desk.database, async (tx): Promise<ChangeNote> => {
    const now = desk.now();
    const session: TabSession = await tx.objectStore('sessions').get(id)
      ?? { id, tabId: -1, run: desk.run, startedMs: now, lastMs: now, url: site, paused: false, rev: 0, removedRev: 0, clearedMs: 0, bytes: 0, diskBytes: 0, exchanges: 0, unrecorded: 0, imported: { file, atMs: now, resource } };
    if (session.removing !== undefined) throw new Error('it was deleted meanwhile.');
    grown = -session.diskBytes;
    const rev = session.rev + 1;
    const rows = spans.map(({ row }) => ({ ...row, source: id, rev }));
    await addToTraces(tx, session, rows, rev);
    const texts: IndexedText[] = [];
    for (const [index, row] of rows.entries()) {
      const content = contents[index] ?? new Uint8Array();
      session.diskBytes += putSpans(tx, row) + putContent(tx, id, row.spanId, content);
      const text = textOfSpan(row, content);
      if (text) texts.push(text);
    }
    session.diskBytes += await addSignatures(tx, id, rev, texts);
    grown += session.diskBytes;
    send(tx.objectStore('sessions').put({ ...session, rev, bytes: session.bytes + bytes, lastMs: now }));
    return { session: id, rev };
  }).catch((error: unknown) => { throw error instanceof DOMException && error.name === 'QuotaExceededError' ? new Error(FULL) : error; });
  desk.announce(note);
  desk.grew(grown);
}
