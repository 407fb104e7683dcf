// does: styles, nesting, templates, levels
// packages: chalk4 as chalk
'use strict';
const assert = require('node:assert/strict');
const chalk = require('chalk');
console.log('COMPAT LOADED');

const colored = new chalk.Instance({ level: 2 });
assert.equal(colored.red.bold('x'), '\u001B[31m\u001B[1mx\u001B[22m\u001B[39m');
assert.equal(colored`{blue a} b`, '\u001B[34ma\u001B[39m b');
assert.equal(colored.blue(`a${colored.green('b')}c`), '\u001B[34ma\u001B[32mb\u001B[39m\u001B[34mc\u001B[39m');
assert.equal(chalk.level, 0);
assert.equal(chalk.red('x'), 'x');
console.log('COMPAT OK chalk4');
