/** `ollama/browser`: chat, completion, embeddings. */
import { Ollama, type AbortableAsyncIterator, type ChatResponse, type GenerateResponse, type Message } from 'ollama/browser';
import { emptyCall, type Call, type Use } from '../got.ts';
import { failing, refused, run, single, tellRead, TOOL, unfinished, type Then } from './app.ts';

const client = (base: string): Ollama => new Ollama({ host: base });
const model = 'qwen3:4b';
const tools = [{ type: 'function', function: { name: TOOL.name, description: TOOL.description, parameters: TOOL.schema } }];
const user = (call: Call): Message => ({ role: 'user', content: String(call.asked) });

/** A stream's pieces have the shape of whole answers; the last one counts. */
function take(call: Call, piece: Partial<ChatResponse & GenerateResponse>): Call {
  const { message, done, done_reason: finish, prompt_eval_count: input, eval_count: output } = piece;
  call.model = piece.model;
  call.text += message?.content ?? piece.response ?? '';
  call.reasoning += message?.thinking ?? piece.thinking ?? '';
  call.tools.push(...(message?.tool_calls ?? []).map(({ function: { name, arguments: given } }) => ({ name, arguments: given })));
  if (done) Object.assign(call, { finish, tokens: { input, output, total: (input ?? 0) + (output ?? 0) } });
  return call;
}

async function takeAll(call: Call, pieces: AbortableAsyncIterator<ChatResponse> | AbortableAsyncIterator<GenerateResponse>): Promise<Call> {
  for await (const piece of pieces) take(call, piece);
  return call;
}

async function readPieces(base: string, call: Call, then: Then<AbortableAsyncIterator<ChatResponse>>): Promise<void> {
  const stream = await client(base).chat({ model, messages: [user(call)], stream: true });
  for await (const piece of stream) {
    take(call, piece);
    await then(stream);
  }
}

export const ollamaUses = {
  async ollamaChat(base) {
    const call = emptyCall('Qwen, plan a long weekend in Lisbon.');
    return single(take(call, await client(base).chat({ model, messages: [{ role: 'system', content: 'You plan trips.' }, user(call)], think: true })));
  },
  async ollamaChatStream(base) {
    const call = emptyCall('Qwen, plan it again, as a stream.');
    return single(await takeAll(call, await client(base).chat({ model, messages: [user(call)], stream: true })));
  },
  async ollamaToolLoop(base) {
    const asked = 'Qwen, the weather in Lisbon and in Tromsø?';
    const first = emptyCall(asked);
    await takeAll(first, await client(base).chat({ model, messages: [user(first)], tools, stream: true }));
    const ran = run(first.tools);
    const messages: Message[] = [
      user(first), { role: 'assistant', content: first.text, tool_calls: first.tools.map(({ name, arguments: given }) => ({ function: { name, arguments: given as Record<string, unknown> } })) },
      ...ran.map(({ name, result }) => ({ role: 'tool', tool_name: name, content: result })),
    ];
    return { calls: [first, take(emptyCall(asked), await client(base).chat({ model, messages, tools }))], ran };
  },
  async ollamaGenerate(base) {
    const call = emptyCall('Qwen, complete: a long weekend in Lisbon');
    return single(take(call, await client(base).generate({ model, prompt: String(call.asked), system: 'You plan trips.' })));
  },
  async ollamaGenerateStream(base) {
    const call = emptyCall('Qwen, complete as a stream: a long weekend in Lisbon');
    return single(await takeAll(call, await client(base).generate({ model, prompt: String(call.asked), stream: true })));
  },
  /** There is no name for the error, only a status. */
  ollamaRefused: (base) => refused('Qwen, who?', client(base).chat({ model: 'qwen9:1t', messages: [{ role: 'user', content: 'Qwen, who?' }] }),
    ({ status_code: status, error }: { status_code: number; error: string }) => ({ status, type: String(status), message: error })),
  ollamaFails: (base) => failing(emptyCall('Qwen, fail.'), (call) => readPieces(base, call, () => undefined), ({ message }: Error) => ({ status: 200, type: 'error', message })),
  ollamaAborted: (base) => unfinished('aborted', emptyCall('Qwen, be stopped.'), (call) => readPieces(base, call, (stream) => stream.abort())),
  ollamaCut: (base) => unfinished('cut', emptyCall('Qwen, break off.'), (call) => readPieces(base, call, () => tellRead(base))),
  async ollamaEmbed(base) {
    const asked = ['Alfama', 'Belém – by the river'];
    const { embeddings, model: answered, prompt_eval_count: input } = await client(base).embed({ model: 'nomic-embed-text', input: asked });
    return single({ ...emptyCall(asked), model: answered, vectors: { count: embeddings.length, size: embeddings[0]?.length ?? 0 }, tokens: { input, output: 0, total: input } });
  },
} satisfies Record<string, Use>;
