// does: commands, options, types, validation, help
// packages: yargs
import assert from 'node:assert/strict';
import yargs from 'yargs';
console.log('COMPAT LOADED');

const parser = () =>
  yargs()
    .scriptName('tool')
    .command('add <a> [b]', 'adds', (command) => command.positional('a', { type: 'number' }).positional('b', { type: 'number', default: 1 }))
    .option('verbose', { alias: 'v', type: 'count' })
    .option('tag', { type: 'array', choices: ['x', 'y'] })
    .strict()
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message);
    });
const parsed = await parser().parseAsync('add 2 40 -vv --tag x --tag y');
assert.deepEqual([parsed._, parsed.a, parsed.b, parsed.verbose, parsed.tag], [['add'], 2, 40, 2, ['x', 'y']]);
await assert.rejects(async () => parser().parseAsync('add 2 --tag z'), /Invalid values/);
await assert.rejects(async () => parser().parseAsync('add 2 --unknown'), /Unknown argument/);
assert.match(await parser().getHelp(), /tool add <a> \[b\] +adds/);
console.log('COMPAT OK yargs');
