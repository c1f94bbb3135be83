/** Why the span hangs where it hangs, and how sure we are. */
import type { OutlineSpan, SpanRow } from '../../lib/model/span.ts';
import { type Why, whyOf } from '../../lib/panel/why.ts';

const SURE: Record<Why['certainty'], string> = { known: 'known', inferred: 'inferred', root: 'nothing before it' };

export function WhyHere({ span, parent, linked, onChoose }: { span: SpanRow; parent: OutlineSpan | undefined; /** the span of the exchange it links to */ linked: OutlineSpan | undefined; onChoose(spanId: string): void }) {
  const why = whyOf(span);
  const go = (target: OutlineSpan) => <button type="button" className="link" onClick={() => onChoose(target.spanId)}>{target.label}</button>;
  return (
    <div className="why" data-testid="why">
      <p className="why-head">{why.headline} <span className="certainty" data-certainty={why.certainty}>{SURE[why.certainty]}</span></p>
      {why.detail !== '' && <p>{why.detail}</p>}
      <dl className="pairs">
        <dt>evidence</dt><dd>{why.evidence}</dd>
        <dt>confidence</dt><dd>{why.confidencePercent} %</dd>
        {linked && <><dt>linked to</dt><dd>{go(linked)}</dd></>}
        {parent && <><dt>inside</dt><dd>{go(parent)}</dd></>}
        {span.conversation !== undefined && <><dt>conversation</dt><dd>{span.conversation}</dd></>}
        <dt>trace id</dt><dd>{span.traceId}</dd>
        <dt>span id</dt><dd>{span.spanId}</dd>
      </dl>
    </div>
  );
}
