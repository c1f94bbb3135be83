/** A call that was recorded because it looks like one, of a dialect that no reader knows: nothing is read into it, its raw
 *  request and response are shown. */
import { textOf } from './json.ts';
import type { Reader } from './provider.ts';

export const unknown: Reader = {
  dialect: 'unknown',
  system: 'unknown',
  asks: () => true,
  readRequest: (body) => {
    const modelAsked = textOf(body['model']);
    return { streaming: body['stream'] === true, ...(modelAsked === undefined ? {} : { modelAsked }), parameters: {}, input: [], tools: [] };
  },
  answers: () => false,
  startAnswer: () => ({ take: () => [], read: () => ({ output: [], problems: ['No reader knows this dialect: see the raw request and response.'] }) }),
};
