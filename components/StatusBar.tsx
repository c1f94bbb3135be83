/** Totals of what is shown, and what was not seen. */
import type { ReactNode } from 'react';
import type { Totals } from '../lib/model/trace.ts';
import { formatCount, plural } from '../lib/panel/format.ts';

export interface StatusBarProps { /** of the shown session */ totals: Totals | undefined; /** how much of how much */ stored: string; /** see Unseen.tsx */ unseen: ReactNode }

export function StatusBar({ totals, stored, unseen }: StatusBarProps) {
  const { traces = 0, spans = 0, errors = 0, tokens = 0 } = totals ?? {};
  return (
    <footer className="status-bar number" data-testid="status-bar">
      <span>{plural(traces, 'trace')}</span>
      <span>{plural(spans, 'span')}</span>
      {errors > 0 && <span className="bad">{plural(errors, 'error')}</span>}
      {tokens > 0 && <span>{formatCount(tokens)} tokens</span>}
      {unseen}
      <span className="spring" />
      <span title="Stored in this browser, all sessions">{stored}</span>
    </footer>
  );
}
