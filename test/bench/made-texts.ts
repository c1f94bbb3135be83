/** Texts as people and models write them, as far as a search can tell: words of a large vocabulary, few of them often and most
 *  seldom, in messages of a line to a page. And what somebody might look for in them. The same for the same number. */
import { chance } from '../chance.ts';

const CONSONANTS = ['b', 'c', 'd', 'f', 'g', 'h', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'w', 'st', 'tr', 'pl', 'ch', 'sh', 'th'];
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'ea', 'io', 'ou'];
const ENDS = ['', '', 'n', 'r', 's', 't', 'l', 'ng', 'd'];
const WORDS = 30_000;

type Random = (below: number) => number;
const pick = <T>(list: readonly T[], random: Random): T => list[random(list.length)] as T;

function vocabulary(): string[] {
  const random = chance(1);
  const words = new Set<string>();
  while (words.size < WORDS) {
    const syllables = 1 + random(Math.min(4, 2 + Math.floor(words.size / 2_000)));
    const word = Array.from({ length: syllables }, () => pick(CONSONANTS, random) + pick(VOWELS, random)).join('') + pick(ENDS, random);
    // Other scripts, whose letters are no ASCII.
    words.add(words.size % 50 === 7 ? word.replaceAll('o', 'ö').replace(/^s/, 'Š') : words.size % 200 === 9 ? String.fromCharCode(0x4e00 + random(5_000), 0x4e00 + random(5_000)) : word);
  }
  return [...words];
}

const words = vocabulary();
/** By Zipf's law: the n-th word comes about 1/n as often as the first, without the few that are in every text. */
const sums = new Float64Array(words.length);
for (let i = 0, sum = 0; i < sums.length; i++) sums[i] = sum += 1 / (i + 20);

function wordOf(random: Random): string {
  const at = random(1e9) / 1e9 * (sums.at(-1) as number);
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] as number) > at) high = middle;
    else low = middle + 1;
  }
  return words[low] as string;
}

/** 20 to 600 characters, 170 on average. */
export function madeText(n: number): string {
  const random = chance(n * 7919 + 1);
  const length = Math.round(20 * 30 ** (random(1e6) / 1e6));
  let text = '';
  while (text.length < length) {
    const word = random(40) === 0 ? `ORD-${random(1e6)}` : wordOf(random);
    const mark = random(40);
    const isFirst = text === '' || text.endsWith('.\n');
    text += (isFirst ? word.slice(0, 1).toUpperCase() + word.slice(1) : mark === 6 ? `"${word}"` : word) + (mark < 3 ? '.\n' : mark < 6 ? ', ' : ' ');
  }
  return text.trim();
}

/** What people look for, and some that nobody does: a word, a few that follow each other, letters in the middle of a text, a number,
 *  words that stand together nowhere, seldom a frequent word, and what is in no text. */
export function madeQueries(count: number, texts: number): string[] {
  const random = chance(5);
  return Array.from({ length: count }, () => {
    const text = madeText(random(texts));
    const parts = text.split(/\s+/).filter((part) => part !== '');
    const kind = random(20);
    if (kind < 5) return pick(words, random);
    if (kind < 10) return fewOf(parts, random);
    if (kind < 13) return text.slice(random(text.length - 8)).slice(0, 6 + random(12));
    if (kind < 16) return `ord-${random(1e6)}`.slice(0, 7 + random(4));
    if (kind < 18) return `${pick(words, random)} ${pick(words, random)}`;
    if (kind < 19) return random(3) === 0 ? pick(parts, random) : pick(words, random);
    return Array.from({ length: 3 + random(8) }, () => String.fromCharCode(97 + random(26))).join('');
  });
}

function fewOf(parts: readonly string[], random: Random): string {
  const from = random(parts.length);
  return parts.slice(from, from + 2 + random(3)).join(' ');
}
