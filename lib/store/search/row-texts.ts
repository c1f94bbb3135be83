/** The texts of one row of signatures as they are kept in memory, by their places. */
export interface RowTexts {
  has(place: number): boolean;
  /** False: it is kept, and not in it. */ mayHold(place: number, query: string): boolean;
  put(place: number, text: string): void;
  /** No more are put, where all are there. */ seal(): void;
  isSealed(): boolean;
  /** what they take */ bytes(): number;
  clear(): void;
}

/** What V8 has around a text. */
const AROUND = 32;

export const bytesOf = (text: string): number => AROUND + text.length;

/** As they are read they are strings of their own; when all are there they become one, and where each ends: a hundred thousand
 *  strings would be looked at one by one whenever memory is collected. */
export function createRowTexts(size: number): RowTexts {
  let single: Array<string | undefined> = [];
  let [count, bytes] = [0, 0];
  let joined = '';
  let ends: Uint32Array | undefined;

  return {
    has: (place) => ends !== undefined || single[place] !== undefined,
    mayHold(place, query) {
      if (!ends) return single[place]?.includes(query) ?? true;
      return joined.slice(place > 0 ? ends[place - 1] : 0, ends[place]).includes(query);
    },
    put(place, text) {
      single[place] = text;
      count++;
      bytes += bytesOf(text);
    },
    seal() {
      if (count < size) return;
      let end = 0;
      ends = Uint32Array.from(single, (text = '') => end += text.length);
      joined = single.join('');
      single = [];
      bytes = bytesOf(joined) + ends.byteLength;
    },
    isSealed: () => ends !== undefined,
    bytes: () => bytes,
    clear() {
      [single, count, bytes, joined, ends] = [[], 0, 0, '', undefined];
    },
  };
}
