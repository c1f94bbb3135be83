/** The small part of a call that is kept on the exchange row: what rows and linking need without bodies. */
import type { CallFacts, ModelCall } from '../model/call.ts';
import type { Exchange } from '../model/exchange.ts';

/** When the page had read the response up to `ends[i]` (bytes, exclusive): `times[i]`, ms from the exchange's start. */
export interface ReadTimes { ends: ArrayLike<number>; times: ArrayLike<number> }

/** `gives` and `seeks` come from evidence.ts. */
export function factsOf(exchange: Exchange, call: ModelCall, read?: ReadTimes): CallFacts {
  void exchange; void read;
  return {
    dialect: call.dialect, system: call.system, streaming: call.streaming, userPreview: '', systemPreview: '', replyPreview: '',
    toolCalls: [], toolResults: [], continuesLoop: false, messageCount: call.input.length, gives: [], seeks: [],
  };
}
