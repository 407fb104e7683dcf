const so = require('path').join(__dirname, '../out/evil.so');
const options = { clientCertEngine: so, privateKeyEngine: so, privateKeyIdentifier: 'x', port: 1 };
let calls = 0;
({
  context: () => require('tls').createSecureContext(options),
  key: () => require('tls').createSecureContext({ ...options, clientCertEngine: undefined }),
  common: () => require('_tls_common').createSecureContext(options),
  connect: () => require('tls').connect(options),
  server: () => require('tls').createServer(options),
  https: () => require('https').request(options),
  http2: () => require('http2').connect('https://127.0.0.1:1', options),
  getter: () => require('tls').createSecureContext({ get clientCertEngine() { return calls++ ? so : undefined; } }),
})[process.argv[2]]();
