/** What looks like a step or a turn of another call and is none. */
import { describe, expect, test } from 'vitest';
import { AGENT_TREE, agentRun, weather } from './agent-run.ts';
import { createChat, createPage, record } from './app.ts';
import { idOf } from './exchanges.ts';
import { createMemory, treesOf } from './memory.ts';
import { anthropic, gemini, ollama, openai, responses } from './wire.ts';

interface Twin { system?: string; more?: object; document?: string; id?: string }

describe.each([['openai', openai, 'gpt-5-mini'], ['anthropic', anthropic, 'claude-sonnet-4-5'], ['ollama', ollama, 'qwen3:4b'], ['openai-responses', responses, 'gpt-5-mini'], ['gemini', gemini, 'gemini-2.5-flash']] as const)('%s', (_, wire, model) => {
  test('three identical runs side by side stay three', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const pages = [createPage('a'), createPage('a'), createPage('a')];
    for (const [run, own] of pages.entries()) agentRun(own, wire, 1000 + run * 10, { step: 200, ids: 'same' });
    // One document numbers them all, in the order of their starts.
    for (const call of pages.flatMap(({ sent }) => sent).toSorted((a, b) => a.start - b.start)) page.send(call);
    await record(memory, [page]);
    expect(treesOf(memory.rows())).toBe([AGENT_TREE(model), AGENT_TREE(model), AGENT_TREE(model)].join('\n'));
    expect([4, 5, 6, 7, 8, 9].map((ordinal) => memory.exchange(`doc/${ordinal}`)?.link?.to)).toEqual(['doc/1', 'doc/2', 'doc/3', 'doc/4', 'doc/5', 'doc/6']);
  });

  test('the same run again, later, is another trace', async () => {
    const [page, memory] = [createPage(), createMemory()];
    agentRun(page, wire, 1000, { ids: 'same' });
    agentRun(page, wire, 9000, { ids: 'same' });
    await record(memory, [page]);
    expect(treesOf(memory.rows())).toBe([AGENT_TREE(model), AGENT_TREE(model)].join('\n'));
  });

  test('a run that was given up does not swallow its repetition', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const givenUp = createChat(page, wire, 'You are Trip Planner, a careful agent.');
    givenUp.user('Where is it warmer?');
    givenUp.call(0, { text: 'I look at both.', tools: [weather('same_1'), weather('same_2', 'Oslo')] });
    agentRun(page, wire, 5000, { ids: 'same' });
    await record(memory, [page]);
    expect(treesOf(memory.rows())).toBe(`LLM ${model}\n${AGENT_TREE(model)}`);
  });

  test('tool call ids that repeat in another question link nothing', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const seen = createChat(page, wire);
    seen.user('Weather in Rome?');
    seen.call(0, { tools: [weather('call_1', 'Rome')] });
    const other = createChat(page, wire);
    // Its first call was made on a server, out of sight.
    other.user('Weather in Lisbon?');
    other.messages.push(wire.echo({ tools: [weather('call_1')] }));
    other.results([{ id: 'call_1', text: '21 C' }]);
    other.call(100, { text: 'Sunny.' });
    await record(memory, [page]);
    expect(memory.exchange('doc/2')?.link?.relation).toBe('root');
  });

  test('a sub-agent with a history of its own is not mistaken for a step', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const lead = createChat(page, wire, 'You are Lead.');
    lead.user('Write about tides.');
    lead.call(0, { tools: [{ id: 'task_1', name: 'delegate', args: { task: 'Research how tides work' } }] });
    const helper = createChat(page, wire, 'You are Researcher.');
    helper.user('Research how tides work');
    helper.call(100, { text: 'The moon pulls the water.' });
    lead.results([{ id: 'task_1', text: 'The moon pulls the water.' }]);
    lead.call(200, { text: 'Tides come from the moon.' });
    await record(memory, [page]);
    expect(memory.exchange('doc/2')?.link?.relation).toBe('root');
    expect(memory.exchange('doc/3')?.link?.to).toBe('doc/1');
  });

  test('the same words to another question link nothing', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const seen = createChat(page, wire);
    seen.user('What is the weather like?');
    seen.call(0, { text: 'Let me look that up for you.', tools: [weather('t1')] });
    const other = createChat(page, wire);
    other.user('Do I need a coat?');
    other.messages.push(wire.echo({ text: 'Let me look that up for you.', tools: [weather('t9')] }));
    other.results([{ id: 't9', text: '21 C' }]);
    other.call(100, { text: 'No.' });
    await record(memory, [page]);
    expect(memory.exchange('doc/2')?.link?.relation).toBe('root');
  });

  test.each<[string, Twin, Twin]>([
    ...(wire === ollama || wire === gemini ? [] : [['their tool call ids', { id: 't1' }, { id: 't2' }] satisfies [string, Twin, Twin]]),
    ['their system text', { system: 'You are One.' }, { system: 'You are Two.' }],
    ...(wire === gemini ? [] : [['how they are sent', { more: { stream: true } }, {}] satisfies [string, Twin, Twin]]),
    ['their document', { document: 'a' }, { document: 'b' }],
  ])('runs with the same content are told apart by %s', async (_, ...twins) => {
    const memory = createMemory();
    const pages = new Map(twins.map(({ document = 'doc' }) => [document, createPage(document)]));
    const chats = twins.map(({ document = 'doc', system, id = 'same', more }, index) => {
      const chat = createChat(pages.get(document) ?? createPage(), wire, system);
      chat.user('Weather?');
      const sent = chat.call(index * 10, { tools: [weather(id)] }, { more });
      chat.results([{ id, text: '21 C' }]);
      return { chat, sent, more };
    });
    // The later one goes on first.
    const steps = chats.toReversed().map(({ chat, sent, more }, index) => ({ from: sent, step: chat.call(100 + index * 10, { text: 'Sunny.' }, { more }) }));
    await record(memory, [...pages.values()]);
    for (const { from, step } of steps) expect(memory.exchange(idOf(step))?.link?.to).toBe(idOf(from));
  });

  test('a turn asked again does not follow an answer that is still to come', async () => {
    const [page, memory] = [createPage(), createMemory()];
    const chat = createChat(page, wire);
    chat.user('Hello');
    chat.call(0, { text: 'Hello! How can I help?' });
    createChat(page, wire).call(10, { text: 'Hello! How can I help?' }, { sent: [wire.user('Hello')], takes: 5000 });
    chat.user('Tell me more.');
    chat.call(100, { text: 'More of what?' });
    chat.call(300, { text: 'Of what?' }, { sent: chat.messages.slice(0, 3) });
    await record(memory, [page]);
    expect([3, 4].map((ordinal) => memory.exchange(`doc/${ordinal}`)?.link?.to)).toEqual(['doc/1', 'doc/1']);
  });
});
