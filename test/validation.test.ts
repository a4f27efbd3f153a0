import { execFileSync } from 'child_process';
import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

const ROOT = join(__dirname, '..');

/** Synthesizes the smallest example in a process of its own, with CDK's own template validation on, which costs seconds. */
test('CDK\'s built-in validation of templates accepts a first stack', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'validated-'));
  try {
    execFileSync(process.execPath, ['--require', 'tsx/cjs', join(ROOT, 'test/judges/pattern/app.ts')], {
      cwd: ROOT,
      stdio: 'pipe',
      env: { ...process.env, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.dev.json'), CDK_OUTDIR: outdir, CDK_VALIDATION: 'true' },
    });
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}, 120_000);
