/** A text of any length: only its beginning is put on the page until someone asks for the rest. */
import { useState } from 'react';
import { formatCount } from '../../lib/panel/format.ts';

/** Characters that are laid out without asking; a browser needs a second for some megabytes. */
const AT_ONCE = 20_000;

export function LongText({ text, className = 'text', as: Tag = 'div' }: { text: string; className?: string; as?: 'div' | 'pre' }) {
  const [all, setAll] = useState(false);
  if (all || text.length <= AT_ONCE * 1.2) return <Tag className={className}>{text}</Tag>;
  return (
    <div>
      <Tag className={className}>{text.slice(0, AT_ONCE)}…</Tag>
      <button type="button" className="link" onClick={() => setAll(true)}>Show all {formatCount(text.length)} characters</button>
    </div>
  );
}
