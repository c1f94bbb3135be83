/** A question answered from documents: embed it, search the vector database, ask the model with what was found. */
import { OPENAI_MODEL } from './chats.ts';
import type { Stage } from './chats.ts';

interface Hit { id: string; score: number; payload: { title: string; text: string } }

export async function askGuides({ clients, conversation, signal }: Stage, words: string): Promise<void> {
  conversation.add({ kind: 'user', text: words });
  const embedded = await clients.openai.embeddings.create({ model: 'text-embedding-3-small', input: words, encoding_format: 'float' }, { signal });
  const found = await fetch(`${clients.vectors}/collections/city-guides/points/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'api-key': 'demo-no-real-key', ...clients.headers },
    body: JSON.stringify({ vector: embedded.data[0]?.embedding, limit: 3, with_payload: true }),
    signal,
  });
  const hits = (await found.json() as { result: Hit[] }).result;
  conversation.add({ kind: 'sources', sources: hits.map(({ id, payload }) => ({ id, ...payload })) });
  const fill = conversation.add({ kind: 'answer', text: '', model: OPENAI_MODEL });
  const documents = hits.map(({ payload }, index) => `[${index + 1}] ${payload.title}: ${payload.text}`).join('\n');
  const stream = await clients.openai.chat.completions.create({
    model: OPENAI_MODEL,
    messages: [{ role: 'system', content: `Answer from these documents only and cite them by number.\n\n${documents}` }, { role: 'user', content: words }],
    stream: true,
    stream_options: { include_usage: true },
  }, { signal });
  let answer = '';
  for await (const chunk of stream) fill({ text: answer += chunk.choices[0]?.delta.content ?? '' });
}
