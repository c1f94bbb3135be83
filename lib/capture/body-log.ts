/** Gathers the reads of one body and makes chunk records of them: few, small enough, masked, with the time of each read. */
import { pageLimits as limits } from '../model/page-limits.ts';
import type { ChunkRecord, Side } from '../model/record.ts';
import { copyOf, F64, list, push, setBytes, U32, U8, viewBuffer, viewLength, viewOffset, type Bytes } from './natives.ts';
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
  /** the first `#size` bytes are gathered, the rest is room: an array for each read would cost more than the copy */
  #gathered: Bytes = new U8(0);
  #times: number[] = list();
  #ends: number[] = list();
  #size = 0;
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
      this.#tellMissing(size, clock);
      return;
    }
    if (reserialised) this.#reserialised = true;
    this.#kept += size;
    for (let from = 0; from < size; from += RECORD_BYTES) {
      const length = size - from < RECORD_BYTES ? size - from : RECORD_BYTES;
      if (this.#size + length > RECORD_BYTES || this.#times.length >= limits.recordReads) this.take(false);
      this.#gather(length === size ? bytes : new U8(viewBuffer(bytes) as ArrayBuffer, viewOffset(bytes) + from, length), length);
      push(this.#times, clock);
      push(this.#ends, this.#size);
    }
  }

  #gather(bytes: Bytes, length: number): void {
    const size = this.#size + length;
    if (size > viewLength(this.#gathered)) {
      const wider = new U8(size * 2);
      setBytes(wider, this.#gathered, 0);
      this.#gathered = wider;
    }
    setBytes(this.#gathered, bytes, this.#size);
    this.#size = size;
  }

  /** Makes a record of what may leave. What could be the beginning of a secret stays, unless this is the end. */
  take(atEnd: boolean): void {
    if (this.#size === 0) return;
    const gathered = viewBuffer(this.#gathered) as ArrayBuffer;
    const all = new U8(gathered, 0, this.#size);
    this.#mask.learn(all, this.#seen);
    const cut = this.#mask.mask(all, atEnd);
    const times = this.#times;
    const ends = this.#ends;
    let reads = 0;
    while (reads < ends.length && (ends[reads] as number) <= cut) reads++;
    const split = reads < ends.length && cut > (reads === 0 ? 0 : ends[reads - 1] as number);
    if (cut > 0) this.#tell(copyOf(gathered, 0, cut), split ? reads + 1 : reads, cut);
    const size = this.#size;
    this.#forget();
    this.#offset += cut;
    if (atEnd) this.#gathered = new U8(0);
    if (cut === size) return;
    // What is held back keeps the times of its reads.
    setBytes(all, new U8(gathered, cut, size - cut), 0);
    this.#size = this.#seen = size - cut;
    for (let i = reads; i < ends.length; i++) {
      push(this.#times, times[i] as number);
      push(this.#ends, ends[i] as number - cut);
    }
  }

  #tell(bytes: Bytes, reads: number, size: number): void {
    const times = new F64(reads);
    const ends = new U32(reads);
    for (let i = 0; i < reads; i++) {
      times[i] = this.#times[i] as number;
      ends[i] = this.#ends[i] as number;
    }
    if ((ends[reads - 1] as number) > size) ends[reads - 1] = size;
    this.#emit({ kind: 'chunk', exchange: this.exchange, side: this.side, offset: this.#offset, size, bytes, times, ends, ...(this.#reserialised && { reserialised: true }) });
  }

  #tellMissing(size: number, clock: number): void {
    const times = new F64(1);
    const ends = new U32(1);
    times[0] = clock;
    ends[0] = size;
    this.#emit({ kind: 'chunk', exchange: this.exchange, side: this.side, offset: this.#offset, size, times, ends });
    this.#offset += size;
  }

  #forget(): void {
    this.#times = list();
    this.#ends = list();
    this.#size = this.#seen = 0;
  }
}
