/** An agent's name out of the first line of its system text, where that holds one. */

const GENERIC = /^(?:(?:an?|the|very|helpful|friendly|useful|concise|expert|ai|smart)\s+)*(?:assistant|agent|bot|chatbot|ai|model|language model)$/i;

/** `You are Trip Planner, a ...` -> `Trip Planner`; `# Research agent` -> `Research agent`. Ordinary sentences and
 *  "a helpful assistant" name nobody. */
export function agentNameOf(systemPreview: string): string | undefined {
  const line = systemPreview.split('\n')[0]?.trim() ?? '';
  const told = /^(?:you are|your name is|act as)\s+(?:an?\s+|the\s+)?([^.,;:!?()]+?)(?:\s+(?:that|which|who|for|with|and|working|designed|built|from|at|in)\b.*|[.,;:!?()].*)?$/i.exec(line)?.[1];
  const name = (told ?? line.replace(/^#+\s*/, '')).trim();
  if (name === '' || name.length > 40 || name.split(/\s+/).length > 5) return undefined;
  // A line that is no introduction names someone only if it looks like a heading.
  if (told === undefined && /[.,;:!?]/.test(name)) return undefined;
  return GENERIC.test(name) ? undefined : name;
}
