// Servers outside the application: databases, brokers and web services that a case talks to. Each is a process of its own
// (`peers/NAME.mjs`) on stock Node that prints the port it listens on.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { INSTALL } from './install.mjs';

/**
 * Starts the peers of a case.
 * @param {string[]} names
 * @returns {Promise<{ env: Record<string, string>, stop: () => void }>} COMPAT_NAME=port for the application
 */
export async function startPeers(names) {
  const children = [];
  const stop = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  try {
    const ports = await Promise.all(names.map((name) => start(name, children)));
    return { env: Object.fromEntries(names.map((name, i) => [`COMPAT_${name.toUpperCase()}`, ports[i]])), stop };
  } catch (error) {
    stop();
    throw error;
  }
}

function start(name, children) {
  return new Promise((resolve, reject) => {
    const file = fileURLToPath(new URL(`../peers/${name}.mjs`, import.meta.url));
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, COMPAT_INSTALL: INSTALL } });
    children.push(child);
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (more) => (text += more));
    child.stdout.setEncoding('utf8').on('data', (more) => {
      text += more;
      const port = /^listening (\d+)$/m.exec(text)?.[1];
      if (port) resolve(port);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the peer ${name} ended with ${code}: ${text}`)));
  });
}
