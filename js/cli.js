#!/usr/bin/env node
'use strict';
// `npx loadlock …`: hands the arguments to the native command line and its answer to the shell.

const path = require('path');

// Once Node has touched a piped stdout it is non-blocking, and a native write of more than the pipe holds would fail.
process.stdout._handle?.setBlocking?.(true);
process.stderr._handle?.setBlocking?.(true);

try {
  const { runCli } = require('./binding.js');
  process.exitCode = runCli(process.argv.slice(2), path.join(__dirname, 'register.js'), process.execPath);
} catch (error) {
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 2;
}
