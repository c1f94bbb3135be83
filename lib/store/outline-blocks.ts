/** Spans of a trace as blocks of columns: what a tree shows of some hundred spans is one small row, so that a trace of fifty
 *  thousand opens without reading as many. Pure. */
import type { FinishReason, Usage } from '../model/call.ts';
import type { EndCause } from '../model/record.ts';
import type { Link, OutlineSpan, SpanKind } from '../model/span.ts';
import { createTexts, numberAt, packNumbers, textsIn, type NumberColumn, type TextTable } from './columns.ts';

/** Most spans of one block: with their texts some 40 KB (past 64 KB Chromium keeps a value in a file of its own, which is slow to
 *  write). */
const BLOCK_SPANS = 512;
/** A trace of so few has no blocks: its rows are read as fast, and most traces are that small. */
const ROWS_ALONE = 64;

const NUMBERS = ['startMs', 'endMs', 'httpStatus', 'toolIndex', 'firstByteMs', 'firstTokenMs', 'missingBytes', 'rev'] as const;
const TEXTS = ['parentSpanId', 'kind', 'name', 'label', 'title', 'status', 'statusMessage', 'errorType', 'endCause', 'model', 'finish', 'retryOf'] as const;
const USAGE = ['input', 'output', 'total', 'cacheRead', 'cacheWrite', 'reasoning', 'audioInput', 'audioOutput'] as const;

type Column = typeof NUMBERS[number] | typeof TEXTS[number] | typeof USAGE[number] | 'document' | 'call' | 'relation' | 'confidence';

/** `ids`: 8 bytes a span. */
export interface PackedSpans extends TextTable { ids: Uint8Array<ArrayBuffer>; columns: Partial<Record<Column, NumberColumn>> }

/** A block of a trace's outline as it is stored; `rev` of its last change. */
export interface OutlineBlock { source: string; traceId: string; block: number; rev: number; spans: PackedSpans }

/** How many blocks a trace has that is written as a whole. */
export const blocksOf = (spans: number): number => spans <= ROWS_ALONE ? 0 : Math.ceil(spans / BLOCK_SPANS);

/** Spans block by block; none where they do without. */
export const inBlocks = <T>(spans: readonly T[]): T[][] => blocksOf(spans.length) === 0 ? [] : cut(spans);

/** The same, however few they are. */
export const cut = <T>(spans: readonly T[]): T[][] => Array.from({ length: Math.ceil(spans.length / BLOCK_SPANS) }, (_, block) => spans.slice(block * BLOCK_SPANS, (block + 1) * BLOCK_SPANS));

/** Exchanges of one document begin with its id. */
const documentOf = (exchange: string): string => exchange.slice(0, exchange.lastIndexOf('/') + 1);

export function packSpans(spans: readonly OutlineSpan[]): PackedSpans {
  const texts = createTexts();
  const columns: PackedSpans['columns'] = {};
  const put = (name: Column, column: NumberColumn): void => { if (column) columns[name] = column; };
  for (const name of NUMBERS) put(name, packNumbers(spans.map((span) => span[name])));
  for (const name of USAGE) put(name, packNumbers(spans.map(({ usage }) => usage?.[name])));
  for (const name of TEXTS) put(name, texts.column(spans.map((span) => span[name])));
  put('document', texts.column(spans.map(({ exchange }) => documentOf(exchange))));
  put('call', texts.column(spans.map(({ exchange }) => exchange.slice(documentOf(exchange).length))));
  put('relation', texts.column(spans.map(({ link }) => link.relation)));
  put('confidence', texts.column(spans.map(({ link }) => String(link.confidence))));
  return { ids: Uint8Array.fromHex(spans.map(({ spanId }) => spanId).join('')), columns, ...texts.table() };
}

export function unpackSpans(packed: PackedSpans): OutlineSpan[] {
  const { columns, ids } = packed;
  const hex = ids.toHex();
  const texts = textsIn(packed);
  const number = (name: Column, row: number): number | undefined => numberAt(columns[name], row);
  const text = (name: Column, row: number): string | undefined => texts[numberAt(columns[name], row) ?? -1];
  const usageOf = (row: number): Usage | undefined => {
    const input = number('input', row);
    if (input === undefined) return undefined;
    return {
      input, output: number('output', row) ?? 0, total: number('total', row) ?? 0, cacheRead: number('cacheRead', row), cacheWrite: number('cacheWrite', row),
      reasoning: number('reasoning', row), audioInput: number('audioInput', row), audioOutput: number('audioOutput', row),
    };
  };
  return Array.from({ length: ids.byteLength / 8 }, (_, row) => ({
    spanId: hex.slice(row * 16, row * 16 + 16), parentSpanId: text('parentSpanId', row), kind: text('kind', row) as SpanKind,
    name: text('name', row) ?? '', label: text('label', row) ?? '', title: text('title', row), startMs: number('startMs', row) ?? 0, endMs: number('endMs', row),
    status: text('status', row) as OutlineSpan['status'], statusMessage: text('statusMessage', row), errorType: text('errorType', row), httpStatus: number('httpStatus', row),
    endCause: text('endCause', row) as EndCause | undefined, exchange: `${text('document', row)}${text('call', row)}`, toolIndex: number('toolIndex', row),
    model: text('model', row), usage: usageOf(row), finish: text('finish', row) as FinishReason | undefined,
    firstByteMs: number('firstByteMs', row), firstTokenMs: number('firstTokenMs', row), retryOf: text('retryOf', row), missingBytes: number('missingBytes', row),
    link: { relation: text('relation', row) as Link['relation'], confidence: Number(text('confidence', row)) }, rev: number('rev', row) ?? 0,
  }));
}
