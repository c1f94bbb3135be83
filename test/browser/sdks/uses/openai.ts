/** `openai`: chat completions and embeddings, as its README has them. */
import OpenAI, { type APIError } from 'openai';
import type { ChatCompletion, ChatCompletionChunk, ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions';
import type { CompletionUsage } from 'openai/resources/completions';
import { atLeastOne, emptyCall, type Call, type Tokens, type ToolUse, type Use } from '../got.ts';
import { failing, refused, run, single, tellRead, TOOL, unfinished, type Ran, type Then } from './app.ts';

export const client = (base: string): OpenAI => new OpenAI({ apiKey: 'sk-test', baseURL: `${base}/v1`, dangerouslyAllowBrowser: true, maxRetries: 0 });

const tokensOf = ({ prompt_tokens: input, completion_tokens: output, total_tokens: total, prompt_tokens_details: asked, completion_tokens_details: answered }: CompletionUsage): Tokens =>
  ({ input, output, total, cacheRead: atLeastOne(asked?.cached_tokens), reasoning: atLeastOne(answered?.reasoning_tokens) });

function callOf(asked: string, { id, model, choices: [choice], usage }: ChatCompletion): Call {
  const tools = (choice?.message.tool_calls ?? []).flatMap((call): ToolUse[] => call.type === 'function' ? [{ id: call.id, name: call.function.name, arguments: JSON.parse(call.function.arguments) }] : []);
  return { ...emptyCall(asked), id, model, text: choice?.message.content ?? '', tools, finish: choice?.finish_reason, tokens: usage && tokensOf(usage) };
}

/** Within a stream an error has no status of its own. */
export const refusalOf = ({ status, type, error }: APIError): Call['refusal'] => ({ status: status ?? 200, type: type ?? '', message: (error as { message: string }).message });

const tools: ChatCompletionTool[] = [{ type: 'function', function: { name: TOOL.name, description: TOOL.description, parameters: TOOL.schema } }];
const streamed = { stream: true, stream_options: { include_usage: true } } as const;

/** @param then after each piece */
async function readPieces(base: string, call: Call, then: Then<{ controller: AbortController }>): Promise<void> {
  const stream = await client(base).chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content: String(call.asked) }], stream: true });
  for await (const { id, model, choices: [choice] } of stream) {
    Object.assign(call, { id, model });
    call.text += choice?.delta.content ?? '';
    if (await then(stream) === 'leave') break;
  }
}

export const openaiUses = {
  async openaiChat(base) {
    const asked = 'Plan a long weekend in Lisbon for two.';
    return single(callOf(asked, await client(base).chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'developer', content: 'You plan trips.' }, { role: 'user', content: asked }] })));
  },
  async openaiChatStream(base) {
    const call = emptyCall('Plan it again, as a stream.');
    for await (const { id, model, choices: [choice], usage } of await client(base).chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content: String(call.asked) }], ...streamed })) {
      Object.assign(call, { id, model });
      call.text += choice?.delta.content ?? '';
      call.finish = choice?.finish_reason ?? call.finish;
      if (usage) call.tokens = tokensOf(usage);
    }
    return single(call);
  },
  async openaiChatToolLoop(base) {
    const asked = 'What is the weather in Lisbon and in Tromsø?';
    const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: asked }];
    const calls: Call[] = [];
    const ran: Ran[] = [];
    for (;;) {
      const completion = await client(base).chat.completions.stream({ model: 'gpt-5-mini', messages, tools, ...streamed }).finalChatCompletion();
      const call = callOf(asked, completion);
      calls.push(call);
      if (call.tools.length === 0 || calls.length > 4) return { calls, ran };
      const results = run(call.tools);
      ran.push(...results);
      messages.push(completion.choices[0]!.message, ...results.map(({ id, result }) => ({ role: 'tool' as const, tool_call_id: id!, content: result })));
    }
  },
  openaiChatRefused: (base) => refused('Too hot.', client(base).chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Too hot.' }], temperature: 9 }), refusalOf),
  openaiChatFails: (base) => failing(emptyCall('Plan, and fail.'), (call) => readPieces(base, call, () => undefined), refusalOf),
  openaiChatAborted: (base) => unfinished('aborted', emptyCall('Plan, and be stopped.'), (call) => readPieces(base, call, (stream) => stream.controller.abort())),
  openaiChatLeft: (base) => unfinished('aborted', emptyCall('Plan, and be left.'), (call) => readPieces(base, call, () => 'leave')),
  /** The response itself, as the SDK hands it out; its reader is cancelled. */
  openaiChatRaw: (base) => unfinished('aborted', emptyCall('Plan, raw.'), async (call) => {
    const { body } = await client(base).chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content: String(call.asked) }], stream: true }).asResponse();
    const reader = body!.getReader();
    const { id, model, choices: [choice] } = JSON.parse(new TextDecoder().decode((await reader.read()).value).slice('data: '.length)) as ChatCompletionChunk;
    Object.assign(call, { id, model, text: choice?.delta.content });
    await reader.cancel();
  }),
  openaiChatCut: (base) => unfinished('cut', emptyCall('Plan, and break off.'), (call) => readPieces(base, call, () => tellRead(base))),
  async openaiEmbeddings(base) {
    const asked = ['Alfama', 'Belém – by the river', 'Sintra 🌲'];
    const { data, model, usage } = await client(base).embeddings.create({ model: 'text-embedding-3-small', input: asked });
    return single({ ...emptyCall(asked), model, vectors: { count: data.length, size: data[0]?.embedding.length ?? 0 }, tokens: { input: usage.prompt_tokens, output: usage.total_tokens - usage.prompt_tokens, total: usage.total_tokens } });
  },
} satisfies Record<string, Use>;
