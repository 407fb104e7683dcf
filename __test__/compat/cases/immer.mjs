// does: drafts, patches, maps and sets, frozen results
// packages: immer
import assert from 'node:assert/strict';
import { applyPatches, enableMapSet, enablePatches, produce, produceWithPatches } from 'immer';
console.log('COMPAT LOADED');

enablePatches();
enableMapSet();
const base = { list: [{ done: false }], map: new Map([['a', { n: 1 }]]) };
const [next, patches, inverse] = produceWithPatches(base, (draft) => {
  draft.list[0].done = true;
  draft.list.push({ done: false });
  draft.map.get('a').n += 1;
});
assert.equal(base.list[0].done, false);
assert.equal(next.list.length, 2);
assert.equal(next.map.get('a').n, 2);
assert.deepEqual(applyPatches(base, patches), next);
assert.deepEqual(applyPatches(next, inverse), base);
assert.throws(() => (next.list[0].done = false), TypeError);
assert.equal(produce(base, () => {}), base);
console.log('COMPAT OK immer');
