/** Change notes of a session: the first at once, then at most one in `limits.noteMs`, and always one for the last change. */
import { limits } from '../model/limits.ts';
import type { ChangeNote } from '../model/session.ts';

export function createNotes(announce: (note: ChangeNote) => void): (note: ChangeNote) => void {
  /** sessions told of in the last while, with the note that waits */
  const told = new Map<string, ChangeNote | undefined>();

  function tell(note: ChangeNote): void {
    announce(note);
    told.set(note.session, undefined);
    setTimeout(() => {
      const waiting = told.get(note.session);
      told.delete(note.session);
      if (waiting) tell(waiting);
    }, limits.noteMs);
  }

  return (note) => {
    if (told.has(note.session)) told.set(note.session, note);
    else tell(note);
  };
}
