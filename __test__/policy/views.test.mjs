// The list of facade modules in js/views.js says where each override is; the modules say what they override.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);

test('views.js finds every override in the module that has it', () => {
  const source = readFileSync(new URL('../../js/views.js', import.meta.url), 'utf8');
  const list = /const FACADES = \{\s*__proto__: null,([^}]*)\}/.exec(source)[1];
  const listed = Object.fromEntries([...list.matchAll(/'?([\w/]+)'?: '(\w+)'/g)].map(([, name, file]) => [name, file]));
  const files = new Set(Object.values(listed));
  const found = {};
  for (const file of readdirSync(new URL('../../js/facades/', import.meta.url))) {
    const module = require(`../../js/facades/${file}`);
    const name = file.replace(/\.js$/, '');
    // Parts of misc.js, net.js and http.js have the same members; the collecting module counts.
    if (module.create === undefined || !files.has(name)) continue;
    for (const key of ['create', 'always', 'harden', 'finish']) for (const builtin of Object.keys(module[key] ?? {})) found[builtin] = name;
  }
  assert.deepEqual(listed, found);
});
