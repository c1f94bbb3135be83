/**
 * Reads one call from its bytes: request at once, response as it comes, through framing to the reader that the request
 * suggests and the response's shape decides. It never throws: a page's data must not stop whoever reads it.
 */
import { createBodyFramer } from '../framing/body.ts';
import type { Frame } from '../framing/frame.ts';
import type { ModelCall } from '../model/call.ts';
import { limits } from '../model/limits.ts';
import type { HeaderList } from '../model/record.ts';
import type { CutRequest } from '../model/request-list.ts';
import { errorOf, type CallError } from './error.ts';
import { providerOf } from './hosts.ts';
import { countParts, isObject, objectOf, parseJson, textOf, type JsonObject } from './json.ts';
import type { AddedText, Answer, AnswerReading, Asked, Reader, RequestReading } from './provider.ts';
import { readerForAnswer, readerForRequest } from './registry.ts';
import { parseRequest } from './parse-request.ts';
import { requestIdIn } from './request-id.ts';
import { unknown } from './unknown.ts';

export interface CallReader {
  /** The response's status and headers; before its first bytes, since a failed status makes a flat `message` an error. */
  head(status: number, headers: HeaderList): void;
  /** The next response bytes; returns what they added to the answer. */
  feed(bytes: Uint8Array): AddedText[];
  /** The response is over: a last frame that nothing terminated is read too. */
  end(): AddedText[];
  /** The call as far as it has come. */
  read(): ModelCall;
}

/** One after the other: a list of all would be as long as a hostile page likes. */
function* linesOf(text: string): Generator<string> {
  for (let from = 0, to = 0; to !== -1; from = to + 1) {
    to = text.indexOf('\n', from);
    yield text.slice(from, to === -1 ? undefined : to);
  }
}

const NO_REQUEST: RequestReading = { streaming: false, parameters: {}, input: [], tools: [] };
const NO_ANSWER: AnswerReading = { output: [], problems: [] };

/** @param request the request body as far as it is stored
 *  @param isWhole nothing of the request body is missing */
export function createCallReader(asked: Asked, request: Uint8Array | CutRequest | undefined, isWhole: boolean): CallReader {
  const problems = new Set<string>();
  const framer = createBodyFramer();
  let status = 0;
  let headers: HeaderList = [];
  let framed: Frame['form'] | undefined;
  let firstTokenByte: number | undefined;
  let error: CallError | undefined;
  let bodyRequestId: string | undefined;
  /** the response has shown its dialect */ let isSettled = false;
  /** until then it is read without one as well: an app's own server may answer a known request in its own way */ let plain: Answer | undefined;
  /** objects, lists and pieces of the response so far */ let parts = 0;

  function addProblem(problem: string): void {
    if (problems.size < limits.problems) problems.add(problem.slice(0, limits.textLength));
  }

  /** A reader promises not to throw; if one does, this piece stays raw and the others are read. */
  function guarded<T>(what: string, read: () => T, otherwise: T): T {
    try {
      return read();
    } catch {
      addProblem(`${what} could not be read`);
      return otherwise;
    }
  }

  const parsed = request === undefined ? undefined : parseRequest(request);
  if (parsed === 'too many parts') addProblem('The request has too many parts to be read.');
  if (parsed === 'not JSON') addProblem(isWhole ? 'The request body is not JSON.' : 'The request body is not stored whole.');
  const body = typeof parsed === 'object' ? parsed.value : undefined;
  const requestOf = (reader: Reader): RequestReading => guarded('the request', () => reader.readRequest(objectOf(body), asked), NO_REQUEST);
  let reader = guarded('the request', () => readerForRequest(body, asked), unknown);
  let reading = requestOf(reader);
  let answer = reader.startAnswer(objectOf(body));

  /** Until a value tells, each is read as the request suggests: an error looks the same everywhere. */
  function settle(value: JsonObject): void {
    const speaks = readerForAnswer(value, reader);
    if (speaks === undefined) return;
    isSettled = true;
    if (speaks === reader) return;
    // A gateway that answers in another dialect was asked in its own; but who gives vectors was asked for them.
    const asks = (each: Reader): boolean => guarded('the request', () => each.asks(objectOf(body), asked), false);
    const told = requestOf(speaks);
    if (reader === unknown || asks(speaks) || !asks(reader) || told.operation !== reading.operation) reading = told;
    reader = speaks;
    answer = reader.startAnswer(objectOf(body));
  }

  /** @param isError an event of that name */
  function takeValue(value: JsonObject, isError: boolean): AddedText[] {
    if (!isSettled) settle(value);
    const told = errorOf(value, status, isError);
    error ??= told;
    bodyRequestId ??= textOf(value['request_id']);
    // Who knows no names would take the error's words for the answer's.
    if (told !== undefined && reader === unknown) return [];
    const added = answer.take(value);
    if (isSettled || told !== undefined || reader === unknown) return added;
    plain ??= unknown.startAnswer(objectOf(body));
    const words = plain.take(value);
    return added.length > 0 ? added : words;
  }

  function readAnswer(): AnswerReading {
    const read = answer.read();
    return isSettled || plain === undefined || read.output.some(({ parts }) => parts.length > 0) ? read : { ...read, output: plain.read().output };
  }

  /** The JSON values of a frame. Some servers end events with a single newline: several come as one, a line each. */
  function valuesIn(frame: Frame): unknown[] {
    const whole = parseJson(frame.data);
    if (whole.ok) return [whole.value];
    if (isWords(frame) || frame.event === 'error') return [frame.data];
    const values: unknown[] = [];
    let broken = 0;
    for (const line of linesOf(frame.data)) {
      if (broken >= limits.brokenLines || parts >= limits.responseParts) break;
      if (line.trim() === '' || line.trim() === '[DONE]') continue;
      parts += 1;
      const read = parseJson(line);
      if (read.ok) values.push(read.value);
      else broken += 1;
    }
    if (broken > 0) addProblem(frame.unterminated === true ? 'The response breaks off inside a piece of JSON.' : `Not JSON: ${frame.data.slice(0, limits.previewLength)}`);
    return values;
  }

  /** An app's own server may send its model's words as they are, as the data of events or as the whole body. */
  const isWords = ({ event = 'message', data }: Frame): boolean => !isSettled && status < 400 && isChat() && /^(?:message|data|delta|text|token|chunk)$/.test(event) && !/^\s*(?:[{[<]|$)/.test(data);

  /** Said to be, and not the beginning of something else. */
  const isPlain = (): boolean => headers.some(([name, value]) => name.toLowerCase() === 'content-type' && /^text\/(?:plain|markdown)\b/i.test(value));

  const isChat = (): boolean => reading.operation === undefined || reading.operation === 'chat';

  function takeWords(text: string): AddedText[] {
    if (reader === unknown) return answer.take({ text });
    plain ??= unknown.startAnswer(objectOf(body));
    return plain.take({ text });
  }

  /** A body that is neither JSON nor SSE: with a failed status it is the error's own words (a proxy's HTML page). */
  function takeText(frame: Frame): AddedText[] {
    const told = frame.data.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim();
    if (status >= 400) error ??= { type: String(status), message: told };
    else if (told !== '') addProblem(`Neither JSON nor server-sent events: ${told.slice(0, limits.previewLength)}`);
    return framed === undefined && isPlain() && isWords(frame) ? takeWords(frame.data) : [];
  }

  function takeFrame(frame: Frame): AddedText[] {
    if (frame.form === 'text') return takeText(frame);
    framed = frame.form;
    const more = countParts(frame.data, limits.frameParts);
    parts += more + 1;
    if (more >= limits.frameParts || parts >= limits.responseParts) {
      addProblem('The response has too many parts to be read whole.');
      return [];
    }
    const added: AddedText[] = [];
    for (const value of valuesIn(frame)) {
      const isError = frame.event === 'error';
      if (isObject(value)) for (const text of guarded('a piece of the response', () => takeValue(value, isError), [])) added.push(text);
      else if (isWords(frame)) added.push(...takeWords(typeof value === 'string' ? value : frame.data));
      else if (isError) error ??= errorOf({ error: frame.data }, status);
      else addProblem(`Not an object: ${frame.data.slice(0, limits.previewLength)}`);
    }
    if (added.length > 0 && (frame.form === 'sse' || reading.streaming)) firstTokenByte ??= frame.end;
    return added;
  }

  return {
    head(newStatus, newHeaders) {
      status = newStatus;
      headers = newHeaders;
    },
    feed: (bytes) => parts < limits.responseParts ? framer.feed(bytes).flatMap(takeFrame) : [],
    end() {
      const added = framer.end().flatMap(takeFrame);
      if (framed !== undefined && !isSettled && error === undefined && reader !== unknown) addProblem('The response does not speak the dialect of the request.');
      return added;
    },
    read() {
      const { output, problems: answerProblems, error: answerError, ...answered } = guarded('the response', readAnswer, NO_ANSWER);
      const requestId = requestIdIn(headers) ?? bodyRequestId;
      const told = error ?? answerError;
      return {
        dialect: reader.dialect, system: reader.system, provider: providerOf(asked.url) ?? reader.system,
        operation: 'chat', ...reading, streaming: reading.streaming || framed === 'sse', output, ...answered,
        ...(requestId === undefined ? {} : { requestId }),
        ...(told === undefined ? {} : { error: told }),
        ...(firstTokenByte === undefined ? {} : { firstTokenByte }),
        problems: [...problems, ...answerProblems].slice(0, limits.problems),
      };
    },
  };
}
