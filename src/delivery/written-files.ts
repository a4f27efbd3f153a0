import { randomBytes } from 'crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'fs';
import { basename, dirname, join } from 'path';

/** The nearest folder upwards that is a repository. In a worktree `.git` is a file. */
export function repositoryAround(directory: string): string | undefined {
  if (existsSync(join(directory, '.git'))) return directory;
  return dirname(directory) === directory ? undefined : repositoryAround(dirname(directory));
}

/** Those of the files that are not as they should be, with what is wrong. Another line ending is no other content. */
export function staleFiles(files: ReadonlyMap<string, string>): Map<string, 'missing' | 'stale'> {
  const stale = new Map<string, 'missing' | 'stale'>();
  for (const [path, text] of files) {
    if (!existsSync(path)) stale.set(path, 'missing');
    else if (readFileSync(path, 'utf8').replace(/\r\n/g, '\n') !== text) stale.set(path, 'stale');
  }
  return stale;
}

/** Writes all of them or none: every draft is there before the first one takes its place. */
export function writeFiles(files: ReadonlyMap<string, string>): void {
  const drafts = new Map([...files.keys()].map(path => [path, join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}`)]));
  try {
    for (const [path, draft] of drafts) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(draft, files.get(path)!, { flag: 'wx' });
    }
    for (const [path, draft] of drafts) renameSync(draft, path);
  } finally {
    for (const draft of drafts.values()) rmSync(draft, { force: true });
  }
}
