/*
 * Bundles a handler that makes images, with the WebAssembly build of sharp beside it: its glue, its binary and its licences, all in one folder without
 * node_modules, which npm would leave out of the package. The handler loads this build and no other, on every processor: what is tested is what runs.
 *
 *   tsx projenrc/image-library.ts <handler.ts> <folder>
 */
import { copyFileSync, readFileSync } from 'fs';
import { dirname, join } from 'path';
import { buildSync, build, BuildOptions, Plugin } from 'esbuild';

const sharp = dirname(dirname(require.resolve('sharp')));
const library = dirname(require.resolve('@img/sharp-wasm32/package'));
const { version }: { version: string } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'));
const glue = `sharp-wasm32-${version}.node`;
const common: BuildOptions = { bundle: true, platform: 'node', target: 'node24', minify: true };

/** In place of what looks for the native build of the machine that it runs on. */
const oneBuild: Plugin = {
  name: 'one-build',
  setup(bundler) {
    bundler.onResolve({ filter: /\/sharp\.cjs$/ }, ({ importer }) => importer.startsWith(sharp) ? { path: `./${glue}.js`, external: true } : undefined);
  },
};

/** Bundles what makes images with that build, into a folder of its own. */
export async function bundleImages(entryPoint: string, folder: string): Promise<void> {
  await build({
    ...common,
    entryPoints: [entryPoint],
    outfile: join(folder, 'index.js'),
    tsconfig: 'tsconfig.dev.json',
    external: ['@aws-sdk/*', '@img/sharp-libvips-dev/*'],
    alias: { sharp: join(sharp, 'dist', 'index.cjs') },
    plugins: [oneBuild],
  });
  // It starts its threads from its own file, so it cannot be part of the handler.
  buildSync({ ...common, entryPoints: [join(library, 'lib', `${glue}.js`)], outfile: join(folder, `${glue}.js`) });
  copyFileSync(join(library, 'lib', `${glue}.wasm`), join(folder, `${glue}.wasm`));
  copyFileSync(join(library, 'LICENSE'), join(folder, 'LICENSE-sharp.txt'));
  copyFileSync(join(library, 'README.md'), join(folder, 'LICENSES-libraries.md'));
  copyFileSync(join(dirname(require.resolve('@emnapi/runtime', { paths: [library] })), 'LICENSE'), join(folder, 'LICENSE-emnapi.txt'));
}

if (require.main === module) void bundleImages(process.argv[2], process.argv[3]);
