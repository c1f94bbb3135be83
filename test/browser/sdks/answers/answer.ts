/** Bodies of answers as the providers send them, and what a server does after the last of it. */
import type { ModelServer } from '../../../lab/model-server.ts';

export interface Answer {
  /** after the base of the use */ path: string;
  status?: number;
  type: string;
  body: string;
  /** `waits`: no more comes, the app gives up. `breaks off`: once the app says that it has read what came. */ lastly?: 'waits' | 'breaks off';
}

export const json = (path: string, value: unknown, status?: number): Answer => ({ path, type: 'application/json', body: JSON.stringify(value), status });

/** @param events each with a `type` is named by it, as OpenAI's Responses and Anthropic do */
export const sse = (path: string, events: ReadonlyArray<object | string>): Answer => ({
  path, type: 'text/event-stream',
  body: events.map((event) => typeof event === 'string' ? `data: ${event}\n\n` : `${'type' in event ? `event: ${String(event.type)}\n` : ''}data: ${JSON.stringify(event)}\n\n`).join(''),
});

export const lines = (path: string, values: readonly object[]): Answer => ({ path, type: 'application/x-ndjson', body: values.map((value) => `${JSON.stringify(value)}\n`).join('') });

/** The app stops while it waits for more. */
export const thenWaits = (answer: Answer): Answer => ({ ...answer, lastly: 'waits' });
/** In the middle of the next piece. */
export const thenBreaksOff = (answer: Answer): Answer => ({ ...answer, body: `${answer.body}${answer.type === 'text/event-stream' ? 'data: ' : ''}{"mod`, lastly: 'breaks off' });

/** Bytes of one write: characters, lines and events are cut in two. */
const WRITE = 61;

/** What came before is stored meanwhile (a batch is 100 ms), and what comes after is read as its continuation. */
const PAUSE_MS = 250;

/** Where a stream pauses: inside of its last character of several bytes. */
function pauseIn(body: Buffer): number {
  const last = body.findLastIndex((byte) => byte >= 0xc0);
  return last === -1 ? Math.floor(body.length / 2) : last + 1;
}

/** Ids of requests that a page may read, by the header of each. */
const requestId = (path: string, id: string): Record<string, string> => path.endsWith('/messages') ? { 'request-id': id } : path.includes('/models/') || path.startsWith('/api/') ? {} : { 'x-request-id': id };

/** What the app calls when it has read all that came of an answer that breaks off. */
export const READ = '/read';

/** Each answer once, in their order. */
export function giveAnswers(models: ModelServer, base: string, answers: readonly Answer[]): void {
  for (const [index, { path, status, type, body: text, lastly }] of answers.entries()) {
    const headers = { 'content-type': type, ...requestId(path, `req${base}/${index}`) };
    const body = Buffer.from(text);
    const pause = type === 'application/json' ? undefined : pauseIn(body);
    if (lastly === undefined) {
      const cuts = [...new Set([...Array.from({ length: Math.floor(body.length / WRITE) }, (_, index) => (index + 1) * WRITE), pause ?? WRITE])].toSorted((a, b) => a - b);
      models.replay({ path: base + path, status, headers, body, cuts, delaysMs: [0, ...cuts].map((from) => from === pause ? PAUSE_MS : 0) });
      continue;
    }
    const read = Promise.withResolvers<void>();
    models.answer(base + path, async (reply) => {
      reply.head(200, headers);
      await reply.write(body);
      if (lastly === 'waits') await reply.wait(20_000);
      else await read.promise;
      reply.cut();
    });
    if (lastly === 'breaks off') {
      models.answer(base + READ, (reply) => {
        reply.head(204, {});
        reply.end();
        read.resolve();
      });
    }
  }
}

// Words that the answers say: longer than any preview, with what is more than one byte.

export const PLAN = `Day one – Alfama: take tram 28 to the castle, then walk down  to the river. Ask for a table at “Zé da Mouraria” early; it is full by noon.

Day two – Belém: pastéis de nata (€ 1,40 each) before nine, the tower, and MAAT at sunset. 🌅

Day three – Sintra: the 8:41 train; Pena first, Regaleira last. Bring a jumper: it is ${'cold, '.repeat(3)}really cold up there.
`;
export const WEATHER = 'It is 21 °C in Lisbon and −3 °C in Tromsø: pack two coats – or one, and a very good excuse. '.repeat(2);
export const THOUGHT = 'Two people, three days… they did not say when. I assume spring 🌸, and that they walk. '.repeat(2);

/** A text in the pieces of a stream; none of them is cut inside of a character. */
export const piecesOf = (text: string): string[] => [...text].reduce<string[]>((pieces, character, index) => {
  if (index % 11 === 0) pieces.push('');
  pieces[pieces.length - 1] += character;
  return pieces;
}, []);
