/** The caps on what is sent, stored and linked, with their reasons. Sizes in bytes, times in ms. */
import { pageLimits } from './page-limits.ts';

export const limits = {
  ...pageLimits,
  /** The relay sends at most this often (the first record after a pause at once), or as soon as batchBytes wait. */
  batchMs: 60,
  /** Times from here on (ms; 2096) are nobody's, and their nanoseconds would not fit OTLP's 64 bits. */
  latestMs: 4e12,
  /** Nor does a call begin in the first second of 1970, whose nanoseconds OTLP takes for no time. */
  earliestMs: 1_000,
  /** Most bytes and records of one message to the background: bounds one transaction. */
  messageBytes: 1024 * 1024,
  messageRecords: 500,
  /** Bytes of calls that one transaction reads again; see lib/record/ingest.ts. Half a second of them, at the worst. */
  batchLoad: 4 * 1024 * 1024,
  /** Pause before an unanswered batch is sent again; doubles up to the second figure. */
  resendMs: 500,
  resendMaxMs: 10_000,
  /** A message without an answer for so long counts as lost (a dead worker's is rejected at once). */
  answerMs: 30_000,
  /** Sent at once, unasked, by a page that is being left: it must not hold up the navigation. */
  leaveBytes: 4 * 1024 * 1024,
  /** Rescue of one leaving document in chrome.storage.session, base64; that store holds 10 MB in all. */
  rescueBytes: 2 * 1024 * 1024,
  /** Of the one beside it, for a store too full for the other: what happened, with hardly any bytes. */
  rescueLeastBytes: 128 * 1024,
  /** Change notes of one session: the first at once, then at most one in this time. */
  noteMs: 60,
  /** A hostile or broken page: calls of one document that may be open at once, and in all. */
  openExchanges: 500,
  documentExchanges: 20_000,
  /** Bytes one document may store in all: a page fills its own quota and no other's. */
  documentBytes: 256 * 1024 * 1024,
  /** The same of one tab, whose page may have as many frames as it likes, and be loaded as often. */
  sessionBytes: 1024 * 1024 * 1024,
  sessionExchanges: 100_000,
  sessionDocuments: 5_000,
  /** Pieces of live text that one transaction writes: a stream that changes between text and tool calls with every frame
   *  makes thousands. What is left out is there when the call ends. */
  livePieces: 1_000,
  /** Short texts on span rows (title, tool arguments), in characters. */
  previewLength: 120,
  /** Names and ids on rows (model, tool, request id), in characters. */
  nameLength: 200,
  /** Error messages on rows, in characters: a proxy's error page is one; whole it is in the body. */
  errorLength: 500,
  /** Tool calls of one answer, and results of one request, that rows know: as many as OpenAI lets a request offer. */
  toolCalls: 128,
  /** Objects and lists of the JSON of a request, of one piece of a response (a whole answer that is not streamed, an event),
   *  and of all of a response: parsed, each takes twenty times its bytes. Conversations have some thousands; an answer with
   *  the 20 likeliest tokens at each place has 43 a token. The worst half a million takes under a second to parse. */
  jsonParts: 100_000,
  frameParts: 500_000,
  responseParts: 2_000_000,
  /** Lines that are no JSON, after which a piece of a response that is no JSON as a whole is given up: each costs an exception. */
  brokenLines: 100,
  /** Problems named of one call: enough to see what is wrong, however broken the body. */
  problems: 20,
  /** A failed request that is sent again later than this is a person's second try, unless its client counts it. */
  retryWithinMs: 120_000,
  /** What was found longer ago than this is in a prompt by chance, or as part of what the app knows. */
  retrievalWithinMs: 120_000,
  /** Clocks are read to the millisecond, and each document has its own. */
  clockToleranceMs: 20,
  /** Readings of running calls the background keeps in memory; others are read again from their bytes when they go on. */
  folds: 256,
  foldBytes: 64 * 1024 * 1024,
  /** Characters of texts whose hashes are kept, each of two kinds. */
  rememberedText: 8 * 1024 * 1024,
  /** Gaps of one body behind which bytes are kept, however few: each makes a row. */
  bodyGaps: 500,
  /** What the writer keeps of sessions in memory so that it need not ask the database, of all of them together. */
  knownBytes: 64 * 1024 * 1024,
  /** Times of reads that a reading keeps until its first token; of those past it the latest is kept. */
  foldReads: 65_536,
  /** Lists of requests that came last (lib/store/recent-lists.ts), some of each conversation that goes on, and their bytes with
   *  what was read of them. */
  recentLists: 64,
  recentBytes: 24 * 1024 * 1024,
  /** Exchanges looked at for one key of evidence, the latest first: real ids repeat, a hostile page repeats them at will. */
  keyHolders: 32,
  /** Keys and exchanges that the linking of one batch looks up, and exchanges it decides again: some hundred times what an
   *  app needs. Each of a thousand calls can be made to hang on all others. Past it calls stay where they are. */
  batchLookups: 4_000,
  relinked: 1_000,
  /** Calls of one run that its tree shows: more than an agent makes, and what a hostile page can make us put together anew
   *  at each change. */
  runMembers: 1_000,
  /** Of the room the browser grants, this much is kept for rows; bodies are stored only above it. */
  diskReserve: 16 * 1024 * 1024,
  /** After so many stored bytes the browser is asked again how much room there is. */
  diskStep: 4 * 1024 * 1024,
  /** Sweeping (lib/record/sweep.ts): rows of one step, calls of one step where a session loses traces. A step takes some
   *  milliseconds, and a batch waits for one at most. */
  sweepRows: 400,
  sweepCalls: 30,
  /** After so many bytes it is asked whether something must go: reading some hundred small rows. */
  sweepLook: 4 * 1024 * 1024,
  /** Of living tabs as much goes that this part of the budget is left: finding the oldest traces reads all their calls. */
  sweepDownTo: 0.9,
  /** For age the same is done this often. */
  trimAgainMs: 24 * 3_600_000,
  /** What a user may set: less than this holds no day's work, more no browser grants. */
  budgetLeast: 10_000_000,
  budgetMost: 1_000_000_000_000,
  budgetDays: 3_650,
  /** A file to import: it is read at once, and V8 holds no text of twice this length. */
  importBytes: 256 * 1024 * 1024,
  /** Spans of one file, as many as a tab may have calls; characters and spans of one message to the background. */
  importSpans: 100_000,
  importMessage: 4 * 1024 * 1024,
  importMessageSpans: 500,
  /** Faults of one file that are told one by one. */
  importFaults: 20,
  /** What an earlier version stored is indexed for the search so long after the start, which has more urgent things to do, and
   *  with such pauses. */
  indexDelayMs: 1_000,
  indexPauseMs: 20,
  /** How long a rescue of a document the background has never heard of waits for that document's own message, which
   *  tells its tab and may be what woke the worker. */
  rescueWaitMs: 2_000,
} as const;
