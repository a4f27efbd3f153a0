/*
 * Bundles the command line into one file, with the apps that `init` can begin, the price list of `estimate`, and the versions of the tools that new apps get
 * beside it: those that the examples here are tested with.
 */
import { cpSync, readFileSync, rmSync } from 'fs';
import { join } from 'path';
import { buildSync } from 'esbuild';

const FOLDER = 'assets/cli';
const TOOLS = ['@types/node', 'aws-cdk', 'aws-cdk-lib-newest', 'constructs', 'projen', 'tsx', 'typescript'];

function installed(name: string): string {
  return JSON.parse(readFileSync(join('node_modules', name, 'package.json'), 'utf8')).version;
}

rmSync(FOLDER, { recursive: true, force: true });
buildSync({
  entryPoints: ['cli/main.ts'],
  outfile: join(FOLDER, 'cdk-web-platform.js'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: true,
  // Unused commands of the AWS SDK go only where their modules are read as such.
  mainFields: ['module', 'main'],
  tsconfig: 'tsconfig.dev.json',
  banner: { js: '#!/usr/bin/env node' },
  define: { TOOL_VERSIONS: JSON.stringify(Object.fromEntries(TOOLS.map(name => [name, installed(name)]))) },
});
cpSync('cli/templates', join(FOLDER, 'templates'), { recursive: true });
cpSync('src/cost/estimate/list-prices.json', join(FOLDER, 'list-prices.json'));
