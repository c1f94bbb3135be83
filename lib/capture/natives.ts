/**
 * The platform's functions as they are before any page script. The page may replace every global and method after us, so
 * what runs later calls only these. Names end in the thing they take: `viewLength(view)`, `streamLocked(stream)`.
 */
import './own-script.ts';

export type Fn = (this: unknown, ...args: unknown[]) => unknown;
type Called<F> = F extends (...args: infer A) => infer R ? (self: unknown, ...args: A) => R : never;

export const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys, get: reflectGet } = Reflect;
export const apply = Reflect.apply as (fn: unknown, self: unknown, args: ArrayLike<unknown>) => unknown;
const { setPrototypeOf: objectSetPrototypeOf } = Object;

const { call, bind } = Function.prototype;
/** The function with its `this` as first argument: a bound `call`, which the engine sees through. */
const uncurried = (fn: unknown): unknown => apply(bind, call, [fn]);

/** A method of the platform as a function of its object; throws as the platform does when the object is another kind. */
const method = <S extends object, K extends keyof S>(proto: S, name: K): Called<S[K]> => uncurried(proto[name]) as Called<S[K]>;

/** A getter of the platform as a function; undefined for all where this browser has no such getter. */
export const getter = <S extends object, K extends keyof S>(proto: S, key: K): ((self: unknown) => S[K]) =>
  uncurried(getOwnPropertyDescriptor(proto, key)?.get ?? (() => {})) as (self: unknown) => S[K];

/** Several of one prototype; only at the start, while arrays are still the platform's. */
const methods = <S extends object, K extends ReadonlyArray<keyof S>>(proto: S, ...names: K) =>
  names.map((name) => method(proto, name)) as { [I in keyof K]: Called<S[K[I]]> };
const getters = <S extends object, K extends ReadonlyArray<keyof S>>(proto: S, ...keys: K) =>
  keys.map((key) => getter(proto, key)) as { [I in keyof K]: (self: unknown) => S[K[I]] };

// ---- objects that no prototype of the page answers for -----------------------------------------------------------
export const setPrototype = <T extends object>(object: T, proto: object | null): T => objectSetPrototypeOf(object, proto) as T;
/** The object without a prototype: for descriptors, handlers, options. */
export const bare = <T extends object>(object: T): T => setPrototype(object, null);
/** An array whose elements no setter of the page can catch. It has no methods: use `push` and indices. */
export const list = <T>(): T[] => setPrototype([] as T[], null);
export const push = <T>(to: T[], item: T): void => { to[to.length] = item; };
export const some = <T>(items: ArrayLike<T>, test: (item: T) => boolean): boolean => {
  for (let i = 0; i < items.length; i++) if (test(items[i] as T)) return true;
  return false;
};
/** Argument i of a call, not Array.prototype's when there are fewer. */
export const argument = (args: readonly unknown[], i: number): unknown => i < args.length ? args[i] : undefined;

const [mapGet, mapSet] = methods(WeakMap.prototype, 'get', 'set');
export interface SafeWeakMap<K, V> { get(key: K): V | undefined; set(key: K, value: V): void }
export const weakMap = <K extends object, V>(): SafeWeakMap<K, V> => {
  const map = new WeakMap<K, V>();
  return { get: (key) => mapGet(map, key) as V | undefined, set: (key, value) => { mapSet(map, key, value); } };
};

export const isObject = (value: unknown): value is object => (typeof value === 'object' && value !== null) || typeof value === 'function';
export const attempt = <T, O>(read: (of: O) => T, of: O): T | undefined => {
  try { return read(of); } catch { return undefined; }
};
export const passes = (brand: (of: unknown) => unknown, of: unknown): boolean => {
  try { brand(of); return true; } catch { return false; }
};
export const hasOwn = Object.hasOwn;
/** A member of an object of the page, by its data properties along the prototype chain: no getter runs because of us. */
export const peek = (object: object, key: PropertyKey): unknown => {
  for (let at: object | null = object, hops = 0; at !== null && hops < 8; hops++, at = getPrototypeOf(at)) {
    const found = getOwnPropertyDescriptor(at, key);
    if (found) return hasOwn(found, 'value') ? found.value : undefined;
  }
  return undefined;
};

export const ObjectP: object = Object.prototype;
export const ArrayP: object = Array.prototype;
export const [setAdd, setDelete] = methods(Set.prototype, 'add', 'delete');
export const setForEach = method(Set.prototype, 'forEach') as <T>(set: Set<T>, visit: (item: T) => void) => void;

// ---- text ----------------------------------------------------------------------------------------------------------
const S = String.prototype;
export const [indexOf, lastIndexOf, slice, endsWith, lowerCase, upperCase, charCodeAt] = methods(S, 'indexOf', 'lastIndexOf', 'slice', 'endsWith', 'toLowerCase', 'toUpperCase', 'charCodeAt');
/** Where the next one is, or the text's end. */
export const placeOf = (text: string, part: string, from = 0): number => {
  const at = indexOf(text, part, from);
  return at < 0 ? text.length : at;
};
export const includes = (text: string, part: string): boolean => indexOf(text, part) >= 0;
export const { stringify } = JSON;
export const toNumber: (text: string) => number = Number;
export const { isArray } = Array;
export const decodePercent = decodeURIComponent;
export const encodePercent = encodeURIComponent;

const encode = method(TextEncoder.prototype, 'encode');
const decode = method(TextDecoder.prototype, 'decode');
const encoder = new TextEncoder();
const utf8 = new TextDecoder();
const latin1 = new TextDecoder('latin1');
export type Bytes = Uint8Array<ArrayBuffer>;
export const toUtf8 = (text: string): Bytes => encode(encoder, text);
export const fromUtf8 = (bytes: Bytes): string => decode(utf8, bytes);
/** One character a byte, so that places in the text are places in the bytes. */
export const toLatin1 = (bytes: Bytes): string => decode(latin1, bytes);

// ---- bytes ---------------------------------------------------------------------------------------------------------
export const U8 = Uint8Array;
export const U32 = Uint32Array;
export const F64 = Float64Array;
const Typed = getPrototypeOf(Uint8Array.prototype) as Uint8Array;
export const [viewBuffer, viewOffset, viewLength] = getters(Typed, 'buffer', 'byteOffset', 'byteLength');
export const [setBytes, fillBytes] = methods(Typed, 'set', 'fill');
export const { isView } = ArrayBuffer;
export const BufferP = ArrayBuffer.prototype;
export const bufferLength = getter(BufferP, 'byteLength');
export const blobSize = getter(Blob.prototype, 'size');
export const blobBuffer = method(Blob.prototype, 'arrayBuffer');
const [dataViewBuffer, dataViewOffset, dataViewLength] = getters(DataView.prototype, 'buffer', 'byteOffset', 'byteLength');
export const U8P: object = U8.prototype;
/** The bytes that a view shows, not copied. Throws when it is no view. */
export const bytesOf = (view: unknown): Bytes => passes(viewLength, view)
  ? new U8(viewBuffer(view) as ArrayBuffer, viewOffset(view), viewLength(view)) : new U8(dataViewBuffer(view) as ArrayBuffer, dataViewOffset(view), dataViewLength(view));
/** A copy of a part; not by slice(), which asks the page's species. */
export const copyOf = (buffer: ArrayBufferLike, offset: number, length: number): Bytes => new U8(new U8(buffer, offset, length));

// ---- fetch ---------------------------------------------------------------------------------------------------------
export const ResponseP = Response.prototype;
export const [bodyOf, bodyUsed, statusOf, typeOf, finalUrlOf, headersOf] = getters(ResponseP, 'body', 'bodyUsed', 'status', 'type', 'url', 'headers');
export const nativeJson: unknown = ResponseP.json;
const RequestP = Request.prototype;
export const [requestUrl, requestMethod, requestHeaders, requestBody, requestUsed, requestSignal] = getters(RequestP, 'url', 'method', 'headers', 'body', 'bodyUsed', 'signal');
export const [requestClone, requestBuffer] = methods(RequestP, 'clone', 'arrayBuffer');
export const forEachHeader = method(Headers.prototype, 'forEach');
export const forEachEntry = method(Map.prototype, 'forEach');
export const NativeURL = URL;
export const urlHref = getter(URL.prototype, 'href');
export const aborted = getter(AbortSignal.prototype, 'aborted');
export const [exceptionName, exceptionMessage] = getters(DOMException.prototype, 'name', 'message');

// ---- streams -------------------------------------------------------------------------------------------------------
export const NativeStream = ReadableStream;
export const NativeSink = WritableStream;
export const StreamP = ReadableStream.prototype;
export const ReaderP = ReadableStreamDefaultReader.prototype;
export const ByobP = ReadableStreamBYOBReader.prototype;
export const IteratorP = getPrototypeOf(new ReadableStream().values()) as object;
export const streamLocked = getter(StreamP, 'locked');
export const nativeGetReader: unknown = StreamP.getReader;
export const nativePipeTo: unknown = StreamP.pipeTo;
export const nativePipeThrough: unknown = StreamP.pipeThrough;
export const [readerRead, readerCancel, readerRelease] = methods(ReaderP, 'read', 'cancel', 'releaseLock');
export const readerClosed = getter(ReaderP, 'closed');
export const byobRelease = method(ByobP, 'releaseLock');
export const byobClosed = getter(ByobP, 'closed');
export const sinkLocked = getter(WritableStream.prototype, 'locked');
export const getWriter = method(WritableStream.prototype, 'getWriter');
export const writerRelease = method(WritableStreamDefaultWriter.prototype, 'releaseLock');
export const writerDemand = getter(WritableStreamDefaultWriter.prototype, 'desiredSize');
const ControllerP = ReadableStreamDefaultController.prototype;
export const [enqueue, closeController, errorController] = methods(ControllerP, 'enqueue', 'close', 'error');
export const abortedSignal = AbortSignal.abort();

// ---- time and memory -----------------------------------------------------------------------------------------------
const { performance } = globalThis;
const performanceNow = method(Performance.prototype, 'now');
export const clock = (): number => performanceNow(performance);
export const epoch = Date.now;
export const nativeThen: unknown = Promise.prototype.then;
const { setTimeout: nativeSetTimeout } = globalThis;
export const later = (ms: number, run: () => void): void => { apply(nativeSetTimeout, undefined, [run, ms]); };
export const NativeWeakRef = WeakRef;
export const weakRefTarget = method(WeakRef.prototype, 'deref');
export const registerForCollection = method(FinalizationRegistry.prototype, 'register');
