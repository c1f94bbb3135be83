import { describe, expect, test } from 'vitest';
import { toOutline } from '../../lib/panel/outline.ts';
import { span } from './made-span.ts';

const usage = (total: number) => ({ input: total - 10, output: 10, total });
const shape = (outline: ReturnType<typeof toOutline>): string[] => outline.map((node) => `${'  '.repeat(node.depth)}${node.span.spanId}`);

describe('outline', () => {
  test('children stand below their parent in the order they began, whatever order the rows came in', () => {
    const rows = [span('tool', { parentSpanId: 'agent', startMs: 20 }), span('agent', { kind: 'AGENT', startMs: 0 }), span('llm', { parentSpanId: 'agent', startMs: 10 }), span('inner', { parentSpanId: 'tool', startMs: 21 }), span('other', { startMs: 5 })];
    expect(shape(toOutline(rows))).toEqual(['agent', '  llm', '  tool', '    inner', 'other']);
  });

  test('a span whose parent is unknown is a root, and one whose parents go round in a circle is shown once', () => {
    const rows = [span('a', { parentSpanId: 'b', startMs: 1 }), span('b', { parentSpanId: 'a', startMs: 2 }), span('lost', { parentSpanId: 'nobody', startMs: 3 }), span('self', { parentSpanId: 'self', startMs: 4 })];
    expect(shape(toOutline(rows)).toSorted()).toEqual(['  b', 'a', 'lost', 'self']);
  });

  test('an agent shows the tokens of the calls below it', () => {
    const rows = [span('agent', { kind: 'AGENT', startMs: 0 }), span('one', { parentSpanId: 'agent', usage: usage(100) }), span('tool', { kind: 'TOOL', parentSpanId: 'agent' }), span('two', { parentSpanId: 'tool', usage: usage(30) })];
    const tokens = Object.fromEntries(toOutline(rows).map((node) => [node.span.spanId, node.tokens]));
    expect(tokens).toEqual({ agent: 130, one: 100, tool: 30, two: 30 });
  });

  test('ends enclose exactly the descendants, also of a deep chain', () => {
    const deep = Array.from({ length: 20_000 }, (_, index) => span(String(index), { parentSpanId: index === 0 ? undefined : String(index - 1), startMs: index }));
    const outline = toOutline(deep);
    expect(outline).toHaveLength(20_000);
    expect(outline.every((node) => node.end === 20_000)).toBe(true);
    expect(outline.at(-1)?.depth).toBe(19_999);
  });
});
