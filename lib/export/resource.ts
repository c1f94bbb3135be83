/** Who made the spans of an export: the page's app, as watched by Spanlight. */
import { SEMRESATTRS_PROJECT_NAME } from '@arizeai/openinference-semantic-conventions';
import type { Attributes } from '../trace/attributes.ts';

/** @param site whose calls these are: the service, and the project where Phoenix files them
 *  @param version Spanlight's
 *  @param userAgent of the browser, where known */
export function resourceOf({ site, version, userAgent }: { site: string; version: string; userAgent?: string }): Attributes {
  return {
    'service.name': site, [SEMRESATTRS_PROJECT_NAME]: site,
    'telemetry.sdk.name': 'spanlight', 'telemetry.sdk.language': 'webjs', 'telemetry.sdk.version': version,
    ...(userAgent === undefined ? {} : { 'user_agent.original': userAgent }),
  };
}
