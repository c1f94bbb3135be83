/** `@anthropic-ai/sdk`: messages. */
import Anthropic, { type APIError } from '@anthropic-ai/sdk';
import type { Message, MessageParam, Tool, Usage } from '@anthropic-ai/sdk/resources/messages';
import { atLeastOne, emptyCall, type Call, type Tokens, type ToolUse, type Use } from '../got.ts';
import { failing, refused, run, single, tellRead, TOOL, unfinished, type Then } from './app.ts';

const client = (base: string): Anthropic => new Anthropic({ apiKey: 'sk-ant-test', baseURL: base, dangerouslyAllowBrowser: true, maxRetries: 0 });

/** What was read from or written to the cache is told apart from the input. */
function tokensOf({ input_tokens: fresh, output_tokens: output, cache_read_input_tokens: read, cache_creation_input_tokens: written }: Usage): Tokens {
  const input = fresh + (read ?? 0) + (written ?? 0);
  return { input, output, total: input + output, cacheRead: atLeastOne(read) };
}

const callOf = (asked: string, { id, model, content, stop_reason: finish, usage }: Message): Call => ({
  ...emptyCall(asked), id, model, finish: finish ?? undefined, tokens: tokensOf(usage),
  text: content.map((block) => block.type === 'text' ? block.text : '').join(''),
  reasoning: content.map((block) => block.type === 'thinking' ? block.thinking : '').join(''),
  tools: content.flatMap((block): ToolUse[] => block.type === 'tool_use' ? [{ id: block.id, name: block.name, arguments: block.input }] : []),
});

const refusalOf = ({ status, error }: APIError): Call['refusal'] => {
  const { error: { type, message } } = error as { error: { type: string; message: string } };
  return { status: status ?? 200, type, message };
};

const tools: Tool[] = [{ name: TOOL.name, description: TOOL.description, input_schema: TOOL.schema }];
const asking = (content: unknown, more: { tools?: Tool[] } = {}) => ({ model: 'claude-sonnet-4-6', max_tokens: 2000, messages: [{ role: 'user' as const, content: String(content) }], ...more });

/** The low level: events as they come. */
async function readEvents(base: string, call: Call, then: Then<{ controller: AbortController }>): Promise<void> {
  const stream = await client(base).messages.create({ ...asking(call.asked), stream: true });
  for await (const event of stream) {
    if (event.type === 'message_start') Object.assign(call, { id: event.message.id, model: event.message.model, tokens: tokensOf(event.message.usage) });
    if (event.type !== 'content_block_delta' || event.delta.type !== 'text_delta') continue;
    call.text += event.delta.text;
    if (await then(stream) === 'leave') break;
  }
}

export const anthropicUses = {
  async anthropic(base) {
    const asked = 'Claude, plan a long weekend in Lisbon.';
    return single(callOf(asked, await client(base).messages.create({ ...asking(asked), system: 'You plan trips.' })));
  },
  async anthropicStream(base) {
    const asked = 'Claude, plan it again, as a stream.';
    return single(callOf(asked, await client(base).messages.stream(asking(asked)).finalMessage()));
  },
  async anthropicToolLoop(base) {
    const asked = 'Claude, the weather in Lisbon and in Tromsø?';
    const first = await client(base).messages.stream(asking(asked, { tools })).finalMessage();
    const call = callOf(asked, first);
    const ran = run(call.tools);
    const messages: MessageParam[] = [...asking(asked).messages, { role: 'assistant', content: first.content }, { role: 'user', content: ran.map(({ id, result }) => ({ type: 'tool_result', tool_use_id: id!, content: result })) }];
    return { calls: [call, callOf(asked, await client(base).messages.create({ ...asking(asked, { tools }), messages }))], ran };
  },
  anthropicRefused: (base) => refused('Claude, too much.', client(base).messages.create(asking('Claude, too much.')), refusalOf),
  anthropicFails: (base) => failing(emptyCall('Claude, fail.'), (call) => readEvents(base, call, () => undefined), refusalOf),
  anthropicAborted: (base) => unfinished('aborted', emptyCall('Claude, be stopped.'), (call) => readEvents(base, call, (stream) => stream.controller.abort())),
  anthropicLeft: (base) => unfinished('aborted', emptyCall('Claude, be left.'), (call) => readEvents(base, call, () => 'leave')),
  anthropicCut: (base) => unfinished('cut', emptyCall('Claude, break off.'), (call) => readEvents(base, call, () => tellRead(base))),
} satisfies Record<string, Use>;
