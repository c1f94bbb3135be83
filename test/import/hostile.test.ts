/** What a file says is checked value by value: it may have been written to do harm. */
import { describe, expect, test } from 'vitest';
import { attributesIn } from '../../lib/import/key-values.ts';
import { readSpan, type ReadSpan } from '../../lib/import/row.ts';
import { spanOf } from '../../lib/export/otlp.ts';
import { opened } from './exported.ts';

const number = (key: string, value: number): object => ({ key, value: { doubleValue: value } });
const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });
const span = (attributes: object[], more: object = {}): object => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name: 'chat m', startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000001000000000', attributes, ...more });
const read = (attributes: object[], more?: object): ReadSpan => readSpan(span(attributes, more), 'import-0') as ReadSpan;

describe('a file that means harm', () => {
  test.each([1e300, 1e18, -1, Number.MAX_VALUE])('numbers that nothing counts or lasts (%d) are left out', (value) => {
    const keys = ['http.response.status_code', 'spanlight.tool.index', 'spanlight.retrieval.count', 'spanlight.retry.attempt', 'spanlight.missing_bytes', 'spanlight.stream.head_ms', 'spanlight.stream.first_byte_ms', 'spanlight.stream.first_token_ms', 'llm.token_count.prompt', 'spanlight.embedding.count', 'spanlight.embedding.size'];
    const { row } = read(keys.map((key) => number(key, value)));
    const { httpStatus, toolIndex, documents, attempt, missingBytes, headMs, firstByteMs, firstTokenMs, usage, vectors } = row;
    expect([httpStatus, toolIndex, documents, attempt, missingBytes, headMs, firstByteMs, firstTokenMs, usage, vectors]).toEqual(Array.from({ length: 10 }));
  });

  test('half a status, call or attempt is none', () => {
    const { row } = read(['http.response.status_code', 'spanlight.tool.index', 'spanlight.retry.attempt'].map((key) => number(key, 1.5)));
    expect([row.httpStatus, row.toolIndex, row.attempt]).toEqual([undefined, undefined, undefined]);
  });

  test('the times of whatever was read fit the 64 bits of a file', () => {
    const { row, attributes } = read([number('spanlight.stream.first_token_ms', 3.9e12)], { startTimeUnixNano: '3999999999999000000', endTimeUnixNano: '3999999999999000000' });
    const [event] = spanOf(row, row.endMs ?? 0, attributes).events;
    expect(BigInt(event?.timeUnixNano ?? '') < 2n ** 63n).toBe(true);
  });

  test('keys of a prototype are keys like others', () => {
    const attributes = attributesIn([text('__proto__', 'own'), text('constructor', 'own'), { key: 'toString', value: { kvlistValue: { values: [text('__proto__', 'inner')] } } }]);
    expect(Object.entries(attributes)).toEqual([['__proto__', 'own'], ['constructor', 'own'], ['toString', '{"__proto__":"inner"}']]);
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype);
  });

  test('ids of live sessions and their calls reach nobody; an id that comes twice is told', () => {
    const named = [text('spanlight.exchange.id', 'document-1/1'), text('spanlight.tab_session.id', 'live'), text('spanlight.link.to', 'document-1/1')];
    const file = opened(JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ spans: [span(named), span(named), span(named, { spanId: 'c'.repeat(16), parentSpanId: 'c'.repeat(16) })] }] }] }));
    const rows = file.groups.flatMap(({ spans }) => spans.map(({ row }) => row));
    expect(file.faults).toEqual([{ where: expect.any(String), why: `span 2 has the id of an earlier one (${'b'.repeat(16)})` }]);
    expect(rows.map(({ source, exchange, link, parentSpanId }) => [source, exchange, link.to, parentSpanId])).toEqual([
      ['import-0', `import-0/${'b'.repeat(16)}`, undefined, undefined], ['import-0', `import-0/${'c'.repeat(16)}`, undefined, undefined],
    ]);
  });
});
