/*
 * Puts the compiled library into one file, `lib/index.js`: Node needs more time to find and open two hundred small files than to run them. Each module still
 * runs when one of its names is first used: `export *` would load every submodule of aws-cdk-lib that any construct needs, for every user, at each synth.
 */
import { readFileSync } from 'fs';
import { basename, dirname, join, relative, resolve } from 'path';
import { build, Plugin } from 'esbuild';

const LIB = resolve(__dirname, '..', 'lib');
const INDEX = join(LIB, 'index.js');
const EXPORT_ALL = /^__exportStar\(require\("(\.\/[a-z-]+)"\), exports\);$/gm;

/** The names that a compiled module exports. */
function namesOf(module: string): string[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only running the compiled module tells its names
  return Object.keys(require(module));
}

/** An index with a getter for each name, instead of all modules. */
function lazy(index: string): string {
  const modules = [...readFileSync(index, 'utf8').matchAll(EXPORT_ALL)].map(([, module]) => ({ module, names: namesOf(resolve(dirname(index), module)) }));
  if (modules.length === 0) throw new Error(`${index} has no "export *" to make lazy: compile first`);
  return `const lazy = (load, names) => names.forEach(name => Object.defineProperty(exports, name, { enumerable: true, configurable: true, get: () => load()[name] }));
${modules.filter(({ names }) => names.length > 0).map(({ module, names }) => `lazy(() => require("${module}"), ${JSON.stringify(names)});`).join('\n')}
`;
}

/** Modules as they are in one file, from which the files beside them are where they were. */
const oneFile: Plugin = {
  name: 'one-file',
  setup(bundler) {
    bundler.onLoad({ filter: /\.js$/ }, ({ path }) => {
      const folder = relative(LIB, dirname(path));
      const text = basename(path) === 'index.js' ? lazy(path) : readFileSync(path, 'utf8');
      return { contents: folder === '' ? text : text.replaceAll(/\b__dirname\b/g, `(__dirname + ${JSON.stringify(`/${folder}`)})`) };
    });
  },
};

async function bundle(): Promise<void> {
  const names = namesOf(LIB);
  await build({
    entryPoints: [INDEX],
    outfile: INDEX,
    allowOverwrite: true,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    // Never runs: tells Node's loader of ES modules, which only reads the text, which names there are.
    footer: { js: `0 && (module.exports = { ${names.join(', ')} });` },
    plugins: [oneFile],
  });
}

void bundle();
