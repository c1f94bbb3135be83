/** The SDKs as an app would set them up in a browser, pointed at the model server. */
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

export interface Clients {
  openai: OpenAI;
  anthropic: Anthropic;
  /** Base URL of the vector database. */ vectors: string;
  headers: Record<string, string>;
  /** How many times faster than real life everything goes. */ speed: number;
}

export function connect(models: string, speed: number): Clients {
  const headers: Record<string, string> = speed === 1 ? {} : { 'x-lab-speed': String(speed) };
  const shared = { apiKey: 'sk-demo-no-real-key', dangerouslyAllowBrowser: true, defaultHeaders: headers };
  return {
    openai: new OpenAI({ ...shared, baseURL: `${models}/v1` }),
    anthropic: new Anthropic({ ...shared, baseURL: models }),
    vectors: `${models}/qdrant`,
    headers,
    speed,
  };
}
