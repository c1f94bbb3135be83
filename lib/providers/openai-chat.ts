import type { Match } from './match.ts';

export const match: Match = {
  dialect: 'openai-chat',
  method: 'POST',
  pathEnds: ['/chat/completions', '/openai'],
  bodyKeys: ['messages'],
  shape: ['"messages"', '"role"', '"model"'],
};
