const out = require('path').join(__dirname, '../out');

const way = process.argv[2];
let Impl;
const hook = () => require('async_hooks').createHook({ init(id, type, trigger, value) { if (type === 'WORKER') Impl ??= value.constructor; } }).enable();
if (way === 'early hook') hook();
const wt = require('worker_threads');
const isHandle = (value) => typeof value?.startThread === 'function';
const handleOf = (worker) => Object.getOwnPropertySymbols(worker).map((key) => worker[key]).find(isHandle);
let target = wt.Worker;
if (way === 'hook') hook();
if (way === 'channel') require('diagnostics_channel').subscribe('worker_threads', ({ worker }) => { Impl ??= handleOf(worker).constructor; });
if (way === 'proxy') {
  target = function () {};
  target.prototype = new Proxy(wt.Worker.prototype, { set: (t, key, value, object) => {
    if (isHandle(value)) Impl ??= value.constructor;
    return Reflect.defineProperty(object, key, { value, writable: true, configurable: true });
  } });
}
const worker = Reflect.construct(wt.Worker, [`${__dirname}/ok.cjs`], target);
if (way === 'instance') Impl = handleOf(worker).constructor;
if (typeof Impl !== 'function' || Impl === Object) console.log('no constructor');
else require('./start-thread.cjs')(Impl, `${out}/evil.cjs`);
