/*
 * Rewrites the compiled lib/index.js so that a folder is loaded when one of its names is first used.
 * `export *` would load every submodule of aws-cdk-lib that any construct needs, for every user, at each synth.
 */
import { readFileSync, writeFileSync } from 'fs';
import { resolve } from 'path';

const INDEX = resolve(__dirname, '..', 'lib', 'index.js');

const source = readFileSync(INDEX, 'utf8');
const folders = [...source.matchAll(/^__exportStar\(require\("(\.\/[a-z-]+)"\), exports\);$/gm)].map(match => match[1]);
if (folders.length === 0) throw new Error(`${INDEX} has no "export *" to make lazy: compile first`);

const exported = folders.map(folder => ({ folder, names: Object.keys(require(resolve(INDEX, '..', folder))) }));
const names = exported.flatMap(each => each.names);

writeFileSync(INDEX, `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const lazy = (folder, names) => names.forEach(name => Object.defineProperty(exports, name, {
  enumerable: true,
  configurable: true,
  get: () => require(folder)[name],
}));
${exported.map(({ folder, names: each }) => `lazy("${folder}", ${JSON.stringify(each)});`).join('\n')}
// Never runs: tells Node's ES module loader, which only reads the text, which names there are.
0 && (module.exports = { ${names.join(', ')} });
`);
