// does: styles, nesting, levels
// packages: chalk
import assert from 'node:assert/strict';
import { Chalk, chalkStderr, supportsColor } from 'chalk';
console.log('COMPAT LOADED');

const chalk = new Chalk({ level: 3 });
assert.equal(chalk.red.bold('x'), '\u001B[31m\u001B[1mx\u001B[22m\u001B[39m');
assert.equal(chalk.hex('#102030')('x'), '\u001B[38;2;16;32;48mx\u001B[39m');
assert.equal(chalk.blue(`a${chalk.green('b')}c`), '\u001B[34ma\u001B[32mb\u001B[39m\u001B[34mc\u001B[39m');
assert.equal(new Chalk({ level: 0 }).red('x'), 'x');
assert.equal(supportsColor, false);
assert.equal(chalkStderr.level, 0);
console.log('COMPAT OK chalk5');
