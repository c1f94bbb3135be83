/** Are stored rows what the model says, and no larger than `limits` allows? For rows as `readStored` gives them. */
import { limits } from '../../../lib/model/limits.ts';
import { spansIn, type SpansRow } from '../../../lib/store/spans.ts';

type Row = Record<string, unknown>;
const listOf = (rows: Record<string, unknown[]>, store: string): Row[] => (rows[store] ?? []) as Row[];

/** Longest text of a row outside bodies and live text, and the largest row as JSON. */
const LONGEST: Record<string, { text: number; row: number }> = {
  sessions: { text: limits.textLength, row: 10_000 },
  documents: { text: limits.textLength, row: 10_000 },
  exchanges: { text: limits.textLength, row: limits.recordBytes },
  segments: { text: 500, row: 1_000 },
  bodies: { text: 500, row: 5_000 },
  chains: { text: 500, row: 1_000 },
  pieces: { text: 500, row: 1_000 },
  contents: { text: 500, row: 1_000 },
  spans: { text: limits.textLength, row: 12_000 },
  evidence: { text: 500, row: 50_000 },
  live: { text: 2 * limits.messageBytes, row: 4 * limits.messageBytes },
};

/** What is wrong, in words; empty where all is well. */
export function outOfBounds(stored: Record<string, unknown[]>): string[] {
  // A call's row has its tools in it.
  const rows: Record<string, unknown[]> = { ...stored, spans: (stored['spans'] as SpansRow[]).flatMap(spansIn) };
  const wrong: string[] = [];
  const sessions = new Set(listOf(rows, 'sessions').map(({ id }) => id));
  const documents = new Map(listOf(rows, 'documents').map((row) => [row['documentId'], row]));
  const exchanges = new Map(listOf(rows, 'exchanges').map((row) => [row['id'], row]));
  for (const [store, { text, row: size }] of Object.entries(LONGEST)) {
    for (const row of listOf(rows, store)) {
      const json = JSON.stringify(row);
      const name = `${store} ${json.slice(0, 120)}`;
      if (json.length > size) wrong.push(`${name}: a row of ${json.length}`);
      for (const [path, value] of leaves(row)) {
        if (typeof value === 'string' && value.length > text) wrong.push(`${name}: ${path} is ${value.length} long`);
        if (typeof value === 'number' && !Number.isFinite(value)) wrong.push(`${name}: ${path} is ${value}`);
      }
    }
  }
  for (const row of documents.values()) {
    if (!sessions.has(row['session'])) wrong.push(`document ${row['documentId']} of no session`);
    if (Number(row['exchanges']) > limits.documentExchanges) wrong.push(`document ${row['documentId']}: ${row['exchanges']} calls`);
    if (Number(row['bytes']) > limits.documentBytes) wrong.push(`document ${row['documentId']}: ${row['bytes']} bytes`);
  }
  for (const { id, bytes, exchanges: calls } of listOf(rows, 'sessions')) {
    const frames = [...documents.values()].filter(({ session }) => session === id).length;
    if (Number(bytes) > limits.sessionBytes || Number(calls) > limits.sessionExchanges || frames > limits.sessionDocuments) wrong.push(`session ${id}: ${bytes} bytes, ${calls} calls, ${frames} documents`);
    if (calls !== listOf(rows, 'exchanges').filter(({ session }) => session === id).length) wrong.push(`session ${id} says ${calls} calls`);
  }
  const open = new Map<unknown, number>();
  for (const [id, row] of exchanges) {
    if (!String(id).startsWith(`${row['documentId']}/`) || !documents.has(row['documentId'])) wrong.push(`exchange ${id} of no document`);
    if (row['open'] !== undefined) open.set(row['open'], (open.get(row['open']) ?? 0) + 1);
  }
  for (const [document, count] of open) if (count > limits.openExchanges) wrong.push(`${count} running calls of ${document}`);
  const tools = new Map<unknown, number>();
  for (const { exchange, kind, source } of listOf(rows, 'spans')) {
    if (!exchanges.has(exchange) || !sessions.has(source)) wrong.push(`a span of ${exchange}, which is not there`);
    if (kind === 'TOOL') tools.set(exchange, (tools.get(exchange) ?? 0) + 1);
  }
  for (const [exchange, count] of tools) if (count > limits.toolCalls) wrong.push(`${count} tool spans of ${exchange}`);
  return wrong;
}

function* leaves(value: unknown, path = ''): Generator<[path: string, value: unknown]> {
  if (typeof value !== 'object' || value === null) yield [path, value];
  else for (const [key, item] of Object.entries(value)) yield* leaves(item, `${path}.${key}`);
}
