// does: subcommands, options, defaults, actions, errors, help
// packages: commander
'use strict';
const assert = require('node:assert/strict');
const { Command, InvalidArgumentError, Option } = require('commander');
console.log('COMPAT LOADED');

async function main() {
  const seen = [];
  const program = new Command('tool').exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  program
    .command('copy <from> [to...]')
    .option('-f, --force', 'overwrite', false)
    .addOption(new Option('-m, --mode <mode>').choices(['fast', 'safe']).default('safe').env('COMPAT_MODE'))
    .option('-n <number>', 'times', (text) => {
      if (Number.isNaN(Number(text))) throw new InvalidArgumentError('not a number');
      return Number(text);
    })
    .action(async (from, to, options) => seen.push({ from, to, ...options }));
  await program.parseAsync(['copy', 'a', 'b', 'c', '-f', '--mode', 'fast', '-n', '3'], { from: 'user' });
  assert.deepEqual(seen, [{ from: 'a', to: ['b', 'c'], force: true, mode: 'fast', n: 3 }]);
  await assert.rejects(program.parseAsync(['copy', 'a', '-n', 'x'], { from: 'user' }), { code: 'commander.invalidArgument' });
  await assert.rejects(program.parseAsync(['copy'], { from: 'user' }), { code: 'commander.missingArgument' });
  assert.match(program.helpInformation(), /copy \[options\] <from> \[to\.\.\.\]/);
  console.log('COMPAT OK commander');
}
main();
