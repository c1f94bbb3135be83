/** Where we are, and what can be done with it. */
import { deleteIcon, newestIcon } from './icons.tsx';

export interface CrumbProps {
  /** "This tab", or when another session began */ session: string;
  title: string | undefined;
  /** the shown trace changes to the newest one as it comes */ following: boolean;
  onFollow(): void;
  onDelete: (() => void) | undefined;
  /** narrow: back to the list */ onBack: (() => void) | undefined;
}

export function Crumb({ session, title, following, onFollow, onDelete, onBack }: CrumbProps) {
  return (
    <div className="crumb" data-testid="crumb">
      {onBack ? <button type="button" className="crumb-back" data-testid="back" aria-label="Back to the list of traces" onClick={onBack}>‹ Traces</button> : <span>{session}</span>}
      {title !== undefined && <><span aria-hidden="true">›</span><b className="cut" title={title}>{title}</b></>}
      <span className="crumb-spring" />
      {title !== undefined && <button type="button" className="tool" data-testid="delete-trace" aria-label="Delete this trace" title="Delete this trace" disabled={!onDelete} onClick={onDelete}>{deleteIcon}</button>}
      {!following && <button type="button" className="chip" data-testid="follow" title="Show the newest trace of this tab, and the next ones as they come" onClick={onFollow}>{newestIcon} Newest</button>}
    </div>
  );
}
