/** A response body cut into the pieces that a provider reads one by one. */
export interface Frame {
  /** `sse`: one event. `json`: one JSON value of a body that holds one or several. `text`: a body that is neither. */
  form: 'sse' | 'json' | 'text';
  /** name of an SSE event, where it has one */
  event?: string;
  data: string;
  /** body offset just past the byte that completed it: with the times of the chunks this says when it was there */
  end: number;
  /** the body ended before the frame did */
  unterminated?: true;
}

/** Takes the bytes of one body in order, cut anywhere; gives the frames that became complete. The same bytes give the
 *  same frames, offsets included, however they were cut. */
export interface Framer {
  feed(bytes: Uint8Array): Frame[];
  /** the body is over: what was still open */
  end(): Frame[];
}
