/**
 * The record of one exchange, in the making. It holds nothing of the page's: the page's objects hold it, by branches.
 *
 * Bodies can be read by several branches (clone, tee), each with its own offset. The high-water mark tells which bytes are
 * new, so that every byte is told once, in order, whatever branch it came by.
 */
import type { BodyForm, EndCause, EndRecord, HeaderList, Side } from '../model/record.ts';
import { aborted, attempt, blobBuffer, clock, epoch, exceptionMessage, exceptionName, includes, isObject, lastIndexOf, list, NativeURL, NativeWeakRef, peek, push, slice, toUtf8, U8, urlHref, viewLength, weakRefTarget, type Bytes } from './natives.ts';
import { bodyLog, type BodyLog } from './body-log.ts';
import { headerList } from './headers.ts';
import type { Journal, Teller } from './journal.ts';
import { nothing, watch } from './promises.ts';
import { redactionWith, type BodyMask } from './redaction.ts';
import { REMOVED, type Secrets } from './secrets.ts';

/** What the document's recordings share. */
export interface Room { journal: Journal; secrets: Secrets; /** ordinal of the exchange started last */ exchanges: number }

export interface StartFacts { /** as the page gave it */ url: string; /** of the document at the call */ base: string; headers: HeaderList; form: BodyForm; /** as it was given: text is encoded when it is told */ body: Bytes | string | undefined }

export interface Recording extends Teller {
  /** bytes of the response that the page has read, by whatever branch */
  high: number;
  /** branches that may still be read */
  open: number;
  ended: boolean;
  /** the page took the body as an object: it may read it by means we do not watch */
  bodyTaken: boolean;
  /** Does it when it is time to tell, after all that came before. */
  act(act: () => void): void;
  /** What happens from now on is told after these bytes are there; without them when they do not come, or the page is left
   *  first. */
  waitFor(buffer: unknown, settle: (bytes: Bytes | undefined) => void): void;
  /** Not a model call after all: nothing of it is told. */
  drop(): void;
  /** To be the first act. */
  begin(facts: StartFacts): void;
  /** The headers of a response do not change: they are read when they are told. */
  head(status: number, type: string, url: string, headers: Headers): void;
  /** Bytes of the response, next in order; the page may do with them what it likes after this. */
  readBytes(bytes: Bytes | undefined, size: number): void;
  /** The rest of the response as text, which is encoded when it is told. Nothing can be read after it. */
  readText(text: string, reserialised: boolean): void;
  /** The whole response as a Blob: its bytes are fetched, what follows waits for them. */
  readBlob(blob: Blob, size: number): void;
  end(how: EndCause, error?: unknown): void;
  /** It ended before its time: by the app's own abort, or as `how` says. A body cancelled after its request was aborted
   *  (clients do both) was aborted. */
  breakOff(how: EndCause, error?: unknown): void;
}

/** The recording of one call, to which the page gave this signal. */
export function recordingOf(room: Room, signal: unknown): Recording {
  const { journal } = room;
  const startedAt = epoch();
  const startedClock = clock();
  const redaction = redactionWith(room.secrets);
  /** 0 until its start is told */
  let exchange = 0;
  /** what is to be told, in order */
  const acts: Array<() => void> = list();
  let done = 0;
  /** the request body is not known yet, or a Blob's bytes are on their way: nothing is told before */
  let silent = false;

  const logOf = (side: Side, mask: () => BodyMask): BodyLog => bodyLog(mask, (offset, size, bytes, times, ends, reserialised) => {
    journal.add({ kind: 'chunk', exchange, side, offset, size, bytes, times, ends, ...(reserialised && { reserialised }) });
  });
  let response: BodyLog | undefined = logOf('response', () => redaction.ofBody(true));
  const weakSignal = isObject(signal) && attempt(aborted, signal) !== undefined && new NativeWeakRef(signal as AbortSignal);

  const tellEnd = (at: number, how: EndCause, error?: EndRecord['error']): void => {
    journal.add({ kind: 'end', exchange, clock: at, how, bytes: recording.high, ...(error && { error }) });
  };

  const wasAborted = (error: unknown): boolean => {
    const target = weakSignal && weakRefTarget(weakSignal);
    return (!!target && aborted(target)) || (isObject(error) && attempt(exceptionName, error) === 'AbortError');
  };

  const recording: Recording = {
    high: 0,
    open: 1,
    ended: false,
    bodyTaken: false,
    listed: false,

    act(act) {
      push(acts, act);
      journal.changed(recording);
    },

    tell(atEnd) {
      if (atEnd) response?.leave();
      while (done < acts.length) {
        if (silent) return;
        const act = acts[done] as () => void;
        acts[done++] = nothing; // the page may hold its objects for long: not the bodies with them
        act();
      }
      if (!silent) response?.take(atEnd);
    },

    // Without this a call of which we could tell no more would seem to run for ever.
    fault() {
      recording.drop();
      if (exchange) tellEnd(clock(), 'unobserved');
    },

    waitFor(buffer, settle) {
      silent = true;
      const settled = (whole?: ArrayBuffer): void => {
        if (!journal.settled(settled)) return;
        silent = false;
        try { settle(whole && new U8(whole)); } catch { recording.fault(); }
        journal.changed(recording);
      };
      journal.waits(settled);
      watch(buffer, settled, () => { settled(); });
    },

    // The page may hold its objects for long, and they this: what waits here must not hold them in turn, nor what was read.
    drop() {
      recording.ended = true;
      recording.act = recording.tell = nothing;
      acts.length = 0;
      response = undefined;
    },

    begin({ url, base, headers, form, body }) {
      const absolute = attempt(() => urlHref(new NativeURL(url, base)), undefined);
      const cleanUrl = redaction.ofUrl(absolute ?? url);
      const cleanHeaders = redaction.ofHeaders(headers);
      const mask = redaction.ofBody(false);
      const bytes = typeof body === 'string' ? toUtf8(body) : body;
      const bodySize = bytes ? viewLength(bytes) : 0;
      if (bytes) mask.learn(bytes, 0);
      // fetch refuses what does not parse. No one can say where a secret is in it: it is learned from as well as may be, and
      // not told.
      const shownUrl = absolute !== undefined ? redaction.ofText(cleanUrl) : '';
      const shownHeaders = redaction.ofTexts(cleanHeaders);
      if (bytes) mask.mask(bytes, true);
      journal.add({ kind: 'start', exchange: exchange = ++room.exchanges, at: startedAt, clock: startedClock, transport: 'fetch', method: 'POST', url: shownUrl, headers: shownHeaders, body: form, bodySize, removed: redaction.removed() });
      if (!bytes) return;
      const log = logOf('request', () => ({ learn() {}, mask: viewLength }));
      log.add(bytes, bodySize, startedClock, false);
      log.take(true);
    },

    head(status, type, url, headers) {
      const at = clock();
      recording.act(() => {
        const shown = redaction.ofHeaders(headerList(headers));
        journal.add({ kind: 'head', exchange, clock: at, status, type, url: redaction.ofText(redaction.ofUrl(url)), headers: redaction.ofTexts(shown) });
      });
    },

    readBytes(bytes, size) {
      recording.high += size;
      response?.add(bytes, size, clock(), false);
      journal.changed(recording);
    },

    readText(text, reserialised) {
      recording.high += text.length;
      const at = clock();
      recording.act(() => {
        const bytes = toUtf8(text);
        recording.high += viewLength(bytes) - text.length;
        response?.add(bytes, viewLength(bytes), at, reserialised);
      });
    },

    readBlob(blob, size) {
      recording.high += size;
      const at = clock();
      recording.act(() => {
        recording.waitFor(blobBuffer(blob), (bytes) => { response?.add(bytes, size, at, false); });
      });
    },

    end(how, error) {
      if (recording.ended) return;
      recording.ended = true;
      const at = clock();
      const told = describe(error);
      recording.act(() => {
        response?.take(true);
        tellEnd(at, how, told && { name: redaction.ofText(told.name), message: redaction.ofText(told.name === 'TypeError' ? beforeUrl(told.message) : told.message) });
      });
    },

    breakOff(how, error) {
      recording.end(wasAborted(error) ? 'aborted' : how, error);
    },
  };
  return recording;
}

/** What fetch says of a URL it refuses (`Failed to parse URL from …`, `… includes credentials: …`), without the URL, which is
 *  there as the page gave it: with user and password, and in no form that could be taken apart. */
function beforeUrl(message: string): string {
  for (let i = 0; i < message.length; i++) {
    if (includes('/\\?#@', message[i] as string)) return slice(message, 0, lastIndexOf(message, ' ', i) + 1) + REMOVED;
  }
  return message;
}

/** Name and message without running a getter of the page's. */
function describe(error: unknown): { name: string; message: string } | undefined {
  if (error === undefined) return undefined;
  if (!isObject(error)) return { name: typeof error, message: typeof error === 'string' ? error : '' };
  const name = attempt(exceptionName, error) ?? peek(error, 'name');
  const message = attempt(exceptionMessage, error) ?? peek(error, 'message');
  return { name: typeof name === 'string' ? name : 'Error', message: typeof message === 'string' ? message : '' };
}
