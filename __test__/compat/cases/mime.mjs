// does: types and extensions both ways, definitions of its own
// packages: mime
import assert from 'node:assert/strict';
import mime, { Mime } from 'mime';
console.log('COMPAT LOADED');

assert.equal(mime.getType('a/b.html'), 'text/html');
assert.equal(mime.getExtension('application/json'), 'json');
const own = new Mime({ 'text/own': ['own'] });
assert.equal(own.getType('x.own'), 'text/own');
assert.throws(() => mime.define({}));
console.log('COMPAT OK mime');
