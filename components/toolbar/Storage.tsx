/** What is stored takes this much, may take that much, and what went for it; the way to delete all of it. */
import { useState } from 'react';
import type { Budget, StorageSettings } from '../../lib/model/settings.ts';
import { plural } from '../../lib/panel/format.ts';
import { dayChoices, formatRoom, removedWords, roomChoices, type StorageUse } from '../../lib/panel/storage-words.ts';
import { usePopup } from '../use-popup.ts';
import { storageIcon } from './icons.tsx';
import './storage.css';

export interface StorageProps { use: StorageUse; settings: StorageSettings; nowMs: number; onBudget(budget: Budget): void; onDeleteEverything(): void }

export function Storage(props: StorageProps) {
  const { open, toggle, close, anchor } = usePopup('.storage select');
  return (
    <div className="menu-anchor" ref={anchor}>
      <button type="button" className="tool" data-testid="storage" aria-haspopup="dialog" aria-expanded={open} aria-label="Storage" title={`Storage: ${props.use.title}`} onClick={toggle}>{storageIcon}</button>
      {open && <StorageBox {...props} onDone={close} />}
    </div>
  );
}

function StorageBox({ use, settings, nowMs, onBudget, onDeleteEverything, onDone }: StorageProps & { onDone(): void }) {
  const [asking, setAsking] = useState(false);
  const { budget } = settings;
  const set = (change: { bytes?: number; days?: number | undefined }): void => {
    const { days, ...bytes } = { ...budget, ...change };
    onBudget({ ...bytes, ...(days !== undefined && { days }) });
  };
  return (
    <div className="menu storage" role="dialog" aria-label="Storage" data-testid="storage-box">
      <p className="storage-use number" data-testid="storage-use"><b>{use.title}</b> <span className="dim">{use.detail}</span></p>
      <div className="storage-meter" aria-hidden="true"><i data-full={use.part === 1 || undefined} style={{ width: `${use.part * 100}%` }} /></div>
      <label className="storage-line">Keep at most
        <select className="storage-choice" data-testid="budget-bytes" value={budget.bytes} onChange={({ target }) => set({ bytes: Number(target.value) })}>
          {roomChoices(budget.bytes).map((bytes) => <option key={bytes} value={bytes}>{formatRoom(bytes)}</option>)}
        </select>
      </label>
      <label className="storage-line">Keep for
        <select className="storage-choice" data-testid="budget-days" value={budget.days ?? 0} onChange={({ target }) => set({ days: Number(target.value) || undefined })}>
          {dayChoices(budget.days).map((days) => <option key={days} value={days}>{plural(days, 'day')}</option>)}
          <option value={0}>as long as it fits</option>
        </select>
      </label>
      <p className="storage-note dim">The session used longest ago goes first. Pinned ones stay.</p>
      {removedWords(settings, nowMs).map((words) => <p key={words} className="storage-note" data-testid="removed">{words}</p>)}
      <div className="storage-foot">
        {asking ? (
          <>
            <span>Pinned sessions too.</span>
            <button type="button" className="chip storage-delete" data-testid="confirm-delete-everything" onClick={() => { onDeleteEverything(); onDone(); }}>Delete all</button>
            {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- what was pressed is gone, and this harms nothing */}
            <button type="button" className="chip" data-testid="keep-everything" autoFocus onClick={() => setAsking(false)}>Keep</button>
          </>
        ) : <button type="button" className="chip storage-delete" data-testid="delete-everything" onClick={() => setAsking(true)}>Delete everything…</button>}
      </div>
    </div>
  );
}
