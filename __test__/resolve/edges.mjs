// Prints how this process resolves every specifier of a list. Run twice, on stock Node and under loadlock, over the same
// tree: the outputs must be equal. Stays inside the tree that it is copied into, because it is sealed with it.
//   node --experimental-import-meta-resolve edges.mjs EDGES.json
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , list, out] = process.argv;
const answers = [];
for (const { file, specifier } of JSON.parse(readFileSync(list, 'utf8'))) {
  answers.push({
    file,
    specifier,
    require: attempt(() => createRequire(file).resolve(specifier)),
    import: attempt(() => import.meta.resolve(specifier, pathToFileURL(file).href)),
  });
}
writeFileSync(out, JSON.stringify(answers));

function attempt(resolve) {
  try {
    return resolve();
  } catch (error) {
    return error.code ?? String(error);
  }
}
