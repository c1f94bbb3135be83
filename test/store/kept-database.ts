/** Databases as earlier versions wrote them, kept as files: what one is made of, how it is written down, and put back. */
import { openDB, type IDBPDatabase } from 'idb';
import type { IndexPath } from '../../lib/store/schema.ts';
import { asked, assistant, askingTool, batchOf, bytesOf, call, chunk, head, opened, pageOf, start, streamed, toolResult, user, usingTool } from '../record/page.ts';
import type { Recording } from '../record/recording.ts';

export interface KeptDatabase { version: number; stores: Record<string, { keyPath: string | string[]; indexes: Record<string, IndexPath>; rows: unknown[] }> }

const weather = [user('Weather in Oslo, and should I take the umbrella with me tomorrow?')];
const page = pageOf(1);
const other = pageOf(2, 2);

/** The requests, by exchange. The sixth was under way. */
export const requests: Record<string, string> = {
  'document-1/1': asked(user('Hello')),
  'document-1/2': asked(user('Hello'), assistant('Good morning, how are you?'), user('Fine')),
  'document-1/3': asked(...weather),
  'document-1/4': asked(...weather, usingTool('call_oslo', 'get_weather', '{"city":"Oslo"}'), toolResult('call_oslo', 'Snow')),
  'document-1/5': asked(user('Again?')),
  'document-1/6': asked(user('This request was still under way when the browser ended')),
  'document-2/1': asked(user('Hello')),
};
const request = (n: number): string => requests[`document-1/${n}`] ?? '';

/** Everything a database may hold: a chat of two turns, a tool loop, a failure, a running call, another tab, an import. */
export async function recordAll({ recorder }: Recording): Promise<void> {
  const running = bytesOf(request(6));
  const records = [opened(),
    ...call(1, { request: request(1), pieces: streamed(['Good ', 'morning, ', 'how ', 'are ', 'you?']) }),
    ...call(2, { request: request(2), pieces: streamed(['Glad ', 'to ', 'hear.']) }),
    ...call(3, { request: request(3), pieces: askingTool('call_oslo', 'get_weather', '{"city":"Oslo"}') }),
    ...call(4, { request: request(4), pieces: streamed(['It ', 'snows.']) }),
    ...call(5, { request: request(5), pieces: ['{"error":{"type":"rate_limit","message":"slow down"}}'], status: 429 }),
    start(6, { bodySize: running.byteLength }), chunk(6, 0, running.slice(0, 30), 'request'),
  ];
  await recorder.take(batchOf(page, 0, records), page.sender);
  await recorder.take(batchOf(page, records.length, [chunk(6, 30, running.slice(30), 'request'), head(6), chunk(6, 0, bytesOf(streamed(['Some', 'thing'])[0] ?? ''))]), page.sender);
  await recorder.take(batchOf(other, 0, [opened(), ...call(1, { request: requests['document-2/1'] ?? '', pieces: streamed(['Another tab.']) })]), other.sender);
  const row = { source: 'import-1', spanId: '00000000000000a1', traceId: '000000000000000000000000000000a1', kind: 'LLM', name: 'chat gpt', label: 'gpt', startMs: 1, endMs: 2, status: 'unset', exchange: '', rev: 0 } as never;
  await recorder.command({ type: 'import', part: { session: 'import-1', file: 'old.json', site: 'http://localhost/', resource: '{}', spans: [{ row, content: '{"llm.model_name":"gpt"}' }] } });
}

const plain = (_: string, value: unknown): unknown => {
  if (value instanceof Uint8Array) return { $bytes: value.toBase64() };
  if (value instanceof Float64Array) return { $floats: [...value] };
  if (value instanceof Uint16Array) return { $shorts: [...value] };
  return value instanceof Uint32Array ? { $ints: [...value] } : value;
};

function revived(_: string, value: unknown): unknown {
  const { $bytes, $floats, $shorts, $ints } = (value ?? {}) as { $bytes?: string; $floats?: number[]; $shorts?: number[]; $ints?: number[] };
  if ($bytes !== undefined) return Uint8Array.fromBase64($bytes);
  if ($floats !== undefined) return new Float64Array($floats);
  if ($shorts !== undefined) return new Uint16Array($shorts);
  return $ints === undefined ? value : new Uint32Array($ints);
}

/** The database as text. */
export async function written(database: IDBPDatabase<never>): Promise<string> {
  const stores: KeptDatabase['stores'] = {};
  for (const name of database.objectStoreNames) {
    const store = database.transaction(name).objectStore(name);
    const indexes = Object.fromEntries([...store.indexNames].map((name) => {
      const { multiEntry, keyPath } = store.index(name);
      return [name, (multiEntry ? { each: keyPath } : keyPath) as IndexPath];
    }));
    stores[name] = { keyPath: store.keyPath as string | string[], indexes, rows: await store.getAll() };
  }
  return JSON.stringify({ version: database.version, stores }, plain, 1);
}

/** Makes the database that was written down. */
export async function putBack(name: string, text: string, times = 1): Promise<void> {
  const { version, stores } = JSON.parse(text, revived) as KeptDatabase;
  const database = await openDB(name, version, {
    upgrade(made) {
      for (const [store, { keyPath, indexes }] of Object.entries(stores)) {
        const into = made.createObjectStore(store, { keyPath });
        for (const [index, path] of Object.entries(indexes)) {
          const each = typeof path === 'object' && 'each' in path;
          into.createIndex(index, each ? path.each : path, { multiEntry: each });
        }
      }
    },
  });
  for (let copy = 0; copy < times; copy++) {
    const tx = database.transaction(Object.keys(stores), 'readwrite');
    for (const [store, { rows }] of Object.entries(stores)) for (const row of copy === 0 ? rows : rows.map((row) => renamed(row, copy))) void tx.objectStore(store).put(row);
    await tx.done;
  }
  database.close();
}

/** A row under other names, so that a database may hold it many times. */
function renamed(row: unknown, copy: number): unknown {
  return JSON.parse(JSON.stringify(row, plain).replaceAll('document-', `document-${copy}-`).replaceAll('import-1', `import-${copy}-1`).replaceAll('00000000000000a1', copy.toString(16).padStart(16, 'a')), revived);
}
