/** Numbers and times as people read them; the only place that decides. Pure; times are local. */
import type { Vectors } from '../model/call.ts';

const group = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',');
const two = (n: number): string => String(n).padStart(2, '0');

/** 0.4 ms -> "<1 ms", 340 -> "340 ms", 8_400 -> "8.4 s", 125_000 -> "2m 05s", 3_720_000 -> "1h 02m". */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '–';
  if (ms > 0 && ms < 1) return '<1 ms';
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
}

/** 498 -> "498", 1934 -> "1,934", 12_400 -> "12.4k", 3_100_000 -> "3.1M". */
export function formatCount(n: number): string {
  if (n < 10_000) return group(n);
  if (n < 999_950) return `${(n / 1000).toFixed(1)}k`;
  return `${(n / 1_000_000).toFixed(1)}M`;
}

/** 1204 -> "1,204 B", 12_300 -> "12.3 kB", 3_200_000 -> "3.2 MB". */
export function formatBytes(bytes: number): string {
  if (bytes < 10_000) return `${group(bytes)} B`;
  if (bytes < 999_950) return `${(bytes / 1000).toFixed(1)} kB`;
  if (bytes < 999_950_000) return `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

/** Tokens a second: 84.2 -> "84", 3.14 -> "3.1". */
export function formatRate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : group(perSecond);
}

/** `3 vectors of 1,536 numbers` */
export const formatVectors = ({ count, size }: Vectors): string => `${plural(count, 'vector')} of ${formatCount(size)} numbers`;

/** A similarity: 0.9137 -> 0.914 */
export const formatScore = (score: number): string => Math.abs(score) >= 100 ? String(Math.round(score)) : String(Number(score.toPrecision(3)));

/** Epoch ms -> "14:07:12". */
export function formatClock(epochMs: number): string {
  const date = new Date(epochMs);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Epoch ms -> "14:07", or "12 Mar 14:07" when it is not the day of `nowMs`. */
export function formatMoment(epochMs: number, nowMs: number): string {
  const date = new Date(epochMs);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date(nowMs).toDateString()) return time;
  return `${date.getDate()} ${date.toLocaleString('en', { month: 'short' })} ${time}`;
}

/** A URL as a heading: "localhost:5173", "example.org"; anything else as it is. */
export function formatSite(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return parsed?.host || url;
}

/** A name as the wire has it (a model, a tool, a role), which may be of any length. */
export function shortName(name: string): string {
  return name.length > 200 ? `${name.slice(0, 200)}…` : name;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${formatCount(n)} ${n === 1 ? one : many}`;
}

/** Characters of JSON that are indented: parsed it takes twenty times its size. */
const PRETTY = 2_000_000;
/** Spaces that this may add: deep lists would be all spaces, and take minutes. */
const SPACES = 20_000_000;

/** Text that looks like JSON and is left as it came for its length. */
export const isLongJson = (text: string): boolean => text.length > PRETTY && /^\s*[[{]/.test(text);

/** JSON text indented, or undefined where it is too long or too deep for that or does not parse (a stream may still be
 *  bringing it). */
export function prettyJson(text: string): string | undefined {
  if (text.length > PRETTY || isTooDeep(text)) return undefined;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined; // not JSON: the caller shows the text as it came
  }
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];

function isTooDeep(json: string): boolean {
  let [depth, spaces, inString] = [0, 0, false];
  for (let at = 0; at < json.length && spaces < SPACES; at++) {
    const code = json.charCodeAt(at);
    if (inString && code === BACKSLASH) at++;
    else if (code === QUOTE) inString = !inString;
    else if (!inString && (code | 0x20) === 0x7b) spaces += 2 * ++depth; // { or [
    else if (!inString && (code | 0x20) === 0x7d) spaces += 2 * --depth;
    else if (!inString && code === COMMA) spaces += 2 * depth;
  }
  return spaces >= SPACES;
}
