/** Record, clear, filter, kinds, export: the bar of DevTools' Network panel. */
import { type ReactNode, type RefObject, useEffect, useRef } from 'react';
import { type Chip, type Filter, chips } from '../../lib/panel/filter.ts';
import { ExportMenu, type ExportChoice } from './ExportMenu.tsx';
import { ImportButton } from './ImportButton.tsx';
import { clearIcon, pausedIcon, recordIcon } from './icons.tsx';
import { SitesMenu } from './SitesMenu.tsx';
import './toolbar.css';

const CHIP_NAME: Record<Chip, string> = { all: 'All', llm: 'LLM', tool: 'Tool', agent: 'Agent', retriever: 'Retriever', error: 'Error' };

export interface ToolbarProps {
  /** undefined: this tab cannot be recorded now */ recording: boolean | undefined;
  onRecord(on: boolean): void;
  /** undefined: nothing to clear */ onClear: (() => void) | undefined;
  filter: Filter;
  onFilter(filter: Partial<Filter>): void;
  /** see Storage.tsx */ storage: ReactNode;
  exports: ExportChoice[];
  onImport(file: File): void;
  /** match patterns of the sites the user allowed */ sites: readonly string[];
  onRemoveSite(pattern: string): void;
  /** after Esc or Enter in the filter box */ onLeaveFilter(): void;
}

export function Toolbar({ recording, onRecord, onClear, filter, onFilter, storage, exports, onImport, sites, onRemoveSite, onLeaveFilter }: ToolbarProps) {
  const box = useRef<HTMLInputElement>(null);
  useFilterKey(box);
  return (
    <div className="toolbar" role="toolbar" aria-label="Recording and filter">
      <button type="button" className="tool tool-record" data-testid="record" disabled={recording === undefined} aria-pressed={recording === true} aria-label="Record this tab"
        title={recording === true ? 'Recording. Click to pause' : recording === false ? 'Paused. Click to record' : 'This tab is not recorded'} onClick={() => onRecord(recording !== true)}>
        {recording === true ? recordIcon : pausedIcon}
      </button>
      <button type="button" className="tool" data-testid="clear" disabled={!onClear} aria-label="Clear this session" title="Clear: forget everything of this session" onClick={onClear}>{clearIcon}</button>
      <span className="toolbar-rule" />
      <input ref={box} className="filter-box" type="search" data-testid="filter" placeholder="Filter  kind:llm  status:error  model:…" aria-label="Filter" spellCheck={false} value={filter.text}
        onChange={(event) => onFilter({ text: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && filter.text !== '') onFilter({ text: '' });
          else if (event.key === 'Escape' || event.key === 'Enter' || event.key === 'ArrowDown') onLeaveFilter();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }} />
      <div className="chips" role="group" aria-label="Kind">
        {chips.map((chip) => <button key={chip} type="button" className="chip" data-chip={chip} aria-pressed={filter.chip === chip} onClick={() => onFilter({ chip })}>{CHIP_NAME[chip]}</button>)}
      </div>
      <select className="chip-select" aria-label="Kind" value={filter.chip} onChange={(event) => onFilter({ chip: chips.find((chip) => chip === event.target.value) ?? 'all' })}>
        {chips.map((chip) => <option key={chip} value={chip}>{CHIP_NAME[chip]}</option>)}
      </select>
      <span className="toolbar-spring" />
      <span className="toolbar-rule" />
      {storage}
      <SitesMenu sites={sites} onRemove={onRemoveSite} />
      <ImportButton onImport={onImport} />
      <ExportMenu choices={exports} />
    </div>
  );
}

/** Ctrl/Cmd+F and `/` go to the filter box: a virtualised list cannot be found by the browser's own search. */
function useFilterKey(box: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLSelectElement;
      const find = event.key.toLowerCase() === 'f' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      if (!find && (event.key !== '/' || typing)) return;
      event.preventDefault();
      event.stopPropagation();
      box.current?.focus();
      box.current?.select();
    };
    // In the capture phase: DevTools listens at the document for its own search.
    document.addEventListener('keydown', onKey, true);
    return () => document.removeEventListener('keydown', onKey, true);
  }, [box]);
}
