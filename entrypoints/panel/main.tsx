/** Mounts the panel on the store and on DevTools. */
import { createRoot } from 'react-dom/client';
import { App } from '../../components/App.tsx';
import { createPanel } from '../../lib/panel/panel.ts';
import { onChange } from '../../lib/store/changes.ts';
import { openDatabase } from '../../lib/store/database.ts';
import { createReader } from '../../lib/store/reader.ts';
import { createSearch } from '../../lib/store/search/search.ts';
import { devtoolsHost } from './devtools-host.ts';

const leave = new AbortController();
addEventListener('pagehide', () => leave.abort(), { once: true });

const database = openDatabase();
const reader = createReader(database);
const panel = createPanel({ reader, search: createSearch(database), host: devtoolsHost(reader), onChange }, leave.signal);
const root = document.getElementById('root');
if (root) createRoot(root).render(<App panel={panel} />);
