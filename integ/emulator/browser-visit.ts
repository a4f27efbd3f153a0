import * as fs from 'fs';
import * as path from 'path';
import { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { REPOSITORY } from './python';

const SCREENSHOTS = path.join(REPOSITORY, 'test-artifacts', 'browser');

/** One person's browser: own cache, own cookies; everything that goes wrong in it is kept. */
export class Visit {
  public static async begin(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options });
    const visit = new Visit(context);
    await context.exposeBinding('reportViolation', (_, what: string) => visit.violations.push(what));
    // Runs before the page's own scripts; its policy does not apply to it. As text, because bundlers add helpers to functions.
    await context.addInitScript(`addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
      reportViolation(violatedDirective + ' ' + blockedURI + ' ' + sourceFile));`);
    context.on('console', (message) => message.type() === 'error' && visit.errors.push(`${message.text()} (${message.location().url})`));
    context.on('weberror', (error) => visit.errors.push(`${error.error()}`));
    context.on('requestfailed', (request) => visit.errors.push(`${request.url()} ${request.failure()?.errorText}`));
    context.on('response', (response) => visit.responses.push(`${response.status()} ${response.url()}`));
    return visit;
  }

  /** Violations of the Content-Security-Policy. */
  public readonly violations: string[] = [];
  /** Errors on the console and requests that failed. */
  public readonly errors: string[] = [];
  public readonly responses: string[] = [];

  private constructor(public readonly context: BrowserContext) {}

  /** Opens an address in a new tab, and waits until the app is there. */
  public async open(url: string): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(url, { waitUntil: 'load' });
    await page.locator('h1').first().waitFor();
    return page;
  }

  public async screenshot(page: Page, name: string): Promise<void> {
    fs.mkdirSync(SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage: true });
  }

  public async end(): Promise<void> {
    await this.context.close();
  }
}

/** Text of the page's heading. */
export async function heading(page: Page): Promise<string> {
  return page.locator('h1').innerText();
}
