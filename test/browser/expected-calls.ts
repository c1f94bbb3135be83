/**
 * What the panel must show, read from the model server's journal by code of its own: it shares nothing with lib/, so
 * that a misreading there cannot agree with itself here. Only what the lab's server sends is understood.
 */
export interface JournalEntry { method: string; path: string; status: number; request: string; response: string; ended: string }

export interface ExpectedCall {
  status: number;
  model: string;
  text: string;
  reasoning: string;
  tools: Array<{ id: string; name: string; arguments: string }>;
  /** tokens, cache included in input */
  input: number;
  output: number;
  finish: string;
  /** last user text of the request */
  user: string;
  ended: string;
  entry: JournalEntry;
}

interface Json { [key: string]: Json | undefined }
const at = (json: unknown, ...path: Array<string | number>): unknown => path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[key] : undefined), json);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
const parsed = (body: string): Json => { try { return JSON.parse(body) as Json; } catch { return {}; } };

/** The answer as objects: one for a JSON body, one a `data:` line for a stream. */
const frames = (body: string): unknown[] => body.trimStart().startsWith('{') ? [parsed(body)]
  : body.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trim()).filter((data) => data !== '' && data !== '[DONE]').map(parsed);

const contentText = (content: unknown): string => typeof content === 'string' ? content : list(content).filter((part) => at(part, 'type') === 'text').map((part) => text(at(part, 'text'))).join('');

function lastUser(request: Json): string {
  return list(request['messages']).filter((message) => at(message, 'role') === 'user').map((message) => contentText(at(message, 'content'))).findLast((words) => words !== '') ?? '';
}

function openAiChat(call: ExpectedCall): void {
  for (const chunk of frames(call.entry.response)) {
    call.model = text(at(chunk, 'model')) || call.model;
    if (at(chunk, 'usage')) { call.input = count(at(chunk, 'usage', 'prompt_tokens')); call.output = count(at(chunk, 'usage', 'completion_tokens')); }
    const choice = at(chunk, 'choices', 0);
    const delta = at(choice, 'delta') ?? at(choice, 'message');
    call.text += text(at(delta, 'content'));
    call.reasoning += text(at(delta, 'reasoning_content'));
    call.finish = text(at(choice, 'finish_reason')) || call.finish;
    for (const [position, part] of list(at(delta, 'tool_calls')).entries()) {
      const index = typeof at(part, 'index') === 'number' ? count(at(part, 'index')) : position;
      const tool = (call.tools[index] ??= { id: '', name: '', arguments: '' });
      tool.id ||= text(at(part, 'id'));
      tool.name ||= text(at(part, 'function', 'name'));
      tool.arguments += text(at(part, 'function', 'arguments'));
    }
  }
}

function anthropicMessages(call: ExpectedCall): void {
  const take = (usage: unknown): void => {
    if (at(usage, 'input_tokens') !== undefined) call.input = count(at(usage, 'input_tokens')) + count(at(usage, 'cache_read_input_tokens')) + count(at(usage, 'cache_creation_input_tokens'));
    if (at(usage, 'output_tokens') !== undefined) call.output = count(at(usage, 'output_tokens'));
  };
  const block = (one: unknown, index: number): void => {
    if (at(one, 'type') === 'tool_use') {
      const whole = JSON.stringify(at(one, 'input') ?? {});
      call.tools[index] = { id: text(at(one, 'id')), name: text(at(one, 'name')), arguments: whole === '{}' ? '' : whole };
    }
    if (at(one, 'type') === 'text') call.text += text(at(one, 'text'));
    if (at(one, 'type') === 'thinking') call.reasoning += text(at(one, 'thinking'));
  };
  for (const event of frames(call.entry.response)) {
    const message = at(event, 'type') === 'message' ? event : at(event, 'message');
    call.model = text(at(message, 'model')) || call.model;
    take(at(message, 'usage'));
    call.finish = text(at(message, 'stop_reason')) || call.finish;
    list(at(message, 'content')).forEach(block);
    if (at(event, 'type') === 'content_block_start') block(at(event, 'content_block'), count(at(event, 'index')));
    const delta = at(event, 'delta');
    if (at(delta, 'type') === 'text_delta') call.text += text(at(delta, 'text'));
    if (at(delta, 'type') === 'thinking_delta') call.reasoning += text(at(delta, 'thinking'));
    const tool = call.tools[count(at(event, 'index'))];
    if (at(delta, 'type') === 'input_json_delta' && tool) tool.arguments += text(at(delta, 'partial_json'));
    if (at(event, 'type') === 'message_delta') { take(at(event, 'usage')); call.finish = text(at(delta, 'stop_reason')) || call.finish; }
  }
  call.tools = call.tools.filter(Boolean);
}

/** The model calls of a journal in the order they came; other POSTs (embeddings, vector search) are left out. */
export function expectedCalls(journal: readonly JournalEntry[]): ExpectedCall[] {
  return journal.flatMap((entry) => {
    const path = entry.path.split('?')[0] ?? '';
    const read = path.endsWith('/chat/completions') ? openAiChat : path.endsWith('/v1/messages') ? anthropicMessages : undefined;
    if (entry.method !== 'POST' || !read) return [];
    const request = parsed(entry.request);
    const call: ExpectedCall = { status: entry.status, model: text(request['model']), text: '', reasoning: '', tools: [], input: 0, output: 0, finish: '', user: lastUser(request), ended: entry.ended, entry };
    if (entry.status < 400) read(call);
    return [call];
  });
}
