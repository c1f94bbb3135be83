/** Recorded ReadableStreams: the body of a Response, and the branches of it that the page makes. */
import { branchOff, onCancel, touch, type Branch } from './branches.ts';
import { isObject, StreamP, streamLocked } from './natives.ts';
import { overlay, tag } from './overlay.ts';
import { pipeThrough, pipeTo } from './pipes.ts';
import { call, refused } from './promises.ts';
import { iterate, recordReader } from './readers.ts';

const STREAM = overlay<Branch>(StreamP, {
  getReader: (branch, fn, self, args) => recordReader(call(fn, self, args), branch),
  cancel(branch, fn, self, args) {
    if (streamLocked(self)) return refused(fn, self, args);
    onCancel(branch);
    return call(fn, self, args);
  },
  tee(branch, fn, self, args) {
    const two = call(fn, self, args) as [unknown, unknown];
    touch(branch);
    recordBody(two[0], branch); // the body itself stays locked
    recordBody(two[1], branchOff(branch));
    return two;
  },
  pipeTo,
  pipeThrough,
  values: iterate,
  [Symbol.asyncIterator]: iterate,
});

export function recordBody(stream: unknown, branch: Branch): unknown {
  if (isObject(stream)) tag(stream, STREAM, branch);
  return stream;
}
