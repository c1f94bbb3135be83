/** The span around the exchanges of one run: an AGENT once a tool result was seen, else a CHAIN: around the retrieval and the
 *  answer made of it, or around mere attempts. */
import type { Exchange } from '../model/exchange.ts';
import type { SpanRow } from '../model/span.ts';
import { agentNameOf } from './agent-name.ts';
import { modelOf, sharedFields, statusFields, titleOf } from './call-row.ts';
import { spanIdOf } from './ids.ts';
import { unlinked } from './link.ts';
import { endOf } from './outcome.ts';
import { previewOf } from './preview.ts';

export const runSpanId = ({ documentId, id }: Exchange): string => spanIdOf(documentId, id, 'run', 0);

/** Ends with the last answer known, also when that asked for tools whose results may still come: nothing runs for ever,
 *  and the span grows when they do. Fails only with its last exchange: what was retried with success did no harm.
 *  @param members in order of starts */
export function runRow(members: readonly [Exchange, ...Exchange[]]): SpanRow {
  const [first] = members;
  const last = members.at(-1) ?? first;
  const ends = members.map(endOf);
  const { httpStatus: _, ...status } = statusFields(last);
  return {
    ...sharedFields(first), ...status, ...nameFields(members),
    spanId: runSpanId(first), title: members.map(titleOf).find((title) => title !== undefined),
    startMs: first.startMs, endMs: ends.includes(undefined) ? undefined : Math.max(...ends.map((end) => end ?? 0)),
    exchange: first.id, resultExchange: last.id, link: first.link ?? unlinked,
  };
}

function nameFields(members: readonly [Exchange, ...Exchange[]]): Pick<SpanRow, 'kind' | 'name' | 'label'> {
  const [first] = members;
  if (members.some(({ link, facts }) => link?.relation === 'continues' && (facts?.toolResults.length ?? 0) > 0)) {
    const name = agentNameOf(first.facts?.systemPreview ?? '');
    return { kind: 'AGENT', name: name === undefined ? 'invoke_agent' : `invoke_agent ${name}`, label: name ?? 'agent' };
  }
  const answer = members.find(({ facts }) => (facts?.operation ?? 'chat') === 'chat');
  if (members.some(({ link }) => link?.relation === 'uses')) {
    return { kind: 'CHAIN', name: 'retrieval', label: previewOf(answer === undefined ? 'retrieval' : `retrieval, then ${modelOf(answer) ?? 'model call'}`) };
  }
  const model = modelOf(first) ?? 'model call';
  const isRetry = members.every(({ link }, index) => index === 0 || link?.relation === 'retries');
  return { kind: 'CHAIN', name: isRetry ? 'retry' : 'continue', label: previewOf(`${model}, ${members.length} ${isRetry ? 'attempts' : 'calls'}`) };
}
