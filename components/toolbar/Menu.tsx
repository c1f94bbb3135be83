/** A button and the menu below it: keys, focus; a click on an item or elsewhere closes it. */
import { type ReactNode, useEffect, useRef, useState } from 'react';

export interface MenuProps { name: string; testId: string; title: string; icon: ReactNode; children: ReactNode }

export function Menu({ name, testId, title, icon, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    anchor.current?.querySelector<HTMLButtonElement>('.menu-item:enabled')?.focus();
    const onPointer = (event: PointerEvent): void => { if (event.target instanceof Node && !anchor.current?.contains(event.target)) setOpen(false); };
    document.addEventListener('pointerdown', onPointer);
    return () => document.removeEventListener('pointerdown', onPointer);
  }, [open]);
  const close = (): void => {
    setOpen(false);
    anchor.current?.querySelector('button')?.focus();
  };
  return (
    <div className="menu-anchor" ref={anchor} onKeyDown={(event) => {
      if (!open) return;
      if (event.key === 'Escape') close();
      else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') moveFocus(event.currentTarget, event.key === 'ArrowDown' ? 1 : -1);
      else return;
      event.preventDefault();
      event.stopPropagation();
    }}>
      <button type="button" className="tool" data-testid={testId} aria-haspopup="menu" aria-expanded={open} aria-label={name} title={title} onClick={() => setOpen(!open)}>{icon}</button>
      {open && <div className="menu" role="menu" aria-label={name} onClick={({ target }) => { if (target instanceof Element && target.closest('.menu-item')) close(); }}>{children}</div>}
    </div>
  );
}

function moveFocus(menu: HTMLElement, by: number): void {
  const items = [...menu.querySelectorAll<HTMLButtonElement>('.menu-item:enabled')];
  const at = items.findIndex((item) => item === document.activeElement);
  items[(at + by + items.length) % items.length]?.focus();
}
