/** What hangs together and why, from the JSON of both dialects to links and trees. */
import { describe, expect, test } from 'vitest';
import { AGENT_TREE, agentRun, weather } from './agent-run.ts';
import { createChat, createPage, record } from './app.ts';
import { createMemory, treesOf } from './memory.ts';
import { anthropic, gemini, ollama, openai, responses } from './wire.ts';

describe.each([['openai', openai, 'gpt-5-mini'], ['anthropic', anthropic, 'claude-sonnet-4-5'], ['ollama', ollama, 'qwen3:4b'], ['openai-responses', responses, 'gpt-5-mini'], ['gemini', gemini, 'gemini-2.5-flash']] as const)('%s', (_, wire, model) => {
  test('a single call is its own root', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const chat = createChat(page, wire);
    chat.user('Hello');
    chat.call(0, { text: 'Hello! How can I help?' });
    await record(memory, [page]);
    expect(treesOf(memory.rows())).toBe(`LLM ${model}`);
    expect(memory.rows()[0]).toMatchObject({ title: 'Hello', link: { relation: 'root', evidence: 'none' }, conversation: undefined });
  });

  test('a tool loop is one trace under an agent, parallel tools side by side', async () => {
    const [page, memory] = [createPage(), createMemory()];
    agentRun(page, wire, 1000);
    await record(memory, [page]);
    expect(treesOf(memory.rows())).toBe(AGENT_TREE(model));
    expect(new Set(memory.rows().map(({ traceId }) => traceId)).size).toBe(1);
    expect(memory.exchange('doc/3')?.link).toEqual({
      relation: 'continues', to: 'doc/2', evidence: 'history', confidence: 0.99,
      detail: expect.stringMatching(/^Its first \d messages are the messages and the answer of an earlier call\.$/),
    });
  });

  test('a call that asks for a tool is alone until the result comes back', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const chat = createChat(page, wire);
    chat.user('Weather?');
    chat.call(0, { tools: [weather('t1')] });
    await record(memory, [page]);
    expect(treesOf(memory.rows())).toBe(`LLM ${model}`);
  });

  test('a new turn of the user is a trace of its own in the same conversation', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const chat = createChat(page, wire);
    for (const [turn, text] of ['One', 'Two', 'Three'].entries()) {
      chat.user(text);
      chat.call(turn * 100, { text: `Answer number ${turn}, at length.` });
    }
    await record(memory, [page]);
    expect(treesOf(memory.rows())).toBe(`LLM ${model}\nLLM ${model}\nLLM ${model}`);
    expect(memory.rows().map(({ title, conversation, link }) => [title, conversation, link.relation, link.to])).toEqual([
      ['One', 'doc/1', 'root', undefined], ['Two', 'doc/1', 'turn', 'doc/1'], ['Three', 'doc/1', 'turn', 'doc/2'],
    ]);
  });

  test('a window that slides over the history keeps the loop together', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const chat = createChat(page, wire);
    chat.user('Check all the cities, one by one, please.');
    for (const [step, city] of ['Lisbon', 'Oslo', 'Rome', 'Paris', 'Kyiv', 'Berlin'].entries()) {
      chat.call(step * 100, { text: `Now I check ${city} for you.`, tools: [weather(`t${step}`, city)] }, { sent: [chat.messages[0] ?? {}, ...chat.messages.slice(1).slice(-4)] });
      chat.results([{ id: `t${step}`, text: `${step} C` }]);
    }
    await record(memory, [page]);
    expect(memory.exchange('doc/6')?.link).toMatchObject({ relation: 'continues', to: 'doc/5', evidence: 'history_tail' });
    expect(memory.rows().filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1);
  });

  test.skipIf(wire === ollama || wire === gemini)('an answer rewritten by the app is still known by the ids of its tool calls', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const chat = createChat(page, wire);
    chat.user('Weather?');
    chat.call(0, { text: 'Let me see what I can find.', tools: [weather('t1')] });
    chat.results([{ id: 't1', text: '21 C' }]);
    chat.messages[1] = wire.echo({ tools: [{ id: 't1', name: 'get_weather', args: { city: 'Lisbon', unit: 'C' } }] });
    chat.call(100, { text: 'Sunny.' });
    await record(memory, [page]);
    expect(memory.exchange('doc/2')?.link).toMatchObject({ relation: 'continues', to: 'doc/1', evidence: 'tool_call_id', confidence: 0.95 });
  });

  test('a system text with the time in it, other cache marks and new ids break no loop', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const chat = createChat(page, wire, 'It is 12:00.');
    chat.user('Weather?');
    chat.call(0, { tools: [weather('t1')] });
    chat.messages[1] = wire.echo({ tools: [weather('renamed')] });
    chat.results([{ id: 'renamed', text: '21 C' }]);
    page.send({ wire, start: 100, end: 150, request: wire.request('It is 12:01.', chat.messages), response: wire.answer({ text: 'Sunny.' }) });
    await record(memory, [page]);
    expect(memory.exchange('doc/2')?.link).toMatchObject({ relation: 'continues', to: 'doc/1', evidence: 'history' });
    expect(treesOf(memory.rows())).toBe(`AGENT agent\n  LLM ${model}\n  TOOL get_weather(city: "Lisbon")\n  LLM ${model}`);
  });

  test('what a harness adds to tool results is no turn of the user', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const chat = createChat(page, wire);
    chat.user('Weather?');
    chat.call(0, { tools: [weather('t1')] });
    chat.results([{ id: 't1', text: '21 C' }], 'Remember to be brief.');
    chat.call(100, { text: 'Sunny.' });
    await record(memory, [page]);
    expect(memory.exchange('doc/2')?.link?.relation).toBe('continues');
  });

  test('a loop goes on after a reload of the page', async () => {
    const [before, after, memory] = [createPage('before'), createPage('after'), createMemory()];
    const chat = createChat(before, wire);
    chat.user('Weather?');
    chat.call(0, { tools: [weather('t1')] });
    chat.results([{ id: 't1', text: '21 C' }]);
    after.send({ wire, start: 5000, end: 5050, request: wire.request(undefined, chat.messages), response: wire.answer({ text: 'Sunny.' }) });
    await record(memory, [before, after]);
    expect(memory.exchange('after/1')).toMatchObject({ run: 'before/1', link: { relation: 'continues', to: 'before/1' } });
  });

  test('steps whose answers were not seen do not break a loop', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const chat = createChat(page, wire);
    chat.user('Weather?');
    chat.call(0, { tools: [weather('t1')] });
    chat.results([{ id: 't1', text: '21 C' }]);
    chat.messages.push(wire.echo({ tools: [weather('t2', 'Oslo')] }));
    chat.results([{ id: 't2', text: '3 C' }]);
    chat.call(100, { text: 'Lisbon is warmer.' });
    chat.user('And Rome?');
    chat.messages.push(wire.echo({ tools: [weather('t3', 'Rome')] }));
    chat.results([{ id: 't3', text: '25 C' }]);
    chat.call(200, { text: 'Rome is warmest.' });
    await record(memory, [page]);
    expect(memory.exchange('doc/2')?.link).toMatchObject({ relation: 'continues', to: 'doc/1', confidence: 0.95 });
    // Between these two the user spoke, though the request ends with tool results.
    expect(memory.exchange('doc/3')?.link).toMatchObject({ relation: 'turn', to: 'doc/2' });
  });

  test.skipIf(wire === ollama || wire === gemini)('a step follows the nearest call it has evidence of', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const chat = createChat(page, wire);
    chat.user('Weather?');
    chat.call(0, { tools: [weather('t1')] });
    chat.results([{ id: 't1', text: '21 C' }]);
    chat.call(100, { tools: [weather('t2', 'Oslo')] });
    const rewritten = wire.echo({ tools: [{ id: 't2', name: 'get_weather', args: { city: 'Oslo', unit: 'C' } }] });
    chat.messages.splice(-1, 1, rewritten);
    chat.results([{ id: 't2', text: '3 C' }]);
    chat.call(200, { text: 'Lisbon.' });
    await record(memory, [page]);
    expect(memory.exchange('doc/3')?.link).toMatchObject({ to: 'doc/2', evidence: 'tool_call_id' });
  });

  test('where the app begins the answer, or lets the model go on, both halves count', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const chat = createChat(page, wire);
    chat.user('JSON, please.');
    page.send({ wire, start: 0, end: 50, request: wire.request(undefined, [...chat.messages, wire.echo({ text: '{"city": ' })]), response: wire.answer({ text: '"Lisbon", ' }) });
    page.send({ wire, start: 100, end: 150, request: wire.request(undefined, [...chat.messages, wire.echo({ text: '{"city": "Lisbon",' })]), response: wire.answer({ text: '"days": 3}' }) });
    chat.messages.push(wire.echo({ text: '{"city": "Lisbon", "days": 3}' }));
    chat.user('Thanks.');
    chat.call(200, { text: 'You are welcome.' });
    await record(memory, [page]);
    expect(memory.exchange('doc/2')?.link).toMatchObject({ relation: 'continues', to: 'doc/1', evidence: 'history' });
    expect(memory.exchange('doc/3')?.link).toMatchObject({ relation: 'turn', to: 'doc/2', evidence: 'history' });
    expect(treesOf(memory.rows())).toBe(`CHAIN ${model}, 2 calls\n  LLM ${model}\n  LLM ${model}\nLLM ${model}`);
  });

  test('an answer that was stopped half-way and kept by the app is part of the conversation', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const chat = createChat(page, wire);
    chat.user('Tell me a story.');
    chat.call(0, { text: 'Once upon a time there was' }, { how: 'aborted' });
    chat.user('Shorter.');
    chat.call(500, { text: 'A frog. The end.' });
    await record(memory, [page]);
    expect(memory.exchange('doc/2')?.link).toMatchObject({ relation: 'turn', to: 'doc/1' });
  });
});
