/** ⇩: what can be saved as OTLP/JSON. */
import { useEffect, useRef, useState } from 'react';
import { exportIcon } from './icons.tsx';

export interface ExportChoice { id: 'trace' | 'session' | 'everything'; name: string; what: string; run: (() => void) | undefined }

export function ExportMenu({ choices }: { choices: ExportChoice[] }) {
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
      <button type="button" className="tool" data-testid="export" aria-haspopup="menu" aria-expanded={open} aria-label="Export" title="Export as OpenTelemetry JSON" onClick={() => setOpen(!open)}>{exportIcon}</button>
      {open && (
        <div className="menu" role="menu" aria-label="Export">
          {choices.map((choice) => (
            <button key={choice.id} type="button" role="menuitem" className="menu-item" data-testid={`export-${choice.id}`} disabled={!choice.run} onClick={() => { close(); choice.run?.(); }}>
              {choice.name}<small>{choice.what}</small>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function moveFocus(menu: HTMLElement, by: number): void {
  const items = [...menu.querySelectorAll<HTMLButtonElement>('.menu-item:enabled')];
  const at = items.findIndex((item) => item === document.activeElement);
  items[(at + by + items.length) % items.length]?.focus();
}
