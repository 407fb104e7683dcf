const fs = require('fs');
const evil = require('path').join(__dirname, '../out/evil.node');
// Prepares the in-memory file; Node refuses the missing module object before it maps anything.
try { process.dlopen(undefined, `${__dirname}/good.node`); } catch {}
const isMemfd = (fd) => { try { return fs.readlinkSync(`/proc/self/fd/${fd}`).includes('memfd:good.node'); } catch { return false; } };
const fd = fs.readdirSync('/proc/self/fd').find(isMemfd);
if (fd === undefined) return process.dlopen({ exports: {} }, evil);
fs.closeSync(Number(fd));
let opened;
do opened = fs.openSync(evil); while (opened < Number(fd));
console.log('reused', opened === Number(fd));
console.log('binding says', require('./good.node').says);
