/** The order of exchanges, the same for everyone who needs one. */
import type { Exchange } from '../model/exchange.ts';

/** By start: by ordinal within a document, by the wall clock between documents. */
export function byStart(a: Exchange, b: Exchange): number {
  if (a.documentId === b.documentId) return a.ordinal - b.ordinal;
  return a.startMs - b.startMs || (a.documentId < b.documentId ? -1 : 1);
}
