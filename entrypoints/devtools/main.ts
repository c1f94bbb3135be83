/** The DevTools page: its only job is to register the panel. The path must be absolute (mozilla/webextension-polyfill#380). */
chrome.devtools.panels.create('Spanlight', '/icon/48.png', '/panel.html');
