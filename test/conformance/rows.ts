/** Recorded exchanges of a file or a folder, line by line: a file may be larger than the memory. */
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Recorded } from '../corpus/corpus.ts';

/** `kind`: `response_only` where the request is not known */
export type Row = Recorded & { kind?: string };

export interface Place { file: string; line: number }
export type Line = Place & ({ json: string } | { broken: string });

/** The caller's mistake: told in one line, without a stack. */
export class Misuse extends Error {}

/** The files that a path means: itself, or a folder's own. */
export function filesAt(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Misuse(`There is no file or folder ${path}`);
  if (!found.isDirectory()) return [path];
  const files = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile() && /\.jsonl(?:\.gz)?$/.test(entry.name)).map(({ name }) => join(path, name)).toSorted();
  if (files.length === 0) throw new Misuse(`The folder ${path} has no .jsonl or .jsonl.gz of its own`);
  return files;
}

/** Every line that is not empty. What cannot be read on is a broken line, the last one. */
export async function* linesOf(file: string): AsyncGenerator<Line> {
  let line = 0;
  const bytes = createReadStream(file);
  let fault: Error | undefined;
  const noted = (error: NodeJS.ErrnoException | null): void => { fault ??= error ?? undefined; };
  const text = file.endsWith('.gz') ? pipeline(bytes, createGunzip(), noted) : bytes.on('error', noted);
  let open = '';
  const told = function* (json: string): Generator<Line> {
    line += 1;
    if (json.trim() !== '') yield { file, line, json: line === 1 ? json.replace(/^\u{feff}/u, '') : json };
  };
  try {
    // Not by node:readline: it ends lines at U+2028 as well, which may stand in a JSON string.
    for await (const piece of text.setEncoding('utf8') as AsyncIterable<string>) {
      const [first = '', ...others] = piece.split('\n');
      open += first;
      for (const next of others) {
        yield* told(open);
        open = next;
      }
    }
    if (open !== '') yield* told(open);
  } catch (error) { fault ??= error instanceof Error ? error : new Error(String(error)); }
  if (fault !== undefined) yield { file, line: line + 1, broken: `cannot be read on: ${fault.message}` };
}

/** @returns the row, or what is wrong with the line */
export function rowOf(json: string): Row | string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) { return `not JSON: ${error instanceof Error ? error.message : String(error)}`; }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not an exchange: no JSON object';
  const given = value as Partial<Record<keyof Row, unknown>>;
  if (typeof given.method !== 'string') return 'not an exchange: no method';
  for (const key of ['url', 'request_body', 'response_body'] as const) {
    if (given[key] !== undefined && given[key] !== null && typeof given[key] !== 'string') return `not an exchange: ${key} is neither text nor null`;
  }
  const headers = (name: 'request_headers' | 'response_headers'): Record<string, string> => typeof given[name] === 'object' && given[name] !== null ? given[name] as Record<string, string> : {};
  return {
    kind: String(given.kind ?? ''), source: String(given.source ?? ''), provider: '', scenario: '', order: 0, method: given.method.toUpperCase(), framing: String(given.framing ?? ''),
    url: (given.url ?? null) as string | null, request_body: (given.request_body ?? null) as string | null, response_body: (given.response_body ?? null) as string | null,
    request_headers: headers('request_headers'), response_headers: headers('response_headers'), status: typeof given.status === 'number' ? given.status : 0,
  };
}
