import * as fs from 'fs';
import { Browser, chromium as driver } from 'playwright-core';
import { runToEnd } from '../process';

/** What a browser finds at its real names. */
export interface BrowsedServer {
  readonly names: readonly string[];
  readonly httpsPort: number;
  readonly httpPort: number;
  publicKeyHashes(): Promise<string[]>;
}

const DEBIAN_CHROMIUM = '/usr/bin/chromium';

/** Path of a Chromium: CHROMIUM_PATH, or Debian's, installed when it is missing. */
export async function chromium(): Promise<string> {
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH) {
    if (!fs.existsSync(CHROMIUM_PATH)) {
      throw new Error(`CHROMIUM_PATH is ${CHROMIUM_PATH}, where nothing is`);
    }
    return CHROMIUM_PATH;
  }
  if (!fs.existsSync(DEBIAN_CHROMIUM)) {
    await installChromium();
  }
  return DEBIAN_CHROMIUM;
}

/** A headless Chromium for which all names of the servers are where those listen, with their certificates trusted. */
export async function openBrowser(servers: readonly BrowsedServer[]): Promise<Browser> {
  const rules = servers.flatMap(({ names, httpsPort, httpPort }) => names.flatMap((name) => [
    `MAP ${name}:443 127.0.0.1:${httpsPort}`, `MAP ${name}:80 127.0.0.1:${httpPort}`,
  ]));
  const hashes = await Promise.all(servers.map((server) => server.publicKeyHashes()));
  return driver.launch({
    executablePath: await chromium(),
    args: [
      '--no-sandbox',
      `--host-resolver-rules=${[...rules, 'MAP * ~NOTFOUND'].join(', ')}`,
      // With certificates that are only ignored, Chromium would keep nothing in its cache.
      `--ignore-certificate-errors-spki-list=${hashes.flat().join(',')}`,
    ],
  });
}

async function installChromium(): Promise<void> {
  console.log('chromium: installing Debian\'s package, the first time takes a minute ...');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const updated = await runToEnd(['apt-get', 'update', '-qq'], { environment }).catch(missing);
  const installed = updated.code === 0
    ? await runToEnd(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], { environment })
    : updated;
  if (installed.code !== 0 || !fs.existsSync(DEBIAN_CHROMIUM)) {
    throw new Error(`There is no ${DEBIAN_CHROMIUM}, and "apt-get install chromium" failed (it needs root on Debian). `
      + `Install it, or name another Chromium in CHROMIUM_PATH.\n${installed.output.slice(-2000)}`);
  }
}

function missing(error: Error) {
  return { code: 1, output: `${error}` };
}
