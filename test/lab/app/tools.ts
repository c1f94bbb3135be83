/** The tools of the travel agents. They answer from a small table after a lifelike wait. */
import type { Conversation } from './conversation.ts';

interface Tool {
  description: string;
  parameters: { type: 'object'; properties: Record<string, { type: 'string' | 'number' }>; required: string[] };
  /** How long the service behind it takes, ms. */ takesMs: number;
  run(input: Record<string, unknown>): unknown;
}

const text = { type: 'string' } as const;

const tools = {
  search_flights: {
    description: 'Find flights between two airports on a day, cheapest first.',
    parameters: { type: 'object', properties: { from: text, to: text, date: text, after: text }, required: ['from', 'to', 'date'] },
    takesMs: 900,
    run: ({ from }) => from === 'OSL'
      ? [{ flight: 'TP767', departs: '11:20', arrives: '14:35', eur: 109 }, { flight: 'SK4671', departs: '13:05', arrives: '18:50', eur: 141 }]
      : [{ flight: 'SK4672', departs: '06:40', arrives: '12:05', eur: 97 }, { flight: 'TP768', departs: '14:05', arrives: '19:20', eur: 109 }],
  },
  get_weather: {
    description: 'Weather forecast for a city on a day.',
    parameters: { type: 'object', properties: { city: text, date: text }, required: ['city'] },
    takesMs: 400,
    run: ({ city }) => ({ city, celsius: 21, sky: 'sunny', wind: 'light' }),
  },
  convert_currency: {
    description: "Convert an amount at today's rate.",
    parameters: { type: 'object', properties: { amount: { type: 'number' }, from: text, to: text }, required: ['amount', 'from', 'to'] },
    takesMs: 350,
    run: ({ amount, to }) => ({ amount: Math.round(Number(amount) * 0.0061), currency: to, rate: 0.0061 }),
  },
} satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;
export const toolNamed = (name: ToolName): Tool => tools[name];

/** Runs a tool the model asked for, showing it in the conversation; resolves with the JSON the model gets back. */
export async function useTool(conversation: Conversation, name: string, input: string, speed: number): Promise<string> {
  const fill = conversation.add({ kind: 'tool', name, input });
  const tool: Tool | undefined = Object.hasOwn(tools, name) ? tools[name as ToolName] : undefined;
  if (!tool) throw new Error(`The model asked for an unknown tool: ${name}`);
  await new Promise((resolve) => setTimeout(resolve, tool.takesMs / speed));
  const output = JSON.stringify(tool.run(JSON.parse(input) as Record<string, unknown>));
  fill({ output });
  return output;
}
