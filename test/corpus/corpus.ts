/** Recorded traffic of public projects, where it is at hand: beside the project, not part of it. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Exchange } from '../../lib/model/exchange.ts';

export interface Recorded {
  source: string;
  provider: string;
  scenario: string;
  order: number;
  method: string;
  url: string | null;
  request_headers: Record<string, string> | null;
  request_body: string | null;
  status: number;
  response_headers: Record<string, string> | null;
  response_body: string | null;
  framing: string;
}

const ROOT = join(import.meta.dirname, '..', '..');
export const corpusFolder = [join(ROOT, '..', 'shared', 'corpus'), join(ROOT, '..', '..', 'shared', 'corpus')].find((folder) => existsSync(folder));

export const hasCorpus = corpusFolder !== undefined;

/** All recordings of the files whose names pass; none where the corpus is absent. */
export function recordings(passes: (file: string) => boolean): Recorded[] {
  if (corpusFolder === undefined) return [];
  const files = readdirSync(corpusFolder).filter((file) => file.endsWith('.jsonl.gz') && passes(file)).toSorted();
  return files.flatMap((file) => gunzipSync(readFileSync(join(corpusFolder, file))).toString('utf8').trimEnd().split('\n').map((line): Recorded => JSON.parse(line)));
}

export const bytesOf = (text: string | null): Uint8Array => new TextEncoder().encode(text ?? '');

const headersOf = (headers: Record<string, string> | null): Array<readonly [string, string]> => Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]);

function countOf(text: string | null): Exchange['request'] {
  const { length } = bytesOf(text);
  return { read: length, stored: length, missing: 0 };
}

/** The exchange that recording it would have stored. */
export function exchangeOf(recorded: Recorded): Exchange {
  const url = recorded.url ?? 'https://unknown.invalid/';
  return {
    id: 'd/1', session: 's', documentId: 'd', ordinal: 1, frameId: 0, startMs: 0, clock: 0, transport: 'fetch', method: recorded.method, url, pageUrl: 'https://app.invalid/',
    requestHeaders: headersOf(recorded.request_headers), requestForm: 'exact', request: countOf(recorded.request_body), response: countOf(recorded.response_body),
    head: { atMs: 1, status: recorded.status, type: 'cors', url, headers: headersOf(recorded.response_headers) },
    end: { atMs: 2, how: 'complete' }, removedSecrets: 0, rev: 0,
  };
}
