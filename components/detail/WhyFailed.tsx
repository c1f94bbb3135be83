/** Why a call got no answer, and what to do: the page itself is told neither. */
import type { WhyFailed as Why } from '../../lib/panel/failure-cause.ts';

const SURE: Record<Why['certainty'], string> = { known: 'Why', likely: 'Most likely', possible: 'Perhaps' };

export function WhyFailed({ why }: { why: Why }) {
  return (
    <dl className="why-failed" data-testid="why-failed" data-certainty={why.certainty}>
      <dt>{SURE[why.certainty]}</dt><dd>{code(why.cause)}</dd>
      <dt>What to do</dt><dd>{code(why.fix)}</dd>
    </dl>
  );
}

/** What stands between backticks is to be typed as it is. */
const code = (text: string) => text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
