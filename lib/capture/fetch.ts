/** fetch, observed. A call that is none of ours gets the native promise itself. */
import { firstBranch } from './branches.ts';
import { masked } from './masks.ts';
import { apply, finalUrlOf, headersOf, statusOf, typeOf, type Fn } from './natives.ts';
import { call, derive } from './promises.ts';
import type { Recording, Room } from './recording.ts';
import { begin } from './request.ts';
import { recordResponse } from './responses.ts';

export function observedFetch(native: Fn, room: Room, baseUrl: () => string): Fn {
  return masked(native, (fetch, self, args) => {
    let recording: Recording | undefined;
    try { recording = begin(room, baseUrl, args); } catch { /* a fault of ours ends the recording, never the call */ }
    if (!recording) return apply(fetch, self, args);
    const failed = (error: unknown): void => { recording.breakOff('error', error); };
    let promise: unknown;
    try { promise = call(fetch, self, args); } catch (error) { failed(error); throw error; }
    return derive(promise, (response: Response) => { if (!recording.ended) answered(recording, response); }, failed);
  });
}

function answered(recording: Recording, response: Response): void {
  try {
    const status = statusOf(response);
    recording.head(status, typeOf(response), finalUrlOf(response), headersOf(response));
    // By its status it has none to read (0: opaque).
    if (status === 0 || status === 204 || status === 205 || status === 304) recording.end('complete');
    else recordResponse(response, firstBranch(recording, response));
  } catch { recording.end('unobserved'); }
}
