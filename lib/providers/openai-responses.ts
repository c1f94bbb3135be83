/**
 * OpenAI Responses (https://platform.openai.com/docs/api-reference/responses) and those who speak it: xAI, OpenRouter, Azure,
 * LM Studio, Copilot, ChatGPT.
 *
 *   event: response.output_text.delta
 *   data: {"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Hel","item_id":"msg_1","sequence_number":4}
 *
 * Items are read in openai-items.ts. A stream tells the answer up to three times: by deltas, by `done` events, and whole in
 * the last event, each replacing what came before; any of them may be missing or empty.
 */
import type { FinishReason, Message, Part, ToolDefinition } from '../model/call.ts';
import { errorOf, type CallError } from './error.ts';
import { indexOf, isObject, jsonOf, listOf, mergeFields, objectOf, objectsOf, once, stringOf, textOf, without, type JsonObject } from './json.ts';
import type { Match } from './match.ts';
import { answerParts, itemMessages, itemParts, typeOf } from './openai-items.ts';
import { openaiUsage } from './openai-usage.ts';
import type { AddedText, Answer, Reader } from './provider.ts';

export const match: Match = {
  dialect: 'openai-responses',
  method: 'POST',
  pathEnds: ['/responses'],
  bodyKeys: [['"input"', '"prompt"', '"previous_response_id"']],
  shape: [],
};

// What was asked.

const toolOf = once((tool): ToolDefinition => {
  const description = textOf(tool['description']);
  return { name: textOf(tool['name']) ?? textOf(tool['server_label']) ?? textOf(tool['type']) ?? '', ...(description === undefined ? {} : { description }), json: jsonOf(tool) };
});

const ITEM_TYPE = /^(?:message|reasoning|item_reference|\w+_call|\w+_call_output)$/;
const isItem = (value: unknown): value is JsonObject => isObject(value) && (typeof value['role'] === 'string' || ITEM_TYPE.test(typeOf(value)));

/** What only this API says; items with nothing but a role are asked for elsewhere, too. */
const isMarked = (body: JsonObject): boolean =>
  'instructions' in body || 'previous_response_id' in body || 'max_output_tokens' in body || objectsOf(body['input']).some(({ type }) => ITEM_TYPE.test(stringOf(type)));

function messagesIn(body: JsonObject): Message[] {
  const { instructions, input } = body;
  const system: Message[] = typeof instructions === 'string' && instructions !== '' ? [{ role: 'system', parts: [{ type: 'text', text: instructions }] }] : [];
  return [...system, ...(typeof input === 'string' ? itemMessages([{ role: 'user', content: input }]) : itemMessages(objectsOf(isObject(input) ? [input] : input)))];
}

/** What the provider keeps and the request names instead of saying it again. */
function refersTo(body: JsonObject): string[] {
  const references = objectsOf(body['input']).filter((item) => item['type'] === 'item_reference').map((item) => textOf(item['id']));
  return [textOf(body['previous_response_id']), ...references.toReversed()].filter((id) => id !== undefined);
}

// What was answered: a whole `response`, or events about its items.

/** An item as far as it has come: its wire form, and what deltas added to it, by the index of content or summary. */
interface Item {
  wire: JsonObject;
  content: Map<number, JsonObject>;
  summary: Map<number, JsonObject>;
  /** arguments or input of a call */ given: string;
  /** characters shown to those who watch */ shown: number;
}

const newItem = (wire: JsonObject): Item => ({ wire, content: new Map(), summary: new Map(), given: '', shown: 0 });

const inOrder = (pieces: ReadonlyMap<number, JsonObject>): JsonObject[] => [...pieces].toSorted(([a], [b]) => a - b).map(([, piece]) => piece);

/** Where its own wire form says nothing yet, what the deltas said. */
function wireOf({ wire, content, summary, given }: Item): JsonObject {
  const key = wire['type'] === 'custom_tool_call' ? 'input' : 'arguments';
  return {
    ...wire,
    ...(content.size > 0 ? { content: inOrder(content) } : {}),
    ...(summary.size > 0 ? { summary: inOrder(summary) } : {}),
    ...(given === '' ? {} : { [key]: given }),
  };
}

/** Which item a delta without one belongs to, and the text it grows. */
const GROWING: Readonly<Record<string, { item: string; part: string; field: string; kind: AddedText['kind'] }>> = {
  'output_text': { item: 'message', part: 'output_text', field: 'text', kind: 'text' },
  'refusal': { item: 'message', part: 'refusal', field: 'refusal', kind: 'text' },
  'reasoning_text': { item: 'reasoning', part: 'reasoning_text', field: 'text', kind: 'reasoning' },
  'reasoning_summary_text': { item: 'reasoning', part: 'summary_text', field: 'text', kind: 'reasoning' },
  'function_call_arguments': { item: 'function_call', part: '', field: 'arguments', kind: 'tool' },
  'custom_tool_call_input': { item: 'custom_tool_call', part: '', field: 'input', kind: 'tool' },
};

const said = (part: Part): AddedText[] =>
  part.type === 'text' || part.type === 'reasoning' ? [{ kind: part.type, text: part.text }]
    : part.type === 'refusal' ? [{ kind: 'text', text: part.text }]
      : part.type === 'tool_call' ? [{ kind: 'tool', text: `${part.name} ${part.arguments}` }] : [];

const FINISH: Readonly<Record<string, FinishReason>> = {
  max_output_tokens: 'length', max_tokens: 'length', content_filter: 'content_filter', incomplete: 'length', failed: 'error', cancelled: 'other',
};

function startAnswer(): Answer {
  let items = new Map<number, Item>();
  let response: JsonObject = {};
  let usage: JsonObject = {};
  let error: CallError | undefined;
  let isOver = false;

  function takeResponse(told: JsonObject): void {
    response = mergeFields(response, without(told, ['output', 'input', 'instructions', 'tools', 'usage']));
    usage = mergeFields(usage, objectOf(told['usage']));
    error ??= errorOf({ error: told['error'] }, 0) ?? (told['status'] === 'failed' ? { type: 'failed', message: 'The response failed.' } : undefined);
  }

  /** The last word on all items, where it has one: ChatGPT sends an empty list. */
  function takeWhole(told: JsonObject): AddedText[] {
    takeResponse(told);
    isOver = true;
    const output = objectsOf(told['output']);
    if (output.length === 0) return [];
    const hasShown = [...items.values()].some(({ shown }) => shown > 0);
    items = new Map(output.map((wire, index) => [index, newItem(wire)]));
    return hasShown ? [] : output.flatMap(itemParts).flatMap(said);
  }

  function itemAt(value: JsonObject, type: string): Item {
    const index = indexOf(value['output_index']) ?? Math.max(0, items.size - 1);
    const item = items.get(index) ?? newItem({ type });
    items.set(index, item);
    return item;
  }

  const shown = (item: Item, added: AddedText[]): AddedText[] => {
    item.shown += added.reduce((sum, { text }) => sum + text.length, 0);
    return added;
  };

  function begin(wire: JsonObject, value: JsonObject): AddedText[] {
    const calls = [...items.values()].filter((item) => 'call_id' in item.wire).length;
    const item = newItem(wire);
    items.set(indexOf(value['output_index']) ?? items.size, item);
    const [part] = itemParts(wire);
    return part?.type === 'tool_call' ? [{ kind: 'tool', text: `${calls > 0 ? '\n' : ''}${part.name} ` }] : [];
  }

  /** The item is whole: what no delta told is shown now. One that comes without its text keeps that of its deltas. */
  function finishItem(wire: JsonObject, value: JsonObject): AddedText[] {
    const item = itemAt(value, typeOf(wire));
    const parts = itemParts(wire);
    const isNamed = 'call_id' in item.wire;
    Object.assign(item, parts.length === 0 ? { wire } : { ...newItem(wire), shown: item.shown });
    return item.shown > 0 ? [] : shown(item, parts.flatMap((part) => isNamed && part.type === 'tool_call' ? [{ kind: 'tool' as const, text: part.arguments }] : said(part)));
  }

  /** @param isDone replaces what the deltas said */
  function grow(value: JsonObject, name: string, text: string, isDone: boolean): AddedText[] {
    const growing = Object.hasOwn(GROWING, name) ? GROWING[name] : undefined;
    if (growing === undefined) return [];
    const item = itemAt(value, growing.item);
    if (growing.part === '') {
      const added = isDone ? (item.given === '' ? text : '') : text;
      item.given = isDone && text !== '' ? text : item.given + added;
      return shown(item, [{ kind: 'tool', text: added }]);
    }
    const pieces = growing.part === 'summary_text' ? item.summary : item.content;
    const index = indexOf(value['summary_index']) ?? indexOf(value['content_index']) ?? 0;
    const piece = pieces.get(index) ?? { type: growing.part };
    const before = stringOf(piece[growing.field]);
    const added = isDone ? (before === '' ? text : '') : text;
    pieces.set(index, { ...piece, type: growing.part, [growing.field]: isDone && text !== '' ? text : before + added });
    // Paragraphs of a summary stand apart.
    const gap = growing.part === 'summary_text' && before === '' && added !== '' && index > 0 ? '\n\n' : '';
    return shown(item, [{ kind: growing.kind, text: gap + added }]);
  }

  function annotate(value: JsonObject): void {
    const { content } = itemAt(value, 'message');
    const index = indexOf(value['content_index']) ?? 0;
    const piece = content.get(index) ?? { type: 'output_text', text: '' };
    content.set(index, { ...piece, annotations: [...listOf(piece['annotations']), value['annotation']] });
  }

  function takeEvent(value: JsonObject): AddedText[] {
    const type = stringOf(value['type']);
    const [, end] = /^response\.(completed|incomplete|failed|cancelled|done)$/.exec(type) ?? [];
    // ChatGPT's may leave out its status.
    if (isObject(value['response']) && end !== undefined) return takeWhole({ ...(end === 'done' ? {} : { status: end }), ...value['response'] });
    if (isObject(value['response'])) takeResponse(value['response']);
    // After the last word nothing counts.
    if (isOver) return [];
    const [, name = '', step = ''] = /^response\.(.+)\.(added|delta|done)$/.exec(type) ?? [];
    if (name === 'output_item') {
      if (!isObject(value['item'])) return [];
      return step === 'added' ? begin(value['item'], value) : finishItem(value['item'], value);
    }
    if (name === 'output_text.annotation') annotate(value);
    if (step === 'delta') return grow(value, name, stringOf(value['delta']), false);
    if (step === 'done') return grow(value, name, stringOf(value['text']) || stringOf(value['refusal']) || stringOf(value['arguments']) || stringOf(value['input']), true);
    return [];
  }

  function finishOf(parts: readonly Part[]): { raw: string; reason: FinishReason } | undefined {
    const status = textOf(response['status']) ?? (response['object'] === 'response.compaction' ? 'completed' : undefined);
    if (!isOver || status === undefined || status === 'queued' || status === 'in_progress') return undefined;
    if (status === 'completed') return { raw: status, reason: parts.some(({ type }) => type === 'tool_call') ? 'tool_calls' : 'stop' };
    const raw = textOf(objectOf(response['incomplete_details'])['reason']) ?? status;
    return { raw, reason: Object.hasOwn(FINISH, raw) ? FINISH[raw] ?? 'other' : 'other' };
  }

  return {
    take(value) {
      return (isResponse(value) ? takeWhole(value) : takeEvent(value)).filter(({ text }) => text !== '');
    },
    read() {
      const wires = [...items].toSorted(([a], [b]) => a - b).map(([, item]) => wireOf(item));
      const parts = answerParts(wires);
      const role = wires.map((wire) => textOf(wire['role'])).find((told) => told !== undefined) ?? 'assistant';
      const modelAnswered = textOf(response['model']);
      const responseId = textOf(response['id']);
      const counted = openaiUsage(usage);
      const finish = finishOf(parts);
      const keptAs = [responseId, ...wires.map((wire) => textOf(wire['id']))].filter((id) => id !== undefined);
      return {
        output: wires.length === 0 ? [] : [{ role, parts }], problems: [],
        ...(modelAnswered === undefined ? {} : { modelAnswered }),
        ...(counted === undefined ? {} : { usage: counted, rawUsage: jsonOf(usage) }),
        ...(finish === undefined ? {} : { finish }),
        ...(responseId === undefined ? {} : { responseId }),
        ...(keptAs.length === 0 ? {} : { keptAs }),
        ...(error === undefined ? {} : { error }),
      };
    },
  };
}

const isResponse = ({ object }: JsonObject): boolean => object === 'response' || object === 'response.compaction';

export const reader: Reader = {
  dialect: match.dialect,
  system: 'openai',
  asks: (body) => !('messages' in body) && listOf(body['input']).length > 0 && listOf(body['input']).every(isItem) && isMarked(body),
  readRequest: (body) => {
    const modelAsked = textOf(body['model']);
    const named = refersTo(body);
    return {
      streaming: body['stream'] === true,
      ...(modelAsked === undefined ? {} : { modelAsked }),
      parameters: without(body, ['input', 'instructions', 'tools', 'model']),
      input: messagesIn(body),
      tools: objectsOf(body['tools']).map(toolOf),
      ...(named.length === 0 ? {} : { refersTo: named }),
    };
  },
  // An error has the same shape everywhere and decides nothing.
  answers: (value) => isResponse(value) || stringOf(value['type']).startsWith('response.'),
  startAnswer,
};
