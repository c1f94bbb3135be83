/** `ai` with `@ai-sdk/openai`: its default (Responses), and chat completions. */
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, jsonSchema, streamText, tool, type APICallError, type StepResult, type ToolSet } from 'ai';
import { atLeastOne, emptyCall, type Call, type Got, type Use } from '../got.ts';
import { refused, TOOL, unfinished, weatherOf } from './app.ts';

const provider = (base: string) => createOpenAI({ apiKey: 'sk-test', baseURL: `${base}/v1` });
const responses = (base: string) => provider(base)('gpt-5-mini');
const chat = (base: string) => provider(base).chat('gpt-5-mini');

const tools = { [TOOL.name]: tool({ description: TOOL.description, inputSchema: jsonSchema<{ city: string }>(TOOL.schema), execute: async (given) => weatherOf(given) }) };
/** @param steps of its loop at most */
const loop = { tools, stopWhen: ({ steps }: { steps: unknown[] }) => steps.length >= 4 };

const REASONS: Record<string, Call['reason']> = { stop: 'stop', length: 'length', 'tool-calls': 'tool_calls' };

function callOf(asked: string, { text, reasoningText, toolCalls, finishReason, rawFinishReason, usage, response }: StepResult<ToolSet, never>): Call {
  const { inputTokens: input = 0, outputTokens: output = 0, totalTokens: total = 0, inputTokenDetails: { cacheReadTokens: cacheRead }, outputTokenDetails: { reasoningTokens: reasoning } } = usage;
  return {
    ...emptyCall(asked), id: response.id, model: response.modelId, text, reasoning: reasoningText ?? '', finish: rawFinishReason, reason: REASONS[finishReason], tokens: { input, output, total, cacheRead: atLeastOne(cacheRead), reasoning: atLeastOne(reasoning) },
    tools: toolCalls.map(({ toolCallId, toolName, input }) => ({ id: toolCallId, name: toolName, arguments: input })),
  };
}

function gotOf(asked: string, steps: ReadonlyArray<StepResult<ToolSet, never>>): Got {
  const results = steps.flatMap(({ toolResults }) => toolResults);
  return { calls: steps.map((step) => callOf(asked, step)), ran: results.map(({ toolCallId, toolName, input, output }) => ({ id: toolCallId, name: toolName, arguments: input, result: String(output) })) };
}

const stepsOf = (steps: unknown): ReadonlyArray<StepResult<ToolSet, never>> => steps as ReadonlyArray<StepResult<ToolSet, never>>;

/** @returns all that was streamed, beside what the steps say of it */
async function streamed(asked: string, result: { textStream: AsyncIterable<string>; steps: PromiseLike<unknown> }): Promise<Got> {
  let text = '';
  for await (const piece of result.textStream) text += piece;
  const got = gotOf(asked, stepsOf(await result.steps));
  if (got.calls.map((call) => call.text).join('') !== text) throw new Error('the stream and the steps differ');
  return got;
}

export const aiSdkUses = {
  async aiSdk(base) {
    const prompt = 'AI SDK, plan a long weekend in Lisbon.';
    return gotOf(prompt, stepsOf((await generateText({ model: responses(base), system: 'You plan trips.', prompt, maxRetries: 0 })).steps));
  },
  async aiSdkStream(base) {
    const prompt = 'AI SDK, plan it again, as a stream.';
    return streamed(prompt, streamText({ model: responses(base), prompt, maxRetries: 0 }));
  },
  async aiSdkToolLoop(base) {
    const prompt = 'AI SDK, the weather in Lisbon and in Tromsø?';
    return gotOf(prompt, stepsOf((await generateText({ model: responses(base), prompt, maxRetries: 0, ...loop })).steps));
  },
  async aiSdkChatStream(base) {
    const prompt = 'AI SDK, by chat completions: plan it.';
    return streamed(prompt, streamText({ model: chat(base), prompt, maxRetries: 0 }));
  },
  async aiSdkChatToolLoop(base) {
    const prompt = 'AI SDK, by chat completions: the weather in Lisbon and in Tromsø?';
    return streamed(prompt, streamText({ model: chat(base), prompt, maxRetries: 0, ...loop }));
  },
  aiSdkRefused: (base) => refused('AI SDK, too much.', generateText({ model: responses(base), prompt: 'AI SDK, too much.', maxRetries: 0 }), ({ statusCode, data }: APICallError) => {
    const { error: { type, message } } = data as { error: { type: string; message: string } };
    return { status: statusCode ?? 0, type, message };
  }),
  aiSdkAborted: (base) => unfinished('aborted', emptyCall('AI SDK, be stopped.'), async (call) => {
    const stop = new AbortController();
    // What is unfinished has no model and no id but in the raw pieces.
    for await (const piece of streamText({ model: responses(base), prompt: String(call.asked), maxRetries: 0, abortSignal: stop.signal, include: { rawChunks: true } }).fullStream) {
      const { response } = piece.type === 'raw' ? piece.rawValue as { response?: { id: string; model: string } } : {};
      if (response) Object.assign(call, { id: response.id, model: response.model });
      if (piece.type !== 'text-delta') continue;
      call.text += piece.text;
      stop.abort();
    }
  }),
} satisfies Record<string, Use>;
