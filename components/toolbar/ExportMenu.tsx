/** ⇩: what can be saved as OTLP/JSON. */
import { exportIcon } from './icons.tsx';
import { Menu } from './Menu.tsx';

export interface ExportChoice { id: 'trace' | 'session' | 'everything'; name: string; what: string; run: (() => void) | undefined }

export function ExportMenu({ choices }: { choices: ExportChoice[] }) {
  return (
    <Menu name="Export" testId="export" title="Export as OpenTelemetry JSON" icon={exportIcon}>
      {choices.map((choice) => (
        <button key={choice.id} type="button" role="menuitem" className="menu-item" data-testid={`export-${choice.id}`} disabled={!choice.run} onClick={choice.run}>
          {choice.name}<small>{choice.what}</small>
        </button>
      ))}
    </Menu>
  );
}
