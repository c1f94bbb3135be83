import type { Match } from './match.ts';

export const match: Match = {
  dialect: 'anthropic',
  method: 'POST',
  pathEnds: ['/messages', ':rawPredict', ':streamRawPredict'],
  bodyKeys: ['messages', 'max_tokens'],
  shape: ['"messages"', '"role"', '"anthropic_version"'],
};
