/** Values of many rows beside each other: numbers in the narrowest typed array that holds them all, texts by their number in a
 *  table of distinct ones. A value may be absent. All arrays lie in one buffer: the database reads one of 200 KB as fast as three
 *  small ones. Pure. */

type Numbers = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Values that are all the same, or grow by the same from row to row: two numbers say them all. */
export class Line {
  readonly length: number;
  readonly base: number;
  readonly step: number;

  constructor(length: number, base: number, step: number) {
    this.length = length;
    this.base = base;
    this.step = step;
  }

  at(row: number): number { return this.base + this.step * row; }
}

/** The highest number of the narrow ones, and NaN, stand for an absent value. Undefined: all are absent. */
export type NumberColumn = Numbers | Line | undefined;

const ABSENT = [0xFF, 0xFFFF, 0xFFFFFFFF] as const;

export function packNumbers(values: ReadonlyArray<number | undefined>): NumberColumn {
  const [first, second] = values;
  if (first !== undefined) {
    const line = new Line(values.length, first, second === undefined ? 0 : second - first);
    if (values.every((value, row) => Object.is(value, line.at(row)))) return line;
  }
  let most = -1;
  for (const value of values) {
    if (value === undefined) continue;
    const isPlain = Number.isInteger(value) && value >= 0 && !Object.is(value, -0);
    most = isPlain ? Math.max(most, value) : Infinity;
  }
  if (most < 0) return undefined;
  const [narrow, middle, wide] = ABSENT;
  if (most < narrow) return Uint8Array.from(values, (value) => value ?? narrow);
  if (most < middle) return Uint16Array.from(values, (value) => value ?? middle);
  if (most < wide) return Uint32Array.from(values, (value) => value ?? wide);
  return Float64Array.from(values, (value) => value ?? Number.NaN);
}

export function numberAt(column: NumberColumn, row: number): number | undefined {
  if (column instanceof Line) return row < column.length ? column.at(row) : undefined;
  const value = column?.[row];
  if (column === undefined || value === undefined) return undefined;
  const width = column.BYTES_PER_ELEMENT;
  if (width === 8) return Number.isNaN(value) ? undefined : value;
  return value === ABSENT[width >> 1] ? undefined : value;
}

/** Of each number of bytes a value may have: the widest first, so that every array begins at a multiple of its width. */
const WIDTHS = { 8: Float64Array, 4: Uint32Array, 2: Uint16Array, 1: Uint8Array } as const;
const widest = [8, 4, 2, 1] as const;

/** Columns by their numbers, in one buffer: how many there are, of each its length and width (of a line none: its two numbers
 *  lie among the widest), then the arrays. */
export function joinColumns(all: readonly NumberColumn[]): Uint8Array<ArrayBuffer> {
  const head = Uint32Array.from([all.length, ...all.map((column) => column ? column.length * 16 + (column instanceof Line ? 0 : column.BYTES_PER_ELEMENT) : 0)]);
  const columns = all.map((column) => column instanceof Line ? Float64Array.of(column.base, column.step) : column);
  const start = Math.ceil(head.byteLength / 8) * 8;
  const bytes = new Uint8Array(columns.reduce((sum, column) => sum + (column?.byteLength ?? 0), start));
  bytes.set(new Uint8Array(head.buffer));
  let at = start;
  for (const width of widest) {
    for (const column of columns) {
      if (column?.BYTES_PER_ELEMENT !== width) continue;
      bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
      at += column.byteLength;
    }
  }
  return bytes;
}

/** The same arrays, as views of the buffer. */
export function splitColumns({ buffer }: Uint8Array<ArrayBuffer>): NumberColumn[] {
  const count = new Uint32Array(buffer, 0, 1)[0] ?? 0;
  const head = new Uint32Array(buffer, 4, count);
  const columns = Array.from<NumberColumn>({ length: count });
  let at = Math.ceil((4 + head.byteLength) / 8) * 8;
  for (const width of widest) {
    for (const [number, shape] of head.entries()) {
      const isLine = width === 8 && shape % 16 === 0 && shape > 0;
      if (!isLine && shape % 16 !== width) continue;
      const column = new WIDTHS[width](buffer, at, isLine ? 2 : shape >>> 4);
      columns[number] = isLine ? new Line(shape >>> 4, column[0] ?? 0, column[1] ?? 0) : column;
      at += column.byteLength;
    }
  }
  return columns;
}

/** Distinct texts, one after the other; `lengths` in UTF-16 units. */
interface TextTable { text: string; lengths: NumberColumn }

/** Gathers the texts of several columns into one table. Columns with few different texts come first: their numbers are small. */
export function createTexts(): { column(values: ReadonlyArray<string | undefined>): NumberColumn; table(): TextTable } {
  const places = new Map<string, number>();
  const placeOf = (text: string): number => {
    const place = places.get(text) ?? places.size;
    places.set(text, place);
    return place;
  };
  return {
    column: (values) => packNumbers(values.map((value) => value === undefined ? undefined : placeOf(value))),
    table() {
      const texts = [...places.keys()];
      return { text: texts.join(''), lengths: packNumbers(texts.map(({ length }) => length)) };
    },
  };
}

/** The texts of a table by their numbers, each cut out when it is first asked for. */
export function readTexts({ text, lengths }: TextTable): (place: number) => string {
  const count = lengths?.length ?? 0;
  const ends = new Uint32Array(count);
  for (let place = 0, end = 0; place < count; place++) ends[place] = end += numberAt(lengths, place) ?? 0;
  const known: string[] = [];
  return (place) => known[place] ??= text.slice(ends[place - 1] ?? 0, ends[place]);
}
