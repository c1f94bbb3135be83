/** A tool call's arguments as a row shows them: `city: "Lisbon", days: 3`. */
import { previewOf } from './preview.ts';

/** Longer ones are not parsed, with each piece anew, for the few words that fit into a row. */
const LONGEST = 20_000;

/** @param json as on the wire; a piece of it (a running stream) or anything but an object is shown as it is */
export function argumentsPreview(json: string): string {
  if (json.length > LONGEST) return previewOf(json);
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return previewOf(json);
    return previewOf(Object.entries(value).map(([name, held]) => `${name}: ${JSON.stringify(held)}`).join(', '));
  } catch {
    return previewOf(json); // torn, or nested deeper than V8 writes
  }
}
