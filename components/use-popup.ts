/** What opens beside a button: it takes the focus; Escape closes it, and so does a click or the focus going elsewhere. */
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

interface Popup {
  open: boolean;
  toggle(): void;
  /** the focus goes back to the button */ close(): void;
  /** around the button, which comes first, and what it opens */ anchor: RefObject<HTMLDivElement | null>;
}

/** @param first selector of what in it gets the focus */
export function usePopup(first: string): Popup {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLDivElement>(null);
  const close = useCallback((): void => {
    setOpen(false);
    anchor.current?.querySelector('button')?.focus();
  }, []);
  useEffect(() => {
    if (!open) return undefined;
    anchor.current?.querySelector<HTMLElement>(first)?.focus();
    const leave = new AbortController();
    const { signal } = leave;
    const onElsewhere = ({ target }: Event): void => { if (target instanceof Node && !anchor.current?.contains(target)) setOpen(false); };
    document.addEventListener('pointerdown', onElsewhere, { signal });
    document.addEventListener('focusin', onElsewhere, { signal });
    // Wherever the focus is: a click on mere text in the popup leaves it nowhere. In the capture phase: DevTools listens at
    // the document, and would open its drawer.
    document.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      close();
    }, { capture: true, signal });
    return () => leave.abort();
  }, [open, first, close]);
  return { open, toggle: () => setOpen(!open), close, anchor };
}
