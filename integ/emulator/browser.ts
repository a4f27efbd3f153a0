/*
 * examples/arcade in a real browser: deployed by the real CDK CLI, served by the edge of this machine, visited by headless Chromium.
 * Screenshots are in test-artifacts/browser.
 */
import { ArcadeReadBack } from './arcade-read-back';
import { ArcadeWorld, STAGING } from './arcade-world';
import { BrowserSuite } from './browser-suite';
import { Checks } from './checks';
import { openBrowser } from './edge/chromium';
import type { Emulator } from './emulator';
import { runSuite } from './suite';

const checks = new Checks();

async function live(emulator: Emulator): Promise<void> {
  const world = await checks.step('deploying arcade', () => ArcadeWorld.start(emulator, 'first', STAGING));
  const browser = await openBrowser([world.server, world.staging.server]);
  try {
    await checks.step('reading it back', () => new ArcadeReadBack(emulator, checks).run());
    await new BrowserSuite(world, browser, checks).run();
  } finally {
    await browser.close();
    await world.stop();
  }
}

void runSuite('browser', checks, live);
