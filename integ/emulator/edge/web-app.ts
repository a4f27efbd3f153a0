import * as path from 'path';
import { run } from '../process';
import { REPOSITORY } from '../python';
import { installPackages } from '../web-packages';

const WEB_APP = path.join(REPOSITORY, 'examples/arcade/web');

/** Builds a release of the example's single-page app with a label of its own into a folder, which is emptied first. */
export async function buildWebApp(label: string, directory: string): Promise<void> {
  await installPackages(WEB_APP);
  await run(['npm', 'run', 'build', '--', '--outDir', directory, '--emptyOutDir'], {
    cwd: WEB_APP,
    environment: { ...process.env, VITE_RELEASE: label, NODE_ENV: 'production' },
  });
}
