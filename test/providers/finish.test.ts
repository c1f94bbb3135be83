import { describe, expect, test } from 'vitest';
import { readCall } from '../../lib/trace/fold.ts';
import { fixture } from '../fixtures/fixture.ts';

/** Servers of OpenAI's shape hand through what the model behind them says. */
describe('how an answer of the OpenAI chat shape ended', () => {
  test.each([
    ['stop', 'stop'], ['STOP', 'stop'], ['eos', 'stop'], ['eos_token', 'stop'], ['end_turn', 'stop'], ['stop_sequence', 'stop'], ['COMPLETE', 'stop'],
    ['length', 'length'], ['MAX_TOKENS', 'length'], ['model_length', 'length'], ['model_context_window_exceeded', 'length'],
    ['content_filter', 'content_filter'], ['sensitive', 'content_filter'], ['SAFETY', 'content_filter'], ['refusal', 'content_filter'],
    ['error', 'error'], ['network_error', 'error'], ['insufficient_system_resource', 'error'], ['abort', 'other'],
  ])('%s is %s', (raw, reason) => {
    const body = { id: 'c', choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: raw }] };
    expect(readCall(fixture('openai-chat/plain-audio').exchange, undefined, new TextEncoder().encode(JSON.stringify(body))).finish).toEqual({ raw, reason });
  });
});
