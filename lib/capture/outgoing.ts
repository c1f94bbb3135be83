import type { PageRecord } from '../model/record.ts';

/** Where records leave the page. In the product this is the private channel to the relay. No method throws. */
export interface Outgoing {
  /** Hands records over, in the order they happened. */
  post(records: PageRecord[]): void;
  /** The page is being left: these must arrive before this returns. May be called again until the page comes back. */
  leaving(records: PageRecord[]): void;
  /** false once the extension is gone from under the page: a new call need not be watched any more. */
  wanted(): boolean;
}
