/** Gathers the reads of one body and makes chunk records of them: few, small enough, masked, with the time of each read. */
import { pageLimits as limits } from '../model/page-limits.ts';
import { copyOf, F64, setBytes, U32, U8, viewBuffer, viewLength, type Bytes } from './natives.ts';
import type { BodyMask } from './redaction.ts';

/** Bytes of one record; the rest of limits.recordBytes is room for its times. */
const RECORD_BYTES = limits.recordBytes / 2;

const EMPTY: Bytes = new U8(0);

/** Room for the first reads. It grows in few steps, since what is not used yet costs nothing. */
const FIRST_BYTES = 16 * 1024;
const GROWTH = 4;

/** Room that is not in use any more: new memory costs the page more than the copy into it. */
let spare: Bytes = EMPTY;
const LARGEST_SPARE = 1 << 20;

function roomFor(size: number, full: Bytes): Bytes {
  if (size <= viewLength(spare)) {
    const room = spare;
    spare = EMPTY;
    return room;
  }
  const room = (viewLength(full) || FIRST_BYTES / GROWTH) * GROWTH;
  return new U8(size > room ? size : room);
}

/** One chunk record: see ChunkRecord. */
export type EmitChunk = (offset: number, size: number, bytes: Bytes | undefined, times: Float64Array, ends: Uint32Array, reserialised: boolean) => void;

export class BodyLog {
  readonly #maskOf: () => BodyMask;
  /** made when it is first needed, which is not while the page waits */
  #mask: BodyMask | undefined;
  readonly #emit: EmitChunk;
  /** where the gathered bytes begin in the body */
  #offset = 0;
  // What is gathered, in arrays with room: one of its own for each read would cost more than the copy.
  #bytes: Bytes = EMPTY;
  #size = 0;
  #times = new F64(0);
  #ends = new U32(0);
  #reads = 0;
  /** gathered bytes that the mask has seen: what was held back */
  #seen = 0;
  #kept = 0;
  /** size of what is not kept, after what is gathered, and when it was read last */
  #missing = 0;
  #missingAt = 0;
  #reserialised = false;

  constructor(maskOf: () => BodyMask, emit: EmitChunk) {
    this.#maskOf = maskOf;
    this.#emit = emit;
  }

  /** One read. The bytes are copied before this returns; without them, or past limits.bodyBytes, only the size is told. */
  add(bytes: Bytes | undefined, size: number, clock: number, reserialised: boolean): void {
    this.#kept += size;
    if (!bytes || this.#kept > limits.bodyBytes) {
      this.#missing += size;
      this.#missingAt = clock;
      return;
    }
    if (reserialised) this.#reserialised = true;
    const gathered = this.#size + size;
    if (gathered > viewLength(this.#bytes)) {
      const full = this.#bytes;
      this.#bytes = wider(full, roomFor(gathered, full));
    }
    setBytes(this.#bytes, bytes, this.#size);
    if (this.#reads === viewLength(this.#ends) / 4) {
      this.#times = wider(this.#times, new F64(this.#reads * 2 + 8));
      this.#ends = wider(this.#ends, new U32(this.#reads * 2 + 8));
    }
    this.#times[this.#reads] = clock;
    this.#ends[this.#reads++] = this.#size = gathered;
  }

  /** The page is being left. What is too much to be looked through in the time there is becomes a size, and so does what
   *  follows, since secrets could begin in what was not looked through. */
  leave(): void {
    if (this.#size <= limits.untoldBytes) return;
    this.#missing += this.#size;
    this.#missingAt = this.#times[0] as number;
    this.#size = 0;
    this.#kept = limits.bodyBytes; // nothing is gathered any more
  }

  /** Makes records of what may leave. What could be the beginning of a secret stays, unless this is the end. */
  take(atEnd: boolean): void {
    if (this.#size) this.#takeBytes(atEnd || this.#missing > 0);
    if (!this.#missing) return;
    const times = new F64(1);
    const ends = new U32(1);
    times[0] = this.#missingAt;
    ends[0] = this.#missing;
    this.#tell(this.#missing, undefined, times, ends);
    this.#missing = 0;
  }

  #takeBytes(atEnd: boolean): void {
    const all = new U8(viewBuffer(this.#bytes) as ArrayBuffer, 0, this.#size);
    const mask = this.#mask ??= this.#maskOf();
    mask.learn(all, this.#seen);
    const cut = mask.mask(all, atEnd);
    let read = 0;
    for (let from = 0; from < cut;) {
      let to = from + RECORD_BYTES < cut ? from + RECORD_BYTES : cut;
      const first = read;
      while (read < this.#reads && this.#endOf(read) <= to && read - first < limits.recordReads - 1) read++;
      if (read - first === limits.recordReads - 1) to = this.#endOf(read - 1);
      // The last read may go on in the next record.
      const count = read - first + (read === first || this.#endOf(read - 1) < to ? 1 : 0);
      const times = new F64(count);
      const ends = new U32(count);
      for (let i = 0; i < count; i++) {
        const end = this.#endOf(first + i);
        times[i] = this.#times[first + i] as number;
        ends[i] = (end < to ? end : to) - from;
      }
      this.#tell(to - from, copyOf(viewBuffer(all), from, to - from), times, ends);
      from = to;
    }
    this.#keepFrom(all, cut, read);
  }

  #endOf(read: number): number { return this.#ends[read] as number; }

  /** What is held back keeps the times of its reads. */
  #keepFrom(all: Bytes, cut: number, read: number): void {
    this.#size = this.#seen = this.#size - cut;
    if (viewLength(this.#bytes) <= LARGEST_SPARE) spare = this.#bytes;
    this.#bytes = this.#size ? copyOf(viewBuffer(all), cut, this.#size) : EMPTY;
    this.#reads -= read;
    for (let i = 0; i < this.#reads; i++) {
      this.#times[i] = this.#times[read + i] as number;
      this.#ends[i] = this.#endOf(read + i) - cut;
    }
  }

  #tell(size: number, bytes: Bytes | undefined, times: Float64Array, ends: Uint32Array): void {
    this.#emit(this.#offset, size, bytes, times, ends, this.#reserialised);
    this.#offset += size;
  }
}

function wider<T extends Bytes | Float64Array | Uint32Array>(full: T, roomy: T): T {
  setBytes(roomy, full, 0);
  return roomy;
}
