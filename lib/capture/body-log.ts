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

export type BodyLog = ReturnType<typeof bodyLog>;

/** `maskOf` makes the mask when it is first needed, which is not while the page waits. */
export function bodyLog(maskOf: () => BodyMask, emit: EmitChunk) {
  let mask: BodyMask | undefined;
  /** where the gathered bytes begin in the body */
  let offset = 0;
  // What is gathered, in arrays with room: one of its own for each read would cost more than the copy.
  let gathered: Bytes = EMPTY;
  let size = 0;
  let times = new F64(0);
  let ends = new U32(0);
  let reads = 0;
  /** gathered bytes that the mask has seen: what was held back */
  let seen = 0;
  let kept = 0;
  /** size of what is not kept, after what is gathered, and when it was read last */
  let missing = 0;
  let missingAt = 0;
  let rewritten = false;

  const endOf = (read: number): number => ends[read] as number;

  const tell = (told: number, bytes: Bytes | undefined, timesOfReads: Float64Array, endsOfReads: Uint32Array): void => {
    emit(offset, told, bytes, timesOfReads, endsOfReads, rewritten);
    offset += told;
  };

  const tellBytes = (atEnd: boolean): void => {
    const all = new U8(viewBuffer(gathered) as ArrayBuffer, 0, size);
    mask ??= maskOf();
    mask.learn(all, seen);
    const cut = mask.mask(all, atEnd);
    let read = 0;
    for (let from = 0; from < cut;) {
      let to = from + RECORD_BYTES < cut ? from + RECORD_BYTES : cut;
      const first = read;
      while (read < reads && endOf(read) <= to && read - first < limits.recordReads - 1) read++;
      if (read - first === limits.recordReads - 1) to = endOf(read - 1);
      // The last read may go on in the next record.
      const count = read - first + (read === first || endOf(read - 1) < to ? 1 : 0);
      const toldTimes = new F64(count);
      const toldEnds = new U32(count);
      for (let i = 0; i < count; i++) {
        const end = endOf(first + i);
        toldTimes[i] = times[first + i] as number;
        toldEnds[i] = (end < to ? end : to) - from;
      }
      tell(to - from, copyOf(viewBuffer(all), from, to - from), toldTimes, toldEnds);
      from = to;
    }
    // What is held back keeps the times of its reads.
    size = seen = size - cut;
    if (viewLength(gathered) <= LARGEST_SPARE) spare = gathered;
    gathered = size ? copyOf(viewBuffer(all), cut, size) : EMPTY;
    reads -= read;
    for (let i = 0; i < reads; i++) {
      times[i] = times[read + i] as number;
      ends[i] = endOf(read + i) - cut;
    }
  };

  return {
    /** One read. The bytes are copied before this returns; without them, or past limits.bodyBytes, only the size is told. */
    add(bytes: Bytes | undefined, length: number, clock: number, reserialised: boolean): void {
      kept += length;
      if (!bytes || kept > limits.bodyBytes) {
        missing += length;
        missingAt = clock;
        return;
      }
      if (reserialised) rewritten = true;
      const end = size + length;
      if (end > viewLength(gathered)) gathered = wider(gathered, roomFor(end, gathered));
      setBytes(gathered, bytes, size);
      if (reads === viewLength(ends) / 4) {
        times = wider(times, new F64(reads * 2 + 8));
        ends = wider(ends, new U32(reads * 2 + 8));
      }
      times[reads] = clock;
      ends[reads++] = size = end;
    },

    /** The page is being left. What is too much to be looked through in the time there is becomes a size, and so does what
     *  follows, since secrets could begin in what was not looked through. */
    leave(): void {
      if (size <= limits.untoldBytes) return;
      missing += size;
      missingAt = times[0] as number;
      size = 0;
      kept = limits.bodyBytes; // nothing is gathered any more
    },

    /** Makes records of what may leave. What could be the beginning of a secret stays, unless this is the end. */
    take(atEnd: boolean): void {
      if (size) tellBytes(atEnd || missing > 0);
      if (!missing) return;
      const told = new F64(1);
      const end = new U32(1);
      told[0] = missingAt;
      end[0] = missing;
      tell(missing, undefined, told, end);
      missing = 0;
    },
  };
}

function wider<T extends Bytes | Float64Array | Uint32Array>(full: T, roomy: T): T {
  setBytes(roomy, full, 0);
  return roomy;
}
