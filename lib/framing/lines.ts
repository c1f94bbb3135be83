/** Bytes to lines, ended by LF, CR or CRLF (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream).
 *  Cut at bytes, not at characters: neither byte occurs inside a UTF-8 sequence, so every line decodes on its own. */

const LF = 0x0a;
const CR = 0x0d;

export interface Line { text: string; /** body offset just past its terminator (for CRLF: past the CR) */ end: number }

export interface LineSplitter {
  feed(bytes: Uint8Array): Line[];
  /** the last line, which nothing ended */
  end(): Line[];
}

export function createLineSplitter(): LineSplitter {
  // The byte order mark is dropped by the parser; dropped here it would go from every line.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let open: Uint8Array[] = [];
  let offset = 0;
  let afterCR = false;

  function decode(last: Uint8Array): string {
    if (open.length === 0) return decoder.decode(last);
    const text = open.map((piece) => decoder.decode(piece, { stream: true })).join('') + decoder.decode(last);
    open = [];
    return text;
  }

  return {
    feed(bytes) {
      const lines: Line[] = [];
      let start = 0;
      for (let at = 0; at < bytes.length; at += 1) {
        const byte = bytes[at];
        if (byte === LF && afterCR) start = at + 1;
        else if (byte === LF || byte === CR) {
          lines.push({ text: decode(bytes.subarray(start, at)), end: offset + at + 1 });
          start = at + 1;
        }
        afterCR = byte === CR;
      }
      // A copy: the caller may reuse its buffer.
      if (start < bytes.length) open.push(bytes.slice(start));
      offset += bytes.length;
      return lines;
    },
    end: () => open.length === 0 ? [] : [{ text: decode(new Uint8Array()), end: offset }],
  };
}
