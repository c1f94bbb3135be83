/** `openai`: Responses, with the history sent again and with the history kept by the provider. */
import type { Response, ResponseInput, ResponseUsage, Tool } from 'openai/resources/responses/responses';
import { atLeastOne, emptyCall, type Call, type Tokens, type ToolUse, type Use } from '../got.ts';
import { failing, refused, run, single, tellRead, TOOL, unfinished } from './app.ts';
import { client, refusalOf } from './openai.ts';

const tokensOf = ({ input_tokens: input, output_tokens: output, total_tokens: total, input_tokens_details: asked, output_tokens_details: answered }: ResponseUsage): Tokens =>
  ({ input, output, total, cacheRead: atLeastOne(asked.cached_tokens), reasoning: atLeastOne(answered.reasoning_tokens) });

function callOf(asked: string | undefined, { id, model, output, output_text: text, status, incomplete_details: incomplete, usage }: Response): Call {
  return {
    ...emptyCall(asked), id, model, text, tokens: usage && tokensOf(usage), finish: incomplete?.reason ?? status,
    reasoning: output.flatMap((item) => item.type === 'reasoning' ? item.summary.map((part) => part.text) : []).join('\n\n'),
    tools: output.flatMap((item): ToolUse[] => item.type === 'function_call' ? [{ id: item.call_id, name: item.name, arguments: JSON.parse(item.arguments) }] : []),
  };
}

const model = 'gpt-5-mini';
const tools: Tool[] = [{ type: 'function', name: TOOL.name, description: TOOL.description, parameters: TOOL.schema, strict: false }];
const resultsOf = (ran: ReturnType<typeof run>): ResponseInput => ran.map(({ id, result }) => ({ type: 'function_call_output', call_id: id!, output: result }));

export const responsesUses = {
  async responses(base) {
    const asked = 'Responses: a long weekend in Lisbon.';
    return single(callOf(asked, await client(base).responses.create({ model, instructions: 'You plan trips.', input: asked, reasoning: { summary: 'auto' } })));
  },
  async responsesStream(base) {
    const asked = 'Responses, streamed: a long weekend in Lisbon.';
    const call = emptyCall(asked);
    for await (const event of await client(base).responses.create({ model, input: [{ role: 'user', content: [{ type: 'input_text', text: asked }] }], stream: true })) {
      if (event.type === 'response.output_text.delta') call.text += event.delta;
      if (event.type === 'response.reasoning_summary_text.delta') call.reasoning += event.delta;
      if (event.type === 'response.completed' || event.type === 'response.incomplete') {
        const { id, model, finish, tokens } = callOf(asked, event.response);
        Object.assign(call, { id, model, finish, tokens });
      }
    }
    return single(call);
  },
  async responsesToolLoop(base) {
    const asked = 'Responses: the weather in Lisbon and in Tromsø?';
    const first = await client(base).responses.stream({ model, input: asked, tools }).finalResponse();
    const asking = callOf(asked, first);
    const ran = run(asking.tools);
    const input: ResponseInput = [{ role: 'user', content: asked }, ...first.output as ResponseInput, ...resultsOf(ran)];
    return { calls: [asking, callOf(asked, await client(base).responses.create({ model, input, tools }))], ran };
  },
  /** Only what is new is sent: a loop, then a turn of the same conversation. */
  async responsesKept(base) {
    const [asked, then] = ['Kept: the weather in Lisbon?', 'Kept: then plan the weekend.'];
    const asking = callOf(asked, await client(base).responses.create({ model, input: asked, tools }));
    const ran = run(asking.tools);
    const answer = callOf(undefined, await client(base).responses.stream({ model, previous_response_id: asking.id, input: resultsOf(ran), tools }).finalResponse());
    return { calls: [asking, answer, callOf(then, await client(base).responses.create({ model, previous_response_id: answer.id, input: then }))], ran };
  },
  responsesRefused: (base) => refused('Too much.', client(base).responses.create({ model, input: 'Too much.' }), refusalOf),
  /** Nothing is thrown: an event tells. */
  responsesFails: (base) => failing(emptyCall('Responses: fail.'), async (call) => {
    for await (const event of await client(base).responses.create({ model, input: String(call.asked), stream: true })) {
      if (event.type === 'response.output_text.delta') call.text += event.delta;
      if (event.type !== 'response.failed') continue;
      const { id, model, status: finish, error } = event.response;
      Object.assign(call, { id, model, finish, reason: 'error', refusal: { status: 200, type: error?.code, message: error?.message } });
    }
  }, refusalOf),
  responsesAborted: (base) => unfinished('aborted', emptyCall('Responses: be stopped.'), async (call) => {
    const stop = new AbortController();
    for await (const event of await client(base).responses.create({ model, input: String(call.asked), stream: true }, { signal: stop.signal })) {
      if (event.type === 'response.created') Object.assign(call, { id: event.response.id, model: event.response.model });
      if (event.type !== 'response.output_text.delta') continue;
      call.text += event.delta;
      stop.abort();
    }
  }),
  responsesCut: (base) => unfinished('cut', emptyCall('Responses: break off.'), async (call) => {
    for await (const event of await client(base).responses.create({ model, input: String(call.asked), stream: true })) {
      if (event.type === 'response.created') Object.assign(call, { id: event.response.id, model: event.response.model });
      if (event.type !== 'response.output_text.delta') continue;
      call.text += event.delta;
      await tellRead(base);
    }
  }),
} satisfies Record<string, Use>;
