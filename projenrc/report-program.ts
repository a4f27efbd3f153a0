/*
 * Bundles what writes the report of a cloud assembly, with its data and licences beside it, into one folder without node_modules.
 *
 *   npx projen bundle:report
 */
import { copyFileSync } from 'fs';
import { join } from 'path';
import { buildSync } from 'esbuild';

const FOLDER = 'assets/report';

buildSync({
  bundle: true,
  platform: 'node',
  // The oldest Node.js that CDK apps run on.
  target: 'node20',
  minify: true,
  // Its WebAssembly is text with many other characters, each of which would be escaped.
  charset: 'utf8',
  entryPoints: ['src/report/program/write-report.ts'],
  outfile: join(FOLDER, 'write-report.js'),
  tsconfig: 'tsconfig.dev.json',
});
copyFileSync('src/cost/estimate/list-prices.json', join(FOLDER, 'list-prices.json'));
copyFileSync('src/report/program/durations.json', join(FOLDER, 'durations.json'));
copyFileSync('src/report/program/LICENSES.md', join(FOLDER, 'LICENSES.md'));
