/** The page: each use of a real SDK, as its documentation has it, answers what the app got. Nothing of lib/ is here. */
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { generateText, streamText, tool, jsonSchema } from 'ai';
import { Ollama } from 'ollama/browser';
import OpenAI from 'openai';

export interface Got { text: string; tools?: string[]; input?: number; output?: number; vectors?: number; size?: number; first?: number; error?: string }
export type Use = (base: string) => Promise<Got>;

const openai = (base: string): OpenAI => new OpenAI({ apiKey: 'sk-test', baseURL: `${base}/v1`, dangerouslyAllowBrowser: true, maxRetries: 0 });
const gemini = (base: string): GoogleGenAI => new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: base } });
const say = [{ role: 'user' as const, content: 'Plan a long weekend in Lisbon for two' }];

export const uses = {
  async openaiChatStream(base) {
    const stream = await openai(base).chat.completions.create({ model: 'gpt-5-mini', messages: say, stream: true, stream_options: { include_usage: true } });
    const got: Got = { text: '' };
    for await (const { choices, usage } of stream) {
      got.text += choices[0]?.delta.content ?? '';
      if (usage) Object.assign(got, { input: usage.prompt_tokens, output: usage.completion_tokens });
    }
    return got;
  },
  async openaiResponses(base) {
    const { output_text: text, output, usage } = await openai(base).responses.create({ model: 'gpt-5-mini', input: 'Weather?' });
    return { text, tools: output.flatMap((item) => item.type === 'function_call' ? [item.name] : []), input: usage?.input_tokens, output: usage?.output_tokens };
  },
  async openaiResponsesStream(base) {
    const got: Got = { text: '' };
    for await (const event of await openai(base).responses.create({ model: 'gpt-5-mini', input: 'Say hello', stream: true })) {
      if (event.type === 'response.output_text.delta') got.text += event.delta;
      if (event.type === 'response.completed') Object.assign(got, { input: event.response.usage?.input_tokens, output: event.response.usage?.output_tokens });
    }
    return got;
  },
  async openaiError(base) {
    return openai(base).responses.create({ model: 'gpt-5-mini', input: 'Too much' }).then(() => ({ text: '' }), (error: Error) => ({ text: '', error: `${error.constructor.name} ${(error as { status?: number }).status}` }));
  },
  async openaiEmbeddings(base) {
    const { data, usage } = await openai(base).embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'] });
    return { text: '', vectors: data.length, size: data[0]?.embedding.length, first: data[0]?.embedding[0], input: usage.prompt_tokens };
  },
  async anthropicStream(base) {
    const client = new Anthropic({ apiKey: 'test', baseURL: base, dangerouslyAllowBrowser: true, maxRetries: 0 });
    const message = await client.messages.stream({ model: 'claude-sonnet-4-6', max_tokens: 500, messages: say }).finalMessage();
    return { text: message.content.map((block) => block.type === 'text' ? block.text : '').join(''), input: message.usage.input_tokens, output: message.usage.output_tokens };
  },
  async genai(base) {
    const { text, functionCalls, usageMetadata } = await gemini(base).models.generateContent({ model: 'gemini-2.5-flash', contents: 'Weather?' });
    return { text: text ?? '', tools: functionCalls?.map(({ name }) => name ?? ''), input: usageMetadata?.promptTokenCount, output: usageMetadata?.candidatesTokenCount };
  },
  async genaiStream(base) {
    const got: Got = { text: '' };
    for await (const chunk of await gemini(base).models.generateContentStream({ model: 'gemini-2.5-flash', contents: 'Say hello' })) {
      got.text += chunk.text ?? '';
      Object.assign(got, { input: chunk.usageMetadata?.promptTokenCount, output: chunk.usageMetadata?.candidatesTokenCount });
    }
    return got;
  },
  async ollamaStream(base) {
    const got: Got = { text: '' };
    for await (const { message, prompt_eval_count: input, eval_count: output } of await new Ollama({ host: base }).chat({ model: 'qwen3:4b', messages: say, stream: true })) {
      got.text += message.content;
      Object.assign(got, { input, output });
    }
    return got;
  },
  async ollamaEmbed(base) {
    const { embeddings } = await new Ollama({ host: base }).embed({ model: 'nomic-embed-text', input: ['one', 'two'] });
    return { text: '', vectors: embeddings.length, size: embeddings[0]?.length, first: embeddings[0]?.[0] };
  },
  async aiSdkToolLoop(base) {
    const { text, steps, totalUsage } = await generateText({
      model: createOpenAI({ apiKey: 'test', baseURL: `${base}/v1` }).chat('gpt-5-mini'), prompt: 'Weather in Lisbon?', maxRetries: 0,
      tools: { get_weather: tool({ description: 'Weather of a city', inputSchema: jsonSchema<{ city: string }>({ type: 'object', properties: { city: { type: 'string' } } }), execute: async ({ city }) => `21 degrees in ${city}` }) },
      stopWhen: ({ steps }) => steps.length >= 3,
    });
    return { text, tools: steps.flatMap(({ toolCalls }) => toolCalls.map(({ toolName }) => toolName)), input: totalUsage.inputTokens, output: totalUsage.outputTokens };
  },
  async aiSdkStream(base) {
    const result = streamText({ model: createOpenAI({ apiKey: 'test', baseURL: `${base}/v1` }).chat('gpt-5-mini'), messages: say, maxRetries: 0 });
    let text = '';
    for await (const piece of result.textStream) text += piece;
    const usage = await result.totalUsage;
    return { text, input: usage.inputTokens, output: usage.outputTokens };
  },
} satisfies Record<string, Use>;

declare global { interface Window { uses: typeof uses } }
window.uses = uses;
