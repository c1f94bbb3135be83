/** A recorded tool loop with all its spans, and one call that failed and was sent again: for those who derive from spans. */
import type { ExchangeId } from '../../lib/model/exchange.ts';
import type { SpanRow } from '../../lib/model/span.ts';
import { readCall } from '../../lib/trace/fold.ts';
import type { ReadExchange } from '../../lib/trace/reading.ts';
import { createChat, createPage, record } from './app.ts';
import { createMemory } from './memory.ts';
import type { Wire } from './wire.ts';

export interface RecordedLoop { rows: SpanRow[]; read: Map<ExchangeId, ReadExchange> }

const utf8 = (body: unknown): Uint8Array => new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));

/** asks for two tools -> fails with 429 -> again: the answer */
export async function recordLoop(wire: Wire): Promise<RecordedLoop> {
  const page = createPage();
  const chat = createChat(page, wire, 'You are Trip Planner. Be brief.');
  chat.user('Where is it warm?');
  chat.call(1000, { tools: [{ id: 't1', name: 'get_weather', args: { city: 'Lisbon' } }, { id: 't2', name: 'get_weather', args: { city: 'Oslo' } }] }, { more: { temperature: 0 } });
  chat.results([{ id: 't1', text: '{"celsius":24}' }, { id: 't2', text: 'no such city', isError: true }]);
  chat.call(2000, undefined, { status: 429 });
  chat.call(3000, { text: 'In Lisbon.' });
  const memory = createMemory();
  await record(memory, [page]);
  const read = page.sent.map((sent, index): [ExchangeId, ReadExchange] => {
    const exchange = memory.exchange(`doc/${index + 1}`)!;
    const [request, response] = [utf8(sent.request), utf8(sent.response)];
    return [exchange.id, { exchange, request, response, call: readCall(exchange, request, response) }];
  });
  return { rows: memory.rows().toSorted((a, b) => a.startMs - b.startMs), read: new Map(read) };
}
