/** What a reading of a row must say, by the plain walk. The shape of the answer chooses the walk, since gateways answer in a
 *  dialect of their own choice; the label only where the shape says nothing. */
import type { Found } from './found.ts';
import { valuesIn } from './frames.ts';
import { pathOf, type Label } from './labels.ts';
import { isObject, list, object, objects, tellsError, word, type Json } from './look.ts';
import { chatWalk, embeddingsWalk, responsesWalk } from './openai-walk.ts';
import { cohereWalk, converseWalk, plainWalk, rerankWalk } from './other-walks.ts';
import { anthropicWalk, geminiEmbedWalk, geminiWalk, interactionsWalk, ollamaWalk } from './vendor-walks.ts';
import { plainUsage, wordsIn } from './words.ts';

export interface Expected extends Found {
  /** as the request or its path names it */ asked?: string;
  /** events, lines: it may end anywhere */ isStream: boolean;
  /** a single piece of JSON that breaks off */ isTorn: boolean;
}

type Walk = (values: readonly Json[]) => Found;

const SHAPES: ReadonlyArray<{ shows: (value: Json) => boolean; walk: Walk }> = [
  { shows: (value) => Array.isArray(value['choices']), walk: chatWalk },
  { shows: ({ type }) => type === 'message' || type === 'message_start', walk: anthropicWalk },
  { shows: (value) => Array.isArray(value['candidates']) || 'usageMetadata' in value || 'promptFeedback' in value, walk: geminiWalk },
  { shows: (value) => value['object'] === 'interaction' || 'event_type' in value && isObject(value['interaction']), walk: interactionsWalk },
  { shows: (value) => word(value['object'])?.startsWith('response') === true || word(value['type'])?.startsWith('response.') === true, walk: responsesWalk },
  { shows: (value) => typeof value['done'] === 'boolean' && (isObject(value['message']) || typeof value['response'] === 'string'), walk: ollamaWalk },
  { shows: (value) => 'contentBlockDelta' in value || 'messageStart' in value || isObject(object(value['output'])['message']), walk: converseWalk },
];

const BY_LABEL: Readonly<Record<string, Walk>> = {
  'openai-chat': chatWalk, 'openai-completions': chatWalk, 'mistral': chatWalk, 'writer': chatWalk, 'openai-responses': responsesWalk, 'openai-embeddings': embeddingsWalk,
  'anthropic': anthropicWalk, 'gemini': geminiWalk, 'gemini-embeddings': geminiEmbedWalk, 'ollama': ollamaWalk, 'cohere': cohereWalk,
};

/** Dialects whose answers have a shape of their own, so that another shape is an app's. */
const OWN_SHAPES = new Set(['openai-chat', 'openai-responses', 'anthropic', 'gemini', 'ollama']);

/** Gateways name the model in the path. */
function modelInPath(url: string): string | undefined {
  const path = pathOf(url);
  const named = /\/deployments\/([^/]+)\//.exec(path)?.[1] ?? /\/models?\/(.+?)(?::[A-Za-z]+|\/(?:converse|invoke)[a-z-]*|\/pipeline.*)?$/.exec(path)?.[1] ?? /\/ai\/run\/(.+)$/.exec(path)?.[1];
  try {
    return named === undefined ? undefined : decodeURIComponent(named);
  } catch {
    return named;
  }
}

export function expectedOf(label: Label, asked: { url: string; body: unknown }, status: number, response: Uint8Array, type?: string): Expected {
  const values = valuesIn(response, type);
  const whole = new TextDecoder().decode(response).trim();
  const given = values.filter(isObject);
  const settling = given.flatMap((value) => SHAPES.find(({ shows }) => shows(value)) ?? [])[0];
  const embeds = given.some((value) => objects(value['data']).some((item) => 'embedding' in item)) ? embeddingsWalk : undefined;
  const walk = label.kind === 'rerank' ? rerankWalk : (label.kind === 'generate' ? settling?.walk : embeds) ?? BY_LABEL[label.dialect] ?? plainWalk;
  const found = walk(given);
  // In no dialect's shape: an app's own server may answer in its own way.
  const words = label.kind === 'generate' && settling === undefined && status < 400 && (label.dialect === 'unknown' || (OWN_SHAPES.has(label.dialect) && found.outputs === 0)) ? wordsIn(values) : '';
  const bare = label.kind === 'embed' ? list(values[0]).map((each) => Array.isArray(each) ? each.length : 0) : [];
  return {
    ...found,
    ...(words === '' ? {} : { text: words, outputs: 1 }),
    ...(label.dialect === 'unknown' && settling === undefined ? { usage: plainUsage(given) } : {}),
    ...(bare.length === 0 ? {} : { outputs: 1, vectors: bare[0] === 0 ? { count: 1, size: bare.length } : { count: bare.length, size: bare[0] ?? 0 } }),
    isStream: values.length > 1 || !/^[[{]/.test(whole), isTorn: values.length === 0 && /^[[{]/.test(whole),
    error: found.error || status >= 400 || given.some(tellsError),
    asked: word(object(asked.body)['model'], object(asked.body)['model_id']) ?? modelInPath(asked.url),
  };
}
