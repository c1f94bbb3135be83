import { describe, expect, test } from 'vitest';
import { isCall, mayBeCall } from '../../lib/capture/recognition.ts';

const CHAT = '{"model":"m","messages":[{"role":"user","content":"hi"}]}';
const ANTHROPIC = '{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}';

describe('a model call', () => {
  test.each([
    ['https://api.openai.com/v1/chat/completions', CHAT],
    ['/v1/chat/completions', CHAT],
    ['v1/chat/completions/', CHAT],
    ['http://localhost:4000//openai/deployments/x/chat/completions?api-version=1#x', CHAT],
    ['https://text.pollinations.ai/openai', CHAT],
    ['https://api.anthropic.com/v1/messages?beta=true', ANTHROPIC],
    ['https://gateway.example/router/v2/anthropic/v1/messages', ANTHROPIC],
    ['https://x/publishers/anthropic/models/claude%3ArawPredict', '{"anthropic_version":"v","messages":[{"role":"user"}],"max_tokens":1}'],
    ['/api/anything', CHAT],
    ['/api/anything', `\n ${CHAT}`],
    ['/api/anything', '{"messages":[{"role":"user","content":[{"text":"hi"}]}],"model":"m"}'],
    ['/api/anything', '{"prompt":"hi","model":"m"}'],
    ['/api/anything', String.raw`{"messages":[{"role":"user","content":"a \"{{{ \\"}],"model":"m"}`],
    ['/api/anything', '{"model":"m","input":["hi"]}'],
    ['/api/anything', '{"tools":[{"parameters":{"properties":{"model":{},"messages":{}}}}],"model":"m","messages":[{"role":"user","content":"hi"}]}'],
    ['/api/anything', '{\n  "model" : "m",\n  "messages" : [ ]\n}'],
    ['/v1/responses', '{"tools":[{"parameters":{"properties":{"input":{}}}}],"input":"hi"}'],
    ['/v1/responses', '{"prompt":{"id":"pmpt_1","version":"2"}}'],
    ['/v1/responses', '{"model":"m","previous_response_id":"resp_1"}'],
    ['http://localhost:11434/api/chat', CHAT],
    ['/openai/deployments/instruct/completions?api-version=1', '{"prompt":"hi"}'],
    ['/v1/agents/completions', '{"agent_id":"a","messages":[{"role":"user","content":"hi"}]}'],
    ['http://localhost:11434/api/generate', '{"model":"m"}'],
    ['http://localhost:11434/api/embed', '{"model":"m","input":"hi"}'],
    ['http://localhost:11434/api/embeddings', '{"model":"m","prompt":"hi"}'],
    ['/openai/deployments/ada/embeddings?api-version=1', '{"input":"hi"}'],
  ])('%s', (url, body) => {
    expect(isCall(url, body)).toBe(true);
  });
});

describe('not a model call', () => {
  test.each([
    ['/v1/chat/completions', '{"text":"my messages"}'],
    ['/api/messages', '{"messages":["hello"]}'],
    ['/v1/messages/count_tokens', ANTHROPIC],
    ['/v1/messages/batches', ANTHROPIC],
    ['/api/anything', '{"messages":["hello"]}'],
    ['/api/anything', `text with ${CHAT}`],
    ['/api/anything', `[${CHAT}]`],
    ['/api/anything', `{"text":"}","request":${CHAT}}`],
    ['/api/anything', `"{${CHAT}`],
    ['/api/anything', `{"events":[{"type":"model call","request":${CHAT}}]}`],
    ['/v1/assistants', '{"model":"m","tools":[{"parameters":{"properties":{"input":{}}}}]}'],
    ['/api/pull', '{"model":"m","stream":true}'],
    ['/api/create', '{"model":"mario","from":"m","messages":[{"role":"user","content":"hi"}]}'],
    ['/v1/tokenizers/estimate-token-count', CHAT],
    ['/utils/token_counter', CHAT],
    ['/forms/7/responses', '{"answers":[{"question":"q1","input":"yes"}]}'],
    ['/hooks/openai', '{"data":{"messages":[]},"about":"messages"}'],
    ['/api/feedback', '{"model":"m","comment":"messages"}'],
    ['/api/1/envelope', `{"event_id":"a","about":"messages"}\n{"type":"transaction"}\n${CHAT}`],
    ['/api/cars', '{"model":"Beetle","year":1963}'],
    ['/api/generate', '{"report":"sales"}'],
    ['/v1/traces', CHAT],
    ['/search?next=/v1/chat/completions', '{"q":"messages"}'],
  ])('%s %s', (url, body) => {
    expect(isCall(url, body)).toBe(false);
  });

  test('an unknown path without a body to look at', () => {
    expect(mayBeCall('/api/anything')).toBe(false);
    expect(mayBeCall('/v1/chat/completions')).toBe(true);
    expect(mayBeCall('/v1/messages/count_tokens')).toBe(false);
  });
});
