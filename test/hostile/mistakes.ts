/** The recorder goes on after a mistake of ours and reports it; it is one all the same. */
import { onTestFinished } from 'vitest';

export function listenForMistakes(): unknown[] {
  const mistakes: unknown[] = [];
  const hear = (event: ErrorEvent): void => {
    mistakes.push(event.error);
    event.preventDefault();
  };
  window.addEventListener('error', hear);
  onTestFinished(() => window.removeEventListener('error', hear));
  return mistakes;
}
