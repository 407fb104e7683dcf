// does: collections, deep clone and merge, debounce, chains, templates (compiled by Function)
// packages: lodash
'use strict';
const assert = require('node:assert/strict');
const _ = require('lodash');
const fp = require('lodash/fp');
console.log('COMPAT LOADED');

async function main() {
  assert.deepEqual(_.chain([3, 1, 2]).sortBy().map((n) => n * 2).drop(1).value(), [4, 6]);
  const deep = { a: [{ b: new Date(0), c: new Map([[1, { d: 2 }]]), e: /x/g, f: Buffer.from('x'), g: new Uint8Array(2) }] };
  const clone = _.cloneDeep(deep);
  assert.deepEqual(clone, deep);
  assert.notEqual(clone.a[0].c.get(1), deep.a[0].c.get(1));
  assert.deepEqual(_.merge({ a: { b: 1 } }, { a: { c: [1, { d: 2 }] } }), { a: { b: 1, c: [1, { d: 2 }] } });
  assert.deepEqual(_.groupBy([1, 2, 3], (n) => (n % 2 ? 'odd' : 'even')), { odd: [1, 3], even: [2] });
  assert.equal(_.get(deep, 'a[0].b').getTime(), 0);
  assert.equal(fp.flow(fp.map((n) => n + 1), fp.sum)([1, 2]), 5);
  assert.equal(_.template('hello <%- name %><% for (const i of [1, 2]) { %> <%= i %><% } %>')({ name: '<ann>' }), 'hello &lt;ann&gt; 1 2');
  let calls = 0;
  const debounced = _.debounce(() => (calls += 1), 10);
  debounced();
  debounced();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(calls, 1);
  assert.equal(_.isEqual(new Set([1, { a: 1 }]), new Set([1, { a: 1 }])), true);
  console.log('COMPAT OK lodash');
}
main();
