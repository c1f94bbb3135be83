/** Recordings, saved as files and read again, as the panel does it. */
import { otlpText } from '../../lib/export/otlp.ts';
import { resourceOf } from '../../lib/export/resource.ts';
import { contentOf, readFile, type ImportedFile } from '../../lib/import/file.ts';
import { attributesIn } from '../../lib/import/key-values.ts';
import type { Exchange, ExchangeId } from '../../lib/model/exchange.ts';
import { isWire, type SpanRow } from '../../lib/model/span.ts';
import { attributesOf } from '../../lib/trace/attributes.ts';
import { readCall } from '../../lib/trace/fold.ts';
import type { ReadExchange } from '../../lib/trace/reading.ts';
import { record, type Page } from '../trace/app.ts';
import { createMemory } from '../trace/memory.ts';

export interface Recorded { rows: SpanRow[]; read: Map<ExchangeId, ReadExchange> }

const utf8 = (body: unknown): Uint8Array => new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));

export async function recordPages(pages: readonly Page[]): Promise<Recorded> {
  const memory = createMemory();
  await record(memory, pages);
  const read = pages.flatMap(({ sent }) => sent).map((sent): [ExchangeId, ReadExchange] => {
    const exchange = memory.exchange(`${sent.document}/${sent.ordinal}`) as Exchange;
    const [request, response] = [utf8(sent.request), utf8(sent.response)];
    return [exchange.id, { exchange, request, response, call: readCall(exchange, request, response) }];
  });
  return { rows: memory.rows(), read: new Map(read) };
}

/** @param sites one for each part of the rows: a tab session of its own */
export async function saved({ rows, read }: Recorded): Promise<string> {
  const groups = [...Map.groupBy(rows, (row) => row.source)].map(([source, spans]) => ({ spans, resource: resourceOf({ site: `${source}.example`, version: '0.1.0', userAgent: 'Test/1' }) }));
  return (await Array.fromAsync(otlpText(groups, async (row) => attributesOf(row, read)))).join('');
}

export const opened = (text: string): ImportedFile => readFile(text, (group) => `import-${group}`);

/** An import, saved again. */
export async function savedAgain(text: string, file: ImportedFile): Promise<string> {
  const contents = new Map(file.groups.flatMap(({ spans }) => spans).map((span) => [span.row, contentOf(text, span)]));
  const groups = file.groups.map(({ spans, resource }) => ({ spans: spans.map(({ row }) => row), resource: attributesIn(JSON.parse(resource)) }));
  return (await Array.fromAsync(otlpText(groups, async (row) => attributesIn(JSON.parse(contents.get(row) ?? '[]'))))).join('');
}

/** Half a character is none in a file. */
const wellFormed = <T>(value: T): T => typeof value === 'string' ? value.toWellFormed() as T
  : Array.isArray(value) ? value.map(wellFormed) as T
    : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, wellFormed(inner)])) as T : value;

/** Rows as an import of them must give them: the same, but for whose they are and what they call exchanges. */
export function expectedRows(rows: readonly SpanRow[], source: string): SpanRow[] {
  const calls = new Map(rows.filter(isWire).map((row) => [row.exchange, `${source}/${row.spanId}`]));
  const named = (exchange: string | undefined): string | undefined => exchange === undefined ? undefined : calls.get(exchange);
  return rows.map((row) => wellFormed({
    ...row, source, exchange: named(row.exchange) ?? 'no such call', resultExchange: named(row.resultExchange), link: { ...row.link, to: named(row.link.to), turnOf: named(row.link.turnOf) }, rev: 0,
  }));
}
