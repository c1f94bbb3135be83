/** Decides where an exchange hangs: pure, from the exchange and those that share evidence with it. */
import type { Exchange, ExchangeId } from '../model/exchange.ts';
import type { Link } from '../model/span.ts';
import { traceIdOf } from './ids.ts';

export interface Place { run: ExchangeId; conversation: string | undefined; traceId: string }

export const unlinked: Link = { relation: 'root', evidence: 'none', confidence: 1, detail: 'Nothing in this request comes from an earlier call.' };

/** Order of starts: by ordinal within a document, by the wall clock between documents. */
export function byStart(a: Exchange, b: Exchange): number {
  if (a.documentId === b.documentId) return a.ordinal - b.ordinal;
  return a.startMs - b.startMs || (a.documentId < b.documentId ? -1 : 1);
}

/** @param candidates all that give something it seeks, and all that seek something those give (to know what is taken) */
export function decide(exchange: Exchange, candidates: readonly Exchange[]): Link {
  void exchange; void candidates;
  return unlinked;
}

/** Run, conversation and trace that follow from a link. `target`: the exchange `link.to` names. */
export function place(exchange: Exchange, link: Link, target: Exchange | undefined): Place {
  const own = { run: exchange.id, traceId: traceIdOf(exchange.id) };
  if (target === undefined || link.relation === 'root') return { ...own, conversation: undefined };
  const run = target.run ?? target.id;
  if (link.relation === 'turn') return { ...own, conversation: target.conversation ?? run };
  return { run, conversation: target.conversation, traceId: target.traceId ?? traceIdOf(run) };
}
