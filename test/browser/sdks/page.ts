/** The page of an app that uses every SDK. Nothing of lib/ is here, and nothing that a page does not have by itself. */
import { aiSdkUses } from './uses/ai-sdk.ts';
import { anthropicUses } from './uses/anthropic.ts';
import { geminiUses } from './uses/gemini.ts';
import { ollamaUses } from './uses/ollama.ts';
import { openaiUses } from './uses/openai.ts';
import { responsesUses } from './uses/openai-responses.ts';

const uses = { ...openaiUses, ...responsesUses, ...anthropicUses, ...geminiUses, ...ollamaUses, ...aiSdkUses };

export type UseName = keyof typeof uses;
declare global { interface Window { uses: typeof uses } }
window.uses = uses;
