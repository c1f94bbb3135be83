/** What hangs together and why, from the JSON of both dialects to links and trees. */
import { describe, expect, test } from 'vitest';
import { createChat, createPage, record } from './app.ts';
import { idOf } from './exchanges.ts';
import { createMemory, treesOf } from './memory.ts';
import { anthropic, openai, type Answer, type Wire } from './wire.ts';

const weather = (id: string, city = 'Lisbon'): NonNullable<Answer['tools']>[number] => ({ id, name: 'get_weather', args: { city } });

interface Twin { system?: string; more?: object; document?: string; id?: string }

/** Three model calls, two tools at once, then one more. */
function agentRun(page: ReturnType<typeof createPage>, wire: Wire, at: number, { ids = 'call', step = 100, question = 'Where is it warmer?' } = {}): void {
  const chat = createChat(page, wire, 'You are Trip Planner, a careful agent.');
  chat.user(question);
  chat.call(at, { text: 'I look at both.', tools: [weather(`${ids}_1`), weather(`${ids}_2`, 'Oslo')] });
  chat.results([{ id: `${ids}_1`, text: '21 C' }, { id: `${ids}_2`, text: '3 C' }]);
  chat.call(at + step, { tools: [{ id: `${ids}_3`, name: 'find_flights', args: { to: 'Lisbon', days: 3 } }] });
  chat.results([{ id: `${ids}_3`, text: 'none' }]);
  chat.call(at + 2 * step, { text: 'Lisbon, but there is no flight.' });
}

const AGENT_TREE = (model: string): string => `AGENT Trip Planner
  LLM ${model}
  TOOL get_weather(city: "Lisbon")
  TOOL get_weather(city: "Oslo")
  LLM ${model}
  TOOL find_flights(to: "Lisbon", days: 3)
  LLM ${model}`;

describe.each([['openai', openai, 'gpt-5-mini'], ['anthropic', anthropic, 'claude-sonnet-4-5']] as const)('%s', (_, wire, model) => {
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

  test('an answer rewritten by the app is still known by its tool calls', async () => {
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

  test('a step follows the nearest call it has evidence of', async () => {
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
    ['their tool call ids', { id: 't1' }, { id: 't2' }],
    ['their system text', { system: 'You are One.' }, { system: 'You are Two.' }],
    ['how they are sent', { more: { stream: true } }, {}],
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
