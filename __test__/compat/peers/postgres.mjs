// PostgreSQL itself, compiled to WebAssembly, on a socket.
import { pathToFileURL } from 'node:url';
import { require } from '../harness/peer.mjs';

const load = (name) => import(pathToFileURL(require.resolve(name)));
const { PGlite } = await load('@electric-sql/pglite');
const { PGLiteSocketServer } = await load('@electric-sql/pglite-socket');

const server = new PGLiteSocketServer({ db: await PGlite.create(), port: 0, host: '127.0.0.1', maxConnections: 8 });
server.addEventListener('listening', ({ detail }) => console.log(`listening ${detail.port}`));
await server.start();
