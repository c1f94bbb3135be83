/** A model's answer under the test's hand: it flows (4 MB at most) until it is told to end, in pieces that respect no event
 *  and no character. */
import { chance } from '../../chance.ts';
import type { Reply } from '../../lab/reply.ts';
import type { Script } from '../../lab/model-server.ts';
import { longStream, type StreamShape } from '../../lab/streams.ts';

type Dialect = StreamShape['dialect'];

export interface EndlessAnswer {
  readonly script: Script;
  /** Everything given to the network so far; nobody can have read more. */ sent(): Buffer;
  /** No further piece; what is under way still leaves. */ pause(): void;
  /** From now on at this pace, where one is given. */ resume(pace?: Pace): void;
  /** Ends it in order: the event under way, then the dialect's last ones. */ end(): void;
}

/** `piece`: most bytes of one. `pauseMs`: between two of them, on average. */
interface Pace { piece: number; pauseMs: number }
export interface AnswerShape extends Partial<Pace> { dialect: Dialect; seed: number }

const stream = (dialect: Dialect): { body: Uint8Array; cuts?: readonly number[] } => longStream({ dialect, chunks: 20_000, text: (n) => `wörd-${n} 👋 ` });
const streams = { openai: stream('openai'), anthropic: stream('anthropic') };
const LAST_EVENTS = { openai: 2, anthropic: 3 };

export function endlessAnswer({ dialect, seed, piece = 400, pauseMs = 15 }: AnswerShape): EndlessAnswer {
  const { body, cuts = [] } = streams[dialect];
  const random = chance(seed);
  const sent: Uint8Array[] = [];
  let at = 0;
  let ending = false;
  let gate: PromiseWithResolvers<void> | undefined;

  function write(reply: Reply, bytes: Uint8Array): Promise<boolean> {
    sent.push(bytes);
    at += bytes.length;
    return reply.write(bytes);
  }
  const resume = (pace?: Pace): void => {
    if (pace) ({ piece, pauseMs } = pace);
    gate?.resolve();
    gate = undefined;
  };
  return {
    sent: () => Buffer.concat(sent),
    pause() { gate ??= Promise.withResolvers(); },
    resume,
    end() {
      ending = true;
      resume();
    },
    async script(reply) {
      reply.head(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      for (;;) {
        if (gate) await Promise.race([gate.promise, reply.ended]);
        if (ending) break;
        if (!await reply.wait(random(2 * pauseMs))) return;
        // All that there is has left: as long as it is not told to end, it hangs.
        if (at === body.length) gate ??= Promise.withResolvers();
        if (!gate && !await write(reply, body.subarray(at, at + 1 + random(piece)))) return;
      }
      const event = cuts.find((cut) => cut >= at) ?? at;
      if (await write(reply, body.subarray(at, event)) && await write(reply, body.subarray(cuts.at(-1 - LAST_EVENTS[dialect])))) reply.end();
    },
  };
}
