// does: renders on the server: strings and streams, hooks, context, suspense, with classnames
// packages: react-dom, react, classnames
'use strict';
const assert = require('node:assert/strict');
const { Writable } = require('node:stream');
const classNames = require('classnames');
const React = require('react');
const { renderToPipeableStream, renderToReadableStream, renderToString } = require('react-dom/server');
console.log('COMPAT LOADED');

const { createElement: h, createContext, Suspense, use, useContext, useMemo, useState } = React;
const Theme = createContext('light');
const Item = ({ n }) => {
  const [count] = useState(() => n * 2);
  const theme = useContext(Theme);
  const label = useMemo(() => `${theme} ${count}`, [theme, count]);
  return h('li', { className: classNames('item', { big: count > 2 }) }, label);
};
const later = new Promise((resolve) => setTimeout(resolve, 5, 'later'));
const Late = () => h('b', null, use(later));
const App = () => h(Theme, { value: 'dark' }, h('ul', null, [1, 2].map((n) => h(Item, { key: n, n }))), h(Suspense, { fallback: 'wait' }, h(Late)));

async function main() {
  assert.equal(renderToString(h(Item, { n: 1 })), '<li class="item">light 2</li>');
  const streamed = await new Promise((resolve, reject) => {
    let text = '';
    const sink = new Writable({ write: (chunk, encoding, done) => done(null, (text += chunk)), final: (done) => done(null, resolve(text)) });
    const { pipe } = renderToPipeableStream(h(App), { onAllReady: () => pipe(sink), onError: reject });
  });
  assert.match(streamed, /<li class="item big">dark 4<\/li>/);
  assert.match(streamed, /<b>later<\/b>/);
  assert.match(await new Response(await renderToReadableStream(h(App))).text(), /dark 2/);
  console.log('COMPAT OK react');
}
main();
