import {
  AdminCreateUserCommand, AdminSetUserPasswordCommand, CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { Browser, Page } from 'playwright-core';
import { indexGames } from './arcade-games';
import { ArcadeWorld } from './arcade-world';
import { Visit } from './browser-visit';
import { Checks } from './checks';
import { Visitor } from './edge/visitor';
import { Emulator } from './emulator';
import { phonePhoto } from '../../test/uploads/image-files';

const PLAYER = { email: 'ada@example.com', password: 'Correct-horse-1' };

/** What the site keeps of who is signed in. */
interface Tokens {
  readonly access_token: string;
  readonly id_token: string;
}

/** What players do who sign in: upload a cover, and search; and what the API refuses. */
export class ArcadePlayers {
  /** Makes the player's account, and brings the games into the search. */
  public static async prepare(emulator: Emulator, world: ArcadeWorld, checks: Checks): Promise<ArcadePlayers> {
    const cognito = new CognitoIdentityProviderClient(emulator.clientSettings);
    const UserPoolId = await world.find('AWS::Cognito::UserPool', 'Users');
    const attributes = [{ Name: 'email', Value: PLAYER.email }, { Name: 'email_verified', Value: 'true' }];
    await cognito.send(new AdminCreateUserCommand({ UserPoolId, Username: PLAYER.email, MessageAction: 'SUPPRESS', UserAttributes: attributes }));
    await cognito.send(new AdminSetUserPasswordCommand({ UserPoolId, Username: PLAYER.email, Password: PLAYER.password, Permanent: true }));
    world.names.add(`${await world.find('AWS::S3::Bucket', 'PlatformUploadsBucket')}.s3.eu-central-1.amazonaws.com`);
    const moved = await indexGames(emulator, world);
    checks.check('the games of the migration are on their way into the search', moved === 3, moved);
    return new ArcadePlayers(world, checks);
  }

  private readonly visitor: Visitor;

  private constructor(private readonly world: ArcadeWorld, private readonly checks: Checks) {
    this.visitor = new Visitor(world.server, world.authority);
  }

  public async run(browser: Browser): Promise<void> {
    const visit = await Visit.begin(browser);
    try {
      const page = await this.checks.step('signing in', () => this.signIn(visit));
      await this.checks.step('uploading a cover', () => this.upload(visit, page));
      await this.checks.step('searching', () => this.search(visit, page));
      await this.checks.step('what the API refuses', async () => this.refused(await tokensIn(page)));
      await this.checks.step('signing out', () => this.signOut(page));
    } finally {
      this.checks.check('nothing of a player violates the Content-Security-Policy', visit.violations.length === 0, visit.violations);
      this.checks.check('nothing of a player fails', visit.errors.length === 0, visit.errors);
      await visit.end();
    }
  }

  private async signIn(visit: Visit): Promise<Page> {
    const { checks, world } = this;
    const page = await visit.context.newPage();
    await page.goto(`${world.url}/upload`);
    await page.waitForURL(/\/oauth2\/authorize/);
    const { origin, searchParams } = new URL(page.url());
    const told = Object.fromEntries(searchParams);
    checks.check('who is not signed in is sent to the sign-in pages', origin === 'https://auth.arcade.example.com', page.url());
    const isCode = told.response_type === 'code' && told.code_challenge_method === 'S256' && /^[\w-]{43}$/.test(told.code_challenge) && told.state !== '';
    checks.check('for a code, with PKCE and a state', isCode, told);
    checks.check('to come back to the site', told.redirect_uri === `${world.url}/callback`, told.redirect_uri);

    await page.getByLabel('Username').fill(PLAYER.email);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByLabel('Password').fill(PLAYER.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Photo of the cover').waitFor();
    checks.check('and is back where they wanted to go', new URL(page.url()).pathname === '/upload', page.url());
    checks.check('the page knows who it is', await page.locator('#player').innerText() === PLAYER.email, await page.content());
    return page;
  }

  private async upload(visit: Visit, page: Page): Promise<void> {
    const { checks, world } = this;
    await page.getByLabel('Photo of the cover').setInputFiles({ name: 'cover.jpg', mimeType: 'image/jpeg', buffer: await phonePhoto(1600, 1200) });
    // By the keyboard.
    await page.getByLabel('Photo of the cover').press('Tab');
    const focused = await page.locator(':focus').innerText();
    checks.check('the button comes after the file', focused === 'Upload', focused);
    await page.keyboard.press('Enter');
    const cover = page.getByAltText('The cover that you uploaded');
    await cover.waitFor({ timeout: 60_000 });
    const shown = await cover.evaluate(shownSize);
    checks.check('the photo comes back upright, smaller', shown === '600 x 800', shown);
    const [sent] = world.server.log.filter(({ uri }) => uri.startsWith('/images/'));
    checks.check('as WebP, through the CDN', sent?.status === 200 && sent.uri.endsWith('/medium.webp'), world.server.log.slice(-5));
    await visit.screenshot(page, 'cover');

    await page.getByLabel('Photo of the cover').setInputFiles({ name: 'cover.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no photo') });
    await page.getByRole('button', { name: 'Upload' }).click();
    const why = await page.getByRole('alert').innerText();
    checks.check('what is no image is refused, and the page says so', why.length > 10, why);
  }

  private async search(visit: Visit, page: Page): Promise<void> {
    const { checks } = this;
    await page.getByRole('link', { name: 'Collection' }).click();
    // One letter is missing.
    await page.getByRole('searchbox', { name: 'Search games' }).fill('maze bakr');
    await page.keyboard.press('Enter');
    const found = page.locator('.found').getByRole('link');
    await found.first().waitFor();
    const titles = await found.allInnerTexts();
    checks.check('a search finds a game in spite of a wrong letter', titles.join() === 'Maze Baker', titles);
    await visit.screenshot(page, 'search');
    await found.first().click();
    await page.getByRole('heading', { name: 'Maze Baker', level: 1 }).waitFor();
    const none = await this.visitor.get(`${this.world.url}/api/search?q=chess`);
    checks.check('a search for nothing that is there finds nothing', none.body.toString() === '{"games":[]}', none.body.toString());
    const empty = await this.visitor.get(`${this.world.url}/api/search?q=`);
    checks.check('a search without words is refused', empty.status === 422, empty.status);
  }

  private async refused({ access_token: access, id_token: id }: Tokens): Promise<void> {
    const { checks } = this;
    const [head, claims, signature] = access.split('.');
    const others = Buffer.from(JSON.stringify({ ...JSON.parse(`${Buffer.from(claims, 'base64url')}`), sub: 'somebody else' })).toString('base64url');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
    for (const [what, token] of [
      ['without a token', undefined], ['with one that is none', 'token'], ["with the site's own token", id], ['with one that was changed', `${head}.${others}.${signature}`],
      ['with one that nobody signed', unsigned],
    ] as const) {
      checks.check(`nobody uploads ${what}`, await this.statusOf('image/jpeg', token) === 401, what);
    }
    checks.check('who signed in does', await this.statusOf('image/jpeg', access) === 201, access);
    checks.check('but no other files than images', await this.statusOf('text/html', access) === 415, access);
  }

  private async statusOf(type: string, token?: string): Promise<number> {
    const headers = { 'content-type': 'application/json', ...token === undefined ? {} : { authorization: `Bearer ${token}` } };
    const { status } = await this.visitor.get(`${this.world.url}/api/uploads`, { method: 'POST', headers, body: JSON.stringify({ content_type: type }) });
    return status;
  }

  private async signOut(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    this.checks.check('who signs out is back on the site, and nobody', page.url() === `${this.world.url}/`, page.url());
  }
}

async function shownSize(image: { readonly naturalWidth: number; readonly naturalHeight: number; decode(): Promise<void> }): Promise<string> {
  await image.decode();
  return `${image.naturalWidth} x ${image.naturalHeight}`;
}

async function tokensIn(page: Page): Promise<Tokens> {
  return page.evaluate('JSON.parse(Object.entries(sessionStorage).find(([name]) => name.startsWith("oidc.user:"))[1])');
}
