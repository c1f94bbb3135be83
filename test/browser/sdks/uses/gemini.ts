/** `@google/genai`: content, whole and streamed. */
import { GoogleGenAI, type ApiError, type Content, type FunctionCall, type GenerateContentResponse, type Tool } from '@google/genai';
import { atLeastOne, emptyCall, type Call, type Tokens, type Use } from '../got.ts';
import { refused, run, single, tellRead, TOOL, unfinished, type Ran, type Then } from './app.ts';

const client = (base: string): GoogleGenAI => new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: base } });
const model = 'gemini-2.5-flash';
const config = { tools: [{ functionDeclarations: [{ name: TOOL.name, description: TOOL.description, parametersJsonSchema: TOOL.schema }] }] satisfies Tool[] };

/** A stream's pieces have the shape of whole answers. */
function take(call: Call, { candidates: [candidate] = [], functionCalls = [], modelVersion, responseId, usageMetadata: usage }: GenerateContentResponse): Content['parts'] {
  const parts = candidate?.content?.parts ?? [];
  call.text += parts.map(({ text, thought }) => thought ? '' : text ?? '').join('');
  call.reasoning += parts.map(({ text, thought }) => thought ? text ?? '' : '').join('');
  call.tools.push(...functionCalls.map(({ id, name, args }: FunctionCall) => ({ id, name: name ?? '', arguments: args })));
  Object.assign(call, { model: modelVersion, id: responseId, finish: candidate?.finishReason, tokens: usage && tokensOf(usage) });
  return parts;
}

const tokensOf = ({ promptTokenCount: input = 0, candidatesTokenCount: said = 0, thoughtsTokenCount: reasoning, totalTokenCount: total = 0, cachedContentTokenCount: cacheRead }: NonNullable<GenerateContentResponse['usageMetadata']>): Tokens =>
  ({ input, output: said + (reasoning ?? 0), total, cacheRead: atLeastOne(cacheRead), reasoning: atLeastOne(reasoning) });

/** The body's text is all that the SDK keeps of an error. */
const refusalOf = ({ status, message }: ApiError): Call['refusal'] => {
  const { error } = JSON.parse(message) as { error: { status: string; message: string } };
  return { status, type: error.status, message: error.message };
};

type Step = 'whole' | 'streamed';

async function step(base: string, how: Step, asked: string, contents: Content[], more: object): Promise<{ call: Call; content: Content }> {
  const call = emptyCall(asked);
  const request = { model, contents, config: more };
  const pieces = how === 'whole' ? [await client(base).models.generateContent(request)] : await client(base).models.generateContentStream(request);
  const parts: Content['parts'] = [];
  for await (const piece of pieces) parts.push(...take(call, piece) ?? []);
  return { call, content: { role: 'model', parts } };
}

async function loop(base: string, asked: string, steps: readonly [Step, Step]): Promise<{ calls: Call[]; ran: Ran[] }> {
  const user: Content = { role: 'user', parts: [{ text: asked }] };
  const first = await step(base, steps[0], asked, [user], config);
  const ran = run(first.call.tools);
  const results: Content = { role: 'user', parts: ran.map(({ name, result }) => ({ functionResponse: { name, response: { output: result } } })) };
  const second = await step(base, steps[1], asked, [user, first.content, results], config);
  return { calls: [first.call, second.call], ran };
}

/** @param then after each piece */
async function readPieces(base: string, call: Call, then: Then<AbortController>): Promise<void> {
  const stop = new AbortController();
  for await (const piece of await client(base).models.generateContentStream({ model, contents: String(call.asked), config: { abortSignal: stop.signal } })) {
    take(call, piece);
    await then(stop);
  }
}

export const geminiUses = {
  gemini: async (base) => single((await step(base, 'whole', 'Gemini, plan a long weekend in Lisbon.', [{ role: 'user', parts: [{ text: 'Gemini, plan a long weekend in Lisbon.' }] }], { systemInstruction: 'You plan trips.' })).call),
  geminiStream: async (base) => single((await step(base, 'streamed', 'Gemini, plan it again, as a stream.', [{ role: 'user', parts: [{ text: 'Gemini, plan it again, as a stream.' }] }], {})).call),
  geminiToolLoop: (base) => loop(base, 'Gemini, the weather in Lisbon and in Tromsø?', ['whole', 'streamed']),
  geminiStreamedCalls: (base) => loop(base, 'Gemini, streamed: the weather in Lisbon and in Tromsø?', ['streamed', 'whole']),
  geminiRefused: (base) => refused('Gemini, too much.', client(base).models.generateContent({ model, contents: 'Gemini, too much.' }), refusalOf),
  geminiAborted: (base) => unfinished('aborted', emptyCall('Gemini, be stopped.'), (call) => readPieces(base, call, (stop) => stop.abort())),
  geminiCut: (base) => unfinished('cut', emptyCall('Gemini, break off.'), (call) => readPieces(base, call, () => tellRead(base))),
} satisfies Record<string, Use>;
