'use strict';
// Which prebuilt binary this process needs, in napi-rs' naming.

const fs = require('fs');

/** For example `linux-x64-gnu`, `darwin-arm64` or `win32-x64-msvc`. */
function platformTriple() {
  const base = `${process.platform}-${process.arch}`;
  if (process.platform === 'win32') return `${base}-msvc`;
  if (process.platform !== 'linux') return base;
  return isMusl() ? `${base}-musl` : `${base}-gnu`;
}

module.exports = { platformTriple };

/** By the dynamic loader that is installed: `ldd` would be another program to trust, process.report costs milliseconds. */
function isMusl() {
  const machine = { x64: 'x86_64', arm64: 'aarch64' }[process.arch] ?? process.arch;
  const glibc = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'];
  return fs.existsSync(`/lib/ld-musl-${machine}.so.1`) && !glibc.some((loader) => fs.existsSync(loader));
}
