/** Asks for one site where DevTools cannot (Firefox, bug 1796933): `allow.html?site=<URL>`. The panel hears of the answer by
 *  itself. */
import { createRoot } from 'react-dom/client';
import { AllowSite } from '../../components/AllowSite.tsx';
import { patternOf } from '../../lib/model/sites.ts';

const site = new URLSearchParams(location.search).get('site') ?? '';
const isWeb = URL.canParse(site) && /^https?:$/.test(new URL(site).protocol);
const root = document.getElementById('root');
if (root) createRoot(root).render(<AllowSite site={isWeb ? new URL(site).host : undefined} onAsk={() => chrome.permissions.request({ origins: [patternOf(site)] })} />);
