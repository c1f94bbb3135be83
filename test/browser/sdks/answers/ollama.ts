/** Ollama: a JSON value a line. */
import { json, lines, piecesOf, PLAN, thenBreaksOff, thenWaits, THOUGHT, WEATHER, type Answer } from './answer.ts';

const [CHAT, GENERATE] = ['/api/chat', '/api/generate'];

const value = (said: object, last?: object): object => ({ model: 'qwen3:4b', created_at: '2026-08-04T19:58:19.95975Z', ...said, done: last !== undefined, ...last });
const told = (content: string, more: object = {}): object => ({ message: { role: 'assistant', content, ...more } });
const done = (asked: number, answered: number, done_reason = 'stop'): object =>
  ({ done_reason, total_duration: 5645304708, load_duration: 55095250, prompt_eval_count: asked, prompt_eval_duration: 710671250, eval_count: answered, eval_duration: 4466025455 });
const calls = [{ city: 'Lisbon', days: [1, 2, 3], unit: '°C' }, { city: 'Tromsø', note: '“snow” 🌨 on every day of the week' }].map((given) => ({ function: { name: 'get_weather', arguments: given } }));
const thought = piecesOf(THOUGHT).map((thinking) => value(told('', { thinking })));
const said = (text: string): object[] => piecesOf(text).map((content) => value(told(content)));

export const ollamaAnswers = {
  ollamaChat: [json(CHAT, value(told(PLAN, { thinking: THOUGHT }), done(26, 298, 'length')))],
  ollamaChatStream: [lines(CHAT, [...thought, ...said(PLAN), value(told(''), done(31, 302))])],
  ollamaToolLoop: [
    lines(CHAT, [...said('I look it up: two cities.'), ...calls.map((call) => value(told('', { tool_calls: [call] }))), value(told(''), done(90, 45))]),
    json(CHAT, value(told(WEATHER), done(170, 61))),
  ],
  ollamaGenerate: [json(GENERATE, value({ response: PLAN, thinking: THOUGHT }, { ...done(14, 205), context: [1, 2, 3] }))],
  ollamaGenerateStream: [lines(GENERATE, [...piecesOf(PLAN).map((response) => value({ response })), value({ response: '' }, { ...done(15, 207, 'length'), context: [1, 2, 3] })])],
  ollamaRefused: [json(CHAT, { error: "model 'qwen9:1t' not found – try pulling it first" }, 404)],
  ollamaFails: [lines(CHAT, [...said(PLAN), { error: 'llama runner process has terminated – exit status 2' }])],
  ollamaAborted: [thenWaits(lines(CHAT, [value(told('Day one – Alfama,'))]))],
  ollamaCut: [thenBreaksOff(lines(CHAT, [value(told('Day one – Belém,'))]))],
  ollamaEmbed: [json('/api/embed', { model: 'nomic-embed-text', embeddings: [[0.5, -0.25, 1, 3, 5], [0.125, 2, -1, 4, 6]], total_duration: 14143917, load_duration: 1019500, prompt_eval_count: 8 })],
} satisfies Record<string, Answer[]>;
