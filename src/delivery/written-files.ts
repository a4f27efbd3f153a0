import { existsSync, readFileSync } from 'fs';
import { dirname, join } from 'path';

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
