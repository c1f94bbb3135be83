/**
 * Marks in a stream (` s1n17.`: the 17th chunk of stream 1) and when they were met: by the page that reads the stream,
 * and by the panel that shows it. The functions are sent there as text by puppeteer: each must stand alone.
 */

/** `at`: ms of the machine's wall clock, comparable between processes */
export interface Mark { name: string; at: number }
declare global {
  interface Window { benchClock: () => number; benchMarks: Mark[] }
}

/**
 * Defines `window.benchClock`: ms of the wall clock as fine as performance.now(). `timeOrigin` alone will not do: each
 * process took its own from the wall clock when it started, and the two clocks drift. So: where Date.now() ticks over.
 */
export function wallClock(): void {
  let offset = -Infinity;
  const until = performance.now() + 20;
  while (performance.now() < until) offset = Math.max(offset, Date.now() - performance.now());
  window.benchClock = () => performance.now() + offset;
}

/** In the page: reads a stream, notes when it had read each mark. */
export async function readMarks(url: string, mark: string): Promise<Mark[]> {
  const body = JSON.stringify({ model: 'gpt-5-mini', stream: true, messages: [{ role: 'user', content: `Count for ${mark}` }] });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const reader = response.body?.getReader();
  if (!reader) throw new Error('no body');
  const decoder = new TextDecoder();
  const marks: Mark[] = [];
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const at = window.benchClock();
    for (const [name] of decoder.decode(part.value, { stream: true }).matchAll(/s\d+n\d+\./g)) marks.push({ name, at });
  }
  return marks;
}

/** In the panel: notes when each mark was first in its document. */
export function watchForMarks(): void {
  const seen = new Set<string>();
  window.benchMarks = [];
  new MutationObserver(() => {
    const at = window.benchClock();
    for (const [name] of (document.body.textContent ?? '').matchAll(/s\d+n\d+\./g)) {
      if (seen.has(name)) continue;
      seen.add(name);
      window.benchMarks.push({ name, at });
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}
