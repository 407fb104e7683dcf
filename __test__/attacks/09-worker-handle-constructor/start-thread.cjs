// What lib/internal/worker.js does after it has made the handle, with a file of our choice.
const { MessageChannel } = require('worker_threads');
module.exports = function startThread(Impl, filename) {
  const raw = new Impl(null, null, [], new Float64Array(4), true, false);
  const main = new MessageChannel(), other = new MessageChannel();
  raw.messagePort.postMessage({
    type: 'loadScript', filename, doEval: false, isInternal: false, argv: [], workerData: null, environmentData: new Map(), hasStdin: false,
    cwdCounter: new Uint32Array(new SharedArrayBuffer(4)), manifestURL: null, manifestSrc: null, publicPort: main.port2, mainThreadPort: other.port2,
  }, [main.port2, other.port2]);
  raw.startThread();
  raw.ref();
  raw.onexit = () => process.exit();
};
