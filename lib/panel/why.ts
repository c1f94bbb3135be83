/** Why a span hangs where it hangs, in words. Pure. */
import type { Link, SpanRow } from '../model/span.ts';

/** From here on a link counts as known, not inferred: it rests on an id or on the whole history. */
const KNOWN = 0.9;

/** Drawn dashed: the place is our conclusion, not something the wire said. */
export const isInferred = (link: Pick<Link, 'relation' | 'confidence'>): boolean => link.relation !== 'root' && link.confidence < KNOWN;

const RELATION: Record<Link['relation'], string> = {
  root: 'Starts here',
  continues: 'Continues an earlier call',
  uses: 'Uses what an earlier call gave',
  retries: 'Tries an earlier call again',
  turn: 'Next turn of a conversation',
};

const EVIDENCE: Record<Link['evidence'], string> = {
  none: 'nothing earlier matches',
  response_id: 'the request names the answer of the earlier call',
  history: 'the messages of the earlier call and its answer are the beginning of this request',
  history_tail: 'the end of the earlier conversation is part of this request',
  tool_call_id: 'the ids of tool calls match',
  vector: 'the vector it searches with is the one that was made',
  passage: 'passages of it are part of this request',
  same_request: 'the same request was sent again',
};

export interface Why { headline: string; certainty: 'known' | 'inferred' | 'root'; evidence: string; confidencePercent: number; detail: string }

export function whyOf(span: SpanRow): Why {
  const { link } = span;
  const certainty = link.relation === 'root' ? 'root' : isInferred(link) ? 'inferred' : 'known';
  return { headline: RELATION[link.relation], certainty, evidence: EVIDENCE[link.evidence], confidencePercent: Math.round(link.confidence * 100), detail: link.detail };
}
