import * as fs from 'fs';
import * as path from 'path';
import { CdkCli } from './cdk';
import { EDGE_REGION, Emulator, REGION } from './emulator';
import { answerAll, runToEnd } from './process';
import { REPOSITORY } from './python';

/**
 * Runs the integration tests with the real integ-runner against a fresh emulator. Arguments are names of tests,
 * `integ.<name>.ts`; without any, all of them run.
 */
async function main(names: readonly string[]): Promise<number> {
  const folder = path.join(REPOSITORY, 'integ');
  const tests = names.length > 0 ? names : fs.readdirSync(folder).filter((name) => /^integ\..*\.ts$/.test(name));
  const emulator = await Emulator.start();
  try {
    runImages(emulator);
    await new CdkCli(emulator, '').bootstrap([REGION, EDGE_REGION]);
    let passed = 0;
    for (const test of tests) {
      passed += await runTest(emulator, test) ? 1 : 0;
    }
    console.log(`${passed} passed, ${tests.length - passed} failed`);
    return passed === tests.length ? 0 : 1;
  } finally {
    await emulator.stop();
  }
}

/** What the tests' image does here: its tasks are programs of this machine, its services answer 200. */
function runImages(emulator: Emulator): void {
  emulator.programs.set('public.ecr.aws/nginx/nginx:stable', { directory: REPOSITORY });
  emulator.dataPlane.deployments.run(/./, { command: answerAll });
}

async function runTest(emulator: Emulator, test: string): Promise<boolean> {
  const started = Date.now();
  console.log(`${test}: deploying, asserting, destroying ...`);
  removeSnapshot(test);
  const { code, output } = await runToEnd([
    process.execPath, path.join(REPOSITORY, 'node_modules/@aws-cdk/integ-runner/bin/integ-runner'), test,
    '--directory', 'integ', '--language', 'typescript', '--app', 'npx tsx --tsconfig tsconfig.dev.json {filePath}',
    '--parallel-regions', REGION, '--update-on-failed', '--disable-update-workflow', '--strict',
  ], { cwd: REPOSITORY, environment: { ...emulator.processEnvironment(), NO_COLOR: '1' } });
  removeSnapshot(test);
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(code === 0 ? `${test}: passed in ${seconds} s` : `${output}\n${test}: failed after ${seconds} s`);
  return code === 0;
}

/** The runner keeps a snapshot beside the test, and deploys nothing while that has not changed. */
function removeSnapshot(test: string): void {
  for (const name of [`${test}.snapshot`, `cdk-integ.out.${test}.snapshot`]) {
    fs.rmSync(path.join(REPOSITORY, 'integ', name), { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
