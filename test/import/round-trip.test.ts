/** What was saved comes back: the same rows, messages and attributes, and the same file when it is saved again. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callIn } from '../../lib/import/call.ts';
import { contentOf } from '../../lib/import/file.ts';
import { attributesIn } from '../../lib/import/key-values.ts';
import type { ModelCall } from '../../lib/model/call.ts';
import { isWire, type SpanRow } from '../../lib/model/span.ts';
import { attributesOf } from '../../lib/trace/attributes.ts';
import { factsOf } from '../../lib/trace/facts.ts';
import { spansOf } from '../../lib/trace/synthesise.ts';
import { fixtures } from '../fixtures/fixture.ts';
import { createChat, createPage, type Page } from '../trace/app.ts';
import { anthropic, openai } from '../trace/wire.ts';
import { expectedRows, opened, recordPages, saved, savedAgain, type Recorded } from './exported.ts';

type Said = Pick<ModelCall, 'input' | 'output' | 'parameters' | 'usage' | 'finish' | 'documents' | 'vectors' | 'problems'> & { tools: string[] };

/** What the panel shows of a call. */
const shownOf = ({ input, output, parameters, usage, finish, documents, vectors, problems, tools }: ModelCall): Said =>
  ({ input, output, parameters, usage, finish, documents, vectors, problems, tools: tools.map(({ name, description }) => `${name}: ${description}`) });

/** Half a character is none in a file. */
const asInFile = (value: unknown): unknown => JSON.parse(JSON.stringify(value), (_, inner: unknown) => typeof inner === 'string' ? inner.toWellFormed() : inner);

async function comesBack(recorded: Recorded): Promise<void> {
  const text = await saved(recorded);
  const file = opened(text);
  expect(file.faults).toEqual([]);
  const groups = [...Map.groupBy(recorded.rows, ({ source }) => source).values()];
  expect(file.groups.map(({ spans }) => spans.map(({ row }) => row))).toEqual(groups.map((rows, group) => expectedRows(rows, `import-${group}`)));
  for (const [group, { spans }] of file.groups.entries()) {
    for (const [place, span] of spans.entries()) {
      const row = groups[group]?.[place] as SpanRow;
      const attributes = attributesIn(JSON.parse(contentOf(text, span)));
      expect(attributes).toEqual(asInFile(attributesOf(row, recorded.read)));
      const read = recorded.read.get(row.exchange);
      if (read && isWire(row)) expect(asInFile(shownOf(callIn(span.row, attributes)))).toEqual(asInFile(shownOf(read.call)));
    }
  }
  expect(await savedAgain(text, file)).toBe(text);
}

/** Any text that an app may send, half characters and control characters among them. */
const words = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('', ' ', '\ud83d', 'a\u0000b', '"}]\n{"resource":', '__proto__', '🧑‍🚀'), fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 5 }));
const name = fc.oneof(fc.constantFrom('get_weather', 'find', 'toString'), fc.string({ minLength: 1, maxLength: 12 }));
const args = fc.dictionary(fc.string({ maxLength: 8 }), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)), { maxKeys: 3 });
const turn = fc.record({
  user: fc.option(words, { nil: undefined }), text: fc.option(words, { nil: undefined }), tools: fc.array(fc.record({ name, args, result: words, isError: fc.boolean() }), { maxLength: 3 }),
  and: fc.option(words, { nil: undefined }), fails: fc.boolean(), takes: fc.double({ min: 1, max: 90_000, noNaN: true }), status: fc.constantFrom(400, 429, 503),
});
const chat = fc.record({ wire: fc.constantFrom(openai, anthropic), system: fc.option(words, { nil: undefined }), turns: fc.array(turn, { minLength: 1, maxLength: 4 }), start: fc.double({ min: 1.6e12, max: 3.9e12, noNaN: true }) });

/** One page a chat. */
function play({ wire, system, turns, start }: typeof chat extends fc.Arbitrary<infer T> ? T : never, document: string): Page {
  const page = createPage(document);
  const app = createChat(page, wire, system);
  let at = start;
  for (const [number, { user, text, tools, and, fails, takes, status }] of turns.entries()) {
    if (user !== undefined) app.user(user);
    if (fails) app.call(at, undefined, { takes, status });
    app.call(at += fails ? takes + 200 : 0, { text, tools: tools.map((tool, index) => ({ id: `t${number}_${index}`, ...tool })) }, { takes });
    at += takes + 10;
    if (tools.length > 0) app.results(tools.map(({ result, isError }, index) => ({ id: `t${number}_${index}`, text: result, isError })), and);
  }
  return page;
}

describe('what was saved comes back', () => {
  test('any conversations, with tools, failures and second tries', async () => {
    await fc.assert(fc.asyncProperty(fc.array(chat, { minLength: 1, maxLength: 3 }), async (chats) => {
      const recorded = await recordPages(chats.map((each, index) => play(each, `doc${index}`)));
      await comesBack(recorded);
    }), { numRuns: 60 });
  }, 60_000);

  test.each(fixtures().map((each) => [each.name, each] as const))('%s', async (_, { exchange, request, response, expected: call }) => {
    const rows = spansOf([{ ...exchange, facts: factsOf(exchange, call) }]);
    await comesBack({ rows, read: new Map([[exchange.id, { exchange, request, response, call }]]) });
  });

  test('two tab sessions in one file are two sources, each with its site', async () => {
    const recorded = await recordPages([play({ wire: openai, system: 'Be brief.', turns: [{ user: 'One', text: 'Two', tools: [], and: undefined, fails: false, takes: 5, status: 429 }], start: 1.7e12 }, 'doc')]);
    const both = { ...recorded, rows: [...recorded.rows, ...recorded.rows.map((row) => ({ ...row, source: 'other' }))] };
    await comesBack(both);
    expect(opened(await saved(both)).groups.map(({ source, site }) => [source, site])).toEqual([['import-0', 'tab.example'], ['import-1', 'other.example']]);
  });

  test('any times and numbers of a row', async () => {
    const ms = fc.option(fc.double({ min: 0, max: 1e7, noNaN: true }), { nil: undefined });
    const recorded = await recordPages([play({ wire: openai, system: undefined, turns: [{ user: 'One', text: 'Two', tools: [], and: undefined, fails: false, takes: 5, status: 429 }], start: 1.7e12 }, 'doc')]);
    await fc.assert(fc.asyncProperty(fc.record({
      startMs: fc.double({ min: 1.6e12, max: 3.9e12, noNaN: true }), length: fc.double({ min: 0, max: 1e9, noNaN: true }), headMs: ms, firstByteMs: ms, firstTokenMs: ms, attempt: fc.option(fc.integer({ min: 2, max: 9 }), { nil: undefined }),
      endCause: fc.constantFrom('complete', 'cut', 'aborted', 'page_left', undefined), missingBytes: fc.option(fc.integer({ min: 1, max: 1e9 }), { nil: undefined }),
      statusMessage: fc.option(words, { nil: undefined }), errorType: name, status: fc.constantFrom('error', 'unset'), title: fc.option(words, { nil: undefined }),
      retryOf: fc.option(fc.stringMatching(/^[1-9a-f]{16}$/), { nil: undefined }), confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    }), async ({ length, confidence, ...given }) => {
      const failed = given.status === 'error' ? { statusMessage: given.statusMessage, errorType: given.errorType } : { statusMessage: undefined, errorType: undefined };
      const rows = recorded.rows.map((row) => ({ ...row, ...given, ...failed, endMs: given.startMs + length, link: { ...row.link, confidence } }) as SpanRow);
      await comesBack({ ...recorded, rows });
    }), { numRuns: 150 });
  }, 60_000);
});
