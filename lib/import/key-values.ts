/** OTLP's attributes (a list of keys and tagged values) as flat ones. What is of no known form is left out. */
import { isObject, objectsOf } from '../providers/json.ts';
import type { Attributes } from '../trace/attributes.ts';

/** Lists in lists go no deeper. */
const DEEPEST = 20;

type Plain = string | number | boolean | Plain[] | { [key: string]: Plain };

const numberOf = (value: unknown): number | undefined => {
  const number = typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isNaN(number) && value !== 'NaN' ? undefined : number;
};

/** One tagged value (`{"stringValue":"x"}`). */
function plain(value: unknown, depth = 0): Plain | undefined {
  if (!isObject(value) || depth > DEEPEST) return undefined;
  if (typeof value['stringValue'] === 'string') return value['stringValue'];
  if (typeof value['boolValue'] === 'boolean') return value['boolValue'];
  if ('intValue' in value) return numberOf(value['intValue']);
  if ('doubleValue' in value) return numberOf(value['doubleValue']);
  if (typeof value['bytesValue'] === 'string') return value['bytesValue'];
  if (isObject(value['arrayValue'])) return objectsOf(value['arrayValue']['values']).flatMap((item) => plain(item, depth + 1) ?? []);
  if (isObject(value['kvlistValue'])) return Object.fromEntries(objectsOf(value['kvlistValue']['values']).flatMap(({ key, value: inner }) => {
    const held = plain(inner, depth + 1);
    return typeof key === 'string' && held !== undefined ? [[key, held]] : [];
  }));
  return undefined;
}

/** Attributes have lists of one type at most: what is deeper becomes JSON. */
function flatOf(value: Plain): Attributes[string] {
  if (typeof value !== 'object') return value;
  if (Array.isArray(value) && (value.every((item) => typeof item === 'string') || value.every((item) => typeof item === 'number'))) return value;
  return JSON.stringify(value);
}

/** @param keyValues from a file: anything. The first of two same keys counts */
export function attributesIn(keyValues: unknown): Attributes {
  const found = new Map<string, Attributes[string]>();
  for (const { key, value } of objectsOf(keyValues)) {
    if (typeof key !== 'string' || found.has(key)) continue;
    const held = plain(value);
    if (held !== undefined) found.set(key, flatOf(held));
  }
  return Object.fromEntries(found);
}
