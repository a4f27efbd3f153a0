import { Browser, Page } from 'playwright-core';
import { ContinuousViewers } from './browser-requester';
import { heading, Visit } from './browser-visit';
import { SiteWorld } from './browser-world';
import { Checks } from './checks';
import { Visitor } from './edge/visitor';

const DEEP_LINK = '/games/maze-baker';
const DEEP_HEADING = 'Maze Baker';

/** What a person with a browser expects of a site. The site is published twice on the way: `first`, then `second`. */
export class BrowserSuite {
  private readonly visitor: Visitor;

  constructor(private readonly world: SiteWorld, private readonly browser: Browser, private readonly checks: Checks) {
    this.visitor = new Visitor(world.server, world.authority);
  }

  public async run(): Promise<void> {
    const { checks, world } = this;
    await checks.step('publishing the first release', () => world.publish('first'));
    await checks.step('a first visit', () => this.firstVisit());
    await checks.step('deep links, reload, wrong paths', () => this.deepLinks());
    await checks.step('a second visit', () => this.secondVisit());
    await checks.step('other addresses of the site', () => this.redirects());
    await checks.step('staging', () => this.staging());
    await checks.step('a new release while people are on the site', () => this.newRelease());
  }

  private async firstVisit(): Promise<void> {
    await this.visit(async (visit) => {
      const page = await visit.open(this.world.url);
      await this.accessible(page, 'home');
      const width = await page.locator('img.shelf').evaluate(shownWidth);
      this.checks.check('the image is shown', width > 0, width);
      await page.locator('#api-status', { hasNotText: 'asking' }).waitFor();
      const status = await page.locator('#api-status').innerText();
      this.checks.check('the page shows what the API says', status === 'healthy', status);
      const asked = this.world.apiRequests.map(({ method, url }) => `${method} ${url}`);
      this.checks.check('the API was asked', asked.includes('GET /api/health'), asked);
      await this.released(page, 'first');
      await visit.screenshot(page, 'home');
    });
  }

  private async deepLinks(): Promise<void> {
    await this.visit(async (visit) => {
      const page = await visit.open(`${this.world.url}${DEEP_LINK}`);
      this.checks.check('a deep link shows its page', await heading(page) === DEEP_HEADING, await heading(page));
      await this.accessible(page, 'game');
      await visit.screenshot(page, 'deep-link');
      const reloaded = await page.reload();
      await page.locator('h1').waitFor();
      this.checks.check('so does it after a reload', reloaded?.status() === 200 && await heading(page) === DEEP_HEADING, reloaded?.status());

      await page.goto(`${this.world.url}/no/such/page`);
      await page.locator('h1').waitFor();
      this.checks.check('a wrong path shows the app’s own page', await heading(page) === 'Nothing on this shelf', await heading(page));
      await visit.screenshot(page, 'wrong-path');
    });
    const missing = await this.visitor.get(`${this.world.url}/assets/no-such-file.js`);
    this.checks.check('a file that does not exist is an error and no page', missing.status >= 400, missing.status);
  }

  /** A second tab of the same person, some time later. */
  private async secondVisit(): Promise<void> {
    await this.visit(async (visit) => {
      await visit.open(`${this.world.url}${DEEP_LINK}`).then((page) => page.close());
      const before = this.world.server.log.length;
      const page = await visit.open(`${this.world.url}${DEEP_LINK}`);
      const asked = this.world.server.log.slice(before).map(({ url }) => new URL(url).pathname);
      this.checks.check('hashed files are not asked for again', !asked.some((path) => path.startsWith('/assets/')), asked);
      this.checks.check('the page itself is asked for again', asked.includes(DEEP_LINK), asked);
      this.checks.check('and so is its configuration', asked.includes('/config.js'), asked);
      const used = await page.evaluate(`performance.getEntriesByType('resource').filter(({ name }) => name.includes('/assets/'))
        .map(({ name, transferSize }) => ({ name, transferSize }))`) as { name: string; transferSize: number }[];
      this.checks.check('they come from the browser’s cache', used.length >= 3 && used.every(({ transferSize }) => transferSize === 0), used);
    });
  }

  private async redirects(): Promise<void> {
    const { url, wwwUrl } = this.world;
    await this.visit(async (visit) => {
      const page = await visit.open(`${wwwUrl}${DEEP_LINK}?from=www`);
      this.checks.check('www leads to the same page of the site', page.url() === `${url}${DEEP_LINK}?from=www`, page.url());
    });
    await this.visit(async (visit) => {
      const page = await visit.open(`${url.replace('https:', 'http:')}${DEEP_LINK}`);
      this.checks.check('http leads to https', page.url() === `${url}${DEEP_LINK}`, page.url());
    });
    const plain = await this.visitor.get(`${url.replace('https:', 'http:')}${DEEP_LINK}`);
    this.checks.check('for good', plain.status === 301 && plain.headers.location === `${url}${DEEP_LINK}`, plain.headers);
  }

  private async staging(): Promise<void> {
    const { url, server, username, password } = this.world.staging;
    const visitor = new Visitor(server, this.world.authority);
    const credentials = (secret: string) => ({ authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}` });
    for (const path of ['/', DEEP_LINK, '/index.html', '/favicon.svg']) {
      const refused = await visitor.get(`${url}${path}`);
      this.checks.check(`${path} of staging asks for a password`, refused.status === 401 && /^Basic /.test(refused.headers['www-authenticate'] ?? ''), refused.status);
      const wrong = await visitor.get(`${url}${path}`, { headers: credentials('a guess') });
      this.checks.check(`${path} of staging refuses a wrong one`, wrong.status === 401, wrong.status);
    }
    const right = await visitor.get(`${url}/`, { headers: credentials(password) });
    this.checks.check('and takes the right one', right.status === 200, right.status);
    await this.visit(async (visit) => {
      const page = await visit.open(`${url}${DEEP_LINK}`);
      this.checks.check('a browser that was told it shows the page', await heading(page) === DEEP_HEADING, await heading(page));
      await visit.screenshot(page, 'staging');
    }, { httpCredentials: { username, password } });
  }

  private async newRelease(): Promise<void> {
    const { url, server } = this.world;
    const chunk = await this.lazyChunk();
    await this.visit(async (visit) => {
      const open = await visit.open(url);
      const before = server.log.length;
      const viewers = new ContinuousViewers(this.visitor, url, [`${url}${DEEP_LINK}`, `${url}${chunk}`]);
      try {
        await viewers.more(3);
        await this.world.publish('second');
        await viewers.more(3);
      } finally {
        await viewers.stop();
      }
      this.checks.check(`no request failed in ${viewers.rounds} rounds`, viewers.bad.length === 0, viewers.bad.slice(0, 5));

      await open.getByRole('link', { name: DEEP_HEADING }).click();
      await open.locator('.facts').waitFor();
      const release = await open.locator('.facts').getAttribute('data-chunk-release');
      this.checks.check('a page of the old release loads its own lazy chunk', release === 'first', release);
      const asked = server.log.slice(before).filter((entry) => new URL(entry.url).pathname === chunk);
      this.checks.check('that chunk was asked for only now', asked.length > 0 && asked.every(({ status }) => status === 200), asked.slice(-2));
      await visit.screenshot(open, 'old-release-after-publish');

      await this.released(await visit.open(url), 'second');
      await open.reload();
      await open.locator('.facts').waitFor();
      await this.released(open, 'second');
      const now = await open.locator('.facts').getAttribute('data-chunk-release');
      this.checks.check('after a reload the lazy chunk is the new one', now === 'second', now);
      await visit.screenshot(open, 'new-release');
    });
  }

  /** Path of the chunk that a game's page loads, seen by another person. */
  private async lazyChunk(): Promise<string> {
    return this.visit(async (visit) => {
      await visit.open(`${this.world.url}${DEEP_LINK}`);
      return new URL(visit.responses.find((line) => /\/game-page-[^/]+\.js$/.test(line))!.split(' ')[1]).pathname;
    });
  }

  private async released(page: Page, label: string): Promise<void> {
    const shown = await page.locator('#release').innerText();
    this.checks.check(`the page is of the ${label} release`, shown === label, shown);
  }

  private async accessible(page: Page, name: string): Promise<void> {
    const { lang, title, headings, unnamed, landmarks } = await page.evaluate(`({
      lang: document.documentElement.lang,
      title: document.title,
      headings: document.querySelectorAll('h1').length,
      unnamed: [...document.images].filter((image) => !image.hasAttribute('alt')).map((image) => image.src),
      landmarks: ['main', 'nav', 'header', 'footer'].filter((landmark) => !document.querySelector(landmark)),
    })`) as { lang: string; title: string; headings: number; unnamed: string[]; landmarks: string[] };
    this.checks.check(`${name}: a language and a title of its own`, lang === 'en' && title.length > 'Arcade'.length, { lang, title });
    this.checks.check(`${name}: one main heading`, headings === 1, headings);
    this.checks.check(`${name}: every image has an alternative text`, unnamed.length === 0, unnamed);
    this.checks.check(`${name}: landmarks`, landmarks.length === 0, landmarks);
  }

  /** Whatever is done in a visit: nothing violates the policy, nothing fails. */
  private async visit<T>(action: (visit: Visit) => Promise<T>, options?: Parameters<typeof Visit.begin>[1]): Promise<T> {
    const visit = await Visit.begin(this.browser, options);
    try {
      return await action(visit);
    } finally {
      this.checks.check('nothing violates the Content-Security-Policy', visit.violations.length === 0, visit.violations);
      this.checks.check('nothing fails, no error on the console', visit.errors.length === 0, visit.errors);
      await visit.end();
    }
  }
}

/** Width of an image once it is there; 0 when it cannot be shown. */
async function shownWidth(image: { readonly naturalWidth: number; decode(): Promise<void> }): Promise<number> {
  return image.decode().then(() => image.naturalWidth, () => 0);
}
