/** Answers of the Anthropic Messages API: a whole `message`, or a stream of its blocks. */
import type { FinishReason, Part, Usage } from '../model/call.ts';
import { blockToParts } from './anthropic-blocks.ts';
import { countOf, indexOf, isObject, jsonOf, listOf, mergeFields, objectOf, objectsOf, parseJson, stringOf, textOf, type JsonObject } from './json.ts';
import type { AddedText, Answer } from './provider.ts';

const FINISH: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop', stop_sequence: 'stop', pause_turn: 'stop', max_tokens: 'length', model_context_window_exceeded: 'length',
  tool_use: 'tool_calls', refusal: 'content_filter',
};

/** `input_tokens` leaves out what was read from or written to the cache; the normal form counts it in. */
function anthropicUsage(raw: JsonObject): Usage | undefined {
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

export function startAnthropicAnswer(): Answer {
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
      const counted = anthropicUsage(usage);
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
