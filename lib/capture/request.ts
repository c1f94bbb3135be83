/**
 * Reads the arguments of fetch before the call, and decides whether it is recorded. The page's `init` is looked at through
 * property descriptors, so no getter of it runs because of us; any object that is neither Request nor URL is left to the
 * native, for its toString would run twice. Bodies are copied now: the page may change them after the call.
 */
import type { BodyForm } from '../model/record.ts';
import { attempt, argument, apply, blobBuffer, blobSize, bufferLength, BufferP, byobRelease, bytesOf, copyOf, fromUtf8, getPrototypeOf, isObject, isView, nativeGetReader, passes, peek, requestBody, requestBuffer, requestClone, requestHeaders, requestMethod, requestSignal, requestUrl, requestUsed, bare, streamLocked, U8, upperCase, urlHref, viewLength, type Bytes } from './natives.ts';
import { headerList } from './headers.ts';
import { isCall, mayBeCall } from './recognition.ts';
import { recordingOf, type Recording, type Room } from './recording.ts';

/** What can be seen of a body at the call: text, bytes, a promise of bytes, or nothing. */
interface SeenBody { form: BodyForm; body: Bytes | string | undefined; later: unknown }

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
  const seen = typeof body === 'string' ? bodyOfText(url, body) : mayBeCall(url) || mayBeJson(body) ? bodyOf(url, body, request) : undefined;
  if (!seen || !room.journal.wanted()) return undefined;
  const base = baseUrl();

  const signal = (init && peek(init, 'signal')) ?? (request && requestSignal(request));
  const recording = recordingOf(room, signal);
  const headers = headerList((init && peek(init, 'headers')) ?? (request && requestHeaders(request)));
  const start = (body: Bytes | string | undefined): void => { recording.begin({ url, base, headers, form: seen.form, body }); };
  if (seen.later === undefined) recording.act(() => { start(seen.body); });
  else {
    // Whether this is a call turns out when the bytes are there, before anything is told.
    recording.waitFor(seen.later, (bytes) => {
      if (bytes && isCall(url, fromUtf8(bytes))) start(bytes);
      else recording.drop();
    });
  }
  return recording;
}

const STREAM: SeenBody = { form: 'stream', body: undefined, later: undefined };

const bodyOfText = (url: string, text: string): SeenBody | undefined =>
  isCall(url, text) ? { form: 'exact', body: text, later: undefined } : undefined;

/** JSON that its client has encoded itself, at a path that says nothing: by its first byte, and not read when it is long. */
function mayBeJson(body: unknown): boolean {
  const view = isObject(body) && getPrototypeOf(body) === BufferP ? new U8(body as ArrayBuffer) : body;
  return isView(view) && peek(view, 0) === 0x7b && viewLength(view) < 1e6;
}

/** A body at a path of model calls, or of bytes like JSON. Undefined for what no dialect has: forms, parameters, objects with a toString. */
function bodyOf(url: string, body: unknown, request: object | undefined): SeenBody | undefined {
  if (body === undefined || body === null) return request && requestBody(request) ? bodyOfRequest(request) : undefined;
  if (!isObject(body)) return undefined;
  if (passes(streamLocked, body)) return STREAM; // an upload stream is never touched
  if (passes(blobSize, body)) return { form: 'exact', body: undefined, later: blobBuffer(body) };
  const bytes = isView(body) ? new U8(bytesOf(body)) : attempt((of) => copyOf(of as ArrayBuffer, 0, bufferLength(of)), body);
  return bytes && isCall(url, fromUtf8(bytes)) ? { form: 'exact', body: bytes, later: undefined } : undefined;
}

const bodyOfRequest = (request: object): SeenBody =>
  clonable(request) ? { form: 'exact', body: undefined, later: requestBuffer(requestClone(request)) } : STREAM;

/** Bodies made from a string, Blob, form or buffer are byte streams, which let a BYOB reader in; a page's upload stream
 *  (almost always) refuses it. Only the former may be cloned: else we would tee the page's own source. */
function clonable(request: object): boolean {
  const stream = requestBody(request);
  if (!stream || streamLocked(stream) || requestUsed(request)) return false;
  try {
    byobRelease(apply(nativeGetReader, stream, [bare({ mode: 'byob' })]));
    return true;
  } catch { return false; }
}
