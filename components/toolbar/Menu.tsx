/** A button and the menu below it: keys, focus; a click on an item or elsewhere closes it. */
import type { ReactNode } from 'react';
import { usePopup } from '../use-popup.ts';

export interface MenuProps { name: string; testId: string; title: string; icon: ReactNode; children: ReactNode }

export function Menu({ name, testId, title, icon, children }: MenuProps) {
  const { open, toggle, close, anchor } = usePopup('.menu-item:enabled');
  return (
    <div className="menu-anchor" ref={anchor} onKeyDown={(event) => {
      if (!open || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
      moveFocus(event.currentTarget, event.key === 'ArrowDown' ? 1 : -1);
      event.preventDefault();
      event.stopPropagation();
    }}>
      <button type="button" className="tool" data-testid={testId} aria-haspopup="menu" aria-expanded={open} aria-label={name} title={title} onClick={toggle}>{icon}</button>
      {open && <div className="menu" role="menu" aria-label={name} onClick={({ target }) => { if (target instanceof Element && target.closest('.menu-item')) close(); }}>{children}</div>}
    </div>
  );
}

function moveFocus(menu: HTMLElement, by: 1 | -1): void {
  const items = [...menu.querySelectorAll<HTMLButtonElement>('.menu-item:enabled')];
  const at = items.findIndex((item) => item === document.activeElement);
  // From the button up is the last one.
  items.at(at < 0 && by < 0 ? -1 : (at + by) % items.length)?.focus();
}
