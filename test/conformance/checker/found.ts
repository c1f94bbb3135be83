/** What the plain walk of a response finds: the words all walks share. */
import { count, object, word, type Json } from './look.ts';

/** Tokens in one form: total = input + output; the cache is part of the input, thinking of the output. */
export interface Usage { input: number; output: number; total: number; cacheRead: number; cacheWrite: number; reasoning: number }

export type Finish = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'error' | 'other';

export interface Found {
  /** that answered */ model?: string;
  /** of all choices, in order */ text: string;
  /** texts, refusals, thoughts, tool calls, pictures: what was given, however short */ outputs: number;
  /** undefined: the answer breaks off, or its dialect never says */ finish?: Finish;
  /** taken in, to be answered when it is asked for again */ isPending?: boolean;
  /** of the service's own words */ error: boolean;
  usage?: Usage;
  vectors?: { count: number; size: number };
}

export const nothing = (): Found => ({ text: '', outputs: 0, error: false });

/** Counts of a stream come in parts: per field the last that says something. */
export function lastOfEach(parts: readonly unknown[]): Json {
  const merged: Json = {};
  for (const part of parts) {
    for (const [key, value] of Object.entries(object(part))) {
      if (value !== null && value !== undefined) merged[key] = typeof value === 'object' && !Array.isArray(value) ? { ...object(merged[key]), ...lastOfEach([value]) } : value;
    }
  }
  return merged;
}

/** @returns undefined where neither side was counted */
export function usage(input: number | undefined, output: number | undefined, parts: { cacheRead?: number; cacheWrite?: number; reasoning?: number } = {}): Usage | undefined {
  if (input === undefined && output === undefined) return undefined;
  const [all, given] = [input ?? 0, output ?? 0];
  const cacheRead = Math.min(parts.cacheRead ?? 0, all);
  return {
    input: all, output: given, total: all + given,
    cacheRead, cacheWrite: Math.min(parts.cacheWrite ?? 0, all - cacheRead), reasoning: Math.min(parts.reasoning ?? 0, given),
  };
}

/** OpenAI's two spellings and those of its compatibles. What `total` has beyond both is thinking or stop tokens, or the
 *  audio of the prompt where seconds of it are counted. */
export function openaiUsage(raw: Json): Usage | undefined {
  const prompt = count(raw['prompt_tokens'], raw['input_tokens']);
  const completion = count(raw['completion_tokens'], raw['output_tokens']);
  const total = count(raw['total_tokens']);
  if (prompt === undefined && completion === undefined && total === undefined) return undefined;
  const gap = Math.max(0, (total ?? 0) - (prompt ?? 0) - (completion ?? 0));
  const isHeard = count(raw['prompt_audio_seconds']) !== undefined;
  const into = object(raw['prompt_tokens_details'] ?? raw['input_tokens_details']);
  const out = object(raw['completion_tokens_details'] ?? raw['output_tokens_details']);
  return usage((prompt ?? 0) + (isHeard ? gap : 0), (completion ?? 0) + (isHeard ? 0 : gap), {
    cacheRead: count(into['cached_tokens'], raw['cached_tokens'], raw['prompt_cache_hit_tokens'], raw['cache_read_input_tokens']),
    cacheWrite: count(into['cache_write_tokens'], into['cache_creation_tokens'], raw['cache_creation_input_tokens']),
    reasoning: count(out['reasoning_tokens'], raw['reasoning_tokens']),
  });
}

/** @param said the service's word for how it ended */
export function finishOf(said: unknown, table: Readonly<Record<string, Finish>>, hasCalls: boolean): Finish | undefined {
  const raw = word(said);
  if (raw === undefined) return undefined;
  const finish = table[raw.toLowerCase()] ?? 'other';
  return hasCalls && (finish === 'stop' || finish === 'other') ? 'tool_calls' : finish;
}
