import { defineContentScript } from 'wxt/utils/define-content-script';

export default defineContentScript({
  matches: ['http://localhost/*'],
  runAt: 'document_start',
  allFrames: true,
  matchOriginAsFallback: true,
  main() {},
});
