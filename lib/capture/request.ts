/**
 * Reads the arguments of fetch before the call, and decides whether it is recorded. The page's `init` is looked at through
 * property descriptors, so no getter of it runs because of us; any object that is neither Request nor URL is left to the
 * native, for its toString would run twice. Bodies are copied now: the page may change them after the call.
 */
import type { BodyForm, HeaderList } from '../model/record.ts';
import { attempt, argument, apply, blobBuffer, blobSize, bufferLength, byobRelease, copyOf, forEachEntry, forEachHeader, fromUtf8, getPrototypeOf, isArray, isObject, list, nativeGetReader, NativeURL, ObjectP, ownKeys, passes, peek, push, requestBody, requestBuffer, requestClone, requestHeaders, requestMethod, requestSignal, requestUrl, requestUsed, bare, streamLocked, toUtf8, U8, upperCase, urlHref, viewBuffer, viewLength, viewOffset, type Bytes } from './natives.ts';
import { isCall, mayBeCall } from './recognition.ts';
import { Recording, type Room } from './recording.ts';
import { watch } from './promises.ts';

/** What can be seen of a body at the call: its text, when it was a string, or its bytes, or a promise of them, or nothing. */
interface SeenBody { form: BodyForm; text: string | undefined; bytes: Bytes | undefined; later: unknown }

/** The recording of this call, begun; undefined for a call that is none of ours. */
export function begin(room: Room, baseUrl: () => string, args: readonly unknown[]): Recording | undefined {
  const input = argument(args, 0);
  const given = argument(args, 1);
  const init = isObject(given) ? given : undefined;
  if (init === undefined && typeof input === 'string') return undefined; // a GET
  let url: unknown = input;
  let request: object | undefined;
  if (typeof input !== 'string') {
    if (!isObject(input)) return undefined;
    url = attempt(requestUrl, input);
    if (url !== undefined) request = input;
    else url = attempt(urlHref, input);
  }
  if (typeof url !== 'string') return undefined;
  const method = (init && peek(init, 'method')) ?? (request ? requestMethod(request) : 'GET');
  if (typeof method !== 'string' || upperCase(method) !== 'POST') return undefined;

  const body = init && peek(init, 'body');
  const seen = body !== undefined && body !== null ? bodyOfInit(body) : request ? bodyOfRequest(request, url) : undefined;
  if (!seen || !isWorth(url, seen) || !room.journal.wanted()) return undefined;
  const absolute = attempt(() => urlHref(new NativeURL(url, baseUrl())), undefined) ?? ''; // fetch will refuse it

  const signal = (init && peek(init, 'signal')) ?? (request && requestSignal(request));
  const recording = new Recording(room, signal);
  const headers = headerList((init && peek(init, 'headers')) ?? (request && requestHeaders(request)));
  const start = (bytes: Bytes | undefined): void => { recording.start({ method: 'POST', url: absolute, headers, form: seen.form, body: bytes }); };
  if (seen.later === undefined) start(seen.text === undefined ? seen.bytes : toUtf8(seen.text));
  else decideLater(room, recording, url, seen.later, start);
  return recording;
}

function isWorth(url: string, seen: SeenBody): boolean {
  if (seen.text !== undefined) return isCall(url, seen.text, true);
  return seen.bytes === undefined ? mayBeCall(url) : mayBeCall(url) && isCall(url, fromUtf8(seen.bytes), false);
}

/** The body's bytes are on their way: whether this is a call turns out when they are there, before anything is told. */
function decideLater(room: Room, recording: Recording, url: string, buffer: unknown, start: (bytes: Bytes) => void): void {
  recording.hold();
  const giveUp = (): void => { room.journal.answered(giveUp); recording.drop(); };
  room.journal.waitsFor(giveUp);
  watch(buffer, (whole: ArrayBuffer) => {
    if (recording.dropped) return;
    const bytes = new U8(whole);
    if (!isCall(url, fromUtf8(bytes), false)) { giveUp(); return; }
    room.journal.answered(giveUp);
    start(bytes);
    recording.release();
  }, giveUp);
}

const STREAM: SeenBody = { form: 'stream', text: undefined, bytes: undefined, later: undefined };
const exact = (bytes: Bytes): SeenBody => ({ form: 'exact', text: undefined, bytes, later: undefined });

/** Undefined for bodies that no dialect has: forms, parameters, objects with a toString. */
function bodyOfInit(body: unknown): SeenBody | undefined {
  if (typeof body === 'string') return { form: 'exact', text: body, bytes: undefined, later: undefined };
  if (!isObject(body)) return undefined;
  if (passes(streamLocked, body)) return STREAM; // an upload stream is never touched
  if (passes(blobSize, body)) return { form: 'exact', text: undefined, bytes: undefined, later: blobBuffer(body) };
  const bytes = attempt(() => copyOf(viewBuffer(body), viewOffset(body), viewLength(body)), undefined)
    ?? attempt(() => copyOf(body as ArrayBuffer, 0, bufferLength(body)), undefined);
  return bytes && exact(bytes);
}

function bodyOfRequest(request: object, url: string): SeenBody | undefined {
  if (!mayBeCall(url) || requestBody(request) === null) return undefined;
  return clonable(request) ? { form: 'exact', text: undefined, bytes: undefined, later: requestBuffer(requestClone(request)) } : STREAM;
}

/** Bodies made from a string, Blob, form or buffer are byte streams, which let a BYOB reader in; a page's upload stream
 *  (almost always) refuses it. Only the former may be cloned: else we would tee the page's own source. */
function clonable(request: object): boolean {
  const stream = requestBody(request);
  if (stream === undefined) return !requestUsed(request); // Firefox: no Request.body, hence no upload streams in Requests
  if (stream === null || streamLocked(stream) || requestUsed(request)) return false;
  try {
    byobRelease(apply(nativeGetReader, stream, [bare({ mode: 'byob' })]));
    return true;
  } catch { return false; }
}

/** Pairs of a Headers object, a Map, an array of pairs or a plain object, without running anything of the page's. */
export function headerList(headers: unknown): HeaderList {
  const pairs = list<readonly [string, string]>();
  if (!isObject(headers)) return pairs;
  const put = (name: unknown, value: unknown): void => {
    if (typeof name === 'string' && (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')) push(pairs, [name, `${value}`]);
  };
  const isList = isArray(headers);
  // A failed brand check costs an Error with its stack: the likely kinds first.
  const isPlain = isList || getPrototypeOf(headers) === ObjectP;
  const each = (value: unknown, name: unknown): void => { put(name, value); };
  if (!isPlain && (passes((of) => { forEachHeader(of, each); }, headers) || passes((of) => { forEachEntry(of, each); }, headers))) return pairs;
  const keys = ownKeys(headers);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const value = peek(headers, key);
    if (!isList) put(key, value);
    else if (isObject(value)) put(peek(value, 0), peek(value, 1));
  }
  return pairs;
}
