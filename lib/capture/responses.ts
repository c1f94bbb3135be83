/** Recorded Responses. A consumer calls what the page would have called, and copies from what it resolves with. */
import { branchOff, onChunk, onError, onUnseen, touch, type Branch } from './branches.ts';
import { recordBody } from './bodies.ts';
import { jsonText } from './json-text.ts';
import { blobSize, bodyOf, bodyUsed, bufferLength, isObject, nativeJson, ResponseP, streamLocked, toUtf8, U8 } from './natives.ts';
import { overlay, tag, type Hook } from './overlay.ts';
import { call, derive } from './promises.ts';

type Whole = (branch: Branch, value: unknown, fn: unknown) => void;

const consumer = (whole: Whole): Hook<Branch> => (branch, fn, self, args) => {
  const wasUsed = bodyUsed(self);
  const promise = call(fn, self, args);
  // What is refused, since the body was used or is locked, uses nothing.
  const uses = !wasUsed && bodyUsed(self);
  if (uses) branch.touched = true;
  return derive(promise, (value) => { if (!wasUsed) whole(branch, value, fn); }, (error) => { if (uses) onError(branch, error); });
};

/** The rest of the body at once, as text. */
function onText(branch: Branch, text: string): void {
  const { recording } = branch;
  if (recording.high > 0) onBytes(branch, toUtf8(text)); // some of it is told already
  else if (!recording.ended) {
    recording.readText(text, false);
    recording.end('complete');
  }
}

/** The rest of the body at once, as the bytes of the wire. */
function onBytes(branch: Branch, bytes: unknown): void {
  onChunk(branch, bytes);
  branch.recording.end('complete');
}

/** The whole body, in bytes that we made. They fit only where no other branch has told any. */
function onRewritten(branch: Branch, text: string | undefined): void {
  const { recording } = branch;
  if (recording.high > 0 || text === undefined) { onUnseen(branch); return; }
  if (recording.ended) return;
  recording.readText(text, true);
  recording.end('complete');
}

const RESPONSE = overlay<Branch>(ResponseP, {
  text: consumer((branch, text) => { onText(branch, text as string); }),
  // Not text() and JSON.parse, though that would keep the exact text: a native json() error has two forms, by whether the
  // body had arrived, which cannot be told from outside.
  json: consumer((branch, value, fn) => { onRewritten(branch, jsonText(value, fn === nativeJson)); }),
  arrayBuffer: consumer((branch, buffer) => { onBytes(branch, new U8(buffer as ArrayBuffer, 0, bufferLength(buffer))); }),
  bytes: consumer(onBytes),
  blob: consumer((branch, blob) => {
    const { recording } = branch;
    const size = blobSize(blob);
    if (recording.ended) return;
    if (recording.high === 0) recording.readBlob(blob as Blob, size);
    if (recording.high < size) onUnseen(branch);
    else recording.end('complete');
  }),
  // No answer of a model is a form: that it was read is told, the bytes are not. What is no form fails like a cut body.
  formData: consumer((branch) => { onUnseen(branch); }),
  textStream(branch, fn, self, args) {
    touch(branch);
    const text = recordBody(call(fn, self, args), { ...branch });
    // The engine lets go of the old body, read to its end, while the last piece of text may still wait for the page: that
    // one ends no exchange any more.
    branch.cancelled = true;
    return text;
  },
  clone(branch, fn, self, args) {
    const copy = call(fn, self, args);
    recordBody(bodyOf(self as Response), branch); // both have new bodies
    return recordResponse(copy, branchOff(branch, copy as object));
  },
}, (branch, key, value) => {
  if (key !== 'body') return;
  branch.recording.bodyTaken = true;
  recordBody(value, branch);
});

/** From here on what the page reads of this response is told to the branch's recording. */
export function recordResponse(response: unknown, branch: Branch): unknown {
  if (isObject(response)) tag(response, RESPONSE, branch);
  // To look at the body makes its stream, which json() and text() never need: so that waits for the page to look, or for our
  // own time. A page that came past the overlay is reading unseen by then.
  branch.recording.act(() => {
    const body = bodyOf(response);
    if (!branch.touched && (bodyUsed(response) || (body !== null && streamLocked(body)))) branch.recording.end('unobserved');
    else recordBody(body, branch);
  });
  return response;
}
