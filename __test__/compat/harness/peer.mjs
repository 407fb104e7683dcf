// What every peer needs. A peer is a process of its own, started by `peers.mjs`.
import { once } from 'node:events';
import { createRequire } from 'node:module';

/** Packages that peers use come from the suite's installation. */
export const require = createRequire(`${process.env.COMPAT_INSTALL}/peer.js`);

/** Listens on a free port of the loopback interface and tells the harness which. */
export async function announce(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  console.log(`listening ${server.address().port}`);
}
