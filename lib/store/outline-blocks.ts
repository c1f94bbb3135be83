/** Spans of a trace as blocks of columns: what a tree shows of many spans is one row, so that a trace of fifty thousand opens
 *  without reading as many. Pure. */
import type { FinishReason, Usage } from '../model/call.ts';
import type { EndCause } from '../model/record.ts';
import type { Link, OutlineSpan, SpanKind } from '../model/span.ts';
import { createTexts, joinColumns, numberAt, packNumbers, readTexts, splitColumns, type NumberColumn } from './columns.ts';

/** Spans of a block that may change: it is written anew each time. */
const BLOCK_SPANS = 512;
/** Spans of one that only grew, and is full: the fewer rows, the faster all are read. */
const FULL_SPANS = 8 * BLOCK_SPANS;
/** A trace of so few has no blocks: its rows are read as fast, and most traces are that small. */
const ROWS_ALONE = 64;

const NUMBERS = ['startMs', 'endMs', 'httpStatus', 'toolIndex', 'firstByteMs', 'firstTokenMs', 'missingBytes', 'rev'] as const;
const USAGE = ['input', 'output', 'total', 'cacheRead', 'cacheWrite', 'reasoning', 'audioInput', 'audioOutput'] as const;
const TEXTS = ['kind', 'status', 'endCause', 'finish', 'errorType', 'model', 'name', 'parentSpanId', 'retryOf', 'title', 'statusMessage', 'label'] as const;

/** A column's place is its number in every block ever stored: new ones go to the end. `ids`: 8 bytes a span. `lengths`: of the
 *  texts. `call`: what of an exchange's id follows its document's, where that is no number. */
const COLUMNS = ['ids', 'lengths', ...NUMBERS, ...USAGE, 'ordinal', 'relation', 'confidence', 'document', ...TEXTS, 'call'] as const;
type Column = typeof COLUMNS[number];
const at = Object.fromEntries(COLUMNS.map((name, place) => [name, place])) as Record<Column, number>;

export interface PackedSpans { bytes: Uint8Array<ArrayBuffer>; text: string }

/** A block of a trace's outline as it is stored; `rev` of its last change. */
export interface OutlineBlock { source: string; traceId: string; block: number; rev: number; spans: PackedSpans }

/** Does a trace of so many do without blocks? */
export const isSmall = (spans: number): boolean => spans <= ROWS_ALONE;

const cut = <T>(spans: readonly T[], size: number): T[][] => Array.from({ length: Math.ceil(spans.length / size) }, (_, block) => spans.slice(block * size, (block + 1) * size));

/** Spans that may change, block by block; none where they do without. */
export const inBlocks = <T>(spans: readonly T[]): T[][] => isSmall(spans.length) ? [] : cut(spans, BLOCK_SPANS);

/** Spans of a file, which do not change: the last blocks, fewer than eight, are small ones. */
export function inFullBlocks<T>(spans: readonly T[]): T[][] {
  const full = spans.length - spans.length % FULL_SPANS;
  return [...cut(spans.slice(0, full), FULL_SPANS), ...cut(spans.slice(full), BLOCK_SPANS)];
}

/** How many of the last blocks of such a trace are cut anew with what is added. `blocks`: all it has; an earlier version made
 *  small ones alone. */
export function blocksToCut(spans: number, blocks: number, added: number): number {
  const rest = spans % FULL_SPANS;
  const small = Math.ceil(rest / BLOCK_SPANS);
  if (blocks !== (spans - rest) / FULL_SPANS + small) return Math.min(blocks, 1);
  if (rest + added >= FULL_SPANS) return small;
  return rest % BLOCK_SPANS === 0 ? 0 : 1;
}

/** Exchanges of one document begin with its id. */
const documentOf = (exchange: string): string => exchange.slice(0, exchange.lastIndexOf('/') + 1);
const isOrdinal = (text: string): boolean => /^(?:0|[1-9]\d{0,8})$/.test(text);

export function packSpans(spans: readonly OutlineSpan[]): PackedSpans {
  const texts = createTexts();
  const columns = Array.from<NumberColumn>({ length: COLUMNS.length });
  const put = (name: Column, column: NumberColumn): void => { columns[at[name]] = column; };
  const usages = spans.map(({ usage }) => usage);
  const links = spans.map(({ link }) => link);
  const exchanges = spans.map(({ exchange }) => exchange);
  const calls = exchanges.map((exchange) => exchange.slice(documentOf(exchange).length));
  put('ids', Uint8Array.fromHex(spans.map(({ spanId }) => spanId).join('')));
  for (const name of NUMBERS) put(name, packNumbers(spans.map((span) => span[name])));
  for (const name of USAGE) put(name, packNumbers(usages.map((usage) => usage?.[name])));
  put('relation', texts.column(links.map(({ relation }) => relation)));
  put('confidence', texts.column(links.map(({ confidence }) => String(confidence))));
  put('document', texts.column(exchanges.map(documentOf)));
  for (const name of TEXTS) put(name, texts.column(spans.map((span) => span[name])));
  put('ordinal', packNumbers(calls.map((call) => isOrdinal(call) ? Number(call) : undefined)));
  put('call', texts.column(calls.map((call) => isOrdinal(call) ? undefined : call)));
  const { text, lengths } = texts.table();
  put('lengths', lengths);
  return { bytes: joinColumns(columns), text };
}

/** The spans of a block. Each is only a place in it, and what it has is looked up when it is asked for: of fifty thousand some
 *  dozen are drawn. */
export function unpackSpans(packed: PackedSpans): OutlineSpan[] {
  const block = openBlock(packed);
  return Array.from({ length: block.count }, (_, row) => new SpanInBlock(block, row));
}

interface OpenBlock { count: number; idAt(row: number): string; number(column: number, row: number): number | undefined; text(column: number, row: number): string | undefined }

function openBlock({ bytes, text }: PackedSpans): OpenBlock {
  const columns = splitColumns(bytes);
  // A copy: older engines (Node 24) read a view from the start of its buffer.
  const hex = (columns[at.ids] as Uint8Array).slice().toHex();
  const textAt = readTexts({ text, lengths: columns[at.lengths] });
  const number = (column: number, row: number): number | undefined => numberAt(columns[column], row);
  return {
    count: hex.length / 16, number,
    idAt: (row) => hex.slice(row * 16, row * 16 + 16),
    text(column, row) {
      const place = number(column, row);
      return place === undefined ? undefined : textAt(place);
    },
  };
}

class SpanInBlock implements OutlineSpan {
  readonly #block: OpenBlock;
  readonly #row: number;

  constructor(block: OpenBlock, row: number) {
    this.#block = block;
    this.#row = row;
  }

  get spanId() { return this.#block.idAt(this.#row); }
  get parentSpanId() { return this.#text(at.parentSpanId); }
  get kind() { return this.#text(at.kind) as SpanKind; }
  get name() { return this.#text(at.name) ?? ''; }
  get label() { return this.#text(at.label) ?? ''; }
  get title() { return this.#text(at.title); }
  get startMs() { return this.#number(at.startMs) ?? 0; }
  get endMs() { return this.#number(at.endMs); }
  get status() { return this.#text(at.status) as OutlineSpan['status']; }
  get statusMessage() { return this.#text(at.statusMessage); }
  get errorType() { return this.#text(at.errorType); }
  get httpStatus() { return this.#number(at.httpStatus); }
  get endCause() { return this.#text(at.endCause) as EndCause | undefined; }
  get exchange() { return `${this.#text(at.document)}${this.#number(at.ordinal) ?? this.#text(at.call)}`; }
  get toolIndex() { return this.#number(at.toolIndex); }
  get model() { return this.#text(at.model); }
  get finish() { return this.#text(at.finish) as FinishReason | undefined; }
  get firstByteMs() { return this.#number(at.firstByteMs); }
  get firstTokenMs() { return this.#number(at.firstTokenMs); }
  get retryOf() { return this.#text(at.retryOf); }
  get missingBytes() { return this.#number(at.missingBytes); }
  get link() { return { relation: this.#text(at.relation) as Link['relation'], confidence: Number(this.#text(at.confidence)) }; }
  get rev() { return this.#number(at.rev) ?? 0; }

  get usage(): Usage | undefined {
    const input = this.#number(at.input);
    if (input === undefined) return undefined;
    return {
      input, output: this.#number(at.output) ?? 0, total: this.#number(at.total) ?? 0, cacheRead: this.#number(at.cacheRead), cacheWrite: this.#number(at.cacheWrite),
      reasoning: this.#number(at.reasoning), audioInput: this.#number(at.audioInput), audioOutput: this.#number(at.audioOutput),
    };
  }

  #number(column: number): number | undefined { return this.#block.number(column, this.#row); }
  #text(column: number): string | undefined { return this.#block.text(column, this.#row); }
}
