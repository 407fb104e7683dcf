// does: a document with scripts that run in a vm context, events, timers, selectors
// packages: jsdom
// misses: Node 20: a cycle between ES modules that are reached by require() is an error there.
'use strict';
const assert = require('node:assert/strict');
const { JSDOM, VirtualConsole } = require('jsdom');
console.log('COMPAT LOADED');

const virtualConsole = new VirtualConsole();
const heard = [];
virtualConsole.on('log', (text) => heard.push(text));
const html = '<ul id="list"></ul><script>for (const n of [1, 2]) { const li = document.createElement("li"); li.textContent = n; list.append(li); } console.log("ran"); setTimeout(() => { document.title = "later"; }, 1);</script>';
const { window } = new JSDOM(html, { runScripts: 'dangerously', virtualConsole, url: 'https://example.com/a?b=1', pretendToBeVisual: true });
assert.equal(window.document.querySelectorAll('#list > li').length, 2);
assert.deepEqual(heard, ['ran']);
assert.equal(window.location.search, '?b=1');
let clicks = 0;
window.document.getElementById('list').addEventListener('click', () => (clicks += 1));
window.document.querySelector('li').click();
assert.equal(clicks, 1);
window.localStorage.setItem('a', '1');
assert.equal(window.localStorage.getItem('a'), '1');
setTimeout(() => {
  assert.equal(window.document.title, 'later');
  window.close();
  console.log('COMPAT OK jsdom');
}, 50);
