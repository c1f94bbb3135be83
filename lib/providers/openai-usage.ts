/** Usage of the OpenAI chat shape in the normal form. Counts may overlap or leave tokens out, depending on who serves:
 *  total - prompt - completion is thinking that xAI and Gemini leave out of the completion, or stop tokens (Cerebras);
 *  where seconds of audio are counted it is the audio of the prompt (Mistral's voxtral). */
import type { Usage } from '../model/call.ts';
import { countOf, objectOf, type JsonObject } from './json.ts';

const first = (...values: unknown[]): number | undefined => values.map(countOf).find((value) => value !== undefined);
/** A part cannot be larger than its whole: some gateways count reasoning beyond the completion. */
const part = (count: number | undefined, whole: number): number | undefined => count === undefined ? undefined : Math.min(count, whole);

export function openaiUsage(raw: JsonObject): Usage | undefined {
  const prompt = first(raw['prompt_tokens'], raw['input_tokens']);
  const completion = first(raw['completion_tokens'], raw['output_tokens']);
  const total = first(raw['total_tokens']);
  if (prompt === undefined && completion === undefined && total === undefined) return undefined;
  const gap = Math.max(0, (total ?? 0) - (prompt ?? 0) - (completion ?? 0));
  const isAudio = countOf(raw['prompt_audio_seconds']) !== undefined;
  const input = (prompt ?? 0) + (isAudio ? gap : 0);
  const output = (completion ?? 0) + (isAudio ? 0 : gap);
  const inDetails = objectOf(raw['prompt_tokens_details'] ?? raw['input_tokens_details']);
  const outDetails = objectOf(raw['completion_tokens_details'] ?? raw['output_tokens_details']);
  const cacheRead = part(first(inDetails['cached_tokens'], raw['cached_tokens'], raw['prompt_cache_hit_tokens'], raw['cache_read_input_tokens']), input);
  const cacheWrite = part(first(inDetails['cache_write_tokens'], inDetails['cache_creation_tokens'], raw['cache_creation_input_tokens']), input - (cacheRead ?? 0));
  const reasoning = part(first(outDetails['reasoning_tokens'], raw['reasoning_tokens']), output);
  const audioInput = part(first(inDetails['audio_tokens']), input);
  const audioOutput = part(first(outDetails['audio_tokens']), output);
  return {
    input, output, total: input + output,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(audioInput === undefined ? {} : { audioInput }),
    ...(audioOutput === undefined ? {} : { audioOutput }),
  };
}
