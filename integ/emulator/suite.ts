import { Checks } from './checks';
import { Emulator } from './emulator';

/** Runs a suite before a fresh emulator; whatever it throws is a failure. Nothing is left running. */
export async function runSuite(name: string, checks: Checks, live: (emulator: Emulator) => Promise<void>): Promise<void> {
  const emulator = await Emulator.start();
  try {
    await live(emulator);
  } catch (error) {
    console.error(error);
    checks.fail(`${error}`);
  } finally {
    await emulator.stop();
  }
  checks.close(name);
}
