/** Spans of a block with all they have: they themselves are looked up in it (lib/store/outline-blocks.ts), and have no
 *  properties of their own that could be compared. */
import type { OutlineSpan } from '../../lib/model/span.ts';
import { unpackSpans, type PackedSpans } from '../../lib/store/outline-blocks.ts';

export const plainSpans = (packed: PackedSpans): OutlineSpan[] => unpackSpans(packed).map(({
  spanId, parentSpanId, kind, name, label, title, startMs, endMs, status, statusMessage, errorType, httpStatus, endCause, exchange, toolIndex, model, usage, finish, firstByteMs, firstTokenMs, retryOf, missingBytes, link, rev,
}) => ({
  spanId, parentSpanId, kind, name, label, title, startMs, endMs, status, statusMessage, errorType, httpStatus, endCause, exchange, toolIndex, model, usage, finish, firstByteMs, firstTokenMs, retryOf, missingBytes, link, rev,
}));
