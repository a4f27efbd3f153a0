/*
 * Rewrites the compiled index files so that a module is loaded when one of its names is first used: `export *` would load
 * every submodule of aws-cdk-lib that any construct needs, for every user, at each synth. Source maps that jsii writes into
 * the code go too; they are two thirds of what Node would read.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { dirname, join, resolve } from 'path';

const LIB = resolve(__dirname, '..', 'lib');
const EXPORT_ALL = /^__exportStar\(require\("(\.\/[a-z-]+)"\), exports\);$/gm;

/** The index with a getter for each name, instead of all modules. */
function lazy(index: string): string {
  const modules = [...readFileSync(index, 'utf8').matchAll(EXPORT_ALL)].map(([, module]) => ({
    module,
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only running the compiled module tells its names
    names: Object.keys(require(resolve(dirname(index), module))),
  }));
  if (modules.length === 0) throw new Error(`${index} has no "export *" to make lazy: compile first`);

  return `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const lazy = (module, names) => names.forEach(name => Object.defineProperty(exports, name, {
  enumerable: true,
  configurable: true,
  get: () => require(module)[name],
}));
${modules.filter(({ names }) => names.length > 0).map(({ module, names }) => `lazy("${module}", ${JSON.stringify(names)});`).join('\n')}
// Never runs: tells Node's ES module loader, which only reads the text, which names there are.
0 && (module.exports = { ${modules.flatMap(({ names }) => names).join(', ')} });
`;
}

const folders = readdirSync(LIB, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => join(LIB, name, 'index.js'));
const indexes = [join(LIB, 'index.js'), ...folders.filter(index => existsSync(index))];
// All texts before any is written: once an index is lazy, what it exports cannot be read from its text.
const rewritten = indexes.map(index => ({ index, text: lazy(index) }));
for (const { index, text } of rewritten) writeFileSync(index, text);

for (const entry of readdirSync(LIB, { withFileTypes: true, recursive: true })) {
  if (!entry.isFile() || !entry.name.endsWith('.js')) continue;
  const file = join(entry.parentPath, entry.name);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\n\/\/# sourceMappingURL=data:\S+\s*$/, '\n'));
}
