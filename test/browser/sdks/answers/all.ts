/** What the model server answers to each use, in order. */
import type { UseName } from '../page.ts';
import { anthropicAnswers } from './anthropic.ts';
import type { Answer } from './answer.ts';
import { geminiAnswers } from './gemini.ts';
import { ollamaAnswers } from './ollama.ts';
import { openaiAnswers } from './openai.ts';
import { responsesAnswers } from './openai-responses.ts';

export const answers: Record<UseName, readonly Answer[]> = { ...openaiAnswers, ...responsesAnswers, ...anthropicAnswers, ...geminiAnswers, ...ollamaAnswers };
