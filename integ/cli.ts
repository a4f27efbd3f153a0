/*
 * `npx cdk-web-platform` as its users have it: from the packed tarball. `--apps` only begins apps, `--commands` only operates a deployed one.
 */
import { beginApps, packAndInstall } from './cli-apps';
import { operate } from './cli-commands';
import { Checks } from './emulator/checks';
import { Emulator } from './emulator/emulator';

const checks = new Checks();

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const wants = (part: string) => asked.length === 0 || asked.includes(part);
  try {
    const cli = await packAndInstall(checks);
    if (wants('--apps')) await beginApps(cli, checks);
    if (wants('--commands')) {
      const emulator = await Emulator.start();
      try {
        await operate(emulator, cli.program, checks);
      } finally {
        await emulator.stop();
      }
    }
  } catch (error) {
    console.error(error);
    checks.fail(`${error}`);
  }
  checks.close('cli');
}

void main();
