/** A tool call's arguments as a row shows them: `city: "Lisbon", days: 3`. */
import { previewOf } from './preview.ts';

/** @param json as on the wire; a piece of it (a running stream) or anything but an object is shown as it is */
export function argumentsPreview(json: string): string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return previewOf(json);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return previewOf(json);
  return previewOf(Object.entries(value).map(([name, held]) => `${name}: ${JSON.stringify(held)}`).join(', '));
}
