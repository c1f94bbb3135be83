/** A file on its way into the store: read here, written by the background, in parts of bounded size. */
import { contentOf, readFile, type ImportedFile } from '../import/file.ts';
import { importId, type Command, type ImportPart } from '../model/command.ts';
import { limits } from '../model/limits.ts';
import { formatBytes, formatCount, plural } from './format.ts';

interface Imported {
  /** the first session made; undefined: nothing was stored */ session: string | undefined;
  /** what was wrong with the file or its way into the store, in words */ complaint: string | undefined;
}

/** @param send answers what is wrong, or undefined: the part is stored, all of it */
export async function importFile(file: File, send: (command: Command) => Promise<string | undefined>): Promise<Imported> {
  if (file.size > limits.importBytes) return { session: undefined, complaint: `${file.name} has ${formatBytes(file.size)}; files up to ${formatBytes(limits.importBytes)} can be read. Export single traces instead.` };
  const text = await file.text();
  const unique = crypto.randomUUID();
  const read = readFile(text, (group) => importId(`${unique}-${group}`));
  let stored = 0;
  let refused: string | undefined;
  for (const part of partsOf(text, file.name, read)) {
    refused = await send({ type: 'import', part }).catch((error: unknown) => error instanceof Error ? error.message : String(error));
    if (refused !== undefined) break;
    stored += part.spans.length;
  }
  return { session: stored > 0 ? read.groups[0]?.source : undefined, complaint: complaintOf(file.name, read, stored, refused) };
}

/** One source after another, in messages of bounded size: a span larger than that goes alone. */
function* partsOf(text: string, name: string, { groups }: ImportedFile): Generator<ImportPart> {
  for (const { source, site, resource, spans } of groups) {
    const part = { session: source, file: name.slice(0, limits.nameLength), site, resource };
    let waiting: ImportPart['spans'] = [];
    let size = 0;
    for (const span of spans) {
      const content = contentOf(text, span);
      if (waiting.length > 0 && (size + content.length > limits.importMessage || waiting.length >= limits.importMessageSpans)) {
        yield { ...part, spans: waiting };
        waiting = [];
        size = 0;
      }
      waiting.push({ row: span.row, content });
      size += content.length;
    }
    if (waiting.length > 0) yield { ...part, spans: waiting };
  }
}

/** What is kept, what is not, where and why. */
function complaintOf(name: string, { kept: readable, faults, faultCount }: ImportedFile, stored: number, refused: string | undefined): string | undefined {
  const [first] = faults;
  const more = faultCount > 1 ? `, and ${plural(faultCount - 1, 'more fault')}` : '';
  const fault = first && `${first.where}: ${first.why}${more}.`;
  if (refused !== undefined) {
    const kept = stored === 0 ? `Nothing of ${name} is kept` : `Of the ${plural(readable, 'span')} of ${name} the first ${formatCount(stored)} ${stored === 1 ? 'is' : 'are'} kept`;
    return `${kept}: ${refused}${fault === undefined ? '' : ` Nor could all of it be read. ${fault}`}`;
  }
  if (fault === undefined) return undefined;
  return readable === 0 ? `${name} holds no span that could be read. ${fault} Choose a file that Spanlight (or another tool, as OTLP/JSON) has exported.`
    : `${plural(readable, 'span')} of ${name} ${readable === 1 ? 'is' : 'are'} kept; not all of it could be read. ${fault}`;
}
