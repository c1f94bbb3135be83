/** An exported file as rows: one source for each resource in it (a tab session, when it was saved). What cannot be read is named
 *  with its place, and the rest is kept. */
import { limits } from '../model/limits.ts';
import { isWire, type SpanRow } from '../model/span.ts';
import { objectOf, parseJson, stringOf } from '../providers/json.ts';
import { attributesIn } from './key-values.ts';
import { readSpan } from './row.ts';
import { placeOf, scan } from './scan.ts';

/** `start` to `end`: its text in the file. */
interface ImportedSpan { row: SpanRow; start: number; end: number }

interface ImportedGroup {
  /** of the rows; `isImport` knows it */ source: string;
  /** attributes of the resource as the file has them, JSON */ resource: string;
  /** `service.name` */ site: string;
  spans: ImportedSpan[];
}

export interface Fault { where: string; why: string }

export interface ImportedFile {
  /** with a span at least */ groups: ImportedGroup[];
  kept: number;
  /** the first `limits.importFaults` */ faults: Fault[];
  /** all of them */ faultCount: number;
}

/** @param sourceOf a fresh source for each group */
export function readFile(text: string, sourceOf: (group: number) => string): ImportedFile {
  const groups = new Map<number, ImportedGroup & { ids: Set<string> }>();
  const faults: Fault[] = [];
  let [faultCount, kept, seen] = [0, 0, 0];
  const fault = (at: number, why: string): void => {
    faultCount += 1;
    if (faults.length < limits.importFaults) faults.push({ where: placeOf(text, at), why });
  };

  for (const found of scan(text)) {
    if (found.kind === 'fault') {
      fault(found.at, found.why);
      continue;
    }
    const { start, end } = found;
    const group = groups.get(found.group) ?? { source: sourceOf(found.group), resource: '[]', site: '', spans: [], ids: new Set<string>() };
    groups.set(found.group, group);
    const json = parseJson(text.slice(start, end));
    if (found.kind === 'resource') {
      const attributes = json.ok ? objectOf(json.value)['attributes'] : undefined;
      group.resource = JSON.stringify(attributes ?? []);
      group.site = stringOf(attributesIn(attributes)['service.name']).slice(0, limits.nameLength);
      if (!json.ok) fault(start, 'this resource is no JSON');
      continue;
    }
    seen += 1;
    const span = json.ok ? readSpan(json.value, group.source) : 'it is no JSON';
    if (typeof span === 'string') fault(start, `span ${seen} cannot be read: ${span}`);
    else if (group.ids.has(span.row.spanId)) fault(start, `span ${seen} has the id of an earlier one (${span.row.spanId})`);
    else if (kept >= limits.importSpans) fault(start, `span ${seen} is one too many: ${limits.importSpans} of a file are kept`);
    else {
      kept += 1;
      group.ids.add(span.row.spanId);
      group.spans.push({ row: span.row, start, end });
    }
  }
  if (faultCount === 0 && seen === 0) fault(0, 'there is no span in it (`resourceSpans` with `scopeSpans` with `spans`)');
  const full = [...groups.values()].filter(({ spans }) => spans.length > 0);
  for (const { spans } of full) resolve(spans);
  return { groups: full.map(({ source, resource, site, spans }) => ({ source, resource, site, spans })), kept, faults, faultCount };
}

/** Attributes of an imported span as the file has them, JSON: what is stored of it beside its row. */
export function contentOf(text: string, { start, end }: Pick<ImportedSpan, 'start' | 'end'>): string {
  const json = parseJson(text.slice(start, end));
  return JSON.stringify((json.ok ? objectOf(json.value)['attributes'] : undefined) ?? []);
}

/** What an imported row calls an exchange: the place of the span that stands for it. The ids in the file are those of live
 *  exchanges, which may be stored as well. */
const placeOfSpan = ({ source, spanId }: SpanRow): string => `${source}/${spanId}`;

/** The source and span that an imported row's exchange names. */
export function spanOfExchange(exchange: string): { source: string; spanId: string } {
  const slash = exchange.lastIndexOf('/');
  return { source: exchange.slice(0, slash), spanId: exchange.slice(slash + 1) };
}

/** A row hangs on spans of this file. Where the span of its exchange is not there, it speaks for itself. */
function resolve(spans: readonly ImportedSpan[]): void {
  const calls = new Map(spans.filter(({ row }) => isWire(row) && row.exchange !== '').map(({ row }) => [row.exchange, placeOfSpan(row)]));
  const named = (exchange: string | undefined): string | undefined => exchange === undefined ? undefined : calls.get(exchange);
  for (const { row } of spans) {
    const own = placeOfSpan(row);
    const asking = isWire(row) ? own : named(row.exchange);
    // A tool's call is the n-th of the answer of another span: without the number nobody finds it there.
    const elsewhere = asking !== undefined && (row.kind !== 'TOOL' || row.toolIndex !== undefined);
    row.link = { ...row.link, to: named(row.link.to), turnOf: named(row.link.turnOf) };
    row.resultExchange = elsewhere ? named(row.resultExchange) : row.kind === 'TOOL' ? own : undefined;
    row.exchange = elsewhere ? asking : own;
    if (!elsewhere && row.kind === 'TOOL') row.toolIndex = 0;
  }
}
