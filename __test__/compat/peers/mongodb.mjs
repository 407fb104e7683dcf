// A MongoDB server as far as the cases need it: OP_MSG and the old hello, one database in memory.
import net from 'node:net';
import { announce, require } from '../harness/peer.mjs';

const { BSON, ObjectId } = require('mongodb');
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const collections = new Map();

await announce(
  net.createServer((socket) => {
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4 && pending.length >= pending.readInt32LE(0)) {
        const message = pending.subarray(0, pending.readInt32LE(0));
        pending = pending.subarray(message.length);
        socket.write(reply(message));
      }
    });
    socket.on('error', () => {});
  }),
);

function reply(message) {
  const [id, code] = [message.readInt32LE(4), message.readInt32LE(12)];
  if (code === OP_QUERY) {
    const name = message.indexOf(0, 20);
    return frame(id, OP_REPLY, Buffer.concat([Buffer.alloc(16), int32(1), BSON.serialize(answer(BSON.deserialize(message.subarray(name + 9))))]));
  }
  if (code !== OP_MSG) throw new Error(`operation ${code}`);
  return frame(id, OP_MSG, Buffer.concat([int32(0), Buffer.from([0]), BSON.serialize(answer(command(message)))]));
}

/** A command's document, with the documents of further sections in the members that they are named after. */
function command(message) {
  const result = {};
  for (let at = 20; at < message.length; ) {
    const kind = message[at++];
    const end = at + message.readInt32LE(at);
    if (kind === 0) Object.assign(result, BSON.deserialize(message.subarray(at, end)));
    else {
      const name = message.indexOf(0, at + 4);
      const documents = (result[message.toString('utf8', at + 4, name)] = []);
      for (let from = name + 1; from < end; from += message.readInt32LE(from)) documents.push(BSON.deserialize(message.subarray(from, from + message.readInt32LE(from))));
    }
    at = end;
  }
  return result;
}

function answer(asked) {
  const [name] = Object.keys(asked);
  const documents = collections.get(asked[name]) ?? [];
  const matching = (filter) => documents.filter((document) => Object.entries(filter).every(([key, wanted]) => matches(document[key], wanted)));
  const cursor = (batch) => ({ cursor: { id: BSON.Long.ZERO, ns: `compat.${asked[name]}`, firstBatch: batch }, ok: 1 });
  switch (name) {
    case 'hello':
    case 'ismaster':
    case 'isMaster':
      return {
        ismaster: true,
        helloOk: true,
        isWritablePrimary: true,
        topologyVersion: { processId: new ObjectId(), counter: BSON.Long.ZERO },
        maxBsonObjectSize: 16_777_216,
        maxMessageSizeBytes: 48_000_000,
        maxWriteBatchSize: 100_000,
        localTime: new Date(),
        logicalSessionTimeoutMinutes: 30,
        connectionId: 1,
        minWireVersion: 0,
        maxWireVersion: 21,
        readOnly: false,
        ok: 1,
      };
    case 'insert':
      collections.set(asked.insert, [...documents, ...asked.documents]);
      return { n: asked.documents.length, ok: 1 };
    case 'update': {
      const changed = asked.updates.flatMap(({ q, u }) => matching(q).map((document) => Object.assign(document, u.$set)));
      return { n: changed.length, nModified: changed.length, ok: 1 };
    }
    case 'delete': {
      const gone = asked.deletes.flatMap(({ q }) => matching(q));
      collections.set(asked.delete, documents.filter((document) => !gone.includes(document)));
      return { n: gone.length, ok: 1 };
    }
    case 'find':
      return cursor(matching(asked.filter).slice(0, asked.limit || undefined));
    case 'aggregate':
      return cursor([{ _id: 1, n: matching(asked.pipeline[0]?.$match ?? {}).length }]);
    case 'drop':
      collections.delete(asked.drop);
      return { ok: 1 };
    default:
      return { ok: 1 };
  }
}

function matches(value, wanted) {
  if (wanted?._bsontype === 'ObjectId') return wanted.equals(value);
  if (wanted?.$gt !== undefined) return value > wanted.$gt;
  return value === wanted;
}

function frame(to, code, body) {
  return Buffer.concat([int32(body.length + 16), int32(1), int32(to), int32(code), body]);
}

function int32(n) {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(n);
  return buffer;
}
