/** The playground: scenarios on the left, the conversation on the right. `data-state` tells where a scenario stands. */
import { useRef, useState, useSyncExternalStore } from 'react';
import type { ChatCompletionMessageParam } from 'openai/resources';
import { streamOpenai } from './chats.ts';
import type { Stage } from './chats.ts';
import type { Clients } from './clients.ts';
import { createConversation } from './conversation.ts';
import { ConversationView } from './conversation-view.tsx';
import { followUps, scenarios } from './scenarios.ts';
import type { Scenario } from './scenarios.ts';

type State = 'idle' | 'running' | 'done' | 'failed' | 'stopped';
const groups = [...new Set(scenarios.map(({ group }) => group))];

export function App({ clients }: { clients: Clients }) {
  const [conversation] = useState(createConversation);
  const items = useSyncExternalStore(conversation.subscribe, conversation.items);
  const [state, setState] = useState<State>('idle');
  const [chosen, setChosen] = useState<string>();
  const [draft, setDraft] = useState('');
  const history = useRef<ChatCompletionMessageParam[]>([]);
  const abort = useRef<AbortController>(undefined);

  async function run(work: (stage: Stage) => Promise<void>): Promise<void> {
    const controller = new AbortController();
    abort.current = controller;
    setState('running');
    try {
      await work({ clients, conversation, history: history.current, signal: controller.signal });
      setState(controller.signal.aborted ? 'stopped' : 'done');
    } catch (error) {
      conversation.add({ kind: 'notice', ...(controller.signal.aborted ? { tone: 'calm', text: 'Stopped.' } : { tone: 'bad', text: error instanceof Error ? error.message : String(error) }) });
      setState(controller.signal.aborted ? 'stopped' : 'failed');
    }
  }
  const start = (scenario: Scenario): void => {
    conversation.clear();
    history.current = [];
    setChosen(scenario.id);
    void run((stage) => scenario.run(stage, scenario.words));
  };
  const send = (words: string): void => {
    if (words.trim() === '' || state === 'running') return;
    setDraft('');
    void run((stage) => streamOpenai(stage, words.trim()));
  };
  const busy = state === 'running';

  return (
    <div className="app" data-state={state} data-scenario={chosen}>
      <aside className="rail">
        <header className="brand"><span className="mark" aria-hidden="true" />Wayfarer</header>
        <nav aria-label="Scenarios">
          {groups.map((group) => (
            <section key={group} className="group">
              <h2>{group}</h2>
              {scenarios.filter((scenario) => scenario.group === group).map((scenario) => (
                <button key={scenario.id} id={scenario.id} type="button" className="card" aria-pressed={chosen === scenario.id} disabled={busy} onClick={() => start(scenario)}>
                  <b>{scenario.name}</b><span>{scenario.hint}</span>
                </button>
              ))}
            </section>
          ))}
        </nav>
        <p className="fine">Runs against a local model server. No key, no internet.</p>
      </aside>
      <main className="stage">
        {items.length === 0
          ? <div className="welcome"><h1>Where to next?</h1><p>Pick a scenario, or ask anything.</p></div>
          : <ConversationView items={items} busy={busy} />}
        <form className="composer" onSubmit={(event) => { event.preventDefault(); send(draft); }}>
          {state === 'done' && chosen === 'chat-openai' && (
            <div className="follow-ups">
              {followUps.map(({ id, words }) => <button key={id} id={id} type="button" onClick={() => send(words)}>{words}</button>)}
            </div>
          )}
          <div className="field">
            <input id="message" aria-label="Message" placeholder="Ask about a trip" autoComplete="off" value={draft} onChange={(event) => setDraft(event.target.value)} />
            {busy
              ? <button id="stop" type="button" className="action" onClick={() => abort.current?.abort()}>Stop</button>
              : <button id="send" type="submit" className="action" disabled={draft.trim() === ''}>Send</button>}
          </div>
        </form>
      </main>
    </div>
  );
}
