import { execFile } from 'child_process';
import { createServer, IncomingMessage, Server } from 'http';
import { AddressInfo } from 'net';
import { join } from 'path';
import { newsOf, partsOf, problemOf, report } from '../../projenrc/outdated-actions';
import { ACTIONS, PinnedAction } from '../../src/delivery/release-actions';

const [OLD, NEW, OTHER] = ['a', 'b', 'c'].map(digit => digit.repeat(40));
const CHECKOUT: PinnedAction = { uses: `actions/checkout@${OLD}`, release: 'v1.0.0' };

/** GitHub, as far as it is asked. */
class FakeGithub {
  public readonly requests: IncomingMessage[] = [];
  public answers: { [path: string]: [status: number, body: unknown, headers?: Record<string, string>] } = {};
  private readonly server: Server = createServer((request, response) => {
    this.requests.push(request);
    const [status, body, headers] = this.answers[request.url!] ?? [404, { message: 'Not Found' }];
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });

  public get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public start(): Promise<void> {
    return new Promise(resolve => this.server.listen(0, '127.0.0.1', resolve));
  }

  public stop(): Promise<void> {
    return new Promise(resolve => this.server.close(() => resolve()));
  }

  public release(action: string, tag: string, commits: { [tag: string]: string }): void {
    this.answers[`/repos/${action}/releases/latest`] = [200, { tag_name: tag }];
    for (const [each, sha] of Object.entries(commits)) this.answers[`/repos/${action}/commits/tags/${each}`] = [200, { sha }];
  }
}

let github: FakeGithub;
beforeEach(() => (github = new FakeGithub()).start());
afterEach(() => github.stop());

async function told(...actions: PinnedAction[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const code = await report(actions, { address: github.address }, line => lines.push(line));
  return { code, lines };
}

test('what is the newest release is not told of', async () => {
  github.release('actions/checkout', 'v1.0.0', { 'v1.0.0': OLD });

  expect(await told(CHECKOUT)).toEqual({ code: 0, lines: ['1 actions, 0 outdated'] });
  expect(github.requests.map(({ url }) => url)).toEqual(['/repos/actions/checkout/releases/latest', '/repos/actions/checkout/commits/tags/v1.0.0']);
});

test('a newer release is told of, with the line for the table', async () => {
  github.release('actions/checkout', 'v2.0.0', { 'v1.0.0': OLD, 'v2.0.0': NEW });
  github.release('actions/cache', 'v5.0.0', { 'v5.0.0': OTHER });

  expect(await told(CHECKOUT, { uses: `actions/cache/save@${OTHER}`, release: 'v5.0.0' })).toEqual({
    code: 1,
    lines: [`actions/checkout: v1.0.0 -> v2.0.0\n  uses: 'actions/checkout@${NEW}', release: 'v2.0.0'`, '2 actions, 1 outdated'],
  });
});

test('a commit that is not the release that is written beside it is told of, even where the release is the newest', async () => {
  github.release('actions/checkout', 'v1.0.0', { 'v1.0.0': OTHER });

  expect(await told(CHECKOUT)).toEqual({ code: 1, lines: [`actions/checkout: ${OLD} is not v1.0.0, which is ${OTHER}`, '1 actions, 1 outdated'] });
});

test('a token is sent where there is one, and nothing where there is none', async () => {
  github.release('actions/checkout', 'v1.0.0', { 'v1.0.0': OLD });
  await newsOf([CHECKOUT], { address: github.address, token: 'secret' });
  await newsOf([CHECKOUT], { address: github.address });

  expect(github.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', 'Bearer secret', undefined, undefined]);
});

describe('what cannot be found out is an error, never a clean list', () => {
  test.each<[string, FakeGithub['answers'], RegExp]>([
    ['a repository that is gone', {}, /\/repos\/actions\/checkout\/releases\/latest answers 404$/],
    ['a wrong token', { '/repos/actions/checkout/releases/latest': [401, {}] }, /answers 401: GITHUB_TOKEN is wrong or has expired/],
    ['too many requests', {
      '/repos/actions/checkout/releases/latest': [403, {}, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1800000000' }],
    }, /no more requests until 2027-01-15T08:00:00.000Z. Set GITHUB_TOKEN/],
    ['an answer of another form', { '/repos/actions/checkout/releases/latest': [200, []] }, /GitHub's answer on actions\/checkout has no tag_name/],
    ['no answer at all', { '/repos/actions/checkout/releases/latest': [200, null] }, /has no tag_name/],
  ])('%s', async (_, answers, message) => {
    github.answers = answers;
    await expect(told(CHECKOUT)).rejects.toThrow(message);
  });

  test('a machine without the internet', async () => {
    const { address } = github;
    await github.stop();
    await expect(newsOf([CHECKOUT], { address })).rejects.toThrow(new RegExp(`^${address} cannot be reached, so nothing is known of newer releases: .*ECONNREFUSED`));
    await github.start();
  });
});

describe('the command', () => {
  const run = (address: string) => new Promise<{ code: number; output: string }>(resolve => {
    const script = join(__dirname, '../../projenrc/outdated-actions.ts');
    execFile(process.execPath, ['--require', 'tsx/cjs', script], { env: { ...process.env, GITHUB_API_URL: address, GITHUB_TOKEN: '' } }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: `${stdout}${stderr}` });
    });
  });

  test('ends with 0, 1 or 2', async () => {
    for (const { uses, release } of Object.values(ACTIONS)) {
      const { action, commit } = partsOf({ uses, release });
      github.release(action, release, { [release]: commit });
    }
    const count = Object.keys(ACTIONS).length;
    expect(await run(github.address)).toEqual({ code: 0, output: `${count} actions, 0 outdated\n` });

    const { action, commit } = partsOf(ACTIONS.checkout);
    github.release(action, 'v99.0.0', { [ACTIONS.checkout.release]: commit, 'v99.0.0': NEW });
    expect(await run(github.address)).toMatchObject({ code: 1, output: expect.stringContaining(`${action}: ${ACTIONS.checkout.release} -> v99.0.0`) });

    const { code, output } = await run('http://127.0.0.1:1');
    expect(code).toBe(2);
    expect(output).toMatch(/^http:\/\/127.0.0.1:1 cannot be reached.*\n$/);
  });
});

describe('the table', () => {
  test.each(Object.entries(ACTIONS))('%s is pinned by a whole commit, with its release', (_, pinned) => {
    expect(partsOf(pinned).commit).toMatch(/^[0-9a-f]{40}$/);
    expect(pinned.release).toMatch(/^v\d+\.\d+\.\d+$/);
  });

  test.each(['actions/checkout@v4', `checkout@${OLD}`, `actions/checkout@${OLD.slice(1)}`, 'actions/checkout'])('%s is not pinned', uses => {
    expect(() => partsOf({ uses, release: 'v1.0.0' })).toThrow(`${uses} is not owner/name@commit`);
  });

  test('an action in a folder keeps it', () => {
    const pinned = { uses: `github/codeql-action/init@${OLD}`, release: 'v1.0.0' };
    expect(problemOf({ action: 'github/codeql-action', pinned, newest: { release: 'v2.0.0', commit: NEW }, commitOfPinned: OLD }))
      .toContain(`uses: 'github/codeql-action/init@${NEW}', release: 'v2.0.0'`);
  });
});
