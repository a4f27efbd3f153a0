import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { run } from '../process';
import { REPOSITORY } from '../python';

const WEB_APP = path.join(REPOSITORY, 'examples/arcade/web');
let installing: Promise<void> | undefined;

/** Builds a release of the example's single-page app with a label of its own into a folder, which is emptied first. */
export async function buildWebApp(label: string, directory: string): Promise<void> {
  installing ??= install();
  await installing;
  await run(['npm', 'run', 'build', '--', '--outDir', directory, '--emptyOutDir'], {
    cwd: WEB_APP,
    environment: { ...process.env, VITE_RELEASE: label, NODE_ENV: 'production' },
  });
}

/** Installs only what changed since the last time. */
async function install(): Promise<void> {
  const stamp = path.join(WEB_APP, 'node_modules', 'lockfile.sha256');
  const wanted = createHash('sha256').update(fs.readFileSync(path.join(WEB_APP, 'package-lock.json'))).digest('hex');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) {
    return;
  }
  console.log('web app: installing its packages ...');
  // Build tools are development dependencies.
  const environment = { ...process.env, NODE_ENV: 'development' };
  await run(['npm', 'ci', '--no-audit', '--no-fund', '--include=dev'], { cwd: WEB_APP, environment });
  fs.writeFileSync(stamp, wanted);
}
