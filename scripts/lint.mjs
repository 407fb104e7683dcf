// Every linter, in the order of their speed. Called by .ci/run and `npm run lint`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);

if (!existsSync(bin('oxlint'))) run('npm', ['ci', '--ignore-scripts', '--no-fund', '--no-audit']);
run('cargo', ['fmt', '--check']);
run(bin('oxlint'), ['--deny-warnings', 'js', 'scripts', '__test__', 'demo/app', 'demo/harness']);
run(bin('tsc'), ['--project', 'tsconfig.json']);
run('cargo', ['clippy', '--all-targets', '--locked', '--quiet', '--', '-D', 'warnings']);

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    console.error(`lint: ${command} ${args.join(' ')} ended with status ${result.status}`);
    process.exit(1);
  }
}
