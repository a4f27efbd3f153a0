/*
 * examples/arcade, deployed part by part by the real CDK CLI and read back; then in a real browser: served by the edge of this machine, visited by headless
 * Chromium, with a player who signs in, uploads and searches. Screenshots are in test-artifacts/browser.
 */
import { Browser } from 'playwright-core';
import { ArcadePlayers } from './arcade-players';
import { ArcadeReadBack } from './arcade-read-back';
import { ArcadeUpdates } from './arcade-updates';
import { ArcadeWorld, STAGING } from './arcade-world';
import { BrowserSuite } from './browser-suite';
import { Checks } from './checks';
import { openBrowser } from './edge/chromium';
import type { Emulator } from './emulator';
import { runSuite } from './suite';

const checks = new Checks();

async function live(emulator: Emulator): Promise<void> {
  const world = await checks.step('deploying arcade', () => ArcadeWorld.start(emulator, 'first', STAGING));
  let browser: Browser | undefined;
  try {
    await new ArcadeUpdates(world, checks).run();
    await checks.step('reading it back', () => new ArcadeReadBack(emulator, world, checks).run());
    const players = await checks.step('a player’s account, and games to search', () => ArcadePlayers.prepare(emulator, world, checks));
    browser = await openBrowser([world.server, world.staging.server, world.names]);
    await players.run(browser);
    await new BrowserSuite(world, browser, checks).run();
  } finally {
    await browser?.close();
    await world.stop();
  }
  await checks.step('destroying production', () => new ArcadeReadBack(emulator, world, checks).destroy());
}

void runSuite('browser', checks, live);
