const out = require('path').join(__dirname, '../out');

const { Script, compileFunction, constants } = require('vm');
const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
// Without the word itself, so that nothing prepares for it.
const text = `im${'port'}('${require('url').pathToFileURL(`${out}/evil.mjs`)}')`;
if (process.argv[2] === 'script') new Script(text, { importModuleDynamically }).runInThisContext();
else compileFunction(`return ${text}`, [], { importModuleDynamically })();
