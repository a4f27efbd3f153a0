import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { CdkCli } from './cdk';
import { EDGE_REGION, Emulator, REGION } from './emulator';
import { answerAll, runToEnd, temporaryDirectory } from './process';
import { REPOSITORY } from './python';

/** Tests of services that the emulator has no API of. Here they are only synthesized. */
const NEED_AN_ACCOUNT = ['integ.amplify-multi-branch-app.ts'];

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
      const passes = NEED_AN_ACCOUNT.includes(test) ? await synthesizes(test) : await runTest(emulator, test);
      passed += passes ? 1 : 0;
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

async function synthesizes(test: string): Promise<boolean> {
  const outdir = temporaryDirectory(os.tmpdir(), 'synthesized');
  const { code, output } = await runToEnd(['npx', 'tsx', '--tsconfig', 'tsconfig.dev.json', path.join('integ', test)], {
    cwd: REPOSITORY, environment: { ...process.env, CDK_OUTDIR: outdir },
  });
  const made = fs.readdirSync(outdir).some(name => name.endsWith('.template.json'));
  console.log(code === 0 && made ? `${test}: synthesized; to run it takes an account` : `${output}\n${test}: does not synthesize`);
  return code === 0 && made;
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
