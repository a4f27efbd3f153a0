import { execFileSync } from 'child_process';
import { existsSync, readdirSync, statSync } from 'fs';
import { join } from 'path';

const ROOT = join(__dirname, '..');

/** Compiles and bundles where a source is newer than the compiled library. What is packed is what is measured and tried. */
export function compileWhereStale(sources: readonly string[] = ['src']): void {
  const index = join(ROOT, 'lib', 'index.js');
  const compiled = existsSync(index) ? statSync(index).mtimeMs : 0;
  const isStale = sources.flatMap(folder => filesUnder(join(ROOT, folder))).some(file => statSync(file).mtimeMs > compiled);
  if (!isStale) return;
  for (const task of ['pre-compile', 'compile']) execFileSync('npx', ['projen', task], { cwd: ROOT, stdio: 'inherit' });
}

/** All files below a folder. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
}
