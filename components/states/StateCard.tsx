/** A whole-pane state: what is the matter, and the one thing to do. */
import type { StateWords } from './state-words.ts';
import './states.css';

export function StateCard({ words, onAct }: { words: StateWords; onAct(): void }) {
  return (
    <div className="state-card" data-testid="state" data-state={words.id} role="status">
      <div className="state-inner">
        <svg className="state-picture" width="96" height="44" viewBox="0 0 96 44" aria-hidden="true">
          <rect className="s1" x="0" y="2" width="96" height="8" rx="2" /><rect className="s2" x="10" y="18" width="34" height="8" rx="2" /><rect className="s3" x="44" y="18" width="22" height="8" rx="2" /><rect className="s4" x="40" y="34" width="46" height="8" rx="2" />
        </svg>
        <h1>{words.title}</h1>
        <p>{words.text}</p>
        {words.detail !== undefined && <p className="state-detail">{words.detail}</p>}
        <button type="button" className="state-button" data-testid="state-action" onClick={onAct}>{words.button}</button>
      </div>
    </div>
  );
}

/** The same in one line above data that is already there: where there is a message, it tells most. */
export function StateStrip({ words, onAct }: { words: StateWords; onAct(): void }) {
  const { text, detail } = words;
  return (
    <div className="state-strip" data-testid="state-strip" data-state={words.id} role="status">
      <span className="cut" title={detail === undefined ? text : `${text} ${detail}`}><b>{words.title}</b> <span className="dim">{detail ?? text}</span></span>
      <button type="button" className="chip" data-testid="state-action" onClick={onAct}>{words.button}</button>
    </div>
  );
}
