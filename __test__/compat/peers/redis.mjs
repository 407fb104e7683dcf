// A Redis server as far as the cases need it: RESP 2 and 3, strings, hashes, lists, transactions, publish and subscribe.
import net from 'node:net';
import { announce } from '../harness/peer.mjs';

const store = new Map();
const subscribers = new Map();

await announce(
  net.createServer((socket) => {
    const session = { socket, queue: undefined, version: 2 };
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      for (let parsed = parse(pending); parsed; parsed = parse(pending)) {
        pending = pending.subarray(parsed.end);
        answer(session, parsed.words);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => subscribers.forEach((set) => set.delete(session)));
  }),
);

function answer(session, [name, ...args]) {
  const command = name.toUpperCase();
  if (session.queue && !['EXEC', 'DISCARD'].includes(command)) {
    session.queue.push([name, ...args]);
    return session.socket.write('+QUEUED\r\n');
  }
  const run = COMMANDS[command];
  session.socket.write(run ? run(session, ...args) : `-ERR unknown command '${name}'\r\n`);
}

const OK = '+OK\r\n';
const integer = (n) => `:${n}\r\n`;
const bulk = (text) => (text === undefined || text === null ? '$-1\r\n' : `$${Buffer.byteLength(String(text))}\r\n${text}\r\n`);
const array = (items) => `*${items.length}\r\n${items.map(bulk).join('')}`;
const value = (key, fallback) => store.get(key) ?? store.set(key, fallback()).get(key);
const push = (session, items) => `${session.version === 3 ? '>' : '*'}${items.length}\r\n${items.map((item) => (typeof item === 'number' ? integer(item) : bulk(item))).join('')}`;

const COMMANDS = {
  HELLO(session, version = '2') {
    session.version = Number(version);
    const facts = ['server', 'redis', 'version', '7.4.0', 'mode', 'standalone', 'role', 'master'];
    return session.version === 3 ? `%${facts.length / 2}\r\n${facts.map(bulk).join('')}` : array(facts);
  },
  PING: (_session, text) => (text ? bulk(text) : '+PONG\r\n'),
  AUTH: () => OK,
  SELECT: () => OK,
  CLIENT: () => OK,
  QUIT: (session) => (setImmediate(() => session.socket.end()), OK),
  INFO: () => bulk('# Server\r\nredis_version:7.4.0\r\nloading:0\r\n# Memory\r\nmaxmemory_policy:noeviction\r\n'),
  CONFIG: () => array([]),
  FLUSHALL: () => (store.clear(), OK),
  SET: (_session, key, text) => (store.set(key, text), OK),
  GET: (_session, key) => bulk(store.get(key)),
  DEL: (_session, ...keys) => integer(keys.filter((key) => store.delete(key)).length),
  EXISTS: (_session, ...keys) => integer(keys.filter((key) => store.has(key)).length),
  EXPIRE: (_session, key) => integer(store.has(key) ? 1 : 0),
  INCR: (_session, key) => integer(store.set(key, Number(store.get(key) ?? 0) + 1).get(key)),
  HSET(_session, key, ...pairs) {
    const hash = value(key, () => new Map());
    const before = hash.size;
    for (let i = 0; i < pairs.length; i += 2) hash.set(pairs[i], pairs[i + 1]);
    return integer(hash.size - before);
  },
  HGETALL(session, key) {
    const entries = [...(store.get(key) ?? [])].flat();
    return session.version === 3 ? `%${entries.length / 2}\r\n${entries.map(bulk).join('')}` : array(entries);
  },
  RPUSH: (_session, key, ...items) => integer(value(key, () => []).push(...items)),
  LRANGE: (_session, key, from, to) => array((store.get(key) ?? []).slice(Number(from), Number(to) === -1 ? undefined : Number(to) + 1)),
  MULTI: (session) => ((session.queue = []), OK),
  EXEC(session) {
    const queue = session.queue;
    session.queue = undefined;
    return `*${queue.length}\r\n${queue.map(([name, ...args]) => COMMANDS[name.toUpperCase()](session, ...args)).join('')}`;
  },
  SUBSCRIBE(session, ...channels) {
    return channels.map((channel) => {
      if (!subscribers.has(channel)) subscribers.set(channel, new Set());
      subscribers.get(channel).add(session);
      return push(session, ['subscribe', channel, 1]);
    }).join('');
  },
  UNSUBSCRIBE: (session, ...channels) => channels.map((channel) => (subscribers.get(channel)?.delete(session), push(session, ['unsubscribe', channel, 0]))).join(''),
  PUBLISH(_session, channel, text) {
    const set = subscribers.get(channel) ?? new Set();
    for (const subscriber of set) subscriber.socket.write(push(subscriber, ['message', channel, text]));
    return integer(set.size);
  },
};

/** A command, `*N` bulk strings, or undefined when it is not all there yet. */
function parse(buffer) {
  let at = 0;
  const line = () => {
    const end = buffer.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const text = buffer.toString('utf8', at, end);
    at = end + 2;
    return text;
  };
  const head = line();
  if (!head?.startsWith('*')) return undefined;
  const words = [];
  for (let i = 0; i < Number(head.slice(1)); i++) {
    const size = line();
    if (size === undefined || buffer.length < at + Number(size.slice(1)) + 2) return undefined;
    words.push(buffer.toString('utf8', at, at + Number(size.slice(1))));
    at += Number(size.slice(1)) + 2;
  }
  return { words, end: at };
}
