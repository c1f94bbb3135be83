/** From bytes to a model call, as they come. A fold lives in memory only and can be rebuilt from the bytes at any time: the
 *  same bytes give the same call however they were cut. It never throws: a page's data must not stop the only writer. */
import { createBodyFramer } from '../framing/body.ts';
import type { Frame, Framer } from '../framing/frame.ts';
import type { ModelCall } from '../model/call.ts';
import type { Exchange } from '../model/exchange.ts';
import { limits } from '../model/limits.ts';
import type { LivePiece } from '../model/span.ts';
import { errorOf, type CallError } from '../providers/error.ts';
import { providerOf } from '../providers/hosts.ts';
import { isObject, objectOf, parseJson, textOf, type JsonObject } from '../providers/json.ts';
import type { Answer, AnswerReading, Reader, RequestReading } from '../providers/provider.ts';
import { readerForAnswer, readerForRequest } from '../providers/registry.ts';
import { requestIdIn } from '../providers/request-id.ts';
import { unknown } from '../providers/unknown.ts';

/** Text that a piece of the response added to the answer. */
export interface LiveText { kind: LivePiece['kind']; text: string }

/** Opaque to everyone else. */
export interface Fold {
  exchange: Exchange;
  request: unknown;
  reader: Reader;
  asked: RequestReading;
  answer: Answer;
  /** the response has shown its dialect */ isSettled: boolean;
  framer: Framer;
  bytes: number;
  ended: boolean;
  framed: Frame['form'] | undefined;
  firstTokenByte: number | undefined;
  error: CallError | undefined;
  bodyRequestId: string | undefined;
  problems: Set<string>;
}

const NO_REQUEST: RequestReading = { streaming: false, parameters: {}, input: [], tools: [] };
const NO_ANSWER: AnswerReading = { output: [], problems: [] };

function addProblem(fold: Fold, problem: string): void {
  if (fold.problems.size < limits.problems) fold.problems.add(problem.slice(0, limits.textLength));
}

/** A reader promises not to throw; if one does, the frame stays raw and the others are read. */
function guarded<T>(fold: Fold, what: string, read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    addProblem(fold, `${what} could not be read`);
    return otherwise;
  }
}

function useReader(fold: Fold, reader: Reader): void {
  const { url, requestHeaders: headers } = fold.exchange;
  fold.reader = reader;
  fold.asked = guarded(fold, 'the request', () => reader.readRequest(objectOf(fold.request), { url, headers }), NO_REQUEST);
  fold.answer = reader.startAnswer(objectOf(fold.request));
}

/** @param request the request body as far as it is stored */
export function startFold(exchange: Exchange, request: Uint8Array | undefined): Fold {
  const parsed = request === undefined || request.length === 0 ? undefined : parseJson(new TextDecoder().decode(request));
  const body = parsed?.ok === true ? parsed.value : undefined;
  const reader = readerForRequest(body, { url: exchange.url, headers: exchange.requestHeaders });
  const fold: Fold = {
    exchange, request: body, reader, asked: NO_REQUEST, answer: reader.startAnswer({}), isSettled: false, framer: createBodyFramer(),
    bytes: 0, ended: false, framed: undefined, firstTokenByte: undefined, error: undefined, bodyRequestId: undefined, problems: new Set(),
  };
  useReader(fold, reader);
  if (parsed?.ok === false) addProblem(fold, exchange.request.missing > 0 ? 'The request body is not stored whole.' : 'The request body is not JSON.');
  return fold;
}

/** Tells the fold of a later state of its exchange (response head, end). The head should come before the body's first
 *  bytes; it may come at any time. */
export function setHead(fold: Fold, exchange: Exchange): void {
  fold.exchange = exchange;
}

function takeValue(fold: Fold, value: JsonObject): LiveText[] {
  if (!fold.isSettled) {
    const reader = readerForAnswer(value, fold.reader);
    if (reader !== undefined && reader !== fold.reader) useReader(fold, reader);
    fold.isSettled = reader !== undefined;
  }
  fold.error ??= guarded(fold, 'an error', () => errorOf(value, (fold.exchange.head?.status ?? 0) >= 400), undefined);
  fold.bodyRequestId ??= textOf(value['request_id']);
  return guarded(fold, 'a piece of the response', () => fold.answer.take(value), []);
}

/** The JSON values of a frame. Some servers end events with a single newline: several come as one, a line each. */
function valuesIn(fold: Fold, frame: Frame): unknown[] {
  const whole = parseJson(frame.data);
  if (whole.ok) return [whole.value];
  const lines = frame.data.split('\n').filter((line) => line.trim() !== '' && line.trim() !== '[DONE]').map(parseJson);
  const values = lines.filter((line) => line.ok).map((line) => line.value);
  if (lines.length > values.length) addProblem(fold, frame.unterminated === true ? 'The response breaks off inside a piece of JSON.' : `Not JSON: ${frame.data.slice(0, limits.previewLength)}`);
  return values;
}

function takeFrame(fold: Fold, frame: Frame): LiveText[] {
  if (frame.form === 'text') {
    takeText(fold, frame.data);
    return [];
  }
  fold.framed = frame.form;
  const added: LiveText[] = [];
  for (const value of valuesIn(fold, frame)) {
    if (isObject(value)) for (const text of takeValue(fold, value)) added.push(text);
    else addProblem(fold, `Not an object: ${frame.data.slice(0, limits.previewLength)}`);
  }
  if (added.length > 0 && frame.form === 'sse') fold.firstTokenByte ??= frame.end;
  return added;
}

/** A body that is neither JSON nor SSE: with a failed status it is the error's own words (a proxy's HTML page). */
function takeText(fold: Fold, text: string): void {
  const status = fold.exchange.head?.status ?? 0;
  if (status >= 400) fold.error ??= { type: String(status), message: text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim() };
  else if (text.trim() !== '') addProblem(fold, `Neither JSON nor server-sent events: ${text.slice(0, limits.previewLength)}`);
}

/** Neighbours of one kind become one piece: a burst of chunks is one append. */
function joined(added: LiveText[]): LiveText[] {
  const pieces: LiveText[] = [];
  for (const { kind, text } of added) {
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  }
  return pieces;
}

/** Feeds the next response bytes; returns what they added to the answer's text. */
export function feedFold(fold: Fold, bytes: Uint8Array): LiveText[] {
  fold.bytes += bytes.length;
  return joined(fold.framer.feed(bytes).flatMap((frame) => takeFrame(fold, frame)));
}

/** The response is over: flushes a last frame that nothing terminated. Idempotent. */
export function endFold(fold: Fold): LiveText[] {
  if (fold.ended) return [];
  fold.ended = true;
  const added = joined(fold.framer.end().flatMap((frame) => takeFrame(fold, frame)));
  if (fold.framed !== undefined && !fold.isSettled && fold.error === undefined && fold.reader !== unknown) addProblem(fold, 'The response does not speak the dialect of the request.');
  return added;
}

/** Response bytes fed so far. */
export function foldedBytes(fold: Fold): number {
  return fold.bytes;
}

/** The call as far as it has come. */
export function callOf(fold: Fold): ModelCall {
  const { asked, exchange } = fold;
  const answer = guarded(fold, 'the response', () => fold.answer.read(), NO_ANSWER);
  const error = fold.error ?? answer.error;
  const requestId = requestIdIn(exchange.head?.headers ?? []) ?? answer.requestId ?? fold.bodyRequestId;
  return {
    dialect: fold.reader.dialect,
    system: fold.reader.system,
    provider: providerOf(exchange.url) ?? fold.reader.system,
    ...(asked.modelAsked === undefined ? {} : { modelAsked: asked.modelAsked }),
    ...(answer.modelAnswered === undefined ? {} : { modelAnswered: answer.modelAnswered }),
    streaming: asked.streaming || fold.framed === 'sse',
    parameters: asked.parameters,
    input: asked.input,
    output: answer.output,
    tools: asked.tools,
    ...(answer.usage === undefined ? {} : { usage: answer.usage }),
    ...(answer.rawUsage === undefined ? {} : { rawUsage: answer.rawUsage }),
    ...(answer.finish === undefined ? {} : { finish: answer.finish }),
    ...(answer.responseId === undefined ? {} : { responseId: answer.responseId }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(error === undefined ? {} : { error }),
    ...(fold.firstTokenByte === undefined ? {} : { firstTokenByte: fold.firstTokenByte }),
    problems: [...fold.problems, ...answer.problems].slice(0, limits.problems),
  };
}

/** All at once; equal to feeding the bytes in any pieces and ending. */
export function readCall(exchange: Exchange, request?: Uint8Array, response?: Uint8Array): ModelCall {
  const fold = startFold(exchange, request);
  if (response !== undefined) feedFold(fold, response);
  endFold(fold);
  return callOf(fold);
}
