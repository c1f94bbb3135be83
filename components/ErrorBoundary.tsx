/** The one boundary: a fault of the panel never loses what was recorded, and says what to do. */
import { Component, type ReactNode } from 'react';
import { StateCard } from './states/StateCard.tsx';

export class ErrorBoundary extends Component<{ children: ReactNode; onReload(): void }, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined };
  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return <StateCard words={{ id: 'fault', title: 'The panel hit a fault', text: 'What was recorded is safe in the browser. Load the panel again; if this comes back, clear the session or report the message below.', detail: error.message, button: 'Load the panel again' }} onAct={this.props.onReload} />;
  }
}
