import { randomBytes } from 'crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'fs';
import { basename, dirname, join } from 'path';

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
