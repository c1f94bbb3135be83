/**
 * Gemini (https://ai.google.dev/api/generate-content), on Vertex the same. The path names the model and whether the answer
 * is streamed: as events with `alt=sse`, else as the elements of a JSON array, as they come.
 *
 *   data: {"candidates":[{"content":{"parts":[{"text":"Hel"}],"role":"model"},"index":0}],
 *          "usageMetadata":{"promptTokenCount":4,"totalTokenCount":4},"modelVersion":"gemini-2.5-flash","responseId":"r1"}
 *
 * Each piece has the shape of a whole answer. Parts are read in gemini-parts.ts.
 */
import type { FinishReason, Message, Part, ToolDefinition, Usage } from '../model/call.ts';
import { fieldOf, messageOf, partToParts, roleOf } from './gemini-parts.ts';
import { addPartialArguments } from './gemini-arguments.ts';
import { countOf, indexOf, isObject, jsonOf, listOf, mergeFields, objectOf, objectsOf, once, textOf, without, type JsonObject } from './json.ts';
import type { Match } from './match.ts';
import { pathName } from './path-name.ts';
import type { AddedText, Answer, Reader } from './provider.ts';

export const match: Match = {
  dialect: 'gemini',
  method: 'POST',
  pathEnds: [':generateContent', ':streamGenerateContent'],
  bodyKeys: [['"contents"']],
  shape: [['"generationConfig"'], ['"contents"']],
};

// What was asked.

const pathOf = (url: string): string => (url.split(/[?#]/)[0] ?? '').replace(/%3A/gi, ':');

/** `models/gemini-2.5-flash`, `tunedModels/x`, Vertex' `endpoints/1`: the name before the verb. */
const modelIn = (url: string): string | undefined => pathName(/\/([^/:]+):\w+\/*$/.exec(pathOf(url))?.[1]);

/** One object may declare functions and name tools of the provider's own. */
const toolsOf = once((tool): ToolDefinition[] => Object.entries(tool).flatMap(([key, told]): ToolDefinition[] => {
  if (told === null) return [];
  if (key !== 'functionDeclarations' && key !== 'function_declarations') return [{ name: key, json: jsonOf({ [key]: told }) }];
  return objectsOf(told).map((declared) => {
    const description = textOf(declared['description']);
    return { name: textOf(declared['name']) ?? '', ...(description === undefined ? {} : { description }), json: jsonOf(declared) };
  });
}));

const contentOf = once((content) => messageOf(content, 'user'));

/** A list where the API wants one; clients allow a single value. */
const manyOf = (value: unknown): unknown[] => Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

// What was answered.

const FINISH: Readonly<Record<string, FinishReason>> = {
  'STOP': 'stop', '1': 'stop', 'MAX_TOKENS': 'length', '2': 'length',
  'SAFETY': 'content_filter', '3': 'content_filter', 'RECITATION': 'content_filter', '4': 'content_filter', 'LANGUAGE': 'content_filter', 'BLOCKLIST': 'content_filter',
  'PROHIBITED_CONTENT': 'content_filter', 'SPII': 'content_filter', 'IMAGE_SAFETY': 'content_filter', 'IMAGE_PROHIBITED_CONTENT': 'content_filter', 'IMAGE_RECITATION': 'content_filter', 'MODEL_ARMOR': 'content_filter',
  'MALFORMED_FUNCTION_CALL': 'error', 'UNEXPECTED_TOOL_CALL': 'error', 'TOO_MANY_TOOL_CALLS': 'error', 'MALFORMED_RESPONSE': 'error', 'MISSING_THOUGHT_SIGNATURE': 'error',
};

/** Beside the content: sources and what was searched. Told in pieces that each replace the one before. */
const BESIDE = ['groundingMetadata', 'citationMetadata', 'urlContextMetadata'];

interface Candidate { role: string; parts: Part[]; finish?: string; beside: Map<string, JsonObject>; /** arguments of a call that goes on */ open?: JsonObject }

const newCandidate = (): Candidate => ({ role: 'assistant', parts: [], beside: new Map() });

/** The prompt leaves out what tools brought into it, the answer what was thought; the normal form counts both in. */
function usageOf(raw: JsonObject): Usage | undefined {
  const of = (name: string): number | undefined => countOf(fieldOf(raw, name));
  const [prompt, tools, said, thought] = [of('promptTokenCount'), of('toolUsePromptTokenCount'), of('candidatesTokenCount'), of('thoughtsTokenCount')];
  if (prompt === undefined && said === undefined && thought === undefined) return undefined;
  const [input, output] = [(prompt ?? 0) + (tools ?? 0), (said ?? 0) + (thought ?? 0)];
  const audio = (name: string): number | undefined => countOf(fieldOf(objectsOf(fieldOf(raw, name)).find(({ modality }) => modality === 'AUDIO') ?? {}, 'tokenCount'));
  const [cacheRead, audioInput, audioOutput] = [of('cachedContentTokenCount'), audio('promptTokensDetails'), audio('candidatesTokensDetails')];
  return {
    input, output, total: input + output,
    ...(cacheRead === undefined ? {} : { cacheRead: Math.min(cacheRead, input) }),
    ...(thought === undefined ? {} : { reasoning: thought }),
    ...(audioInput === undefined ? {} : { audioInput: Math.min(audioInput, input) }),
    ...(audioOutput === undefined ? {} : { audioOutput: Math.min(audioOutput, output) }),
  };
}

/** The API says `STOP` where the answer is a call: the call is the truth. */
function finishOf({ finish, parts }: Candidate): { raw: string; reason: FinishReason } | undefined {
  if (finish === undefined) return undefined;
  const reason = Object.hasOwn(FINISH, finish) ? FINISH[finish] ?? 'other' : 'other';
  return { raw: finish, reason: reason === 'stop' && parts.some(({ type }) => type === 'tool_call') ? 'tool_calls' : reason };
}

function partsOf({ parts, beside, open }: Candidate): Part[] {
  const last = parts.at(-1);
  const said = open === undefined || last?.type !== 'tool_call' ? parts : [...parts.slice(0, -1), { ...last, arguments: jsonOf(open) }];
  return [...said, ...[...beside].map(([name, told]) => ({ type: 'other' as const, name, json: jsonOf(told) }))];
}

function startAnswer(): Answer {
  const candidates = new Map<number, Candidate>();
  /** index of the candidate that people watch grow: the first to speak */ let watched: number | undefined;
  let usage: JsonObject = {};
  let modelAnswered: string | undefined;
  let responseId: string | undefined;
  let blocked: string | undefined;

  /** A new part each time: the old one may have been handed out. */
  function append(candidate: Candidate, part: Part): AddedText[] {
    const { parts } = candidate;
    const last = parts.at(-1);
    if (part.type === 'text' && last?.type === 'text') parts.splice(-1, 1, { type: 'text', text: last.text + part.text });
    else if (part.type === 'reasoning' && last?.type === 'reasoning') parts.splice(-1, 1, { ...last, ...part, text: last.text + part.text });
    else parts.push(part);
    if (part.type === 'text' || part.type === 'reasoning') return [{ kind: part.type, text: part.text }];
    if (part.type !== 'tool_call') return [];
    const isFirst = parts.filter(({ type }) => type === 'tool_call').length === 1;
    return [{ kind: 'tool', text: `${isFirst ? '' : '\n'}${part.name} ${candidate.open === undefined ? part.arguments : ''}` }];
  }

  /** Vertex streams arguments where asked to: pieces with paths, until one does not say that it goes on. */
  function takeCall(candidate: Candidate, told: JsonObject): AddedText[] {
    const goesOn = fieldOf(told, 'willContinue') === true;
    const pieces = objectsOf(fieldOf(told, 'partialArgs'));
    const last = candidate.parts.at(-1);
    const isOpen = candidate.open !== undefined && last?.type === 'tool_call';
    if (!isOpen && !goesOn && pieces.length === 0) return partToParts({ functionCall: told }).flatMap((part) => append(candidate, part));
    if (!isOpen) candidate.open = {};
    const given = candidate.open ?? {};
    const added = isOpen ? [] : partToParts({ functionCall: told }).flatMap((part) => append(candidate, part));
    addPartialArguments(given, pieces);
    if (goesOn) return added;
    const call = candidate.parts.at(-1);
    candidate.open = undefined;
    if (call?.type === 'tool_call') candidate.parts.splice(-1, 1, { ...call, arguments: jsonOf(given) });
    return [...added, { kind: 'tool', text: jsonOf(given) }];
  }

  function takeCandidate(value: JsonObject): AddedText[] {
    const index = indexOf(value['index']) ?? 0;
    const candidate = candidates.get(index) ?? newCandidate();
    candidates.set(index, candidate);
    const content = objectOf(value['content']);
    candidate.role = roleOf(content, candidate.role);
    const finish = fieldOf(value, 'finishReason');
    if (textOf(finish) !== undefined || (countOf(finish) ?? 0) > 0) candidate.finish = String(finish);
    for (const name of BESIDE) {
      const told = objectOf(fieldOf(value, name));
      if (Object.keys(told).length > 0) candidate.beside.set(name, told);
    }
    const added = objectsOf(content['parts']).flatMap((part) => {
      const call = fieldOf(part, 'functionCall');
      return isObject(call) ? takeCall(candidate, call) : partToParts(part).flatMap((read) => append(candidate, read));
    });
    if (added.length > 0) watched ??= index;
    return index === watched ? added : [];
  }

  return {
    take(value) {
      modelAnswered = textOf(fieldOf(value, 'modelVersion')) ?? modelAnswered;
      responseId = textOf(fieldOf(value, 'responseId')) ?? responseId;
      blocked = textOf(fieldOf(objectOf(fieldOf(value, 'promptFeedback')), 'blockReason')) ?? blocked;
      usage = mergeFields(usage, objectOf(fieldOf(value, 'usageMetadata')));
      return objectsOf(value['candidates']).flatMap(takeCandidate).filter(({ text }) => text !== '');
    },
    read() {
      const inOrder = [...candidates].toSorted(([a], [b]) => a - b).map(([, candidate]) => candidate);
      const output: Message[] = inOrder.map((candidate) => ({ role: candidate.role, parts: partsOf(candidate) }));
      const ended = inOrder[0] === undefined ? undefined : finishOf(inOrder[0]);
      const finish = ended ?? (blocked === undefined ? undefined : { raw: blocked, reason: 'content_filter' as const });
      const counted = usageOf(usage);
      return {
        output, problems: [],
        ...(modelAnswered === undefined ? {} : { modelAnswered }),
        ...(counted === undefined ? {} : { usage: counted, rawUsage: jsonOf(usage) }),
        ...(finish === undefined ? {} : { finish }),
        ...(responseId === undefined ? {} : { responseId }),
      };
    },
  };
}

/** A search service asks for `contents`, too. */
const isContent = (value: unknown): boolean => isObject(value) && 'parts' in value;

export const reader: Reader = {
  dialect: match.dialect,
  system: 'gemini',
  asks: (body) => listOf(body['contents']).length > 0 && listOf(body['contents']).every(isContent),
  readRequest: (body, { url }) => {
    const modelAsked = textOf(body['model'])?.replace(/^models\//, '') ?? modelIn(url);
    const system = fieldOf(body, 'systemInstruction');
    return {
      streaming: /:stream/i.test(pathOf(url)),
      ...(modelAsked === undefined ? {} : { modelAsked }),
      parameters: without(body, ['contents', 'systemInstruction', 'system_instruction', 'tools', 'model']),
      input: [...(system === undefined ? [] : [{ ...messageOf(system, 'system'), role: 'system' }]), ...manyOf(body['contents']).map((content) => isObject(content) ? contentOf(content) : messageOf(content, 'user'))],
      tools: manyOf(body['tools']).filter(isObject).flatMap(toolsOf),
    };
  },
  answers: (value) => Array.isArray(value['candidates']) || isObject(fieldOf(value, 'promptFeedback')) || isObject(fieldOf(value, 'usageMetadata')),
  startAnswer,
};
