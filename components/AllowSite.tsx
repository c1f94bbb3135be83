/** A whole page that asks whether a site shall be recorded. */
import { useState } from 'react';
import './app.css';
import { StateCard } from './states/StateCard.tsx';
import { allowWords } from './states/state-words.ts';

/** @param site undefined: the address named none */
export function AllowSite({ site, onAsk }: { site: string | undefined; onAsk(): Promise<boolean> }) {
  const [answer, setAnswer] = useState<'asked' | 'allowed' | 'refused'>();
  const words = allowWords(site, answer);
  return (
    <StateCard words={words} onAct={() => {
      if (site === undefined || answer === 'allowed') return window.close();
      setAnswer('asked');
      // Straight from the click: the browser asks for nothing that no person did.
      onAsk().then((allowed) => setAnswer(allowed ? 'allowed' : 'refused'), () => setAnswer('refused'));
    }} />
  );
}
