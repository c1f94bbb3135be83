/** TOOL spans: nobody sent them. The page ran a tool between the answer that asked for it and the request that brought
 *  its result, and those two moments are all the wire shows. */
import type { Exchange } from '../model/exchange.ts';
import type { SpanRow } from '../model/span.ts';
import { sharedFields } from './call-row.ts';
import { spanIdOf } from './ids.ts';
import { endOf } from './outcome.ts';
import { previewOf } from './preview.ts';
import { resultOf } from './tool-results.ts';

/** @param followUps exchanges that continue `asking`, in order of starts; without one no tool is known to have run */
export function toolRows(asking: Exchange, followUps: readonly Exchange[], parent: string): SpanRow[] {
  const [first] = followUps;
  if (first === undefined) return [];
  const calls = asking.facts?.toolCalls ?? [];
  return calls.map(({ name, preview }, index) => {
    const resultIn = (later: Exchange): { isError: boolean } | undefined => resultOf(calls, index, later.facts?.toolResults ?? []);
    const carrier = followUps.find((later) => resultIn(later) !== undefined);
    const result = carrier && resultIn(carrier);
    const endMs = (carrier ?? first).startMs;
    const failed = result?.isError === true;
    return {
      ...sharedFields(asking), spanId: spanIdOf(asking.documentId, asking.id, 'tool', index), parentSpanId: parent, kind: 'TOOL',
      name: `execute_tool ${name}`, label: previewOf(`${name}(${preview})`),
      startMs: Math.min(endOf(asking) ?? endMs, endMs), endMs,
      status: failed ? 'error' : 'unset', statusMessage: failed ? 'The tool returned an error.' : undefined, errorType: failed ? 'tool_error' : undefined,
      exchange: asking.id, toolIndex: index, resultExchange: carrier?.id,
      link: {
        relation: 'continues', to: asking.id, evidence: 'tool_call_id', confidence: (carrier ?? first).link?.confidence ?? 1,
        detail: carrier === undefined
          ? 'The answer asked for this call. The request that followed does not show its result.'
          : 'The answer asked for this call, and the request that followed carries its result.',
      },
    };
  });
}
