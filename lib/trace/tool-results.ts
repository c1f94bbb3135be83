/** Which result answers which tool call: by its id; where the dialect has none (Ollama, functions of the time before ids) by
 *  the tool's name and the order among the calls of that name; where results have not even a name, by their place alone. */

interface Called { id?: string | undefined; name: string }
interface Resulting { id?: string | undefined; name?: string | undefined }

/** @param calls all of one answer
 *  @param results all that one later request brings */
export function resultOf<T extends Resulting>(calls: readonly Called[], index: number, results: readonly T[]): T | undefined {
  const call = calls[index];
  if (call === undefined) return undefined;
  const byId = call.id === undefined ? undefined : results.find(({ id }) => id === call.id);
  if (byId !== undefined) return byId;
  // Ollama gives ids of which its clients send none back.
  const loose = results.filter(({ id }) => id === undefined);
  const sameName = calls.slice(0, index).filter(({ name }) => name === call.name).length;
  const named = loose.filter(({ name }) => name === call.name)[sameName];
  const atPlace = loose.length === calls.length ? loose[index] : undefined;
  return named ?? (calls.some(({ name }) => name === atPlace?.name) ? undefined : atPlace);
}
