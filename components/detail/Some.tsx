/** A list of any length: only its beginning is put on the page until someone asks for more. */
import { type ReactNode, useState } from 'react';
import { formatCount } from '../../lib/panel/format.ts';

/** Enough for any conversation a person reads through; some ten thousand would stop the panel for seconds. */
const AT_ONCE = 200;

export function Some<T>({ items, what, render }: { items: readonly T[]; /** plural, for the button */ what: string; render(item: T, index: number): ReactNode }) {
  const [shown, setShown] = useState(AT_ONCE);
  const more = Math.min(items.length - shown, AT_ONCE);
  return (
    <>
      {items.slice(0, shown).map(render)}
      {more > 0 && <button type="button" className="link" onClick={() => setShown(shown + more)}>Show {formatCount(more)} more of {formatCount(items.length)} {what}</button>}
    </>
  );
}
