/** Mounts the panel on made-up data: `?scene=day|empty|many|running|hostile&state=…&theme=dark`. */
import { createRoot } from 'react-dom/client';
import { App } from '../../../components/App.tsx';
import type { TabStatus } from '../../../lib/model/command.ts';
import type { ChangeNote } from '../../../lib/model/session.ts';
import type { StorageSettings } from '../../../lib/model/settings.ts';
import type { LivePiece, SpanRow } from '../../../lib/model/span.ts';
import type { Totals } from '../../../lib/model/trace.ts';
import type { Host } from '../../../lib/panel/host.ts';
import { createPanel } from '../../../lib/panel/panel.ts';
import type { StoreReader } from '../../../lib/store/reader.ts';
import { totalsAfter } from '../../../lib/store/trace-summary.ts';
import { rowsReader, tracesOf } from '../../store/memory-reader.ts';
import { HERE, NOW, calls, documents, hostilePlan, runningPlan, sessions } from './data.ts';
import { manyRows } from './many-rows.ts';
import { make, rowsOf } from './recorded.ts';

const asked = new URLSearchParams(location.search);
const scene = asked.get('scene') ?? 'day';
const state = asked.get('state') ?? 'recording';

const made = scene === 'empty' || scene === 'many' ? [] : scene === 'hostile' ? [make(hostilePlan())] : calls();
const running = scene === 'running' ? make(runningPlan()) : undefined;
if (running) made.push(running);
const rows: SpanRow[] = scene === 'many' ? manyRows(5000) : await rowsOf(made);
const pieces: LivePiece[] = [];
const listeners = new Set<(note: ChangeNote) => void>();
let rev = 1;

// The clock of the data stands still, so that pictures can be compared; a running call runs.
Date.now = () => NOW + (scene === 'running' ? performance.now() : 0);
if (running) {
  const words = 'Then keep Belém for the morning, when the forecast is driest, and put the museums after it: MAAT, the Coach Museum and the Berardo collection are all within ten minutes on foot. '.repeat(8).match(/\S+\s*/g) ?? [];
  const timer = setInterval(() => {
    const text = words[pieces.length];
    if (text === undefined) return clearInterval(timer);
    pieces.push({ exchange: running.exchange.id, n: pieces.length, kind: 'text', text });
    rev += 1;
    for (const listener of listeners) listener({ session: HERE, rev });
  }, 50);
}

const totalsOf = (id: string): Totals => tracesOf(rows.filter(({ source }) => source === id)).reduce<Totals>((sum, row) => totalsAfter(sum, undefined, row), totalsAfter(undefined, undefined, undefined));
const shown = scene === 'empty' ? [] : sessions.map((session) => ({ ...session, totals: totalsOf(session.id), paused: state === 'paused' && session.id === HERE }));
const settings: StorageSettings = { budget: { bytes: 500_000_000, days: 7 }, removed: { age: { atMs: NOW - 3 * 3600_000, sessions: 3, traces: 0, bytes: 41_200_000, days: 7 } } };
const empty = { bytes: new Uint8Array(), times: new Float64Array(), ends: new Uint32Array(), missing: 0 };
const reader: StoreReader = {
  sessions: async () => shown,
  session: async (id) => shown.find((session) => session.id === id),
  settings: async () => settings,
  documents: async (id) => (id === HERE ? documents : []),
  ...rowsReader(() => rows),
  content: async () => undefined,
  exchange: async (id) => made.find(({ exchange }) => exchange.id === id)?.exchange,
  body: async (id, side) => made.find(({ exchange }) => exchange.id === id)?.[side] ?? empty,
  live: async (id, from = 0) => pieces.filter((piece) => piece.exchange === id && piece.n >= from),
};

const status: TabStatus = { session: HERE, paused: state === 'paused', watching: state !== 'needs_reload' && state !== 'page_orphaned', orphaned: state === 'page_orphaned' };
const host: Host = {
  tabId: 1, alive: () => state !== 'panel_orphaned', status: async () => status, command: async () => ({ ok: false, error: 'this is a story, nothing is recorded' }),
  pageUrl: async () => (state === 'unrecordable' ? 'chrome://extensions/' : state === 'site_not_allowed' ? 'https://chat.example.org/' : 'http://localhost:5173/'),
  siteAllowed: async () => state !== 'site_not_allowed', requestSite: async () => true, allowedSites: async () => ['https://a-very-long-name-of-a-preview-deployment-git-feature-branch-team.example-hosting.app/*', 'https://chat.example.org/*'], removeSite: async () => true, reloadPage() {}, reloadPanel() {}, onChange() {}, onRequest() {},
  theme: () => (asked.get('theme') === 'dark' ? 'dark' : 'light'), onTheme() {}, saveFile() {}, copy() {}, toOtlp: async () => new Blob(['{}']),
};

const root = document.getElementById('root');
if (root) createRoot(root).render(<App panel={createPanel({ reader, host, onChange: (listener) => { listeners.add(listener); } }, new AbortController().signal)} />);
