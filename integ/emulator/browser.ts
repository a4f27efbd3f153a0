/*
 * A published site in a real browser: examples/arcade/web behind the edge of this machine, visited by headless Chromium.
 * Screenshots are in test-artifacts/browser.
 */
import { PlainWorld } from './browser-plain-world';
import { BrowserSuite } from './browser-suite';
import { Checks } from './checks';
import { openBrowser } from './edge/chromium';
import { Emulator } from './emulator';

const checks = new Checks();

async function live(emulator: Emulator): Promise<void> {
  const world = await PlainWorld.start(emulator);
  const browser = await openBrowser([world.server, world.staging.server]);
  try {
    await new BrowserSuite(world, browser, checks).run();
  } finally {
    await browser.close();
    await world.stop();
  }
}

async function main(): Promise<void> {
  const emulator = await Emulator.start();
  try {
    await live(emulator);
  } catch (error) {
    console.error(error);
    checks.fail(`${error}`);
  } finally {
    await emulator.stop();
  }
  checks.close('browser');
}

void main();
