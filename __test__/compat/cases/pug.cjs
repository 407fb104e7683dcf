// does: inheritance, mixins, includes from files, escaping (compiled by Function)
// packages: pug
'use strict';
const assert = require('node:assert/strict');
const pug = require('pug');
console.log('COMPAT LOADED');

/* file: views/layout.pug
html
  body
    block content
*/
/* file: views/page.pug
extends layout
mixin item(name)
  li(class={big: name.length > 1})= name
block content
  ul
    each name in names
      +item(name)
*/
assert.equal(pug.renderFile(`${__dirname}/views/page.pug`, { names: ['a', '<b>'] }), '<html><body><ul><li>a</li><li class="big">&lt;b&gt;</li></ul></body></html>');
assert.equal(pug.compile('p #{a + 1}')({ a: 41 }), '<p>42</p>');
assert.throws(() => pug.compile('p(', { filename: 'x.pug' }), { code: /PUG:/ });
console.log('COMPAT OK pug');
