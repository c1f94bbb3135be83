/** What is said of a call that failed before any answer came. */
export interface WhyFailed {
  cause: string;
  fix: string;
  /** `known`: the browser or the server said so. `likely`: nothing else known fits. `possible`: one of several. */ certainty: 'known' | 'likely' | 'possible';
}

/** By its port, or by paths that only Ollama has. */
export const isOllama = ({ port, pathname }: URL): boolean => port === '11434' || /^\/api\/(?:chat|generate|embed|embeddings|tags)$/.test(pathname);
