/** Who made the spans of an export: the page's app, as watched by Spanlight. */
import { SEMRESATTRS_PROJECT_NAME } from '@arizeai/openinference-semantic-conventions';
import type { Attributes } from '../trace/attributes.ts';

/** @param pageUrl of the page whose calls these are; its host is the service and the project (where Phoenix files them)
 *  @param version Spanlight's
 *  @param userAgent of the browser, where known */
export function resourceOf({ pageUrl, version, userAgent }: { pageUrl: string; version: string; userAgent?: string }): Attributes {
  const service = (URL.canParse(pageUrl) ? new URL(pageUrl).host : '') || 'unknown_service';
  return {
    'service.name': service, [SEMRESATTRS_PROJECT_NAME]: service,
    'telemetry.sdk.name': 'spanlight', 'telemetry.sdk.language': 'webjs', 'telemetry.sdk.version': version,
    ...(userAgent === undefined ? {} : { 'user_agent.original': userAgent }),
  };
}
