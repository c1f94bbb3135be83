/** Answers a request with given bytes, cut into given pieces at given times. */
import type { Reply } from './reply.ts';

export interface Recording {
  status?: number;
  headers?: Record<string, string>;
  body: Uint8Array | string;
  /** Byte offsets at which the body is split into separate writes. */
  cuts?: readonly number[];
  /** Pause before each piece, ms: one figure for all, or one a piece (the last holds for the rest). */
  delaysMs?: number | readonly number[];
  /** Byte offset after which the connection is destroyed. */
  destroyAfter?: number;
}

/** The pieces of `body` between the cuts; offsets outside it and doubles are ignored. */
function piecesOf(body: Uint8Array, cuts: readonly number[] = []): Uint8Array[] {
  const inside = cuts.filter((cut) => cut > 0 && cut < body.length);
  const edges = [...new Set([0, ...inside, body.length])].toSorted((a, b) => a - b);
  return edges.slice(1).map((end, index) => body.subarray(edges[index], end));
}

export async function replayTo(reply: Reply, recording: Recording): Promise<void> {
  const whole = Buffer.from(recording.body);
  const { status = 200, headers = { 'content-type': 'text/event-stream' }, cuts = [], delaysMs = 0, destroyAfter } = recording;
  const body = destroyAfter === undefined ? whole : whole.subarray(0, destroyAfter);
  const delayOf = (index: number): number => (typeof delaysMs === 'number' ? delaysMs : delaysMs[Math.min(index, delaysMs.length - 1)]) ?? 0;
  reply.head(status, headers);
  for (const [index, piece] of piecesOf(body, cuts).entries()) {
    if (!await reply.wait(delayOf(index)) || !await reply.write(piece)) return;
  }
  if (destroyAfter === undefined) reply.end();
  else reply.cut();
}
