/** What the apps on this page have in common: their words, their tool, how they stop. */
import { emptyCall, type Call, type Got, type ToolUse } from '../got.ts';

export const TOOL = { name: 'get_weather', description: 'Weather of a city', schema: { type: 'object' as const, properties: { city: { type: 'string' }, days: { type: 'array', items: { type: 'number' } }, unit: { type: 'string' }, note: { type: 'string' } }, required: ['city'] } };

export interface Ran extends ToolUse { result: string }

/** The app's own tool. */
export const weatherOf = (given: unknown): string => JSON.stringify({ in: (given as { city: string }).city, is: 'fair – 21 °C' });
export const run = (asked: readonly ToolUse[]): Ran[] => asked.map((tool) => ({ ...tool, result: weatherOf(tool.arguments) }));

export const single = (call: Call): Got => ({ calls: [call], ran: [] });

/** Tells the server that all that came was read: then it breaks off. */
export const tellRead = (base: string): Promise<Response> => fetch(`${base}/read`, { method: 'POST' });

const thrownBy = (error: unknown): Call['thrown'] => ({ name: (error as Error).constructor.name, message: (error as Error).message });

/** A stream that the app stops, or that breaks off.
 *  @param read fills the call as pieces come */
export async function unfinished(ended: 'aborted' | 'cut', call: Call, read: (call: Call) => Promise<void>): Promise<Got> {
  const thrown = await read(call).then(() => undefined, thrownBy);
  return single({ ...call, ended, ...(thrown === undefined ? {} : { thrown }) });
}

/** What an app does after a piece of a stream; `leave`: it breaks out of its loop. */
export type Then<Stream> = (stream: Stream) => unknown;

/** A stream in which the provider tells of an error. */
export async function failing(call: Call, read: (call: Call) => Promise<void>, refusalOf: (error: never) => Call['refusal']): Promise<Got> {
  return read(call).then(() => single(call), (error: unknown) => single({ ...call, refusal: refusalOf(error as never), thrown: thrownBy(error) }));
}

/** @param refusalOf finds the provider's words in what the SDK throws */
export async function refused(asked: string, call: Promise<unknown>, refusalOf: (error: never) => Call['refusal']): Promise<Got> {
  return call.then(() => single(emptyCall(asked)), (error: unknown) => single({ ...emptyCall(asked), refusal: refusalOf(error as never), thrown: thrownBy(error) }));
}
