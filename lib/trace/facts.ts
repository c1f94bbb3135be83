/** The small part of a call that is kept on the exchange row: what rows and linking need without bodies. */
import type { CallFacts, Message, ModelCall, Part } from '../model/call.ts';
import type { Exchange } from '../model/exchange.ts';
import { limits } from '../model/limits.ts';
import { argumentsPreview } from './arguments-preview.ts';
import { givesOf, seeksOf } from './evidence.ts';
import { messageOf, nameOf, previewOf } from './preview.ts';
import { tailOf, textIn } from './turns.ts';

/** When the page had read the response up to `ends[i]` (bytes, exclusive): `times[i]`, ms from the exchange's start. */
export interface ReadTimes { ends: ArrayLike<number>; times: ArrayLike<number> }

type PartOf<T extends Part['type']> = Extract<Part, { type: T }>;
const partsOf = <T extends Part['type']>(messages: readonly Message[], type: T): Array<PartOf<T>> =>
  messages.flatMap(({ parts }) => parts).filter((part): part is PartOf<T> => part.type === type);

/** The user's last words, not the tool results that some dialects send in the user's name. */
export function lastUserText(call: ModelCall): string {
  const said = call.input.findLast((message) => message.role === 'user' && textIn(message) !== '');
  const shown = said ?? call.input.findLast(({ role, parts }) => role === 'user' && parts.some(({ type }) => type === 'media'));
  return said === undefined ? partsOf(shown === undefined ? [] : [shown], 'media').map(({ modality }) => `[${modality}]`).join(' ') : textIn(said);
}

/** When the page had read byte `byte`; undefined while it has not, or where the times are not known. */
function timeOf(byte: number | undefined, read: ReadTimes | undefined): number | undefined {
  if (byte === undefined || read === undefined) return undefined;
  for (let at = 0; at < read.ends.length; at += 1) if ((read.ends[at] ?? 0) >= byte) return read.times[at];
  return undefined;
}

const replyOf = (call: ModelCall): string => textIn(call.output[0]) || partsOf(call.output.slice(0, 1), 'refusal').map(({ text }) => text).join(' ');

const named = <K extends string>(key: K, name: string | undefined): Partial<Record<K, string>> => (name === undefined ? {} : { [key]: nameOf(name) } as Record<K, string>);

/** Of a reply that still grows, once there is more than is shown: its whole text is not looked at with every piece anew. */
const settledPreview = ({ end, facts }: Exchange): string | undefined => end === undefined && facts?.replyPreview.endsWith('…') === true ? facts.replyPreview : undefined;

/** `gives` and `seeks` come from evidence.ts. Names and ids are cut, however long the wire has them. */
export function factsOf(exchange: Exchange, call: ModelCall, read?: ReadTimes): CallFacts {
  const { input, output } = call;
  const system = input.find(({ role }) => role === 'system' || role === 'developer');
  const tail = tailOf(input);
  const firstTokenMs = timeOf(call.firstTokenByte, read);
  return {
    dialect: call.dialect,
    operation: call.operation,
    system: call.system,
    ...(call.provider === undefined ? {} : { provider: call.provider }),
    ...named('modelAsked', call.modelAsked),
    ...named('modelAnswered', call.modelAnswered),
    streaming: call.streaming,
    userPreview: previewOf(lastUserText(call)),
    systemPreview: previewOf(textIn(system).trim().split('\n')[0] ?? ''),
    replyPreview: settledPreview(exchange) ?? previewOf(replyOf(call)),
    ...(call.usage === undefined ? {} : { usage: call.usage }),
    ...(call.finish === undefined ? {} : { finish: { ...call.finish, raw: nameOf(call.finish.raw) } }),
    ...(call.error === undefined ? {} : { error: { type: nameOf(call.error.type), message: messageOf(call.error.message) } }),
    ...named('requestId', call.requestId),
    ...named('responseId', call.responseId),
    ...named('collection', call.collection),
    ...(call.vectors === undefined ? {} : { vectors: call.vectors }),
    ...(call.documents === undefined ? {} : { documents: call.documents.length }),
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    toolCalls: partsOf(output, 'tool_call').slice(0, limits.toolCalls).map(({ id, name, arguments: given }) => ({ ...named('id', id), name: nameOf(name), preview: argumentsPreview(given) })),
    toolResults: tail.results.slice(0, limits.toolCalls).map(({ id, name, isError }) => ({ ...named('id', id), ...named('name', name), isError: isError === true })),
    continuesLoop: tail.continuesLoop,
    messageCount: input.length,
    gives: givesOf(exchange, call),
    seeks: seeksOf(exchange, call),
  };
}
