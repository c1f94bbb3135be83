/** What holds of a database, whatever pages told: read as the panel, the export and the search read it. */
import { expect } from 'vitest';
import { resourceOf } from '../../lib/export/resource.ts';
import { otlpText, type OtlpTraces } from '../../lib/export/otlp.ts';
import { readFile } from '../../lib/import/file.ts';
import { isWire, type SpanRow } from '../../lib/model/span.ts';
import { numbersOf } from '../../lib/panel/call-numbers.ts';
import { textOf, toConversation, toolExchangeOf } from '../../lib/panel/conversation.ts';
import { matcher, noFilter } from '../../lib/panel/filter.ts';
import { findingsOf } from '../../lib/panel/findings.ts';
import { prettyJson } from '../../lib/panel/format.ts';
import { jsonTokens } from '../../lib/panel/json-tokens.ts';
import { toListRows } from '../../lib/panel/list-rows.ts';
import { mergeOutline } from '../../lib/panel/open-trace.ts';
import { spansBelow, toOutline } from '../../lib/panel/outline.ts';
import { attributeReadsOf, attributesFor, createReadings, readsOf } from '../../lib/panel/reading.ts';
import { emptyRecording, mergeRows } from '../../lib/panel/recording.ts';
import { toRows } from '../../lib/panel/rows.ts';
import { streamShapeOf } from '../../lib/panel/stream-shape.ts';
import { phasesOf, scaleOf, ticksOf } from '../../lib/panel/time-scale.ts';
import { whyFailed } from '../../lib/panel/why-failed.ts';
import { whyOf } from '../../lib/panel/why.ts';
import { createSearch } from '../../lib/store/search/search.ts';
import { spansIn } from '../../lib/store/spans.ts';
import { faultsOf } from '../export/otlp-check.ts';
import { stored, tellingOf } from './stored-texts.ts';
import { everything, type Recording } from '../record/recording.ts';
import { countedAnew } from '../record/counted-anew.ts';

const NOW = 1.8e12;

/** Words of numbers that are none. */
const NO_NUMBER = /\b(?:NaN|Infinity|undefined|null)\b/;

/** Rows agree with each other: what is counted, whose it is, what hangs on what, when. */
export async function expectRowsSound(recording: Recording): Promise<void> {
  const { sessions, documents, exchanges, spans: stored, traces, segments, live } = await everything(recording.database);
  const spans = stored.flatMap(spansIn);
  const calls = new Map(exchanges.map((row) => [row.id, row]));
  for (const { id, diskBytes, bytes, exchanges: count, totals } of sessions) {
    const own = exchanges.filter(({ session }) => session === id);
    expect(count).toBe(own.length);
    expect(bytes).toBe(own.reduce((sum, { request, response }) => sum + request.stored + response.stored, 0));
    expect(diskBytes).toBe((await countedAnew(recording))[id]);
    const listed = traces.filter(({ source }) => source === id);
    const sum = (of: 'spans' | 'errors' | 'tokens'): number => listed.reduce((all, trace) => all + (trace[of] ?? 0), 0);
    expect(totals ?? { traces: 0, spans: 0, errors: 0, tokens: 0 }).toEqual({ traces: listed.length, spans: sum('spans'), errors: sum('errors'), tokens: sum('tokens') });
  }
  for (const { documentId, session, bytes } of documents) {
    const own = exchanges.filter((row) => row.documentId === documentId);
    expect(own.every((row) => row.session === session)).toBe(true);
    expect(bytes).toBe(own.reduce((sum, { request, response }) => sum + request.stored + response.stored, 0));
  }
  for (const { request, response, startMs, firstByteMs, head, end, facts } of exchanges) {
    for (const { read, stored, missing } of [request, response]) {
      expect(read).toBe(stored + missing);
      expect(Number.isSafeInteger(read) && stored >= 0 && missing >= 0).toBe(true);
    }
    for (const ms of [startMs, firstByteMs, head?.atMs, end?.atMs, facts?.firstTokenMs]) expect(ms === undefined || (Number.isFinite(ms) && ms >= 0)).toBe(true);
  }
  for (const { exchange } of [...segments, ...live]) expect(calls.has(exchange)).toBe(true);
  const byId = new Map(spans.map((span) => [`${span.source} ${span.spanId}`, span]));
  const wire = spans.filter(isWire).map(({ exchange }) => exchange);
  expect(wire.toSorted()).toEqual([...calls.keys()].toSorted());
  for (const span of spans) {
    const { source, spanId, traceId, parentSpanId, startMs, endMs, exchange, resultExchange, link, missingBytes } = span;
    expect([spanId, traceId]).toEqual([expect.stringMatching(/^(?!0+$)[0-9a-f]{16}$/), expect.stringMatching(/^(?!0+$)[0-9a-f]{32}$/)]);
    expect(missingBytes === undefined || Number.isSafeInteger(missingBytes)).toBe(true);
    expect(Number.isFinite(startMs) && (endMs === undefined || (Number.isFinite(endMs) && endMs >= startMs))).toBe(true);
    for (const named of [exchange, resultExchange, link.to, link.turnOf]) expect(named === undefined || calls.get(named)?.session === source).toBe(true);
    const seen = new Set([spanId]);
    for (let up = parentSpanId; up !== undefined;) {
      const parent = byId.get(`${source} ${up}`);
      expect(parent?.traceId).toBe(traceId);
      expect(seen.has(up)).toBe(false);
      seen.add(up);
      up = parent?.parentSpanId;
    }
  }
  const groups = Map.groupBy(spans, ({ source, traceId }) => `${source} ${traceId}`);
  expect(traces.map(({ source, traceId }) => `${source} ${traceId}`).toSorted()).toEqual([...groups.keys()].toSorted());
  for (const { source, traceId, startMs, endMs, spans: count } of traces) {
    const own = groups.get(`${source} ${traceId}`) ?? [];
    expect([startMs, endMs, count]).toEqual([Math.min(...own.map((span) => span.startMs)), Math.max(...own.map((span) => span.endMs ?? span.startMs)), own.length]);
  }
}

/** All that the panel makes of it: nothing throws, each span is there once, numbers are numbers. */
export async function expectPanelSound({ reader }: Recording, words: readonly string[]): Promise<void> {
  const sessions = await reader.sessions();
  const readings = createReadings(reader);
  for (const session of sessions) {
    const rows = await reader.traces(session.id, { limit: 1000 });
    const recordings = new Map([[session.id, mergeRows(emptyRecording(session.id), rows, session.rev)]]);
    const documents = new Map([[session.id, await reader.documents(session.id)]]);
    for (const word of ['', ...words]) {
      const list = toListRows({ sessions, current: session.id, recordings, documents, open: new Set(['earlier']), filter: { ...noFilter, text: word }, nowMs: NOW });
      if (word === '') expect(list.filter(({ kind }) => kind === 'trace')).toHaveLength(rows.length);
    }
    for (const { traceId } of rows) {
      const outline = await reader.outline(session.id, traceId);
      const spans = await reader.spans(session.id, traceId);
      if (!outline) throw new Error('A trace without an outline');
      const trace = mergeOutline(undefined, { session: session.id, traceId }, outline);
      const tree = toRows(toOutline(trace.spans), new Set(), noFilter);
      expect(tree.map((row) => row.span.spanId).toSorted()).toEqual(spans.map(({ spanId }) => spanId).toSorted());
      for (const word of words) for (const shown of trace.spans) matcher({ ...noFilter, text: word })?.(shown);
      findingsOf(trace.spans);
      const scale = scaleOf(trace.spans, NOW);
      expect(ticksOf(scale.lengthMs, 6).every(Number.isFinite)).toBe(true);
      for (const row of spans) {
        const shown = trace.spans.find(({ spanId }) => spanId === row.spanId);
        expect([shown?.startMs, shown?.endMs, shown?.name, shown?.parentSpanId]).toEqual([row.startMs, row.endMs, row.name, row.parentSpanId]);
        for (const { leftPercent, widthPercent } of phasesOf(row, scale, NOW)) expect(leftPercent >= 0 && widthPercent >= 0 && leftPercent + widthPercent < 101).toBe(true);
        for (const card of numbersOf(row, spansBelow(row, trace.spans), NOW)) expect(`${card.value} ${card.caption}`).not.toMatch(NO_NUMBER);
        expect(whyOf(row).confidencePercent).toBeGreaterThanOrEqual(50);
        const { main, followUp } = readsOf(row);
        const [read, followed] = await Promise.all([readings.read(main), followUp === undefined ? undefined : readings.read(followUp)]);
        if (!read) throw new Error('A span without its call');
        const { system, earlier, fresh, answer } = toConversation(read.call);
        expect([...system, ...earlier, ...fresh].every((message, i) => message === read.call.input[i])).toBe(true);
        expect(system.length + earlier.length + fresh.length).toBe(read.call.input.length);
        for (const message of [...read.call.input, ...answer]) prettyJson(textOf(message));
        if (row.kind === 'TOOL') toolExchangeOf(read.call, row.toolIndex ?? 0, followed?.call);
        for (const side of ['request', 'response'] as const) {
          const body = prettyJson(new TextDecoder().decode(read.bodies[side].bytes.subarray(0, 20_000))) ?? '';
          expect(jsonTokens(body).map((token) => token.text).join('')).toBe(body);
        }
        const shape = streamShapeOf(read.bodies.response);
        expect(shape?.curve.flat().every(Number.isFinite) ?? true).toBe(true);
        whyFailed({ exchange: { ...read.exchange, end: { atMs: 1, how: 'error', error: { name: 'TypeError', message: 'Failed to fetch' } } }, request: undefined, preflight: undefined, watched: false, policy: undefined });
      }
    }
  }
}

/** The export is JSON of the form that receivers take, and is read again whole. */
export async function expectExportSound({ reader }: Recording): Promise<void> {
  const readings = createReadings(reader);
  const rows: SpanRow[] = [];
  for (const { id } of await reader.sessions()) rows.push(...await reader.spans(id));
  const groups = [...Map.groupBy(rows, ({ source }) => source)].map(([source, spans]) => ({ spans, resource: resourceOf({ site: source, version: '0' }) }));
  const told = otlpText(groups, async (span) => {
    const { main, followUp } = attributeReadsOf(span);
    return attributesFor(span, await Promise.all([main, ...(followUp === undefined ? [] : [followUp])].map((id) => readings.read(id))));
  });
  const text = (await Array.fromAsync(told)).join('');
  const traces = JSON.parse(text) as OtlpTraces;
  const ended = rows.filter(({ endMs }) => endMs !== undefined);
  const exported = traces.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  expect(exported.map(({ spanId }) => spanId).toSorted()).toEqual(ended.map(({ spanId }) => spanId).toSorted());
  // The parent of a span that ended may still run: it follows in a later export.
  const running = new Set(rows.filter(({ endMs }) => endMs === undefined).map(({ spanId }) => spanId));
  for (const span of exported) if (running.has(span.parentSpanId ?? '')) delete span.parentSpanId;
  expect(faultsOf(traces)).toEqual([]);
  if (ended.length === 0) return;
  const file = readFile(text, (group) => `import-${group}`);
  expect(file.faults).toEqual([]);
  expect(file.kept).toBe(ended.length);
}

/** What is found is what reading everything finds. */
export async function expectSearchSound(recording: Recording, words: readonly string[]): Promise<void> {
  const search = createSearch(recording.database);
  const texts = await stored(recording);
  for (const word of words) {
    const { must, may } = tellingOf(texts, word);
    const hits = (await Array.fromAsync(search.hits(word))).flat();
    const found = hits.map((hit) => hit.text);
    expect(new Set(found).size).toBe(found.length);
    expect(must.filter((name) => !found.includes(name)), JSON.stringify(word)).toEqual([]);
    expect(found.filter((name) => !may.includes(name)), JSON.stringify(word)).toEqual([]);
  }
}
