/** What the playground offers. Ids are the buttons' element ids; tests press them. */
import { runAnthropicAgent, runOpenaiAgent } from './agents.ts';
import { ANTHROPIC_MODEL, askWhole, streamAnthropic, streamOpenai } from './chats.ts';
import type { Stage } from './chats.ts';
import { askGuides } from './question.ts';

export interface Scenario { id: string; group: string; name: string; hint: string; words: string; run(stage: Stage, words: string): Promise<void> }

/** The provider is down: the SDK tries three times and gives up. */
async function askDuringOutage({ clients, conversation, signal }: Stage, words: string): Promise<void> {
  conversation.add({ kind: 'user', text: words });
  await clients.anthropic.messages.create({ model: ANTHROPIC_MODEL, max_tokens: 256, messages: [{ role: 'user', content: words }] }, { signal });
}

export const scenarios: readonly Scenario[] = [
  { id: 'chat-openai', group: 'Chat', name: 'Weekend plan', hint: 'OpenAI, streamed', words: 'Plan a long weekend in Lisbon for two. We hate early mornings.', run: streamOpenai },
  { id: 'chat-anthropic', group: 'Chat', name: 'Best season', hint: 'Anthropic, streamed', words: 'Is November a good time for Kyoto?', run: streamAnthropic },
  { id: 'chat-whole', group: 'Chat', name: 'Name the trip', hint: 'OpenAI, not streamed', words: 'Give me a name for our trip along the Portuguese coast.', run: askWhole },
  { id: 'chat-long', group: 'Chat', name: 'Full rail guide', hint: 'A long answer; try Stop', words: 'Write the full guide to Portugal by train.', run: streamOpenai },
  { id: 'agent-openai', group: 'Agents', name: 'Find flights', hint: 'Two tools, three model calls', words: 'Find me a sunny weekend in Lisbon from Oslo in May. No flights before ten.', run: runOpenaiAgent },
  { id: 'agent-anthropic', group: 'Agents', name: 'Check the budget', hint: 'One tool, thinking', words: 'The ryokan costs 180,000 yen for three nights. Does that fit a budget of 1,200 euros?', run: runAnthropicAgent },
  { id: 'rag', group: 'Knowledge', name: 'Ask the city guides', hint: 'Embed, search, answer', words: 'Can I take the trams in Lisbon with a stroller?', run: askGuides },
  { id: 'error-retry', group: 'When it goes wrong', name: 'Rate limit', hint: '429, then the SDK retries', words: 'Recommend a small hotel in Porto.', run: askWhole },
  { id: 'error-refused', group: 'When it goes wrong', name: 'Too much context', hint: '400, stays an error', words: 'Summarise my whole travel diary.', run: streamOpenai },
  { id: 'error-outage', group: 'When it goes wrong', name: 'Outage', hint: '529, three attempts', words: 'When does the ferry to the Azores leave?', run: askDuringOutage },
];

/** Follow-up questions to the weekend plan. */
export const followUps = [
  { id: 'follow-rain', words: 'And what if it rains?' },
  { id: 'follow-airport', words: 'How do we get into town from the airport?' },
] as const;
