/** A file on its way into the store: read here, written by the background, in parts of bounded size. */
import { contentOf, readFile, type Fault, type ImportedFile } from '../import/file.ts';
import { importId, type Command, type ImportPart } from '../model/command.ts';
import { limits } from '../model/limits.ts';
import { formatBytes, plural } from './format.ts';

interface Imported {
  /** of the first session made */ session: string;
  /** spans */ kept: number;
  /** what was wrong with the file, in words */ complaint: string | undefined;
}

/** @param send answers what is wrong, or undefined */
export async function importFile(file: File, send: (command: Command) => Promise<string | undefined>): Promise<Imported> {
  if (file.size > limits.importBytes) return { session: '', kept: 0, complaint: `${file.name} has ${formatBytes(file.size)}; files up to ${formatBytes(limits.importBytes)} can be read. Export single traces instead.` };
  const text = await file.text();
  const unique = crypto.randomUUID();
  const read = readFile(text, (group) => importId(`${unique}-${group}`));
  for (const { source, site, resource, spans } of read.groups) {
    const part = (spans: ImportPart['spans']): Command => ({ type: 'import', part: { session: source, file: file.name.slice(0, limits.nameLength), site, resource, spans } });
    let waiting: ImportPart['spans'] = [];
    let size = 0;
    for (const [index, span] of spans.entries()) {
      const content = contentOf(text, span);
      waiting.push({ row: span.row, content });
      size += content.length;
      if (size < limits.importMessage && waiting.length < limits.importMessageSpans && index < spans.length - 1) continue;
      const refused = await send(part(waiting));
      if (refused !== undefined) return { session: read.groups[0]?.source ?? '', kept: read.kept, complaint: refused };
      waiting = [];
      size = 0;
    }
  }
  return { session: read.groups[0]?.source ?? '', kept: read.kept, complaint: complaintOf(file.name, read) };
}

const said = ({ where, why }: Fault): string => `${where}: ${why}`;

/** What was kept, what was not, where and why. */
function complaintOf(name: string, { kept, faults, faultCount }: ImportedFile): string | undefined {
  const [first] = faults;
  if (first === undefined) return undefined;
  const more = faultCount > 1 ? `, and ${plural(faultCount - 1, 'more fault')}` : '';
  return kept === 0 ? `${name} holds no span that could be read. ${said(first)}${more}. Choose a file that Spanlight (or another tool, as OTLP/JSON) has exported.`
    : `${plural(kept, 'span')} of ${name} ${kept === 1 ? 'is' : 'are'} kept; not all of it could be read. ${said(first)}${more}.`;
}
