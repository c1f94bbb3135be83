/** The sites that are recorded, each with its way out. */
import { siteName } from '../../lib/model/sites.ts';
import { Menu } from './Menu.tsx';
import { sitesIcon } from './icons.tsx';

export function SitesMenu({ sites, onRemove }: { /** match patterns */ sites: readonly string[]; onRemove(pattern: string): void }) {
  return (
    <Menu name="Recorded sites" testId="sites" title="Sites that are recorded" icon={sitesIcon}>
      <p className="menu-note" data-testid="sites-local">This machine<small>localhost, *.localhost, 127.0.0.1 and [::1], always</small></p>
      {sites.map((pattern) => (
        <button key={pattern} type="button" role="menuitem" className="menu-item" data-testid="remove-site" data-site={pattern} onClick={() => onRemove(pattern)}>
          <span className="cut">{siteName(pattern)}</span><small>Stop recording it; what was recorded stays</small>
        </button>
      ))}
      {sites.length === 0 && <p className="menu-note">No other site<small>“Record this site” adds the one you look at</small></p>}
    </Menu>
  );
}
