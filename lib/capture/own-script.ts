/**
 * Where in its file our code begins. This module must be the first that is evaluated in the capture room (natives.ts
 * imports it first), so that in the built file every function of ours lies after this line: see error-stacks.ts.
 */
export const firstStack: string | undefined = new Error().stack;
