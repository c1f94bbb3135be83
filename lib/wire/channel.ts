/**
 * The private channel from the shim (the page's own world) to the relay (the extension's world in the page).
 *
 * The two worlds share only the DOM, so the hand-over is one MouseEvent on `document.fonts`, at `document_start`, before
 * any script of the page: its `relatedTarget` is an element that is in no document. From then on events on that element
 * are heard by who holds it and by nobody else; no name is left on which a page could listen or forge. Why
 * `document.fonts`: it belongs to this document and is its own whole event path, while listeners that a parent page put on
 * the Window of an iframe's initial empty document still hear the document that takes that Window over.
 *
 * Two roads: a MessagePort for bulk (asynchronous, so that the page's task does not pay for the relay's work), and
 * synchronous events on the element for what cannot wait: confirmations, and everything unconfirmed when the page is left.
 * A post is numbered, so that what took both roads counts once.
 */

/** Names of the events. HELLO on `document.fonts`, once; all others on the element. */
export const HELLO = 'spanlight';
/** shim: a MessageEvent with the port */
export const PORT = 'port';
/** shim: `detail` is a post that must arrive now: `{ post, records }`, post 1, 2, 3, ... of its document */
export const POST = 'post';
/** shim: the page is being left, all posts are over */
export const LEAVE = 'leave';
/** relay: `detail` is the number of the last post it has (0 answers the hello) */
export const GOT = 'got';
/** relay: nothing more is wanted, the extension is gone or the document has had its share */
export const STOP = 'stop';
