/**
 * The record of one exchange, in the making. It holds nothing of the page's: the page's objects hold it, by branches.
 *
 * Bodies can be read by several branches (clone, tee), each with its own offset. The high-water mark tells which bytes are
 * new, so that every byte is told once, in order, whatever branch it came by.
 */
import type { BodyForm, EndCause, EndRecord, HeaderList, Side } from '../model/record.ts';
import { aborted, attempt, blobBuffer, clock, epoch, exceptionMessage, exceptionName, includes, isObject, lastIndexOf, list, NativeURL, NativeWeakRef, peek, push, slice, toUtf8, U8, urlHref, viewLength, weakRefTarget, type Bytes } from './natives.ts';
import { BodyLog } from './body-log.ts';
import { headerList } from './headers.ts';
import type { Journal, Teller } from './journal.ts';
import { nothing, watch } from './promises.ts';
import { Redaction, type BodyMask } from './redaction.ts';
import { REMOVED, type Secrets } from './secrets.ts';

/** What the document's recordings share. */
export interface Room { journal: Journal; secrets: Secrets; /** ordinal of the exchange started last */ exchanges: number }

export interface StartFacts { /** as the page gave it */ url: string; /** of the document at the call */ base: string; headers: HeaderList; form: BodyForm; /** as it was given: text is encoded when it is told */ body: Bytes | string | undefined }

export class Recording implements Teller {
  /** bytes of the response that the page has read, by whatever branch */
  high = 0;
  /** branches that may still be read */
  open = 1;
  ended = false;
  /** the page took the body as an object: it may read it by means we do not watch */
  bodyTaken = false;
  readonly #room: Room;
  readonly #at = epoch();
  readonly #clock = clock();
  readonly #redaction: Redaction;
  readonly #signal: WeakRef<AbortSignal> | undefined;
  readonly #response: BodyLog;
  /** 0 until its start is told */
  #exchange = 0;
  /** what is to be told, in order */
  readonly #acts: Array<() => void> = list();
  #done = 0;
  /** the request body is not known yet, or a Blob's bytes are on their way: nothing is told before. For good when nothing
   *  more of it is to be told */
  #silent = false;
  listed = false;

  constructor(room: Room, signal: unknown) {
    this.#room = room;
    this.#redaction = new Redaction(room.secrets);
    this.#response = this.#logOf('response', () => this.#redaction.body(true));
    if (isObject(signal) && attempt(aborted, signal) !== undefined) this.#signal = new NativeWeakRef(signal as AbortSignal);
  }

  #logOf(side: Side, mask: () => BodyMask): BodyLog {
    return new BodyLog(mask, (offset, size, bytes, times, ends, reserialised) => {
      this.#room.journal.add({ kind: 'chunk', exchange: this.#exchange, side, offset, size, bytes, times, ends, ...(reserialised && { reserialised }) });
    });
  }

  /** Does it when it is time to tell, after all that came before. */
  act(act: () => void): void {
    push(this.#acts, act);
    this.#room.journal.changed(this);
  }

  tell(atEnd: boolean): void {
    if (atEnd) this.#response.leave();
    while (!this.#silent && this.#done < this.#acts.length) {
      const act = this.#acts[this.#done] as () => void;
      this.#acts[this.#done++] = nothing; // the page may hold its objects for long: not the bodies with them
      act();
    }
    if (!this.#silent) this.#response.take(atEnd);
  }

  /** Without this a call of which we could tell no more would seem to run for ever. */
  fault(): void {
    this.drop();
    if (this.#exchange) this.#tellEnd(clock(), 'unobserved', this.high);
  }

  #tellEnd(at: number, how: EndCause, bytes: number, error?: EndRecord['error']): void {
    this.#room.journal.add({ kind: 'end', exchange: this.#exchange, clock: at, how, bytes, ...(error && { error }) });
  }

  /** What happens from now on is told after these bytes are there; without them when they do not come, or the page is left
   *  first. */
  waitFor(buffer: unknown, settle: (bytes: Bytes | undefined) => void): void {
    const { journal } = this.#room;
    this.#silent = true;
    const done = (bytes: Bytes | undefined): void => {
      if (!journal.settled(giveUp)) return;
      this.#silent = false;
      try { settle(bytes); } catch { this.fault(); }
      journal.changed(this);
    };
    const giveUp = (): void => { done(undefined); };
    journal.waits(giveUp);
    watch(buffer, (whole: ArrayBuffer) => { done(new U8(whole)); }, giveUp);
  }

  /** Not a model call after all: nothing of it is told. */
  drop(): void {
    this.#silent = this.ended = true;
  }

  /** To be the first act. */
  start(facts: StartFacts): void {
    const redaction = this.#redaction;
    const absolute = attempt(() => urlHref(new NativeURL(facts.url, facts.base)), undefined);
    const url = redaction.url(absolute ?? facts.url);
    const headers = redaction.headers(facts.headers);
    const mask = redaction.body(false);
    const body = typeof facts.body === 'string' ? toUtf8(facts.body) : facts.body;
    const size = body ? viewLength(body) : 0;
    if (body) mask.learn(body, 0);
    // fetch refuses what does not parse. No one can say where a secret is in it: it is learned from as well as may be, and
    // not told.
    const shownUrl = absolute !== undefined ? redaction.text(url) : '';
    const shownHeaders = redaction.texts(headers);
    if (body) mask.mask(body, true);
    this.#room.journal.add({ kind: 'start', exchange: this.#exchange = ++this.#room.exchanges, at: this.#at, clock: this.#clock, transport: 'fetch', method: 'POST', url: shownUrl, headers: shownHeaders, body: facts.form, bodySize: size, removed: redaction.removed });
    if (!body) return;
    const log = this.#logOf('request', () => ({ learn() {}, mask: viewLength }));
    log.add(body, size, this.#clock, false);
    log.take(true);
  }

  /** The headers of a response do not change: they are read when they are told. */
  head(status: number, type: string, url: string, headers: Headers): void {
    const at = clock();
    this.act(() => {
      const redaction = this.#redaction;
      const shown = redaction.headers(headerList(headers));
      this.#room.journal.add({ kind: 'head', exchange: this.#exchange, clock: at, status, type, url: redaction.text(redaction.url(url)), headers: redaction.texts(shown) });
    });
  }

  /** Bytes of the response, next in order; the page may do with them what it likes after this. */
  read(bytes: Bytes | undefined, size: number): void {
    this.high += size;
    this.#response.add(bytes, size, clock(), false);
    this.#room.journal.changed(this);
  }

  /** The rest of the response as text, which is encoded when it is told. Nothing can be read after it. */
  readText(text: string, reserialised: boolean): void {
    this.high += text.length;
    const at = clock();
    this.act(() => {
      const bytes = toUtf8(text);
      this.high += viewLength(bytes) - text.length;
      this.#response.add(bytes, viewLength(bytes), at, reserialised);
    });
  }

  /** The whole response as a Blob: its bytes are fetched, what follows waits for them. */
  readBlob(blob: Blob, size: number): void {
    this.high += size;
    const at = clock();
    this.act(() => {
      this.waitFor(blobBuffer(blob), (bytes) => { this.#response.add(bytes, size, at, false); });
    });
  }

  end(how: EndCause, error?: unknown): void {
    if (this.ended) return;
    this.ended = true;
    const at = clock();
    const told = describe(error);
    this.act(() => {
      this.#response.take(true);
      this.#tellEnd(at, how, this.high, told && { name: this.#redaction.text(told.name), message: this.#redaction.text(told.name === 'TypeError' ? beforeUrl(told.message) : told.message) });
    });
  }

  /** It ended before its time: by the app's own abort, or as `how` says. A body cancelled after its request was aborted
   *  (clients do both) was aborted. */
  breakOff(how: EndCause, error?: unknown): void {
    this.end(this.#wasAborted(error) ? 'aborted' : how, error);
  }

  #wasAborted(error: unknown): boolean {
    const signal = this.#signal && weakRefTarget(this.#signal);
    return (signal !== undefined && aborted(signal)) || (isObject(error) && attempt(exceptionName, error) === 'AbortError');
  }
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
