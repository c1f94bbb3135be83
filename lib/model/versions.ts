/** Version of the record format between the page and the background. A record of another version is refused. */
export const RECORD_VERSION = 1;

/** Version of the IndexedDB schema; one migration a step, never edited once released. */
export const DATABASE_VERSION = 10;
