new (require('node:ffi').DynamicLibrary)(require('path').join(__dirname, '../out/evil.so'));
