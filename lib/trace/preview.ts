/** Short texts for rows and titles, each in memory of its own: rows outlive the texts they are cut out of. */
import { limits } from '../model/limits.ts';
import { ownText } from '../model/own-text.ts';

/** So much of a text is looked at: enough to fill a preview behind a good deal of white space. */
const LOOK = 20 * limits.previewLength;

/** An error's words as rows keep them: at most `limits.errorLength` UTF-16 units, lines and all. */
export const messageOf = (text: string): string => ownText(text.length <= limits.errorLength ? text : `${text.slice(0, limits.errorLength - 1).toWellFormed()}…`);

/** Of a name or an id. */
export const nameOf = (text: string): string => ownText(text.slice(0, limits.nameLength));

/** One line of at most `limits.previewLength` UTF-16 units, cut between characters as people see them, never inside an
 *  emoji or an accented letter. */
export function previewOf(text: string): string {
  const line = text.slice(0, LOOK).replace(/\s+/g, ' ').trim();
  if (line.length <= limits.previewLength && text.length <= LOOK) return ownText(line);
  let end = 0;
  for (const { index, segment } of new Intl.Segmenter().segment(line.slice(0, 2 * limits.previewLength))) {
    if (index + segment.length > limits.previewLength - 1) break;
    end = index + segment.length;
  }
  return ownText(`${line.slice(0, end)}…`);
}
