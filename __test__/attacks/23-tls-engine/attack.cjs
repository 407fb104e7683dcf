const so = require('path').join(__dirname, '../out/evil.so');
const options = { clientCertEngine: so, port: 1 };
let calls = 0;
({
  context: () => require('tls').createSecureContext(options),
  key: () => require('tls').createSecureContext({ privateKeyEngine: so, privateKeyIdentifier: 'x' }),
  common: () => require('_tls_common').createSecureContext(options),
  connect: () => require('tls').connect(options),
  server: () => require('tls').createServer(options),
  https: () => require('https').request(options),
  http2: () => require('http2').connect('https://127.0.0.1:1', options),
  getter: () => require('tls').createSecureContext({ get clientCertEngine() { return calls++ === 0 && process.execArgv.length > 0 ? undefined : so; } }),
})[process.argv[2]]();
