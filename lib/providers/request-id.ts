/** The provider's id of a request, for its support: in a header where the page may see it (CORS), else in the body. */
import type { HeaderList } from '../model/record.ts';

const NAMES = ['x-request-id', 'request-id', 'apim-request-id', 'x-amzn-requestid', 'x-debug-trace-id', 'mistral-correlation-id', 'x-generation-id'];

export function requestIdIn(headers: HeaderList): string | undefined {
  return NAMES.map((wanted) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1]).find((value) => value !== undefined && value !== '');
}
