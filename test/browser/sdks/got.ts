/** What an app got through its SDK, in one form for all of them. A span says the same of its call (`spoken.ts`). */

export interface ToolUse { /** where the dialect has them */ id?: string; name: string; /** parsed */ arguments: unknown }

/** `total`: as the SDK tells it, else the sum. Input counts the cache in, output the thinking. */
export interface Tokens { input: number; output: number; total: number; cacheRead?: number; reasoning?: number }

/** Of none, some say 0 and some nothing. */
export const atLeastOne = (count: number | null | undefined): number | undefined => count || undefined;

/** The provider's own words, at status 200 within a stream. `type` is what the provider names it. */
export interface Refusal { status: number; type: string; message: string }

export interface Call {
  /** what the user said last; of an embedding all texts */ asked?: string | string[];
  model?: string;
  id?: string;
  text: string;
  reasoning: string;
  tools: ToolUse[];
  /** as on the wire */ finish?: string;
  /** in common words, where the SDK tells those */ reason?: 'stop' | 'length' | 'tool_calls' | 'error';
  tokens?: Tokens;
  vectors?: { count: number; size: number };
  refusal?: Refusal;
  ended: 'complete' | 'aborted' | 'cut';
  /** class and words of what the SDK threw; no span knows the class */ thrown?: { name: string; message: string };
}

export interface Got {
  calls: Call[];
  /** tools that the app ran between its calls */ ran: Array<ToolUse & { result: string }>;
}

/** @param base where the model server answers this use */
export type Use = (base: string) => Promise<Got>;

export const emptyCall = (asked?: Call['asked']): Call => ({ asked, text: '', reasoning: '', tools: [], ended: 'complete' });
