/** One tab's made-up day: an agent with two parallel tools, a retry, a conversation, a cut, an abort, a running call. */
import type { PageDocument, TabSession } from '../../../lib/model/session.ts';
import { type CallPlan, type Made, make } from './recorded.ts';

/** Fixed, so that pictures can be compared. */
export const NOW = new Date(2026, 2, 14, 14, 7, 21).getTime();
export const HERE = 'tab-a';

const session = (id: string, url: string, startedMs: number, bytes: number): TabSession => ({ id, tabId: 1, run: 'run', startedMs, lastMs: startedMs + 60_000, url, paused: false, rev: 1, removedRev: 0, clearedMs: 0, bytes, diskBytes: bytes, exchanges: 3, unrecorded: 0 });
export const sessions = [session(HERE, 'http://localhost:5173/', NOW - 5 * 60_000, 3_212_000), session('tab-b', 'https://chat.example.org/', NOW - 26 * 3600_000, 812_000), session('tab-c', 'http://localhost:3000/', NOW - 50 * 3600_000, 91_000)];

const page = (documentId: string, url: string, openedMs: number): PageDocument => ({ documentId, session: HERE, tabId: 1, frameId: 0, top: true, url, openedMs, nextSeq: 9, bytes: 1, exchanges: 3, rev: 1 });
export const documents = [page('doc-1', 'http://localhost:5173/', NOW - 300_000), page('doc-2', 'http://localhost:5173/', NOW - 263_000), page('doc-3', 'http://localhost:5173/trips', NOW - 120_000)];

const SYSTEM = { role: 'system', content: 'You are Trip Planner, a careful travel agent.\nAlways check flights and weather before you plan. Prefer walking. Never book without asking. Answer in short paragraphs and give times in the local time zone.' };
const TOOLS = ['search_flights', 'get_weather'].map((name) => ({ type: 'function', function: { name, description: name === 'get_weather' ? 'Forecast for a city and day' : 'Flights between two airports on a day', parameters: { type: 'object', properties: {} } } }));
const ASK = { role: 'user', content: 'Plan three days in Lisbon from Oslo. I hate early flights.' };
const asked = (calls: Array<{ id: string; name: string; args: object }>) => ({ role: 'assistant', content: null, tool_calls: calls.map(({ id, name, args }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(args) } })) });
const result = (id: string, value: object) => ({ role: 'tool', tool_call_id: id, content: JSON.stringify(value) });
const FIRST = [{ id: 'call_Fq81', name: 'search_flights', args: { from: 'OSL', to: 'LIS', date: '2026-04-03', after: '10:00', max_stops: 1 } }, { id: 'call_Wq82', name: 'get_weather', args: { city: 'Lisbon' } }];
const FLIGHTS = result('call_Fq81', { flights: [{ no: 'TP 765', leaves: '11:25', arrives: '14:50', price: 214, currency: 'EUR' }, { no: 'LH 863', leaves: '13:05', arrives: '18:40', price: 189, currency: 'EUR', via: 'FRA' }], cached: false });
const WEATHER = result('call_Wq82', { city: 'Lisbon', high: 21, low: 13, sky: 'clear' });
const SECOND = [{ id: 'call_Wx90', name: 'get_weather', args: { city: 'Sintra', day: '2026-04-05' } }];
const RATE_LIMIT = JSON.stringify({ error: { message: 'Rate limit reached for gpt-5-mini on tokens per min. Please try again in 300ms.', type: 'tokens', code: 'rate_limit_exceeded' } }, null, 2);
const ANSWER = 'Friday: TP 765 leaves Oslo at 11:25 and lands at 14:50, so there is no early start. Walk up through Alfama to the Graça viewpoint for the evening; it stays clear and 21 °C.\n\nSaturday: Belém in the morning, MAAT after lunch, then the tram along the river. Book Time Out Market before 19:00 or after 21:30.\n\nSunday: Sintra. It is cooler there (17 °C, some cloud), so start with the palace and leave the gardens for the afternoon. The last comfortable train back leaves at 18:10.\n\nShall I hold the 11:25 flight for you?';

const base = { session: HERE, document: 'doc-3', model: 'gpt-5-mini' } as const;
const usage = (prompt: number, completion: number, cached = 0, reasoning = 0) => ({ prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion, prompt_tokens_details: { cached_tokens: cached }, completion_tokens_details: { reasoning_tokens: reasoning } });

function plans(): CallPlan[] {
  const agent = NOW - 20_000;
  const loop1 = [SYSTEM, ASK];
  const loop2 = [...loop1, asked(FIRST), FLIGHTS, WEATHER];
  const loop3 = [...loop2, asked(SECOND), result('call_Wx90', { city: 'Sintra', high: 17, low: 9, sky: 'some cloud' })];
  const chat = [{ role: 'system', content: 'You are a friendly helper.' }, { role: 'user', content: 'What is the tallest tree?' }];
  const chat2 = [...chat, { role: 'assistant', content: 'Hyperion, a coast redwood of about 116 metres in California.' }, { role: 'user', content: 'And the oldest one that still stands?' }];
  const chat3 = [...chat2, { role: 'assistant', content: 'Methuselah, a bristlecone pine of more than 4,850 years in the White Mountains.' }, { role: 'user', content: 'Can I visit it?' }];
  return [
    { ...base, document: 'doc-1', at: NOW - 290_000, messages: [{ role: 'user', content: 'hello' }], answer: 'Hello! How can I help you today?', usage: usage(8, 33), firstMs: 410, lastMs: 900, how: 'complete' },
    { ...base, document: 'doc-2', at: NOW - 250_000, model: 'gpt-5', messages: [{ role: 'user', content: 'What is the refund policy for a ticket that I bought for somebody else last week?' }], status: 401, body: JSON.stringify({ error: { message: 'Incorrect API key provided. You can find your API key at the dashboard.', type: 'invalid_request_error', code: 'invalid_api_key' } }), firstMs: 240, lastMs: 250, how: 'complete' },
    { ...base, document: 'doc-2', at: NOW - 220_000, messages: chat, answer: 'Hyperion, a coast redwood of about 116 metres in California.', usage: usage(24, 17), firstMs: 380, lastMs: 1210, how: 'complete' },
    { ...base, document: 'doc-2', at: NOW - 200_000, messages: chat2, answer: 'Methuselah, a bristlecone pine of more than 4,850 years in the White Mountains.', usage: usage(62, 22, 32), firstMs: 300, lastMs: 1420, how: 'complete' },
    { ...base, document: 'doc-2', at: NOW - 180_000, messages: chat3, answer: 'Its exact place is kept secret, but the Methuselah Grove trail in the Schulman Grove is open from', firstMs: 340, lastMs: 2400, how: 'cut' },
    { ...base, document: 'doc-2', at: NOW - 150_000, messages: [{ role: 'user', content: 'Write a story about a lighthouse keeper' }], answer: 'The lamp had not failed once in forty years, and', firstMs: 500, lastMs: 1150, how: 'aborted' },
    { ...base, document: 'doc-2', at: NOW - 122_000, messages: [{ role: 'user', content: 'Summarise the attached minutes in one page' }], answer: 'The board met on 3 March. Present were', firstMs: 520, lastMs: 1600, how: 'page_left' },
    { ...base, at: NOW - 90_000, messages: [{ role: 'user', content: 'List every station between Lisboa Oriente and Porto Campanhã with its opening year' }], answer: 'Lisboa Oriente (1998), Vila Franca de Xira (1856), Azambuja (1857), Santarém (1861), Entroncamento (1864), Pombal (1864), Coimbra-B', usage: usage(31, 800), finish: 'length', firstMs: 290, lastMs: 3900, how: 'complete' },
    { ...base, at: agent, messages: loop1, tools: TOOLS, reasoning: 'I need flight options and the weather before I can plan. Both can be asked for at once.', calls: FIRST, usage: usage(498, 114, 0, 96), firstMs: 340, lastMs: 1700, how: 'complete' },
    { ...base, at: agent + 3200, messages: loop2, tools: TOOLS, calls: SECOND, usage: usage(702, 28, 480), firstMs: 420, lastMs: 980, how: 'complete' },
    { ...base, at: agent + 4900, messages: loop3, tools: TOOLS, status: 429, body: RATE_LIMIT, firstMs: 260, lastMs: 280, how: 'complete' },
    { ...base, at: agent + 5480, messages: loop3, tools: TOOLS, retryCount: 1, answer: ANSWER, usage: usage(840, 196, 702), firstMs: 610, lastMs: 3700, how: 'complete' },
  ];
}

export const runningPlan = (): CallPlan => ({ ...base, at: NOW - 2600, messages: [SYSTEM, ASK, { role: 'assistant', content: ANSWER }, { role: 'user', content: 'And if it rains on Saturday?' }], tools: TOOLS, answer: 'Then', firstMs: 380, lastMs: 2500 });

const MARKUP = '<img src="http://elsewhere.invalid/pixel.png" onerror="globalThis.owned = true"><script>globalThis.owned = true</script><style>* { display: none }</style>';

/** A page and a model that would like to run in the panel, or to make it load something. */
export const hostilePlan = (): CallPlan => ({
  ...base, at: NOW - 3000, model: MARKUP, firstMs: 100, lastMs: 900, how: 'complete', answer: `Here: ![pixel](http://elsewhere.invalid/pixel.png) ${MARKUP}`,
  calls: [{ id: 'call_1', name: MARKUP, args: { __proto__: null, constructor: MARKUP } }],
  messages: [{ role: 'system', content: MARKUP }, { role: 'user', content: [{ type: 'text', text: MARKUP }, { type: 'image_url', image_url: { url: 'http://elsewhere.invalid/pixel.png' } }, { type: 'image_url', image_url: { url: 'data:image/gif;base64,R0lGODlhAQABAAAAACw=' } }] }],
});

export const calls = (): Made[] => plans().map(make);
