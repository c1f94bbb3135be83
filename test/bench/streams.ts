/** Answers of each dialect as long as one likes, in the chunks a server sends. */
export interface Stream {
  dialect: string;
  url: string;
  request: Uint8Array;
  /** letters that each chunk adds to the text; of a plain body: vectors */ said: number;
  /** one body, no stream */ isPlain?: true;
  chunks(count: number): Uint8Array[];
  /** the JSON in a chunk or a body */ jsonIn(text: string): string;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const WORD = 'another ';
const messages = Array.from({ length: 20 }, (_, turn) => ({ role: turn % 2 === 0 ? 'user' : 'assistant', content: `Turn ${turn}: ${'the same words again, '.repeat(20)}` }));

/** @param frame what a chunk says, or of the first one */
function stream(dialect: string, path: string, request: object, isSse: boolean, frame: (at: number) => object): Stream {
  return {
    dialect, url: `http://localhost${path}`, request: bytes(JSON.stringify(request)), said: WORD.length,
    chunks: (count) => Array.from({ length: count }, (_, at) => bytes(isSse ? `data: ${JSON.stringify(frame(at))}\n\n` : `${JSON.stringify(frame(at))}\n`)),
    jsonIn: (text) => text.startsWith('data: ') ? text.slice('data: '.length) : text,
  };
}

export const streams: readonly Stream[] = [
  stream('openai-chat', '/v1/chat/completions', { model: 'm', messages, stream: true }, true, () =>
    ({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm-1', choices: [{ index: 0, delta: { content: WORD }, finish_reason: null }] })),
  stream('openai-responses', '/v1/responses', { model: 'm', input: messages, stream: true }, true, (at) =>
    ({ type: 'response.output_text.delta', sequence_number: at, item_id: 'msg_1', output_index: 0, content_index: 0, delta: WORD })),
  stream('anthropic', '/v1/messages', { model: 'm', max_tokens: 9, messages, stream: true }, true, (at) =>
    at === 0 ? { type: 'content_block_start', index: 0, content_block: { type: 'text', text: WORD } } : { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: WORD } }),
  stream('gemini', '/v1beta/models/m:streamGenerateContent?alt=sse', { contents: messages.map(({ role, content }) => ({ role: role === 'user' ? 'user' : 'model', parts: [{ text: content }] })) }, true, (at) =>
    ({ candidates: [{ content: { role: 'model', parts: [{ text: WORD }] }, index: 0 }], usageMetadata: { promptTokenCount: 900, candidatesTokenCount: at, totalTokenCount: 900 + at }, modelVersion: 'm-1' })),
  stream('ollama', '/api/chat', { model: 'm', messages }, false, () =>
    ({ model: 'm', created_at: '2026-01-01T00:00:00Z', message: { role: 'assistant', content: WORD }, done: false })),
  {
    dialect: 'openai-embeddings', url: 'http://localhost/v1/embeddings', isPlain: true, said: 100,
    request: bytes(JSON.stringify({ model: 'm', input: messages.map(({ content }) => content) })),
    chunks: () => [bytes(JSON.stringify({ object: 'list', model: 'm-1', data: Array.from({ length: 100 }, (_, index) => ({ object: 'embedding', index, embedding: Array.from({ length: 1536 }, (_, at) => Math.sin(index + at)) })), usage: { prompt_tokens: 9, total_tokens: 9 } }))],
    jsonIn: (text) => text,
  },
];
