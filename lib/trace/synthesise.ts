/**
 * The spans of one run, from the exchanges that belong to it. A lone call is its own root. Around several stands one
 * span with all calls, attempts and tools in it side by side, the shape OpenInference's receivers know:
 *
 *   AGENT Trip Planner
 *     LLM  gpt-5-mini                  asks for two tools
 *     TOOL get_weather(city: "Lisbon")
 *     TOOL get_time(city: "Lisbon")
 *     LLM  gpt-5-mini · 429, retried
 *     LLM  gpt-5-mini · attempt 2
 *
 * Ids come from the exchanges, so a row stays the same row while the run grows.
 */
import type { Exchange, ExchangeId } from '../model/exchange.ts';
import type { SpanRow } from '../model/span.ts';
import { callRow } from './call-row.ts';
import { byStart } from './order.ts';
import { runRow, runSpanId } from './run-row.ts';
import { toolRows } from './tool-rows.ts';

/** @param run all exchanges of one run, in any order and however far they have come
 *  @returns rows without a `rev`, parents first, then in order of starts */
export function spansOf(run: readonly Exchange[]): SpanRow[] {
  const [first, ...later] = run.toSorted(byStart);
  if (first === undefined) return [];
  const members = [first, ...later] as const;
  const parent = later.length > 0 ? runSpanId(first) : undefined;
  const rows: SpanRow[] = parent === undefined ? [] : [runRow(members)];
  const byId = new Map(members.map((exchange) => [exchange.id, exchange]));
  const retried = new Set(later.map(({ link }) => (link?.relation === 'retries' ? link.to : undefined)));
  for (const exchange of members) {
    rows.push(callRow(exchange, parent, attemptOf(exchange, byId), retried.has(exchange.id)));
    if (parent !== undefined) rows.push(...toolRows(exchange, later.filter(({ link }) => link?.relation === 'continues' && link.to === exchange.id), parent));
  }
  return rows;
}

function attemptOf(exchange: Exchange, members: ReadonlyMap<ExchangeId, Exchange>): { number: number; before?: Exchange } {
  let number = 1;
  const previous = ({ link }: Exchange): Exchange | undefined => (link?.relation === 'retries' ? members.get(link.to ?? '') : undefined);
  for (let before = previous(exchange); before !== undefined; before = previous(before)) number += 1;
  return { number, before: previous(exchange) };
}
