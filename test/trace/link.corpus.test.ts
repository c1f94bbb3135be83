/** Recorded runs of real apps, many at a time in one page. The rule they are held to is read from their raw JSON: a
 *  request that ends with the results of tool calls follows the answer that asked for them. */
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../lib/model/exchange.ts';
import { factsOf } from '../../lib/trace/facts.ts';
import { readCall } from '../../lib/trace/fold.ts';
import { bytesOf, exchangeOf, hasCorpus, recordings, type Recorded } from '../corpus/corpus.ts';
import { createMemory } from './memory.ts';

/** Runs of at least two model calls, in order. */
function scenarios(): Recorded[][] {
  const calls = recordings((file) => /^(?:openai|anthropic)\./.test(file))
    .filter(({ method, url, framing, request_body: body }) => method === 'POST' && /\/(?:chat\/completions|messages|responses)(?:\?|$)/.test(url ?? '') && body !== null && framing !== 'aws-eventstream');
  return [...Map.groupBy(calls, ({ scenario }) => scenario).values()].filter(({ length }) => length > 1).map((run) => run.toSorted((a, b) => a.order - b.order));
}

interface RawMessage { role?: string; type?: string; tool_call_id?: string; call_id?: string; content?: unknown }

const isAnswer = ({ role, type }: RawMessage): boolean => role === 'assistant' || type === 'function_call' || type === 'reasoning';

/** Ids of the tool results behind the last answer of a request. */
function resultIds(body: string | null): string[] {
  const { messages, input }: { messages?: RawMessage[]; input?: RawMessage[] } = JSON.parse(body ?? '{}');
  const said = messages ?? (Array.isArray(input) ? input : []);
  const tail = said.slice(said.findLastIndex(isAnswer) + 1);
  const blocks = tail.flatMap(({ content }): unknown[] => (Array.isArray(content) ? content : []));
  const inBlocks = blocks.flatMap((block) => (typeof block === 'object' && block !== null && 'tool_use_id' in block ? [String(block.tool_use_id)] : []));
  return [...tail.flatMap(({ tool_call_id: id, call_id: item }) => id ?? item ?? []), ...inBlocks];
}

/** The nearest earlier answer of the run that names all of them. */
function expectedTarget(run: readonly Recorded[], index: number): number | undefined {
  const ids = resultIds(run[index]?.request_body ?? null);
  const asked = run.slice(0, index).findLastIndex(({ response_body: body }) => ids.every((id) => body?.includes(`"${id}"`)));
  return ids.length === 0 || asked < 0 ? undefined : asked;
}

function toExchange(recorded: Recorded, ordinal: number): Exchange {
  const exchange: Exchange = { ...exchangeOf(recorded), id: `page/${ordinal}`, documentId: 'page', ordinal, startMs: 1_000_000 + ordinal * 10, end: { atMs: 5, how: 'complete' } };
  return { ...exchange, facts: factsOf(exchange, readCall(exchange, bytesOf(recorded.request_body), bytesOf(recorded.response_body))) };
}

/** Word for word the same request was sent in the run itself: nothing tells the two apart, and a swap shows the same trees. */
const isTwin = (run: readonly Recorded[], other: Recorded | undefined): boolean => run.some(({ request_body: body }) => body === other?.request_body);

describe.skipIf(!hasCorpus)('corpus', () => {
  test.each([20, 1000])('steps of recorded loops are linked, and no run to another, %i at a time', { timeout: 60_000 }, async (together) => {
    const runs = scenarios();
    const count = { steps: 0, linked: 0, twins: 0 };
    const [unlinked, crossed]: [string[], string[]] = [[], []];
    for (let at = 0; at < runs.length; at += together) {
      const group = runs.slice(at, at + together);
      // First all first calls, then all second ones, ...
      const calls = group.flatMap((run, index) => run.map((recorded, call) => ({ recorded, run: index, call }))).toSorted((a, b) => a.call - b.call || a.run - b.run);
      const memory = createMemory();
      for (const [index, { recorded }] of calls.entries()) await memory.write(toExchange(recorded, index + 1));
      for (const [index, { recorded, run, call }] of calls.entries()) {
        const link = memory.exchange(`page/${index + 1}`)?.link;
        const target = link?.to === undefined ? undefined : calls[Number(link.to.slice('page/'.length)) - 1];
        const expected = expectedTarget(group[run] ?? [], call);
        const name = `${recorded.scenario} ${recorded.order} (${link?.evidence})`;
        if (target !== undefined && target.run !== run) {
          if (isTwin(group[run] ?? [], target.recorded)) count.twins += 1;
          else crossed.push(name);
        }
        if (expected === undefined) continue;
        count.steps += 1;
        if (link?.relation === 'continues' && target?.run === run && target.call === expected) count.linked += 1;
        else unlinked.push(name);
      }
    }
    console.log(`${runs.length} recorded runs, ${together} at a time: ${count.linked} of ${count.steps} tool results linked to their call, ${crossed.length} links into other runs, ${count.twins} into their twins`);
    expect(crossed).toEqual([]);
    expect(unlinked).toEqual([]);
    expect(count.steps).toBeGreaterThan(50);
  });

  test('results without ids (Ollama) follow the answer before them', async () => {
    const runs = [...Map.groupBy(recordings((file) => file.startsWith('ollama')).filter(({ method, url, request_body: body }) => method === 'POST' && url?.endsWith('/api/chat') === true && body !== null), ({ scenario }) => scenario).values()]
      .filter(({ length }) => length > 1).map((run) => run.toSorted((a, b) => a.order - b.order));
    const calls = runs.flatMap((run) => run.map((recorded, call) => ({ recorded, call, ordinal: 0 })));
    const memory = createMemory();
    for (const [index, each] of calls.entries()) {
      each.ordinal = index + 1;
      await memory.write(toExchange(each.recorded, each.ordinal));
    }
    const steps = calls.filter(({ recorded, call }) => call > 0 && (JSON.parse(recorded.request_body ?? '{}').messages as RawMessage[]).at(-1)?.role === 'tool');
    expect(steps.length).toBeGreaterThan(10);
    const links = steps.map(({ ordinal }) => memory.exchange(`page/${ordinal}`)?.link);
    expect(links.map((link) => [link?.relation, link?.to])).toEqual(steps.map(({ ordinal }) => ['continues', `page/${ordinal - 1}`]));
    const tools = memory.rows().filter(({ kind }) => kind === 'TOOL');
    console.log(`${steps.length} of ${steps.length} steps linked, ${tools.filter(({ resultExchange }) => resultExchange !== undefined).length} of ${tools.length} tools with a result`);
  });
});
