/** JSON text, indented and lightly coloured; on one line where it is short. Text that does not parse stays as it came. */
import { Fragment } from 'react';
import { jsonTokens } from '../../lib/panel/json-tokens.ts';
import { prettyJson } from '../../lib/panel/format.ts';
import { LongText } from './LongText.tsx';

const ONE_LINE = 76;
/** Coloured up to here; longer JSON is plain text. */
const COLOURED = 8_000;

export function Json({ text }: { text: string }) {
  const pretty = prettyJson(text);
  if (pretty === undefined) return <LongText className="mono" text={text} />;
  const line = pretty.length <= 4 * ONE_LINE ? pretty.replace(/\s*\n\s*/g, ' ') : undefined;
  const shown = line !== undefined && line.length <= ONE_LINE ? line : pretty;
  if (shown.length > COLOURED) return <LongText className="mono" text={shown} />;
  return <span className="mono">{jsonTokens(shown).map(({ kind, text: token }, index) => (kind === 'plain' ? <Fragment key={index}>{token}</Fragment> : <span key={index} className={`json-${kind}`}>{token}</span>))}</span>;
}
