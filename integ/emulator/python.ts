import { spawnSync } from 'child_process';
import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { run } from './process';

export const REPOSITORY = path.resolve(__dirname, '..', '..');

/** A virtual environment of Python, one for each requirements file. */
export interface PythonEnvironment {
  readonly directory: string;
  readonly python: string;
  /** Folder of the executables that the packages brought. */
  readonly bin: string;
}

/** Makes `.venv/<name>` at the repository root, and installs only what changed since the last time. */
export async function pythonEnvironment(name: string, requirementsFile: string): Promise<PythonEnvironment> {
  const directory = path.join(REPOSITORY, '.venv', name);
  const bin = path.join(directory, 'bin');
  const python = path.join(bin, 'python');
  const requirements = path.resolve(REPOSITORY, requirementsFile);
  const installed = path.join(directory, 'requirements.sha256');
  const wanted = createHash('sha256').update(fs.readFileSync(requirements)).digest('hex');

  if (!fs.existsSync(installed) || fs.readFileSync(installed, 'utf8') !== wanted) {
    console.log(`python: installing ${path.relative(REPOSITORY, requirements)} into .venv/${name}, the first time takes a minute ...`);
    const started = Date.now();
    if (!fs.existsSync(path.join(bin, 'pip'))) {
      installVenvPackageIfMissing();
      await run(['python3', '-m', 'venv', '--clear', directory]);
    }
    await run([python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
    fs.writeFileSync(installed, wanted);
    console.log(`python: done in ${Math.round((Date.now() - started) / 1000)} s`);
  }
  return { directory, bin, python };
}

/** Debian ships Python's venv module without the pip that it installs. */
function installVenvPackageIfMissing(): void {
  if (spawnSync('python3', ['-c', 'import ensurepip']).status === 0) {
    return;
  }
  const apt = spawnSync('apt-get', ['install', '-y', 'python3-venv'], { encoding: 'utf8' });
  if (apt.status !== 0) {
    throw new Error(`Python has no ensurepip, and "apt-get install -y python3-venv" failed:\n${apt.stderr || apt.error}`);
  }
}
