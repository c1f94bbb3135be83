/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). Liberties against the
 *  specification: an event that the end of the body cut off is delivered (real streams lack the last blank line), `retry`,
 *  `id` are of no use here, and a line `error: {...}` (llama.cpp until 2025) is the data of an event of that name. */
import { createParser } from 'eventsource-parser';
import type { Frame, Framer } from './frame.ts';
import { createLineSplitter, type Line } from './lines.ts';

const ERROR_LINE = /^error: \{/;

export function createSseFramer(): Framer {
  const splitter = createLineSplitter();
  let frames: Frame[] = [];
  let end = 0;
  let ending = false;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      frames.push({ form: 'sse', ...(event === undefined ? {} : { event }), data, end, ...(ending ? { unterminated: true } : {}) });
    },
  });

  // Line by line, so that an event's offset is exact and does not depend on how the body was cut.
  function take(lines: Line[]): Frame[] {
    for (const line of lines) {
      end = line.end;
      parser.feed(`${line.text.replace(ERROR_LINE, 'event: error\ndata: {')}\n`);
    }
    const complete = frames;
    frames = [];
    return complete;
  }

  return {
    feed: (bytes) => take(splitter.feed(bytes)),
    end() {
      const rest = splitter.end();
      ending = true;
      return take([...rest, { text: '', end: rest[0]?.end ?? end }]);
    },
  };
}
