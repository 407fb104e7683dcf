// does: helpers, partials, block parameters, escaping, precompiled templates (compiled by Function)
// packages: handlebars
'use strict';
const assert = require('node:assert/strict');
const Handlebars = require('handlebars');
console.log('COMPAT LOADED');

Handlebars.registerHelper('shout', (text) => new Handlebars.SafeString(text.toUpperCase()));
Handlebars.registerPartial('item', '<li>{{shout name}} {{../title}}</li>');
const template = Handlebars.compile('{{#each items as |item i|}}{{i}}{{> item item}}{{else}}none{{/each}} {{text}}');
assert.equal(template({ title: 't', items: [{ name: 'a' }, { name: 'b' }], text: '<b>' }).replaceAll(' ', ''), '0<li>A</li>1<li>B</li>&lt;b&gt;');
assert.equal(template({ items: [], text: '' }), 'none ');
const precompiled = new Function(`return ${Handlebars.precompile('{{#if on}}on{{/if}}')}`)();
assert.equal(Handlebars.template(precompiled)({ on: true }), 'on');
assert.equal(Handlebars.compile('{{__proto__.x}}{{constructor.name}}')({}), '');
assert.throws(() => Handlebars.compile('{{#if}}')({}), /Parse error/);
console.log('COMPAT OK handlebars');
