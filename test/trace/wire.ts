/** Requests and answers as an app's SDK and the providers put them on the wire. */

interface Tool { id: string; name: string; args: Record<string, unknown> }
export interface Answer { text?: string; tools?: Tool[] }
export interface Result { id: string; /** of the tool */ name?: string; text: string; isError?: boolean }

/** One dialect: how a conversation is written in it. Messages are opaque to the tests. */
export interface Wire {
  url: string;
  request(system: string | undefined, messages: readonly object[], more?: object): object;
  answer(answer: Answer): object;
  /** the answer as the app puts it into the next request */ echo(answer: Answer): object;
  user(text: string): object;
  /** @param and what a harness says beside the results */ results(results: readonly Result[], and?: string): object[];
}

export const openai: Wire = {
  url: 'https://api.openai.com/v1/chat/completions',
  request: (system, messages, more) => ({ model: 'gpt-5-mini', messages: [...(system === undefined ? [] : [{ role: 'system', content: system }]), ...messages], ...more }),
  answer: ({ text, tools = [] }) => ({
    id: 'chatcmpl-1', object: 'chat.completion', model: 'gpt-5-mini-2025-08-07',
    choices: [{ index: 0, finish_reason: tools.length > 0 ? 'tool_calls' : 'stop', message: { role: 'assistant', content: text ?? null, ...openaiCalls(tools) } }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  }),
  echo: ({ text, tools = [] }) => ({ role: 'assistant', content: text ?? null, ...openaiCalls(tools) }),
  user: (content) => ({ role: 'user', content }),
  results: (results, and) => [
    ...results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text })), ...(and === undefined ? [] : [{ role: 'user', content: and }]),
  ],
};

const openaiCalls = (tools: readonly Tool[]): object =>
  (tools.length === 0 ? {} : { tool_calls: tools.map(({ id, name, args }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(args) } })) });

export const anthropic: Wire = {
  url: 'https://api.anthropic.com/v1/messages',
  request: (system, messages, more) => ({ model: 'claude-sonnet-4-5', max_tokens: 1024, ...(system === undefined ? {} : { system }), messages, ...more }),
  answer: (answer) => ({
    id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5-20250929', content: anthropicBlocks(answer),
    stop_reason: (answer.tools ?? []).length > 0 ? 'tool_use' : 'end_turn', usage: { input_tokens: 10, output_tokens: 5 },
  }),
  echo: (answer) => ({ role: 'assistant', content: anthropicBlocks(answer) }),
  user: (text) => ({ role: 'user', content: text }),
  results: (results, and) => [{
    role: 'user',
    content: [
      ...results.map(({ id, text, isError }) => ({ type: 'tool_result', tool_use_id: id, content: text, ...(isError === true ? { is_error: true } : {}) })),
      ...(and === undefined ? [] : [{ type: 'text', text: and }]),
    ],
  }],
};

const anthropicBlocks = ({ text, tools = [] }: Answer): object[] => [
  ...(text === undefined ? [] : [{ type: 'text', text }]), ...tools.map(({ id, name, args }) => ({ type: 'tool_use', id, name, input: args })),
];

/** No ids anywhere: results name the tool, of older clients not even that. */
export const ollama: Wire = {
  url: 'http://localhost:11434/api/chat',
  request: (system, messages, more) => ({ model: 'qwen3:4b', messages: [...(system === undefined ? [] : [{ role: 'system', content: system }]), ...messages], stream: false, ...more }),
  answer: (answer) => ({ model: 'qwen3:4b', message: ollama.echo(answer), done: true, done_reason: 'stop', prompt_eval_count: 10, eval_count: 5 }),
  echo: ({ text = '', tools = [] }) => ({ role: 'assistant', content: text, ...(tools.length === 0 ? {} : { tool_calls: tools.map(({ name, args }) => ({ function: { name, arguments: args } })) }) }),
  user: (content) => ({ role: 'user', content }),
  results: (results, and) => [
    ...results.map(({ name, text }) => ({ role: 'tool', content: text, ...(name === undefined ? {} : { tool_name: name }) })), ...(and === undefined ? [] : [{ role: 'user', content: and }]),
  ],
};

export const responses: Wire = {
  url: 'https://api.openai.com/v1/responses',
  request: (instructions, messages, more) => ({ model: 'gpt-5-mini', ...(instructions === undefined ? {} : { instructions }), input: messages.flat(), ...more }),
  answer: (answer) => ({ id: 'resp_1', object: 'response', status: 'completed', model: 'gpt-5-mini-2025-08-07', output: responseItems(answer), usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 } }),
  echo: responseItems,
  user: (content) => ({ role: 'user', content }),
  results: (results, and) => [
    ...results.map(({ id, text, isError }) => ({ type: 'function_call_output', call_id: id, output: text, ...(isError === true ? { status: 'failed' } : {}) })),
    ...(and === undefined ? [] : [{ role: 'user', content: and }]),
  ],
};

/** An answer is several items, which an app puts into its next request one by one. */
function responseItems({ text, tools = [] }: Answer): object[] {
  return [
    { id: 'rs_1', type: 'reasoning', summary: [] },
    ...(text === undefined ? [] : [{ id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] }]),
    ...tools.map(({ id, name, args }) => ({ id: `fc_${id}`, type: 'function_call', status: 'completed', call_id: id, name, arguments: JSON.stringify(args) })),
  ];
}

/** No ids, as most models give none: results name the function, and who runs it knows which. */
export const gemini: Wire = {
  url: 'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent',
  request: (system, contents, more) => ({ contents, ...(system === undefined ? {} : { systemInstruction: { parts: [{ text: system }] } }), generationConfig: { ...more } }),
  answer: (answer) => ({
    candidates: [{ content: gemini.echo(answer), finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 3, thoughtsTokenCount: 2, totalTokenCount: 15 }, modelVersion: 'gemini-2.5-flash', responseId: 'r1',
  }),
  echo: ({ text, tools = [] }) => {
    for (const { id, name } of tools) functionNames.set(id, name);
    return { role: 'model', parts: [...(text === undefined ? [] : [{ text }]), ...tools.map(({ name, args }) => ({ functionCall: { name, args } }))] };
  },
  user: (text) => ({ role: 'user', parts: [{ text }] }),
  results: (results, and) => [{
    role: 'user',
    parts: [
      ...results.map(({ id, name = functionNames.get(id), text, isError }) => ({ functionResponse: { name, response: { [isError === true ? 'error' : 'output']: text } } })),
      ...(and === undefined ? [] : [{ text: and }]),
    ],
  }],
};

/** By the ids that only the tests know. */
const functionNames = new Map<string, string>();
