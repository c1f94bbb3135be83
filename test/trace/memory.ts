/** The writer's part in miniature: keeps exchanges and rows, links what changes, and knows only what it was given. */
import type { Exchange } from '../../lib/model/exchange.ts';
import type { SpanRow } from '../../lib/model/span.ts';
import { traceIdOf } from '../../lib/trace/ids.ts';
import { relink } from '../../lib/trace/relink.ts';
import { spansOf } from '../../lib/trace/synthesise.ts';

export function createMemory() {
  const exchanges = new Map<string, Exchange>();
  const rows = new Map<string, SpanRow>();
  const held = { gives: new Map<string, Set<string>>(), seeks: new Map<string, Set<string>>() };
  const holders = (kind: 'gives' | 'seeks', keys: readonly string[]): Promise<Exchange[]> => {
    const ids = new Set(keys.flatMap((key) => [...held[kind].get(key) ?? []]));
    return Promise.resolve([...ids].flatMap((id) => exchanges.get(id) ?? []));
  };
  const ofRun = (run: string): Exchange[] => [...exchanges.values()].filter((exchange) => exchange.run === run);

  return {
    exchange: (id: string): Exchange | undefined => exchanges.get(id),
    exchanges: (): Exchange[] => [...exchanges.values()],
    rows: (): SpanRow[] => [...rows.values()],
    /** Writes a new state of one exchange. */
    async write(exchange: Exchange): Promise<void> {
      const { link, run, conversation, traceId } = exchanges.get(exchange.id) ?? {};
      const relinked = await relink([{ ...exchange, link, run, conversation, traceId }], {
        giving: (keys) => holders('gives', keys), seeking: (keys) => holders('seeks', keys), ofRun: (run) => Promise.resolve(ofRun(run)),
      });
      for (const changed of relinked.exchanges) {
        exchanges.set(changed.id, changed);
        for (const kind of ['gives', 'seeks'] as const) {
          for (const key of changed.facts?.[kind] ?? []) held[kind].set(key, (held[kind].get(key) ?? new Set()).add(changed.id));
        }
      }
      for (const run of relinked.runs) {
        for (const row of rows.values()) if (row.traceId === traceIdOf(run)) rows.delete(row.spanId);
        for (const row of spansOf(ofRun(run))) rows.set(row.spanId, row);
      }
    },
  };
}

export type Memory = ReturnType<typeof createMemory>;

/** Trees as a person reads them: kind, label, and what went wrong; roots in order of starts. */
export function treesOf(rows: readonly SpanRow[]): string {
  const ordered = rows.toSorted((a, b) => a.startMs - b.startMs || (a.exchange < b.exchange ? -1 : a.exchange > b.exchange ? 1 : 0));
  const lines = (parent: string | undefined, indent: string): string[] => ordered.filter((row) => row.parentSpanId === parent)
    .flatMap((row) => [`${indent}${row.kind} ${row.label}${row.status === 'error' ? ' !' : ''}`, ...lines(row.spanId, `${indent}  `)]);
  return lines(undefined, '').join('\n');
}
