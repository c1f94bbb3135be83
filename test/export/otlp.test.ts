import { describe, expect, test } from 'vitest';
import { resourceOf } from '../../lib/export/resource.ts';
import { otlpText, spanOf, type OtlpGroup, type OtlpSpan, type OtlpTraces } from '../../lib/export/otlp.ts';
import type { SpanRow } from '../../lib/model/span.ts';
import { attributesOf } from '../../lib/trace/attributes.ts';
import type { ReadExchange } from '../../lib/trace/reading.ts';
import { recordLoop } from '../trace/recorded-loop.ts';
import { openai } from '../trace/wire.ts';
import { faultsOf } from './otlp-check.ts';

const resource = resourceOf({ site: 'localhost:3000', version: '0.1.0', userAgent: 'Test/1' });

const traceOf = async (read: ReadonlyMap<string, ReadExchange>, groups: OtlpGroup[]): Promise<OtlpTraces> =>
  JSON.parse((await Array.fromAsync(otlpText(groups, async (row) => attributesOf(row, read)))).join('')) as OtlpTraces;

async function exported(): Promise<{ traces: OtlpTraces; spans: OtlpSpan[]; rows: SpanRow[] }> {
  const { rows, read } = await recordLoop(openai);
  const traces = await traceOf(read, [{ spans: rows, resource }]);
  return { traces, rows, spans: traces.resourceSpans[0]?.scopeSpans[0]?.spans ?? [] };
}

const row = (given: Partial<SpanRow>): SpanRow => ({
  source: 's', spanId: 'aaaaaaaaaaaaaaaa', traceId: 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', kind: 'LLM', name: 'chat m', label: 'm', startMs: 1_700_000_000_000.25, endMs: 1_700_000_000_900.5, status: 'unset',
  exchange: 'd/1', link: { relation: 'root', evidence: 'none', confidence: 1, detail: '' }, rev: 1, ...given,
});
const one = (given: Partial<SpanRow>, attributes = {}): OtlpSpan => spanOf(row(given), row(given).endMs ?? 0, attributes);

describe('OTLP/JSON', () => {
  test('a recorded loop is a valid export request', async () => {
    const { traces, rows, spans } = await exported();
    expect(spans).toHaveLength(rows.length);
    expect(faultsOf(traces)).toEqual([]);
  });

  test('the check finds faults', async () => {
    const { traces } = await exported();
    const spoil = (change: (span: Record<string, unknown>) => void): string[] => {
      const copy = JSON.parse(JSON.stringify(traces));
      change(copy.resourceSpans[0].scopeSpans[0].spans[0]);
      return faultsOf(copy);
    };
    expect(spoil((span) => { span['kind'] = 'CLIENT'; })).not.toEqual([]);
    expect(spoil((span) => { span['traceId'] = 'q7v/oV3XQ3yJ3y4Mxq0qmA=='; })).not.toEqual([]);
    expect(spoil((span) => { span['startTimeUnixNano'] = 1_700_000_000_000_000_000; })).not.toEqual([]);
    expect(spoil((span) => { span['attributes'] = [{ key: 'a', value: { intValue: 1 } }]; })).not.toEqual([]);
    expect(spoil((span) => { span['foo'] = 1; })).not.toEqual([]);
  });

  test('the tree is kept: parents, ids, one trace', async () => {
    const { rows, spans } = await exported();
    expect(spans.map(({ spanId, parentSpanId, traceId }) => ({ spanId, parentSpanId, traceId }))).toEqual(rows.map(({ spanId, parentSpanId, traceId }) => ({ spanId, parentSpanId, traceId })));
    expect(spans.filter((span) => !('parentSpanId' in span))).toHaveLength(1);
  });

  test('nanoseconds are exact', () => {
    expect(one({ firstTokenMs: 100.125 })).toMatchObject({
      startTimeUnixNano: '1700000000000250000', endTimeUnixNano: '1700000000900500000',
      events: [{ name: 'First Token Stream Event', timeUnixNano: '1700000000100375000' }],
    });
  });

  test('the page is the client of its calls; all else is inside it', async () => {
    const { spans, rows } = await exported();
    expect(spans.map(({ kind }) => kind)).toEqual(rows.map(({ kind }) => kind === 'LLM' ? 3 : 1));
  });

  test('a failure has a status, a message and an exception; an abort has none of them', () => {
    const failed = one({ status: 'error', errorType: '429', statusMessage: 'Slow down' });
    expect(failed.status).toEqual({ code: 2, message: 'Slow down' });
    expect(failed.events).toEqual([{
      timeUnixNano: failed.endTimeUnixNano, name: 'exception',
      attributes: [{ key: 'exception.type', value: { stringValue: '429' } }, { key: 'exception.message', value: { stringValue: 'Slow down' } }],
    }]);
    expect(one({ endCause: 'aborted' })).toMatchObject({ status: { code: 0 }, events: [] });
  });

  test('a retry links the attempt before it', () => {
    expect(one({ retryOf: 'cccccccccccccccc' }).links).toMatchObject([{ traceId: 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', spanId: 'cccccccccccccccc' }]);
  });

  test('values keep their types: a double is one also when it is whole, an integer is a string', () => {
    expect(one({}, { 'spanlight.link.confidence': 1, 'llm.token_count.total': 15, 'a.list': ['x'], 'a.vector': [1, 2.5], 'a.flag': false, 'a.half': 0.5 }).attributes.map(({ value }) => value)).toEqual([
      { doubleValue: 1 }, { intValue: '15' }, { arrayValue: { values: [{ stringValue: 'x' }] } }, { arrayValue: { values: [{ doubleValue: 1 }, { doubleValue: 2.5 }] } }, { boolValue: false }, { doubleValue: 0.5 },
    ]);
  });

  test('half a character becomes a whole one', () => {
    expect(one({}, { 'input.value': 'a\ud83d' }).attributes).toEqual([{ key: 'input.value', value: { stringValue: 'a\u{fffd}' } }]);
  });

  test('what still runs is left out and counted', async () => {
    const { rows, read } = await recordLoop(openai);
    const running = rows.map((each) => each.kind === 'AGENT' ? { ...each, endMs: undefined } : each);
    const { resourceSpans: [group] } = await traceOf(read, [{ spans: running, resource }]);
    expect(group!.scopeSpans[0]!.spans).toHaveLength(rows.length - 1);
    expect(group!.resource.attributes).toContainEqual({ key: 'spanlight.running_spans_left_out', value: { intValue: '1' } });
  });

  test('each source is a resource of its own, also where nothing of it has ended', async () => {
    const { rows, read } = await recordLoop(openai);
    const traces = await traceOf(read, [{ spans: rows.slice(0, 1), resource }, { spans: [row({ endMs: undefined })], resource }, { spans: rows.slice(1), resource }]);
    expect(faultsOf(traces)).toEqual([]);
    expect(traces.resourceSpans.map(({ scopeSpans }) => scopeSpans[0]?.spans.length)).toEqual([1, 0, rows.length - 1]);
    expect(await traceOf(read, [])).toEqual({ resourceSpans: [] });
  });

  test('a span is told before the next one is asked for: not all of them are in memory at once', async () => {
    const { rows, read } = await recordLoop(openai);
    const story: string[] = [];
    for await (const text of otlpText([{ spans: rows, resource }], async (each) => { story.push(`read ${each.spanId}`); return attributesOf(each, read); })) {
      const [, told] = /"spanId":"(\w+)"/.exec(text) ?? [];
      if (told !== undefined) story.push(`told ${told}`);
    }
    expect(story).toEqual(rows.flatMap(({ spanId }) => [`read ${spanId}`, `told ${spanId}`]));
  });

  test('the resource names the site as the service', () => {
    expect(resource).toMatchObject({ 'service.name': 'localhost:3000', 'openinference.project.name': 'localhost:3000', 'telemetry.sdk.name': 'spanlight', 'telemetry.sdk.language': 'webjs', 'user_agent.original': 'Test/1' });
    expect(resourceOf({ site: 'a.example', version: '1' })).not.toHaveProperty('user_agent.original');
  });
});
