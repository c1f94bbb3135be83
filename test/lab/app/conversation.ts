/** What the conversation shows, in order; scenarios add to it and fill in as answers arrive. */
interface Source { id: string; title: string; text: string }

export type Item =
  | { kind: 'user'; text: string }
  | { kind: 'answer'; text: string; model: string }
  | { kind: 'thinking'; text: string }
  | { kind: 'tool'; name: string; input: string; output?: string }
  | { kind: 'sources'; sources: Source[] }
  | { kind: 'notice'; tone: 'calm' | 'bad'; text: string };

export interface Conversation {
  readonly items: () => readonly Item[];
  subscribe(listener: () => void): () => void;
  /** Adds an item; the function it returns fills it in as more arrives. */
  add(item: Item): (fields: { text?: string; output?: string }) => void;
  clear(): void;
}

export function createConversation(): Conversation {
  let items: readonly Item[] = [];
  let life = 0;
  const listeners = new Set<() => void>();
  const set = (next: readonly Item[]): void => {
    items = next;
    for (const listener of listeners) listener();
  };
  return {
    items: () => items,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add(item) {
      const index = items.length;
      const bornIn = life;
      set([...items, item]);
      return (fields) => {
        if (bornIn === life) set(items.with(index, { ...items[index], ...fields } as Item));
      };
    },
    clear() {
      life++;
      set([]);
    },
  };
}
