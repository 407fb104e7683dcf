// does: objects, unions, transforms, refinements, errors, JSON Schema; with and without its compiled parsers
// packages: zod
'use strict';
const assert = require('node:assert/strict');
const { z } = require('zod');
console.log('COMPAT LOADED');

const User = z.object({
  name: z.string().trim().min(1),
  email: z.email(),
  age: z.coerce.number().int().positive().optional(),
  role: z.discriminatedUnion('kind', [z.object({ kind: z.literal('admin'), level: z.number() }), z.object({ kind: z.literal('user') })]),
  tags: z.array(z.enum(['a', 'b'])).default([]),
  when: z.iso.datetime().transform((text) => new Date(text)),
});
for (let i = 0; i < 300; i++) {
  const parsed = User.parse({ name: ' ann ', email: 'ann@example.com', age: String(i + 1), role: { kind: 'admin', level: 1 }, when: '1970-01-01T00:00:00Z' });
  assert.deepEqual([parsed.name, parsed.age, parsed.tags, parsed.when.getTime()], ['ann', i + 1, [], 0]);
}
const { error } = User.safeParse({ name: '', email: 'x', role: { kind: 'none' }, when: 'now' });
assert.deepEqual(error.issues.map(({ path }) => path[0]), ['name', 'email', 'role', 'when']);
assert.equal(z.toJSONSchema(z.object({ a: z.string() })).properties.a.type, 'string');
z.config({ jitless: true });
assert.throws(() => z.object({ a: z.number().refine((n) => n > 1, 'too small') }).parse({ a: 1 }), /too small/);
console.log('COMPAT OK zod');
