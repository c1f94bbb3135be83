/** Totals of what is shown, and what was not seen. */
import type { ReactNode } from 'react';
import { formatBytes, formatCount, plural } from '../lib/panel/format.ts';

export interface StatusBarProps { traces: number; spans: number; errors: number; tokens: number | undefined; storedBytes: number; /** see Unseen.tsx */ unseen: ReactNode }

export function StatusBar({ traces, spans, errors, tokens, storedBytes, unseen }: StatusBarProps) {
  return (
    <footer className="status-bar number" data-testid="status-bar">
      <span>{plural(traces, 'trace')}</span>
      <span>{plural(spans, 'span')}</span>
      {errors > 0 && <span className="bad">{plural(errors, 'error')}</span>}
      {tokens !== undefined && <span>{formatCount(tokens)} tokens</span>}
      {unseen}
      <span className="spring" />
      <span title="Stored in this browser, all sessions">{formatBytes(storedBytes)}</span>
    </footer>
  );
}
