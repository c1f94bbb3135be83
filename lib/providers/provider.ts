/**
 * What a provider file exports: `match` (see match.ts) and a `reader`.
 *
 * A reader is given parsed JSON and says what it means in the words of `lib/model/call.ts`. It has no clock and never
 * throws: whatever it does not understand it leaves out or names in `problems`; the raw bytes stay visible beside it.
 */
import type { HeaderList } from '../model/record.ts';
import type { FinishReason, Found, Message, Operation, ToolDefinition, Usage, Vectors } from '../model/call.ts';
import type { JsonObject } from './json.ts';

/** The request line and headers, without secrets. */
export interface Asked { url: string; headers: HeaderList }

/** What the request says. */
export interface RequestReading {
  /** default: chat */ operation?: Operation;
  streaming: boolean;
  modelAsked?: string;
  /** request minus messages, tools and model */ parameters: JsonObject;
  /** `embed`: one user message a text; `search`: the query, where it is words */ input: Message[];
  tools: ToolDefinition[];
  /** ids of earlier answers, or items of them, that stand for what they said, the latest first */ refersTo?: string[];
  /** `search` */ collection?: string;
  /** `search`: of the query's vectors, see `vectorMark` */ vectorMarks?: string[];
}

/** What the response says so far. */
export interface AnswerReading {
  /** one message a choice */ output: Message[];
  vectors?: Vectors;
  documents?: Found[];
  /** `embed`: of the vectors given */ vectorMarks?: string[];
  modelAnswered?: string;
  usage?: Usage;
  /** raw usage object, JSON */ rawUsage?: string;
  finish?: { raw: string; reason: FinishReason };
  responseId?: string;
  /** ids by which a later request may refer to this answer or its items */ keptAs?: string[];
  error?: { type: string; message: string };
  problems: string[];
}

/** Text that a frame added to the answer, for those who watch it grow. `tool`: name and arguments of a call. */
export interface AddedText { kind: 'text' | 'reasoning' | 'tool'; text: string }

/** One response being read: a stream frame by frame, a plain body as a single value. */
export interface Answer {
  take(value: JsonObject): AddedText[];
  read(): AnswerReading;
}

export interface Reader {
  /** the dialect's id, as in `match` */ dialect: string;
  /** `llm.system` */ system: string;
  /** does this request body speak the dialect, whatever its path? */
  asks(body: JsonObject, asked: Asked): boolean;
  readRequest(body: JsonObject, asked: Asked): RequestReading;
  /** does this value of a response speak the dialect? */
  answers(value: JsonObject): boolean;
  /** @param request the request body, `{}` where unknown */
  startAnswer(request: JsonObject): Answer;
}
