/** The relay's end of the channel. It runs in the extension's world: its globals are its own, what it hears is not. */
import { GOT, HELLO, LEAVE, PORT, POST, STOP } from './channel.ts';

export interface FromShim {
  /** A shim is there; it is heard from now on. */
  onHello(): void;
  /** Records of one post, in order, each once; whatever they are. */
  onRecords(records: unknown[]): void;
  /** The page is being left; everything it had was heard before. */
  onLeaving(): void;
}

/** Listens for the shim's hello, once; to be called at document_start, before the shim runs. */
export function acceptShim(document: Document, heard: FromShim): { /** Tells the shim that nothing more is wanted. */ stop(): void } {
  let element: Element | undefined;
  let received = 0;

  const tell = (name: string, detail?: number): void => {
    element?.dispatchEvent(new CustomEvent(name, { detail }));
  };
  const take = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || !('post' in value) || !('records' in value)) return;
    // A post that came over the element may come over the port as well, later.
    if (value.post === received + 1 && Array.isArray(value.records)) {
      received++;
      heard.onRecords(value.records);
    }
    tell(GOT, received);
  };
  const onHello = (event: Event): void => {
    if (!(event instanceof MouseEvent) || !(event.relatedTarget instanceof Element)) return;
    document.fonts.removeEventListener(HELLO, onHello);
    element = event.relatedTarget;
    element.addEventListener(PORT, (event) => {
      const [port] = event instanceof MessageEvent ? event.ports : [];
      port?.addEventListener('message', ({ data }) => take(data));
      port?.start();
    }, { once: true });
    element.addEventListener(POST, (event) => take(event instanceof CustomEvent ? event.detail : undefined));
    element.addEventListener(LEAVE, () => heard.onLeaving());
    tell(GOT, 0);
    heard.onHello();
  };
  document.fonts.addEventListener(HELLO, onHello);
  // Where no shim runs nobody shall take its place later. Not in a microtask: a checkpoint lies between the two scripts.
  setTimeout(() => document.fonts.removeEventListener(HELLO, onHello));

  return { stop: () => tell(STOP) };
}
