import { spawnSync } from 'child_process';
import { relative, resolve } from 'path';
import { repositoryAround } from '../../src/delivery/written-files';

const GITHUB = /^(?:https:\/\/(?:[^@/]+@)?|ssh:\/\/git@|git@)github\.com[/:]([A-Za-z0-9-]+\/[A-Za-z0-9._-]+?)(?:\.git)?\/?$/;

/** The repository that an app is begun in. */
export interface Around {
  /** Its folder; undefined where there is none. */
  readonly root?: string;
  /** The app's folder in it. */
  readonly folder: string;
  /** Its name on GitHub, where `origin` says it. */
  readonly repository?: string;
}

/** Looks from a folder upwards, which need not be there yet. */
export function lookAround(directory: string): Around {
  const root = repositoryAround(resolve(directory));
  if (root === undefined) return { folder: '.' };
  const { stdout } = git(root, 'remote', 'get-url', 'origin');
  const folder = relative(root, resolve(directory)).replace(/\\/g, '/') || '.';
  return { root, folder, repository: GITHUB.exec(stdout?.trim() ?? '')?.[1] };
}

/** A new repository with the branch that the delivery starts from; false where this machine has no git. */
export function beginRepository(directory: string): boolean {
  if (git(directory, 'init', '--quiet').status !== 0) return false;
  // --initial-branch is unknown to git before 2.28.
  return git(directory, 'symbolic-ref', 'HEAD', 'refs/heads/main').status === 0;
}

function git(directory: string, ...args: string[]) {
  return spawnSync('git', args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}
