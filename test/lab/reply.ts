/** One response under our hand: what it writes, what of it really left, and how it ended. */
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** `complete`: every byte left and the body was closed. `cut`: we destroyed the connection. */
export type Ended = 'complete' | 'cut' | 'closed by the client';

export interface Reply {
  /** Sends status and headers at once, before any body. */
  head(status: number, headers: Record<string, string>): void;
  /** Resolves when the operating system has the bytes; false when the client has gone. */
  write(bytes: Uint8Array | string): Promise<boolean>;
  /** Waits, but no longer than the client does. False when the client has gone. */
  wait(ms: number): Promise<boolean>;
  end(): void;
  /** Destroys the connection: the client sees a network error in mid-body. */
  cut(): void;
  /** Settles when the connection to the client is done with. */
  readonly ended: Promise<Ended>;
  /** Aborts with `ended`. */
  readonly gone: AbortSignal;
}

/** `onBytes` is told of every piece the operating system took. */
export function openReply(response: ServerResponse, onBytes: (bytes: Buffer) => void): Reply {
  let cutByUs = false;
  const closing = new AbortController();
  const ended = new Promise<Ended>((resolve) => {
    response.on('close', () => {
      resolve(cutByUs ? 'cut' : response.writableFinished ? 'complete' : 'closed by the client');
      closing.abort();
    });
  });
  return {
    ended,
    gone: closing.signal,
    head(status, headers) {
      response.writeHead(status, headers);
      response.flushHeaders();
    },
    write(bytes) {
      const piece = Buffer.from(bytes);
      return new Promise((resolve) => {
        if (closing.signal.aborted) return resolve(false);
        response.write(piece, (error) => {
          if (!error) onBytes(piece);
          resolve(!error);
        });
      });
    },
    async wait(ms) {
      if (ms > 0) await sleep(ms, undefined, { signal: closing.signal }).catch(() => undefined);
      return !closing.signal.aborted;
    },
    end() {
      response.end();
    },
    cut() {
      cutByUs = true;
      response.destroy();
    },
  };
}
