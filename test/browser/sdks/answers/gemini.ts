/** Gemini: each piece of a stream has the shape of a whole answer. */
import { json, piecesOf, PLAN, sse, thenBreaksOff, thenWaits, THOUGHT, WEATHER, type Answer } from './answer.ts';

const MODEL = 'gemini-2.5-flash';
const WHOLE = `/v1/models/${MODEL}:generateContent`;
const STREAM = `/v1/models/${MODEL}:streamGenerateContent`;

const piece = (responseId: string, parts: readonly object[], usage: object, finishReason?: string): object =>
  ({ candidates: [{ content: { role: 'model', parts }, index: 0, ...(finishReason === undefined ? {} : { finishReason }) }], usageMetadata: usage, modelVersion: `${MODEL}-preview-09-2025`, responseId });
const usage = (promptTokenCount: number, candidatesTokenCount: number, more: { thoughtsTokenCount?: number; cachedContentTokenCount?: number } = {}): object =>
  ({ promptTokenCount, candidatesTokenCount, totalTokenCount: promptTokenCount + candidatesTokenCount + (more.thoughtsTokenCount ?? 0), ...more, promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokenCount }] });
const stream = (id: string, parts: readonly object[], last: object, finish: string): Answer =>
  sse(STREAM, parts.map((part, index) => index === parts.length - 1 ? piece(id, [part], last, finish) : piece(id, [part], { promptTokenCount: 9, totalTokenCount: 9 })));
const said = (text: string): object[] => piecesOf(text).map((text) => ({ text }));
const thought = piecesOf(THOUGHT).map((text) => ({ text, thought: true }));
const CALLS = [
  { functionCall: { name: 'get_weather', args: { city: 'Lisbon', days: [1, 2, 3], unit: '°C' } }, thoughtSignature: 'CgQ=' },
  { functionCall: { name: 'get_weather', args: { city: 'Tromsø', note: '“snow” 🌨 on every day of the week' } } },
];

export const geminiAnswers = {
  gemini: [json(WHOLE, piece('gA1', [{ text: THOUGHT, thought: true }, { text: PLAN }], usage(1811, 205, { thoughtsTokenCount: 90, cachedContentTokenCount: 1024 }), 'MAX_TOKENS'))],
  geminiStream: [stream('gA2', [...thought, ...said(PLAN)], usage(19, 207, { thoughtsTokenCount: 33 }), 'STOP')],
  geminiToolLoop: [
    json(WHOLE, piece('gA3', [{ text: 'I look it up: two cities.' }, ...CALLS], usage(60, 40), 'STOP')),
    stream('gA4', said(WEATHER), usage(130, 55), 'STOP'),
  ],
  geminiStreamedCalls: [
    stream('gA5', [...said('Streamed, I look it up.'), ...CALLS], usage(61, 44), 'STOP'),
    json(WHOLE, piece('gA6', [{ text: WEATHER }], usage(131, 57), 'STOP')),
  ],
  geminiRefused: [json(WHOLE, { error: { code: 429, message: 'Resource has been exhausted (e.g. check quota) – retry in 31 s.', status: 'RESOURCE_EXHAUSTED' } }, 429)],
  geminiAborted: [thenWaits(sse(STREAM, [piece('gA7', [{ text: 'Day one – Alfama,' }], { promptTokenCount: 9, totalTokenCount: 9 })]))],
  geminiCut: [thenBreaksOff(sse(STREAM, [piece('gA8', [{ text: 'Day one – Belém,' }], { promptTokenCount: 9, totalTokenCount: 9 })]))],
} satisfies Record<string, Answer[]>;
