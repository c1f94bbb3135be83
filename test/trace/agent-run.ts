/** An agent as most apps write one: it asks for tools until it can answer. */
import { createChat, type createPage } from './app.ts';
import type { Answer, Wire } from './wire.ts';

export const weather = (id: string, city = 'Lisbon'): NonNullable<Answer['tools']>[number] => ({ id, name: 'get_weather', args: { city } });

/** Three model calls, two tools at once, then one more. */
export function agentRun(page: ReturnType<typeof createPage>, wire: Wire, at: number, { ids = 'call', step = 100, question = 'Where is it warmer?' } = {}): void {
  const chat = createChat(page, wire, 'You are Trip Planner, a careful agent.');
  chat.user(question);
  chat.call(at, { text: 'I look at both.', tools: [weather(`${ids}_1`), weather(`${ids}_2`, 'Oslo')] });
  chat.results([{ id: `${ids}_1`, text: '21 C' }, { id: `${ids}_2`, text: '3 C' }]);
  chat.call(at + step, { tools: [{ id: `${ids}_3`, name: 'find_flights', args: { to: 'Lisbon', days: 3 } }] });
  chat.results([{ id: `${ids}_3`, text: 'none' }]);
  chat.call(at + 2 * step, { text: 'Lisbon, but there is no flight.' });
}

export const AGENT_TREE = (model: string): string => `AGENT Trip Planner
  LLM ${model}
  TOOL get_weather(city: "Lisbon")
  TOOL get_weather(city: "Oslo")
  LLM ${model}
  TOOL find_flights(to: "Lisbon", days: 3)
  LLM ${model}`;
