/** A row of tabs with the keys of a tab list. */
import type { KeyboardEvent } from 'react';

export interface TabsProps<T extends string> { id: string; tabs: ReadonlyArray<{ key: T; name: string }>; chosen: T; onChoose(tab: T): void }

export function Tabs<T extends string>({ id, tabs, chosen, onChoose }: TabsProps<T>) {
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
    const at = tabs.findIndex((tab) => tab.key === chosen);
    const next = tabs[(at + (event.key === 'ArrowRight' ? 1 : -1) + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    onChoose(next.key);
    event.currentTarget.querySelector<HTMLElement>(`[data-tab='${next.key}']`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label="Detail" onKeyDown={onKeyDown}>
      {tabs.map((tab) => <button key={tab.key} type="button" role="tab" id={`${id}-${tab.key}`} aria-controls={`${id}-panel`} aria-selected={tab.key === chosen} tabIndex={tab.key === chosen ? 0 : -1} className="tab" data-tab={tab.key} onClick={() => onChoose(tab.key)}>{tab.name}</button>)}
    </div>
  );
}
