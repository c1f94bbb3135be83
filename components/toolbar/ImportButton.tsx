/** ⇧: a file that was exported once is read again. */
import { useRef } from 'react';
import { importIcon } from './icons.tsx';

export function ImportButton({ onImport }: { onImport(file: File): void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" className="tool" data-testid="import" aria-label="Import" title="Import OpenTelemetry JSON (or drop a file on the panel)" onClick={() => input.current?.click()}>{importIcon}</button>
      <input ref={input} type="file" accept=".json,application/json" hidden data-testid="import-file" onChange={({ currentTarget }) => {
        const [file] = currentTarget.files ?? [];
        if (file) onImport(file);
        currentTarget.value = ''; // the same file may be chosen again
      }} />
    </>
  );
}
