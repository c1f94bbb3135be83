/** Short one-line texts for rows and titles. */
import { limits } from '../model/limits.ts';

/** So much of a text is looked at: enough to fill a preview behind a good deal of white space. */
const LOOK = 20 * limits.previewLength;

/** An error's words as rows keep them: at most `limits.errorLength` UTF-16 units, lines and all. */
export const messageOf = (text: string): string => text.length <= limits.errorLength ? text : `${text.slice(0, limits.errorLength - 1).toWellFormed()}…`;

/** One line of at most `limits.previewLength` UTF-16 units, cut between characters as people see them, never inside an
 *  emoji or an accented letter. */
export function previewOf(text: string): string {
  const line = text.slice(0, LOOK).replace(/\s+/g, ' ').trim();
  if (line.length <= limits.previewLength && text.length <= LOOK) return line;
  let end = 0;
  for (const { index, segment } of new Intl.Segmenter().segment(line.slice(0, 2 * limits.previewLength))) {
    if (index + segment.length > limits.previewLength - 1) break;
    end = index + segment.length;
  }
  return `${line.slice(0, end)}…`;
}
