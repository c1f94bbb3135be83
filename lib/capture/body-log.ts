/** Gathers the reads of one body and makes chunk records of them: few, small enough, masked, with the time of each read. */
import { pageLimits as limits } from '../model/page-limits.ts';
import type { ChunkRecord, Side } from '../model/record.ts';
import { copyOf, F64, setBytes, U32, U8, viewBuffer, viewLength, viewOffset, type Bytes } from './natives.ts';
import type { BodyMask } from './redaction.ts';

/** Bytes of one record; the rest of limits.recordBytes is room for its times. */
const RECORD_BYTES = limits.recordBytes / 2;

export class BodyLog {
  readonly exchange: number;
  readonly side: Side;
  readonly #mask: BodyMask;
  readonly #emit: (record: ChunkRecord) => void;
  /** where the gathered bytes begin in the body */
  #offset = 0;
  // What is gathered, in arrays with room: one of its own for each read would cost more than the copy.
  #bytes: Bytes = new U8(0);
  #size = 0;
  #times = new F64(0);
  #ends = new U32(0);
  #reads = 0;
  /** gathered bytes whose JSON has been looked at: what was held back */
  #seen = 0;
  #kept = 0;
  #reserialised = false;
  /** the journal knows that something is gathered here */
  listed = false;

  constructor(exchange: number, side: Side, mask: BodyMask, emit: (record: ChunkRecord) => void) {
    this.exchange = exchange;
    this.side = side;
    this.#mask = mask;
    this.#emit = emit;
  }

  /** One read. The bytes are copied before this returns; without them (or past limits.bodyBytes) only the size is told. */
  add(bytes: Bytes | undefined, size: number, clock: number, reserialised: boolean): void {
    if (bytes === undefined || this.#kept + size > limits.bodyBytes) {
      this.take(true);
      const times = new F64(1);
      const ends = new U32(1);
      times[0] = clock;
      ends[0] = size;
      this.#tell(undefined, times, ends, size);
      return;
    }
    if (reserialised) this.#reserialised = true;
    this.#kept += size;
    for (let from = 0; from < size; from += RECORD_BYTES) {
      const length = size - from < RECORD_BYTES ? size - from : RECORD_BYTES;
      if (this.#size + length > RECORD_BYTES || this.#reads === limits.recordReads) this.take(false);
      this.#gather(length === size ? bytes : new U8(viewBuffer(bytes) as ArrayBuffer, viewOffset(bytes) + from, length), length, clock);
    }
  }

  #gather(bytes: Bytes, length: number, clock: number): void {
    const size = this.#size + length;
    if (size > viewLength(this.#bytes)) this.#bytes = wider(this.#bytes, new U8(size * 2));
    if (this.#reads === viewLength(this.#ends) / 4) {
      this.#times = wider(this.#times, new F64(this.#reads * 2 + 8));
      this.#ends = wider(this.#ends, new U32(this.#reads * 2 + 8));
    }
    setBytes(this.#bytes, bytes, this.#size);
    this.#times[this.#reads] = clock;
    this.#ends[this.#reads++] = this.#size = size;
  }

  /** Makes a record of what may leave. What could be the beginning of a secret stays, unless this is the end. */
  take(atEnd: boolean): void {
    const size = this.#size;
    if (size === 0) return;
    const buffer = viewBuffer(this.#bytes) as ArrayBuffer;
    const all = new U8(buffer, 0, size);
    this.#mask.learn(all, this.#seen);
    const cut = this.#mask.mask(all, atEnd);
    const ends = this.#ends;
    let reads = 0;
    while (reads < this.#reads && (ends[reads] as number) <= cut) reads++;
    if (cut > 0) {
      const shown = cut > (reads === 0 ? 0 : ends[reads - 1] as number) ? reads + 1 : reads; // the last one perhaps not whole
      const shownEnds = new U32(new U32(viewBuffer(ends) as ArrayBuffer, 0, shown));
      shownEnds[shown - 1] = cut;
      this.#tell(copyOf(buffer, 0, cut), new F64(new F64(viewBuffer(this.#times) as ArrayBuffer, 0, shown)), shownEnds, cut);
    }
    this.#size = this.#seen = size - cut;
    if (cut < size) setBytes(all, new U8(buffer, cut, size - cut), 0);
    // What is held back keeps the times of its reads.
    const told = reads;
    for (; reads < this.#reads; reads++) {
      this.#times[reads - told] = this.#times[reads] as number;
      ends[reads - told] = ends[reads] as number - cut;
    }
    this.#reads -= told;
    if (atEnd) this.#bytes = new U8(0);
  }

  #tell(bytes: Bytes | undefined, times: Float64Array, ends: Uint32Array, size: number): void {
    this.#emit({ kind: 'chunk', exchange: this.exchange, side: this.side, offset: this.#offset, size, bytes, times, ends, ...(this.#reserialised && { reserialised: true }) });
    this.#offset += size;
  }
}

function wider<T extends Bytes | Float64Array | Uint32Array>(full: T, roomy: T): T {
  setBytes(roomy, full, 0);
  return roomy;
}
