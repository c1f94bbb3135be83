/** Sets our reading of a row against the checker's. */
import type { ModelCall, Usage } from '../../lib/model/call.ts';
import type { SpanKind, SpanRow } from '../../lib/model/span.ts';
import { expectedOf, type Expected } from './checker/expected.ts';
import { valuesIn } from './checker/frames.ts';
import { labelOf, type Kind, type Label } from './checker/labels.ts';
import { parse } from './checker/look.ts';
import { bodiesOf, isRecognised, readingOf, type Bodies } from './our-reading.ts';
import type { Row } from './rows.ts';
import { attributeFaults, spanFaults } from './span-check.ts';

/** `missed`: inference that the page would not have told. `misread`: what stands in the way of "parsed". */
export interface Fault { kind: 'failure' | 'false inference' | 'missed' | 'misread' | 'usage'; reason: string }

export interface Verdict {
  /** the checker's word; undefined for what is no inference */ dialect?: string;
  counts: 'inference' | 'not' | 'aside';
  recognised: boolean;
  parsed: boolean;
  withUsage: boolean;
  usageExact: boolean;
  falseInference: boolean;
  faults: Fault[];
}

const KIND_OF: Readonly<Record<Kind, SpanKind>> = { generate: 'LLM', embed: 'EMBEDDING', rerank: 'RERANKER' };
const INFERENCE: ReadonlySet<SpanKind> = new Set<SpanKind>(['LLM', 'EMBEDDING', 'RERANKER']);

const brief = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);

/** Where two texts part. */
function difference(ours: string, theirs: string): string {
  let at = 0;
  while (at < ours.length && ours[at] === theirs[at]) at += 1;
  const from = Math.max(0, at - 10);
  return `text differs at ${at} of ${theirs.length}: ours ${brief(ours.slice(from))}, on the wire ${brief(theirs.slice(from))}`;
}

const isSameModel = (ours: string | undefined, wire: string): boolean => ours === wire || (ours !== undefined && ours.replace(/^models\//, '') === wire.replace(/^models\//, ''));

function misreadings(label: Label, expected: Expected, call: ModelCall, span: SpanRow | undefined): string[] {
  const found: string[] = [];
  if (span?.kind !== KIND_OF[label.kind]) found.push(`span ${span === undefined ? 'missing' : `of kind ${span.kind}`}, not ${KIND_OF[label.kind]}`);
  const model = expected.model ?? expected.asked;
  const ours = expected.model === undefined ? call.modelAnswered ?? call.modelAsked : call.modelAnswered;
  if (model !== undefined && !isSameModel(ours, model)) found.push(`model: ours ${ours ?? 'none'}, on the wire ${model}`);
  const isError = call.error !== undefined || span?.status === 'error';
  if (isError !== expected.error) found.push(isError ? `an error that the wire does not tell: ${brief(call.error?.message ?? '')}` : 'the error on the wire is not read');
  if (!expected.error) found.push(...missing(label, expected, call));
  // A compaction hands the user's own words back.
  const text = call.output.filter(({ role }) => role !== 'user').flatMap(({ parts }) => parts).map((part) => part.type === 'text' ? part.text : '').join('');
  if (label.kind === 'generate' && text !== expected.text) found.push(difference(text, expected.text));
  const [vectors, wire] = [call.vectors, expected.vectors];
  if (label.kind === 'embed' && ((vectors?.count ?? 0) !== (wire?.count ?? 0) || (vectors?.size ?? 0) !== (wire?.size ?? 0))) found.push(`vectors: ours ${vectors?.count ?? 0} of ${vectors?.size ?? 0}, on the wire ${wire?.count ?? 0} of ${wire?.size ?? 0}`);
  if (call.usage !== undefined && expected.usage === undefined) found.push(`usage that the wire does not tell: ${JSON.stringify(call.usage)}`);
  return found;
}

/** Of an answer that is no error: something given, and how it ended or that it broke off. */
function missing(label: Label, expected: Expected, call: ModelCall): string[] {
  if (expected.isTorn && call.problems.length === 0) return ['the body is torn, and that is not said'];
  if (label.kind === 'rerank' && call.documents?.length !== expected.outputs) return [`documents: ours ${call.documents?.length ?? 0}, on the wire ${expected.outputs}`];
  if (label.kind !== 'generate') return [];
  if (!expected.isTorn && !expected.isStream && expected.isPending !== true && expected.outputs === 0 && expected.finish === undefined) return ['the wire has neither an output nor an end'];
  const given = call.output.reduce((sum, { parts }) => sum + parts.length, 0);
  return [
    ...(expected.outputs > 0 && given === 0 ? [`no output; on the wire ${expected.outputs}`] : []),
    ...(call.finish?.reason === expected.finish ? [] : [`finish: ours ${call.finish?.reason ?? 'none'}, on the wire ${expected.finish ?? 'none'}`]),
  ];
}

/** Fields whose numbers differ; an absent part is 0. */
function usageDifference(ours: Usage | undefined, wire: Expected['usage']): string | undefined {
  if (wire === undefined) return undefined;
  const differing = (['input', 'output', 'total', 'cacheRead', 'cacheWrite', 'reasoning'] as const).filter((key) => (ours?.[key] ?? 0) !== wire[key]);
  if (ours !== undefined && differing.length === 0) return undefined;
  return ours === undefined ? `usage: ours none, on the wire ${JSON.stringify(wire)}` : `usage: ${differing.map((key) => `${key} ours ${ours[key] ?? 0}, on the wire ${wire[key]}`).join('; ')}`;
}

/** A reader that threw was stopped, and says so among the problems. */
const swallowed = ({ problems }: ModelCall): string[] => problems.filter((problem) => /^(?:the request|the response|a piece of the response) could not be read$/.test(problem)).map((problem) => `a reader threw: ${problem}`);

const hasBothSides = ({ kind, url, status, response_body: response }: Row, { request }: Bodies): boolean => kind !== 'response_only' && url !== null && request.length > 0 && (status > 0 || response !== null);

/** A success without a byte: its body was not recorded. */
const isUnanswered = ({ status }: Row, { response }: Bodies): boolean => response.length === 0 && status < 400;

/** @param read how a row is read: by us, unless a test wants it wrong */
export function judge(row: Row, read = readingOf): Verdict {
  const bodies = bodiesOf(row);
  const type = Object.entries(row.response_headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  const values = valuesIn(bodies.response, type);
  const body = parse(new TextDecoder().decode(bodies.request));
  const url = row.url ?? '';
  const label = hasBothSides(row, bodies) && row.method === 'POST' ? labelOf(url, body, values, row.status) : undefined;
  const counts = label === 'aside' || (label !== undefined && isUnanswered(row, bodies)) ? 'aside' : label === undefined ? 'not' : 'inference';
  const verdict: Verdict = { counts, recognised: false, parsed: false, withUsage: false, usageExact: false, falseInference: false, faults: [] };
  const fault = (kind: Fault['kind'], reasons: readonly string[]): void => { verdict.faults.push(...reasons.map((reason) => ({ kind, reason }))); };
  try {
    verdict.recognised = isRecognised(row, bodies);
    const { call, spans, attributes } = read(row, bodies);
    fault('failure', [...swallowed(call), ...spans.flatMap(spanFaults), ...attributes.flatMap(attributeFaults)]);
    if (typeof label === 'object' && counts === 'inference') {
      verdict.dialect = label.dialect;
      const expected = expectedOf(label, { url, body }, row.status, bodies.response, type);
      const misread = verdict.recognised ? misreadings(label, expected, call, spans[0]) : [];
      const differs = usageDifference(call.usage, expected.usage);
      fault('missed', verdict.recognised ? [] : ['not recognised']);
      fault('misread', misread);
      fault('usage', differs === undefined || !verdict.recognised ? [] : [differs]);
      Object.assign(verdict, { parsed: verdict.recognised && misread.length === 0, withUsage: expected.usage !== undefined, usageExact: verdict.recognised && expected.usage !== undefined && differs === undefined });
    }
    verdict.falseInference = counts === 'not' && row.kind !== 'response_only' && verdict.recognised && spans.some(({ kind }) => INFERENCE.has(kind));
    if (verdict.falseInference) fault('false inference', [`recorded as ${spans[0]?.name ?? ''}`]);
  } catch (error) {
    if (typeof label === 'object' && counts === 'inference') verdict.dialect = label.dialect;
    fault('failure', [`threw ${error instanceof Error ? error.stack?.split('\n').slice(0, 2).join(' ') ?? error.message : String(error)}`]);
  }
  return verdict;
}
