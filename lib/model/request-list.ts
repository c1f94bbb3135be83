/** A request with its long lists (`messages`, `tools`), as it was cut for storing. Who reads it finds by them what an earlier one
 *  had too. */

/** Of one object it is always the same list. */
export interface RequestList {
  /** where parts of it end, counted from behind its `[`: at commas, and the last at its `]`, or where no more parts are told apart */ readonly ends: readonly number[];
  /** elements up to each end */ readonly items: readonly number[];
}

/** Its first parts are those of an earlier list, byte for byte. */
export interface Likeness { list: RequestList; parts: number }

export interface CutRequest {
  size: number;
  /** not to be changed */ bytes(from: number, to: number): Uint8Array<ArrayBuffer>;
  /** all of them in order; `from`: the byte behind the `[` */
  lists: ReadonlyArray<{ from: number; list: RequestList; like?: Likeness }>;
  /** of the outermost object, with those that have the same name */ members: number;
  /** objects and lists in the whole body, if it is JSON */ nested: number;
}
