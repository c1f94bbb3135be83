/** Looking into JSON whose shape nobody promised. The checker's own: it shares nothing with what it judges. */

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
export const object = (value: unknown): Json => isObject(value) ? value : {};
export const list = (value: unknown): unknown[] => Array.isArray(value) ? value : [];
export const objects = (value: unknown): Json[] => list(value).filter(isObject);
export const text = (value: unknown): string => typeof value === 'string' ? value : '';
/** the first that is a string with something in it */
export const word = (...values: unknown[]): string | undefined => values.find((value): value is string => typeof value === 'string' && value !== '');
/** the first that is a count of something: whole, and of a size that can be */
export const count = (...values: unknown[]): number | undefined => values.find((value): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1e15);

/** @returns undefined for what is no JSON */
export function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const shown = (value: unknown): boolean => isObject(value) ? Object.keys(value).length > 0 : word(value) !== undefined;

/** The service says that it failed, in a body or in the middle of a stream. */
export const tellsError = (value: Json): boolean => shown(value['error']) || value['type'] === 'error' || value['object'] === 'error' || value['success'] === false
  || (typeof object(value['base_resp'])['status_code'] === 'number' && object(value['base_resp'])['status_code'] !== 0);
