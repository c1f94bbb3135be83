/** The error that a value of a response tells of, in any of the shapes that providers and gateways use: also at status
 *  200 and in the middle of a stream. */
import { limits } from '../model/limits.ts';
import { isObject, jsonOf, objectOf, objectsOf, parseJson, textOf, type JsonObject } from './json.ts';

export interface CallError { type: string; message: string }

const word = (value: unknown): string | undefined => typeof value === 'number' ? String(value) : textOf(value);
const first = (...values: unknown[]): string | undefined => values.map(word).find((value) => value !== undefined);

/** Gateways wrap the provider's own words: `{"error":{"message":"{\"error\":{...}}"}}`. */
function unwrapped(message: string): string {
  const inner = message.startsWith('{') ? parseJson(message) : undefined;
  if (inner?.ok !== true || !isObject(inner.value)) return message;
  return first(objectOf(inner.value['error'])['message'], inner.value['message']) ?? message;
}

const cut = (type: string, message: string): CallError => ({ type: type.slice(0, limits.textLength), message: unwrapped(message).slice(0, limits.textLength) });

/** `{"loc":["body","messages",0],"msg":"field required"}`, as FastAPI words a refused body */
const refusals = (detail: unknown): string | undefined => {
  const told = objectsOf(detail).map((item) => [jsonOf(item['loc'] ?? []), first(item['msg']) ?? ''].join(': '));
  return told.length > 0 ? told.join('; ') : undefined;
};

/** @param status HTTP status, 0 where unknown: with a failed one a flat `message` or `detail` is an error too
 *  @param isTold the value is named an error (an event of that name): so it is one, whatever its shape */
export function errorOf(value: JsonObject, status: number, isTold = false): CallError | undefined {
  const failed = status >= 400;
  const unnamed = failed ? String(status) : 'error';
  const error = value['error'];
  if (isObject(error) && Object.keys(error).length > 0) {
    // Google's `code` is the HTTP status, its `status` the name.
    return cut(first(error['type'], textOf(error['code']), error['status'], error['code'], value['code']) ?? unnamed, first(error['message'], error['detail'], error['msg'], error['code']) ?? jsonOf(error));
  }
  const said = textOf(error);
  if (said !== undefined) return cut(first(value['type'], value['code'], value['error_type'], textOf(value['message']) && said) ?? unnamed, first(value['message']) ?? said);
  const base = objectOf(value['base_resp']);
  if (typeof base['status_code'] === 'number' && base['status_code'] !== 0) return cut(String(base['status_code']), first(base['status_msg']) ?? '');
  const told = objectsOf(value['errors'])[0];
  const isError = failed || isTold || value['object'] === 'error' || value['type'] === 'error' || value['success'] === false;
  if (told !== undefined && isError) return cut(first(told['code'], told['type']) ?? unnamed, first(told['message']) ?? jsonOf(told));
  if (!isError) return undefined;
  const message = first(value['message'], value['detail'], value['reason']) ?? refusals(value['detail']) ?? (isObject(value['message']) || isObject(value['detail']) ? jsonOf(value['message'] ?? value['detail']) : isTold ? jsonOf(value) : undefined);
  return message === undefined ? undefined : cut(first(value['type'] === 'error' ? undefined : value['type'], value['code'], value['status']) ?? unnamed, message);
}
