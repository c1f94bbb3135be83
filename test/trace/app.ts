/** An app in a page: keeps a history and sends it, as apps do. */
import { atStart, exchangeOf, type Sent } from './exchanges.ts';
import type { Memory } from './memory.ts';
import type { Answer, Result, Wire } from './wire.ts';

/** Numbers the calls of one document, in the order in which they begin. */
export function createPage(document = 'doc') {
  const sent: Sent[] = [];
  return {
    sent,
    send: (call: Omit<Sent, 'document' | 'ordinal'>): Sent => {
      const one = { ...call, document, ordinal: sent.length + 1 };
      sent.push(one);
      return one;
    },
  };
}

export type Page = ReturnType<typeof createPage>;

export interface CallOptions extends Partial<Pick<Sent, 'status' | 'how' | 'headers' | 'response'>> { /** ms */ takes?: number; more?: object; /** the history as it is sent this time */ sent?: readonly object[] }

export function createChat(page: Page, wire: Wire, system?: string) {
  const messages: object[] = [];
  return {
    messages,
    user: (text: string): void => void messages.push(wire.user(text)),
    results: (results: readonly Result[], and?: string): void => void messages.push(...wire.results(results, and)),
    /** Sends the history; an answer joins it. */
    call: (start: number, answer: Answer | undefined, { takes = 50, more, sent, response, ...rest }: CallOptions = {}): Sent => {
      const one = page.send({
        wire, request: wire.request(system, sent ?? [...messages], more), start, end: start + takes, ...rest,
        response: response ?? (answer === undefined ? { error: { type: 'rate_limit_error', message: 'Slow down.' } } : wire.answer(answer)),
      });
      if (answer !== undefined) messages.push(wire.echo(answer));
      return one;
    },
  };
}

/** Everything in the order of time, the start and the end of each call on its own, as the recorder gets it. */
export async function record(memory: Memory, pages: readonly Page[]): Promise<void> {
  const moments = pages.flatMap(({ sent }) => sent).flatMap((call) => [
    { at: call.start, exchange: atStart(call) }, ...(call.end === undefined ? [] : [{ at: call.end, exchange: exchangeOf(call) }]),
  ]);
  for (const { exchange } of moments.toSorted((a, b) => a.at - b.at)) await memory.write(exchange);
}
