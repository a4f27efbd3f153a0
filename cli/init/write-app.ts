import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'fs';
import { dirname, join, resolve } from 'path';
import type { AppFiles } from './app-files';
import { PlatformError } from '../../src/errors';

/** What may be in a folder that an app is begun in. */
const HARMLESS = ['.git'];

/** Refuses a folder with anything in it: nobody's file is overwritten. */
export function checkFolder(directory: string, where: string): void {
  if (!existsSync(directory)) return;
  const entries = statSync(directory).isDirectory() ? readdirSync(directory).filter(entry => !HARMLESS.includes(entry)) : ['a file'];
  if (entries.length === 0) return;
  throw new PlatformError(where, {
    problem: 'the folder is not empty.',
    got: `${resolve(directory)} with ${entries.slice(0, 3).join(', ')}${entries.length > 3 ? ` and ${entries.length - 3} more` : ''}`,
    allowed: 'a folder that does not exist, is empty, or has only .git in it',
    fix: 'choose another one: --directory <folder>',
  });
}

/** Writes all files or none: into a folder beside it, or inside where it is there and may be a mounted one, which takes its place when it is complete. */
export function writeApp(directory: string, files: AppFiles): void {
  const target = resolve(directory);
  mkdirSync(dirname(target), { recursive: true });
  const draft = join(existsSync(target) ? target : dirname(target), `.cdk-web-platform-${process.pid}`);
  mkdirSync(draft);
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(draft, path)), { recursive: true });
      writeFileSync(join(draft, path), text);
    }
    if (existsSync(target)) for (const entry of readdirSync(draft)) renameSync(join(draft, entry), join(target, entry));
    else renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
