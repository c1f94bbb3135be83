/** Stands beside the relay of one document, in its own world, and sees which of its messages were answered. The messages
 *  themselves go their way untouched. */
import type { Page } from 'puppeteer-core';

/** A batch: its first record, the number after its last, and what came of it. Times by the page's clock, ms. */
interface Message { first: number; end: number; answer: 'waiting' | 'acknowledged' | 'lost'; sentMs: number; answeredMs?: number; /** of a call */ hasEnd: boolean }

export interface RelayWatch {
  messages(): Promise<Message[]>;
  /** Resolves while a message is under way: it left just now. */
  nextMessage(): Promise<void>;
  /** Sends a message from the relay's world and resolves with its answer. */
  say(message: object): Promise<unknown>;
}

const WRAP = `(() => {
  const send = chrome.runtime.sendMessage;
  globalThis.watchedMessages = [];
  chrome.runtime.sendMessage = async (batch) => {
    const message = { first: batch.first, end: batch.first + batch.records.length, answer: 'waiting', sentMs: performance.now(), hasEnd: batch.records.some(({ kind }) => kind === 'end') };
    watchedMessages.push(message);
    const sent = send.call(chrome.runtime, batch);
    messageLeft('');
    try {
      const answer = await sent;
      message.answer = answer?.next > message.first ? 'acknowledged' : 'lost';
      return answer;
    } catch (error) {
      message.answer = 'lost';
      throw error;
    } finally {
      message.answeredMs = performance.now();
    }
  };
})()`;

/** @param page has no frames yet: the relay of its top document is watched */
export async function watchRelay(page: Page): Promise<RelayWatch> {
  const session = await page.createCDPSession();
  const world = new Promise<number>((resolve) => {
    session.on('Runtime.executionContextCreated', ({ context }) => {
      if (context.origin.startsWith('chrome-extension://')) resolve(context.id);
    });
  });
  await session.send('Runtime.enable');
  const contextId = await world;
  let left: (() => void) | undefined;
  session.on('Runtime.bindingCalled', ({ name }) => { if (name === 'messageLeft') left?.(); });
  await session.send('Runtime.addBinding', { name: 'messageLeft', executionContextId: contextId });
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', { expression, contextId, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  await evaluate(WRAP);
  return {
    messages: async () => await evaluate('watchedMessages') as Message[],
    nextMessage: () => new Promise((resolve) => { left = resolve; }),
    say: (message) => evaluate(`chrome.runtime.sendMessage(${JSON.stringify(message)})`),
  };
}
