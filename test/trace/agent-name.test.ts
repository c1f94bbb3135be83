import { expect, test } from 'vitest';
import { agentNameOf } from '../../lib/trace/agent-name.ts';

test.each([
  ['You are Trip Planner, a careful agent.', 'Trip Planner'],
  ['You are a research assistant that finds papers.', 'research assistant'],
  ['You are the Billing Agent', 'Billing Agent'],
  ['# Code reviewer', 'Code reviewer'],
  ['Weather agent', 'Weather agent'],
  ['You are a helpful assistant.', undefined],
  ['You are an AI', undefined],
  ['Answer in JSON.', undefined],
  ['Use the tools to answer whatever the user may want to know about the weather', undefined],
  ['', undefined],
])('%j names %s', (line, name) => {
  expect(agentNameOf(line)).toBe(name);
});
