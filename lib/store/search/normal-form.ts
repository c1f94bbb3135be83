/** The form in which texts and queries are compared: Unicode's compatibility composition (NFKC), lower case, one space for any
 *  white space. So `ﬁne` is found by `FINE`, and a word that was broken off at a line's end by the line that it was. */
import type { Field } from './fields.ts';

/** Stands between the fields of a text, and in no query. */
const BETWEEN = '\0';

export function normalOf(text: string): string {
  // Greek writes its last sigma otherwise, and lower case depends on what follows.
  const lower = /[^\0-~]/.test(text) ? text.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ') : text.toLowerCase();
  // Most white space is what it shall be.
  return lower.replace(/\s{2,}|[^\S ]/g, ' ');
}

/** All that a query is looked for in. */
export function searchableOf(fields: readonly Field[]): string {
  return normalOf(fields.map(({ text }) => text.replaceAll(BETWEEN, ' ')).join(BETWEEN));
}

/** Empty: there is nothing to look for. */
export const queryOf = (typed: string): string => normalOf(typed.replaceAll(BETWEEN, ' ')).trim();
