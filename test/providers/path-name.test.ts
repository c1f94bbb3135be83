import { expect, test } from 'vitest';
import { readerForRequest } from '../../lib/providers/registry.ts';

test.each([
  ['https://generativelanguage.googleapis.com/v1beta/models/my%20model:generateContent', { contents: [{ parts: [{ text: 'Hi' }] }] }, 'my model'],
  ['https://x.openai.azure.com/openai/deployments/my%20model/chat/completions', { messages: [{ role: 'user', content: 'Hi' }] }, 'my model'],
  ['https://us-east5-aiplatform.googleapis.com/v1/publishers/anthropic/models/my%20model%3ArawPredict', { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1 }, 'my model'],
  ['https://x.openai.azure.com/openai/deployments/%E0%A4%A/chat/completions', { messages: [{ role: 'user', content: 'Hi' }] }, '%E0%A4%A'],
])('a model named in the path is read as people write it: %s', (url, body, model) => {
  const asked = { url, headers: [] };
  expect(readerForRequest(body, asked).readRequest(body, asked).modelAsked).toBe(model);
});
