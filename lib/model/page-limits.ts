/** The caps that hold in the page already: apart from the others, so that the shim carries only these. `limits` has them
 *  all. */
export const pageLimits = {
  /** One record, headers and all. Keeps a message far below Chrome's 64 MiB and one segment cheap to read. */
  recordBytes: 256 * 1024,
  /** Bytes of one body that are kept; past it only sizes are counted ("missing"). A vision prompt is 5-20 MB. */
  bodyBytes: 32 * 1024 * 1024,
  /** Bytes of one body that were not told when the page is left: past it only their size is, since the browser waits half a
   *  second for all that is still to be done, and searching a megabyte for secrets takes some hundredth of it. */
  untoldBytes: 4 * 1024 * 1024,
  /** A header name or value, a URL, an error message: longer ones are cut. */
  textLength: 8 * 1024,
  /** Headers kept of one request or response, and the characters of all of them. */
  headers: 100,
  headerCharacters: 32 * 1024,
  /** The shim gathers chunks this long before it posts them to the relay. The one pause on the way to the panel: a post
   *  and a message cost the page as much as reading a hundred chunks, so the steps behind it must not wait once more. */
  shimFlushMs: 100,
  /** What the relay keeps unacknowledged: two bodies of the most that is kept. Past it bytes are dropped and counted as
   *  missing; past twice as much in bare records the document is recorded no further. */
  outboxBytes: 64 * 1024 * 1024,
  /** Chunk times of one record: each read of the page is one. */
  recordReads: 4096,
  /** The shim and the relay send at once when this much waits. */
  batchBytes: 64 * 1024,
} as const;
