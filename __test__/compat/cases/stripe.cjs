// does: create, list with pagination, errors, a webhook's signature (against a small server)
// packages: stripe
// peers: web
'use strict';
const assert = require('node:assert/strict');
const stripePackage = require('stripe');
console.log('COMPAT LOADED');

const Stripe = stripePackage.default ?? stripePackage;

async function main() {
  const stripe = new Stripe('sk_test_compat', { protocol: 'http', host: '127.0.0.1', port: Number(process.env.COMPAT_WEB), maxNetworkRetries: 0, telemetry: false });
  const customer = await stripe.customers.create({ email: 'ann@example.com', metadata: { a: '1' } });
  assert.deepEqual([customer.id, customer.email, customer['metadata[a]']], ['cus_1', 'ann@example.com', '1']);
  const ids = [];
  for await (const { id } of stripe.customers.list({ limit: 3 })) ids.push(id);
  assert.deepEqual(ids, ['cus_1', 'cus_2', 'cus_3']);
  await assert.rejects(stripe.charges.retrieve('ch_none'), { code: 'resource_missing' });
  const payload = JSON.stringify({ id: 'evt_1', object: 'event' });
  const header = stripe.webhooks.generateTestHeaderString({ payload, secret: 'whsec' });
  assert.equal(stripe.webhooks.constructEvent(payload, header, 'whsec').id, 'evt_1');
  assert.throws(() => stripe.webhooks.constructEvent(payload, header, 'other'), Stripe.errors.StripeSignatureVerificationError);
  console.log('COMPAT OK stripe');
}
main();
