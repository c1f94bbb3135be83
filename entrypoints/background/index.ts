/** The background worker: wires the recorder to the browser. It may be stopped at any moment and remembers nothing; every
 *  listener is registered before the first await, else the event that woke it would be lost. */
import { defineBackground } from 'wxt/utils/define-background';
import { limits } from '../../lib/model/limits.ts';
import type { Ack } from '../../lib/model/record.ts';
import { openAnnouncer } from '../../lib/store/changes.ts';
import { openDatabase } from '../../lib/store/database.ts';
import { createRecorder, type Recorder } from '../../lib/record/recorder.ts';
import { browserRun, freeBytes, isOurPage, isOwnRescue, ping, senderOf, shelf, tabOpen } from './browser-edge.ts';
import { askOnPage, registerSites, stopIfRemoved, stopRemoved } from './sites.ts';

export default defineBackground({
  type: 'module',
  main() {
    const recorder: Promise<Recorder> = browserRun().then((run) => createRecorder({
      database: openDatabase(),
      run,
      now: () => Date.now(),
      announce: openAnnouncer().announce,
      free: freeBytes,
      ping: ({ tabId, documentId }) => ping(tabId, { documentId }),
      pingTop: (tabId) => ping(tabId, { frameId: 0 }),
      tabOpen,
      shelf,
    }));

    chrome.runtime.onMessage.addListener((message: unknown, sender, answer: (value: unknown) => void) => {
      // Without an answer of the right form a relay sends again.
      answerTo(recorder, message, sender).then(answer, (error: unknown) => {
        reportError(error);
        answer(undefined);
      });
      return true;
    });
    chrome.storage.session.onChanged.addListener((changes) => {
      const left = Object.entries(changes).some(([key, { newValue }]) => isOwnRescue(key) && newValue !== undefined);
      if (left) withRecorder((recorder) => recorder.rescued());
    });
    chrome.tabs.onRemoved.addListener((tabId) => withRecorder((recorder) => recorder.tabClosed(tabId)));
    // Both wake the worker: calls of an extension or a browser that is gone have ended.
    chrome.runtime.onInstalled.addListener(() => withRecorder((recorder) => recorder.woke()));
    chrome.runtime.onStartup.addListener(() => withRecorder((recorder) => recorder.woke()));
    chrome.permissions.onAdded.addListener(() => registerSites().catch(reportError));
    chrome.permissions.onRemoved.addListener(({ origins = [] }) => {
      registerSites().catch(reportError);
      stopRemoved(origins).then(() => withRecorder((recorder) => recorder.settle('recorder_gone'))).catch(reportError);
    });

    function withRecorder(job: (recorder: Recorder) => Promise<void>): void {
      recorder.then(job).catch(reportError);
    }

    setTimeout(() => withRecorder((recorder) => recorder.indexOld()), limits.indexDelayMs);
    registerSites().catch(reportError);
    withRecorder((recorder) => recorder.woke());
  },
});

async function answerTo(recorder: Promise<Recorder>, message: unknown, sender: chrome.runtime.MessageSender): Promise<Ack | unknown> {
  if (isOurPage(sender)) return await askOnPage(message) ? { ok: true, value: undefined } : (await recorder).command(message);
  const page = senderOf(sender);
  if (!page || await stopIfRemoved(sender)) return undefined;
  return (await recorder).take(message, page);
}
