import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { run } from './process';

const installing = new Map<string, Promise<void>>();

/** Installs the packages of a web app that its lockfile names, unless they are there since the last time. */
export function installPackages(directory: string): Promise<void> {
  const started = installing.get(directory) ?? install(directory);
  installing.set(directory, started);
  return started;
}

async function install(directory: string): Promise<void> {
  const stamp = path.join(directory, 'node_modules', 'lockfile.sha256');
  const wanted = createHash('sha256').update(fs.readFileSync(path.join(directory, 'package-lock.json'))).digest('hex');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) {
    return;
  }
  console.log(`${path.basename(path.dirname(directory))}: installing the packages of its web app ...`);
  // Build tools are development dependencies.
  const environment = { ...process.env, NODE_ENV: 'development' };
  await run(['npm', 'ci', '--no-audit', '--no-fund', '--include=dev'], { cwd: directory, environment });
  fs.writeFileSync(stamp, wanted);
}
