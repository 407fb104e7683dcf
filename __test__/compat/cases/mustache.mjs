// does: sections, partials, lambdas, escaping
// packages: mustache
import assert from 'node:assert/strict';
import Mustache from 'mustache';
console.log('COMPAT LOADED');

const view = { name: '<ann>', items: [{ n: 1 }, { n: 2 }], loud: () => (text, render) => render(text).toUpperCase() };
assert.equal(Mustache.render('{{name}} {{{name}}} {{#items}}{{> item}}{{/items}}{{^none}}no{{/none}} {{#loud}}x{{name}}{{/loud}}', view, { item: '[{{n}}]' }), '&lt;ann&gt; <ann> [1][2]no X&LT;ANN&GT;');
assert.throws(() => Mustache.parse('{{#a}}'), /Unclosed section/);
console.log('COMPAT OK mustache');
