/** Values of many rows beside each other: numbers in the narrowest typed array that holds them all, texts by their number in a
 *  table of distinct ones. A value may be absent. Pure. */

/** The highest number of the narrow ones, and NaN, stand for an absent value. Undefined: all are absent. */
export type NumberColumn = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | undefined;

const ABSENT = [0xFF, 0xFFFF, 0xFFFFFFFF] as const;

export function packNumbers(values: ReadonlyArray<number | undefined>): NumberColumn {
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
  const value = column?.[row];
  if (column === undefined || value === undefined) return undefined;
  if (column instanceof Float64Array) return Number.isNaN(value) ? undefined : value;
  return value === ABSENT[column.BYTES_PER_ELEMENT >> 1] ? undefined : value;
}

/** Distinct texts, one after the other; `lengths` in UTF-16 units. */
export interface TextTable { text: string; lengths: NumberColumn }

/** Gathers the texts of several columns into one table. */
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

/** The texts of a table, by their numbers. */
export function textsIn({ text, lengths }: TextTable): string[] {
  let end = 0;
  return Array.from(lengths ?? [], (length) => text.slice(end, end += length));
}
