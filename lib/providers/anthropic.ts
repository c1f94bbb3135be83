/**
 * Anthropic Messages (https://docs.anthropic.com/en/api/messages), also on Vertex (`:rawPredict`) and behind gateways.
 *
 *   event: content_block_delta
 *   data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}
 */
import type { FinishReason, Message, Part, ToolDefinition, Usage } from '../model/call.ts';
import { countOf, indexOf, isObject, jsonOf, listOf, mergeFields, objectOf, objectsOf, once, parseJson, stringOf, textOf, without, type JsonObject } from './json.ts';
import type { Match } from './match.ts';
import { pathName } from './path-name.ts';
import type { AddedText, Answer, Reader } from './provider.ts';

export const match: Match = {
  dialect: 'anthropic',
  method: 'POST',
  pathEnds: ['/messages', ':rawPredict', ':streamRawPredict'],
  bodyKeys: [['"messages"'], ['"max_tokens"']],
  shape: [['"anthropic_version"'], ['"messages"']],
};

// What was asked.

/** A server tool has a dated type and no description. */
const toolOf = once((tool): ToolDefinition => {
  const description = textOf(tool['description']);
  return { name: textOf(tool['name']) ?? textOf(tool['type']) ?? '', ...(description === undefined ? {} : { description }), json: jsonOf(tool) };
});

/** What only this dialect says; a plain request looks like an OpenAI one. */
const isMarked = (body: JsonObject): boolean =>
  'anthropic_version' in body || 'system' in body || objectsOf(body['tools']).some((tool) => 'input_schema' in tool)
  || objectsOf(body['messages']).some((message) => objectsOf(message['content']).some(({ type }) => type === 'tool_use' || type === 'tool_result'));

/** Vertex names the model in the path. */
const modelIn = (url: string): string | undefined => pathName(/\/models\/([^/:?#]+)(?=:|%3A)/i.exec(url)?.[1]);

/** image, document: `{"source":{"type":"base64"|"url"|"file"|"text", ...}}` */
function mediaPart(block: JsonObject, modality: 'image' | 'file'): Part {
  const source = objectOf(block['source']);
  const mimeType = textOf(source['media_type']);
  const data = textOf(source['data']);
  const url = textOf(source['url']) ?? (data === undefined || source['type'] !== 'base64' ? undefined : `data:${mimeType ?? 'application/octet-stream'};base64,${data}`);
  const name = textOf(block['title']) ?? textOf(source['file_id']);
  return { type: 'media', modality, ...(mimeType === undefined ? {} : { mimeType }), ...(url === undefined ? {} : { url }), ...(name === undefined ? {} : { name }) };
}

const otherPart = (block: JsonObject): Part => ({ type: 'other', name: textOf(block['type']) ?? 'content', json: jsonOf(without(block, ['cache_control'])) });

/** The text of a tool's result, and what in it is no text (images, search results). A result inside a result is no one's
 *  wire form: it is not opened, so that nesting costs nothing. */
function resultParts(block: JsonObject): Part[] {
  const content = block['content'];
  const inner: Part[] = typeof content === 'string' ? [{ type: 'text', text: content }]
    : objectsOf(content).flatMap((each) => each['type'] === 'tool_result' ? [otherPart(each)] : blockToParts(each));
  const text = inner.filter((part) => part.type === 'text').map((part) => part.text).join('\n');
  const id = textOf(block['tool_use_id']);
  return [{ type: 'tool_result', ...(id === undefined ? {} : { id }), text, ...(block['is_error'] === true ? { isError: true } : {}) }, ...inner.filter((part) => part.type !== 'text')];
}

/** Blocks that the provider runs itself (server tools, MCP) and any new kind keep their wire form: they are no calls that
 *  the app answers. */
function blockToParts(block: JsonObject): Part[] {
  switch (block['type']) {
    case 'text': {
      const cited = listOf(block['citations']);
      const text: Part[] = block['text'] === '' || typeof block['text'] !== 'string' ? [] : [{ type: 'text', text: block['text'] }];
      return cited.length === 0 ? text : [...text, { type: 'other', name: 'citations', json: jsonOf(cited) }];
    }
    case 'thinking': {
      const signature = textOf(block['signature']);
      return [{ type: 'reasoning', text: stringOf(block['thinking']), ...(signature === undefined ? {} : { signature }) }];
    }
    case 'tool_use': {
      const id = textOf(block['id']);
      const input = block['input'];
      return [{ type: 'tool_call', ...(id === undefined ? {} : { id }), name: stringOf(block['name']), arguments: typeof input === 'string' ? input : jsonOf(input ?? {}) }];
    }
    case 'tool_result': return resultParts(block);
    case 'image': return [mediaPart(block, 'image')];
    case 'document': {
      const source = objectOf(block['source']);
      return source['type'] === 'text' ? [{ type: 'text', text: stringOf(source['data']) }] : [mediaPart(block, 'file')];
    }
    default: return [otherPart(block)];
  }
}

/** @param content a string, or a list of blocks */
function blocksToParts(content: unknown): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (isObject(content)) return blockToParts(content);
  return objectsOf(content).flatMap(blockToParts);
}

const messageOf = once((message): Message => ({ role: textOf(message['role']) ?? 'user', parts: blocksToParts(message['content']) }));

// What was answered: a whole `message`, or a stream of its blocks.

const FINISH: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop', stop_sequence: 'stop', pause_turn: 'stop', max_tokens: 'length', model_context_window_exceeded: 'length',
  tool_use: 'tool_calls', refusal: 'content_filter',
};

/** `input_tokens` leaves out what was read from or written to the cache; the normal form counts it in. */
function usageOf(raw: JsonObject): Usage | undefined {
  const fresh = countOf(raw['input_tokens']);
  const output = countOf(raw['output_tokens']);
  if (fresh === undefined && output === undefined) return undefined;
  const cacheRead = countOf(raw['cache_read_input_tokens']);
  const cacheWrite = countOf(raw['cache_creation_input_tokens']);
  const thinking = countOf(objectOf(raw['output_tokens_details'])['thinking_tokens']);
  const input = (fresh ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0);
  return {
    input, output: output ?? 0, total: input + (output ?? 0),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(thinking === undefined ? {} : { reasoning: Math.min(thinking, output ?? 0) }),
  };
}

/** A block as far as it has come; `json`: pieces of its input. */
interface Block { start: JsonObject; text: string; json: string; signature?: string; citations: unknown[]; stopped: boolean }

const newBlock = (start: JsonObject): Block => ({ start, text: stringOf(start['text']) || stringOf(start['thinking']), json: '', citations: [...listOf(start['citations'])], stopped: false });

function partsOf(block: Block): Part[] {
  const { start } = block;
  const type = start['type'];
  if (type === 'text') return blockToParts({ ...start, text: block.text, citations: block.citations });
  if (type === 'thinking') return blockToParts({ ...start, thinking: block.text, signature: block.signature ?? start['signature'] });
  if (type === 'compaction') return blockToParts({ ...start, content: block.text || start['content'] });
  if (!('input' in start)) return blockToParts(start);
  // Until the block stops the input is a torn piece of JSON; without any piece it is what the start said, mostly {}.
  if (type === 'tool_use') return blockToParts({ ...start, input: block.json === '' && block.stopped ? start['input'] : block.json });
  const input = parseJson(block.json);
  return blockToParts({ ...start, input: input.ok ? input.value : block.json || start['input'] });
}

function startAnswer(): Answer {
  const blocks = new Map<number, Block>();
  const problems: string[] = [];
  let calls = 0;
  let role: string | undefined;
  let usage: JsonObject = {};
  let modelAnswered: string | undefined;
  let responseId: string | undefined;
  let finish: string | undefined;

  function takeMessage(message: JsonObject): void {
    role = textOf(message['role']) ?? 'assistant';
    modelAnswered = textOf(message['model']) ?? modelAnswered;
    responseId = textOf(message['id']) ?? responseId;
    finish = textOf(message['stop_reason']) ?? finish;
    usage = mergeFields(usage, objectOf(message['usage']));
  }

  function begin(index: number, start: JsonObject): AddedText[] {
    const block = newBlock(start);
    blocks.set(index, block);
    // Another model took over: it is the one that answers.
    if (start['type'] === 'fallback') modelAnswered = textOf(objectOf(start['to'])['model']) ?? modelAnswered;
    if (start['type'] === 'tool_use') {
      calls += 1;
      return [{ kind: 'tool', text: `${calls > 1 ? '\n' : ''}${stringOf(start['name'])} ` }];
    }
    return [{ kind: start['type'] === 'thinking' ? 'reasoning' : 'text', text: start['type'] === 'compaction' ? '' : block.text }];
  }

  function grow(block: Block, delta: JsonObject): AddedText[] {
    switch (delta['type']) {
      case 'text_delta': block.text += stringOf(delta['text']); return [{ kind: 'text', text: stringOf(delta['text']) }];
      case 'thinking_delta': block.text += stringOf(delta['thinking']); return [{ kind: 'reasoning', text: stringOf(delta['thinking']) }];
      case 'input_json_delta':
        block.json += stringOf(delta['partial_json']);
        return block.start['type'] === 'tool_use' ? [{ kind: 'tool', text: stringOf(delta['partial_json']) }] : [];
      case 'signature_delta': block.signature = textOf(delta['signature']) ?? block.signature; return [];
      case 'citations_delta': block.citations.push(delta['citation']); return [];
      case 'compaction_delta': block.text += stringOf(delta['content']); return [];
      default: problems.push(`unknown delta ${jsonOf(delta['type'])}`); return [];
    }
  }

  function takeEvent(value: JsonObject): AddedText[] {
    const index = indexOf(value['index']) ?? 0;
    const block = blocks.get(index);
    switch (value['type']) {
      case 'message': {
        takeMessage(value);
        const content = objectsOf(value['content']);
        const added = content.flatMap((start, position) => begin(position, start));
        for (const each of blocks.values()) each.stopped = true;
        return added;
      }
      case 'message_start': takeMessage(objectOf(value['message'])); return [];
      case 'content_block_start': return isObject(value['content_block']) ? begin(index, value['content_block']) : [];
      case 'content_block_delta': {
        if (block !== undefined) return grow(block, objectOf(value['delta']));
        problems.push('a delta of a block that never began');
        return [];
      }
      case 'content_block_stop': if (block !== undefined) block.stopped = true; return [];
      case 'message_delta':
        finish = textOf(objectOf(value['delta'])['stop_reason']) ?? finish;
        usage = mergeFields(usage, objectOf(value['usage']));
        return [];
      default: return [];
    }
  }

  return {
    take: (value) => takeEvent(value).filter(({ text }) => text !== ''),
    read() {
      const parts = [...blocks].toSorted(([a], [b]) => a - b).flatMap(([, block]) => partsOf(block));
      const counted = usageOf(usage);
      const reason = finish !== undefined && Object.hasOwn(FINISH, finish) ? FINISH[finish] ?? 'other' : 'other';
      return {
        output: role === undefined && parts.length === 0 ? [] : [{ role: role ?? 'assistant', parts }], problems,
        ...(modelAnswered === undefined ? {} : { modelAnswered }),
        ...(counted === undefined ? {} : { usage: counted, rawUsage: jsonOf(usage) }),
        ...(finish === undefined ? {} : { finish: { raw: finish, reason } }),
        ...(responseId === undefined ? {} : { responseId }),
      };
    },
  };
}

export const reader: Reader = {
  dialect: match.dialect,
  system: 'anthropic',
  asks: (body, { headers }) => listOf(body['messages']).length > 0 && listOf(body['messages']).every((message) => isObject(message) && !('parts' in message))
    && (headers.some(([name]) => name.toLowerCase() === 'anthropic-version') || isMarked(body)),
  readRequest: (body, { url }) => {
    const modelAsked = textOf(body['model']) ?? modelIn(url);
    const system: Message[] = body['system'] === undefined ? [] : [{ role: 'system', parts: blocksToParts(body['system']) }];
    return {
      streaming: body['stream'] === true || /stream(?:raw)?predict/i.test(url.split('?')[0] ?? ''),
      ...(modelAsked === undefined ? {} : { modelAsked }),
      parameters: without(body, ['messages', 'tools', 'model', 'system']),
      input: [...system, ...objectsOf(body['messages']).map(messageOf)],
      tools: objectsOf(body['tools']).map(toolOf),
    };
  },
  // Every value has a type of its own; an error has the same shape everywhere and decides nothing.
  answers: ({ type }) => type === 'message' || type === 'message_start' || type === 'content_block_start' || type === 'content_block_delta',
  startAnswer,
};
