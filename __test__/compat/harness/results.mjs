// What is known about every case, and the table that is made of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const RESULTS = fileURLToPath(new URL('../results.json', import.meta.url));
const TABLE = fileURLToPath(new URL('../../../docs/compatibility.md', import.meta.url));

/** Per case: versions of its packages, per mode and Node line what happened, and what was granted. */
export function readResults() {
  try {
    return JSON.parse(readFileSync(RESULTS, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

/**
 * @param {Record<string, object>} results  changed in place
 * @param {import('./cases.mjs').Case} one
 * @param {{ versions: Record<string, string>, mode: string, node: { major: number }, result: { loads: boolean, works: boolean } }} run
 */
export function record(results, one, { versions, mode, node, result }) {
  // What other versions did says nothing about these.
  if (JSON.stringify(results[one.name]?.versions) !== JSON.stringify(versions)) results[one.name] = { versions };
  results[one.name][mode] ??= {};
  results[one.name][mode][node.major] = outcome(result);
}

/** @returns {'works' | 'loads' | 'fails'} */
export function outcome({ loads, works }) {
  if (works) return 'works';
  return loads ? 'loads' : 'fails';
}

/**
 * @param {Record<string, object>} results
 * @param {import('./cases.mjs').Case[]} cases  all of them, also those that did not run now
 */
export function writeResults(results, cases) {
  const known = cases.filter(({ name }) => results[name]);
  writeFileSync(RESULTS, `{\n${known.map(({ name }) => `  ${JSON.stringify(name)}: ${JSON.stringify(results[name])}`).join(',\n')}\n}\n`);
  writeFileSync(TABLE, document(known, results));
}

const MODES = ['stock', 'sealed', 'policy'];

function document(cases, results) {
  const lines = [...new Set(cases.flatMap(({ name }) => MODES.flatMap((mode) => Object.keys(results[name][mode] ?? {}))))].toSorted();
  const packages = new Set(cases.flatMap(({ name }) => Object.keys(results[name].versions)));
  return `# Compatibility

<!-- Written by \`npm run compat\`; edit the cases in __test__/compat/cases, not this file. -->

${cases.length} small applications of ${packages.size} npm packages. Each does real work and checks what comes of it: servers answer hundreds
of requests over real sockets, clients talk to a server, databases are asked over their protocol, native bindings are
loaded. \`npm run compat\` runs each of them three times on each of Node ${lines.join(', ')}:

1. **stock**: on Node as it is;
2. **sealed**: \`loadlock seal\`, then \`node --require loadlock/register\`, without a policy;
3. **policy**: \`loadlock policy infer\`, \`loadlock seal\`, then the same with the capabilities enforced. Where something
   had to be granted by hand, the last column says so.

✓ works on all of them; otherwise the versions on which it works, only *loads* (and then fails), or *fails* to load.
Versions that a package does not support itself are left out. *Grants* counts the capabilities in the inferred policy,
those of the application and of all its dependencies together.

Where no real server can be had, the other end is a small one that speaks as much of the protocol as is needed
(\`__test__/compat/peers\`); PostgreSQL is the real one, compiled to WebAssembly. "Up to the connection" means exactly that.

${summary(cases, results, lines)}

| packages | exercised | ${MODES.join(' | ')} | grants |
|---|---|${MODES.map(() => '---|').join('')}---|
${cases.map((one) => row(one, results[one.name], lines)).join('\n')}

## What does not work

${cases.filter((one) => isMiss(results[one.name])).map((one) => `* **${one.name}** (${missed(results[one.name])}): ${one.misses || 'not explained yet.'}`).join('\n') || 'Nothing that is known.'}
`;
}

function summary(cases, results, lines) {
  const count = (mode, line) => {
    const ran = cases.filter(({ name }) => results[name][mode]?.[line]);
    return ran.length === 0 ? '' : `${ran.filter(({ name }) => results[name][mode][line] === 'works').length} / ${ran.length}`;
  };
  return [
    `| work / tried | ${lines.map((line) => `Node ${line}`).join(' | ')} |`,
    `|---|${lines.map(() => '---|').join('')}`,
    ...MODES.map((mode) => `| ${mode} | ${lines.map((line) => count(mode, line)).join(' | ')} |`),
  ].join('\n');
}

function row(one, result, lines) {
  const packages = Object.entries(result.versions).map(([name, version]) => `${name} ${version}`);
  const cells = MODES.map((mode) => cell(result[mode], lines));
  return `| ${packages.join(', ')} | ${one.does.replaceAll('|', '\\|')} | ${cells.join(' | ')} | ${grants(one, result.grants)} |`;
}

function cell(outcomes, lines) {
  if (!outcomes) return '';
  const by = (wanted) => lines.filter((line) => outcomes[line] === wanted);
  if (by('works').length === lines.length) return '✓';
  return [
    ['works', '✓ '],
    ['loads', 'loads '],
    ['fails', 'fails '],
  ]
    .filter(([wanted]) => by(wanted).length > 0)
    .map(([wanted, text]) => text + by(wanted).join(' '))
    .join(', ');
}

function grants(one, granted) {
  const hand = one.grants.map(({ package: name, grant }) => `; by hand: ${name} ${JSON.stringify(grant)}`).join('');
  if (!granted) return hand.slice(2);
  return `${granted.count} in ${granted.packages}${granted.words.length > 0 ? `: ${granted.words.join(' ')}` : ''}${hand}`;
}

function isMiss(result) {
  return MODES.some((mode) => Object.values(result[mode] ?? {}).some((word) => word !== 'works'));
}

function missed(result) {
  return MODES.flatMap((mode) => {
    const lines = Object.keys(result[mode] ?? {}).filter((line) => result[mode][line] !== 'works');
    return lines.length > 0 ? [`${mode} ${lines.join(' ')}`] : [];
  }).join('; ');
}
