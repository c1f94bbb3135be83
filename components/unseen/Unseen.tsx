/** How many model calls of this tab nobody recorded: a quiet count in the status bar, and behind it the list of them. */
import { formatClock, plural } from '../../lib/panel/format.ts';
import { type UnseenCall, unseenSummary } from '../../lib/panel/unseen.ts';
import { usePopup } from '../use-popup.ts';
import './unseen.css';

export interface UnseenProps { /** one at least */ calls: readonly UnseenCall[]; /** @param site an origin */ onAllow(site: string): void }

export function Unseen({ calls, onAllow }: UnseenProps) {
  const { open, toggle, close, anchor } = usePopup('.unseen-list');
  return (
    <div className="unseen" ref={anchor}>
      <button type="button" className="unseen-count" data-testid="unseen" aria-haspopup="dialog" aria-expanded={open} title={`${plural(calls.length, 'model call')} of this tab not seen: ${unseenSummary(calls)}`} onClick={toggle}>
        {plural(calls.length, 'model call')} not seen
      </button>
      {open && (
        <div className="unseen-box" role="dialog" aria-label="Model calls that were not seen" data-testid="unseen-list">
          <div className="unseen-head"><b>{plural(calls.length, 'model call')} not seen</b><span className="cut dim">{unseenSummary(calls)}</span><button type="button" className="link" onClick={close}>Close</button></div>
          <ol className="unseen-list" tabIndex={0} aria-label="Calls">
            {calls.slice(-SHOWN).toReversed().map((call, index) => <Line key={`${call.request.startMs} ${calls.length - index}`} call={call} onAllow={onAllow} />)}
          </ol>
        </div>
      )}
    </div>
  );
}

/** The latest are enough to see which they are. */
const SHOWN = 200;

function Line({ call, onAllow }: { call: UnseenCall; onAllow(site: string): void }) {
  const { request, reason, why, fix, site } = call;
  return (
    <li className="unseen-call" data-testid="unseen-call" data-reason={reason}>
      <div className="unseen-line number"><span>{formatClock(request.startMs)}</span><span data-failed={request.status >= 400 || request.status === 0}>{request.status || 'failed'}</span><span className="unseen-url">{request.method} {request.url}</span></div>
      <div>{why} <span className="dim">{fix}</span></div>
      {site !== undefined && <button type="button" className="link" data-testid="unseen-allow" onClick={() => onAllow(site)}>Record {new URL(site).host}</button>}
    </li>
  );
}
