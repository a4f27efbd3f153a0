import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CHANGED_RANGE, builtApp, INSTALLER_SIZE, installerBytes, System } from './desktop-app';
import { AppOptions, InstalledApp, provider } from './desktop-updater';
import { ReleasesEdge } from './releases-edge';
import { names, offer, release, Workflow, WorkflowRun, workflowOf } from './workflow-run';
import { DesktopReleases, OldVersions } from '../../src/delivery';

/*
 * Releases from end to end: the workflow's own scripts publish to a folder, a server answers from it as the synthesized template says, and
 * electron-updater's own code asks that server.
 */

let folder: string;
let buckets: string;
let edge: ReleasesEdge;
const channels = ['latest', 'beta', 'alpha'];
const workflow = workflowOf({ channels });
/** Each feed of each channel takes a dozen small processes: where channels play no part, there is one. */
const ofOneChannel = workflowOf();

// A release is many small processes, which take their time on a busy machine.
jest.setTimeout(120_000);

const stack = new Stack(new App(), 'Shop', { env: { account: '111111111111', region: 'us-east-1' } });
new DesktopReleases(stack, 'Releases');
const template = Template.fromStack(stack).toJSON() as never;

const snapshots = mkdtempSync(join(tmpdir(), 'releases-snapshots-'));
afterAll(() => rmSync(snapshots, { recursive: true }));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'releases-'));
  buckets = join(folder, 'buckets');
  history = '';
  edge = await ReleasesEdge.start(template, buckets);
});

afterEach(async () => {
  await edge.stop();
  rmSync(folder, { recursive: true });
});

/** What was released in a test so far, and what buckets looked like after the same in a test before. */
let history: string;
const known = new Map<string, string>();

/** The same releases leave the same buckets, so that they run in the first test that needs them, and are copied in the others. */
async function once(what: string, run: () => Promise<unknown>): Promise<void> {
  history += `, ${what}`;
  const snapshot = known.get(history);
  if (snapshot !== undefined) return cpSync(snapshot, buckets, { recursive: true });
  await run();
  known.set(history, join(snapshots, String(known.size)));
  cpSync(buckets, known.get(history)!, { recursive: true });
}

/** Publishes versions of an app, for all systems unless it says for which. */
function publisher(name: string, options: Workflow, systems?: System[]) {
  return (version: string, rollout?: string, channel?: string) => once(`${version} at ${rollout} to ${channel} by ${name}`, () =>
    release(options, buckets, edge.url, version, builtApp(version, channel, systems), rollout));
}

function offerer(name: string, options: Workflow) {
  return (version: string, rollout: string = '100') => once(`${version} again at ${rollout} by ${name}`, () => offer(options, buckets, edge.url, version, rollout));
}

const publish = publisher('one channel', ofOneChannel);
const offerAgain = offerer('one channel', ofOneChannel);
const stored = (name: string) => readFileSync(join(buckets, 'releases/desktop', name), 'utf8');
const versionOf = (name: string) => /^version: (.*)$/m.exec(stored(name))![1];
const noticeOf = (options: AppOptions) => new InstalledApp(folder, edge.url, options).noticedVersion();
const get = (path: string, headers: Record<string, string> = {}) => fetch(`${edge.url}/${path}`, { headers });

describe('what apps find', () => {
  beforeEach(() => publish('1.2.3'));

  test.each([
    ['win32', 'x64', 'latest.yml', ['Arcade Setup 1.2.3.exe']],
    ['darwin', 'x64', 'latest-mac.yml', ['Arcade-1.2.3-mac.zip', 'Arcade-1.2.3-arm64-mac.zip']],
    ['linux', 'x64', 'latest-linux.yml', ['Arcade-1.2.3.AppImage']],
    ['linux', 'arm64', 'latest-linux-arm64.yml', ['Arcade-1.2.3-arm64.AppImage']],
  ] as const)('an app on %s %s asks for the feed %s %s and gets files that are there', async (platform, arch, feed, files) => {
    const client = provider(edge.url, { platform, arch });
    const info = await client.getLatestVersion();
    const resolved = client.resolveFiles(info);

    expect(info.version).toBe('1.2.3');
    expect(edge.requests.at(-1)!.path).toBe(`/${feed}`);
    expect(resolved.map(({ url }) => decodeURIComponent(url.pathname))).toEqual(files.map(name => `/1.2.3/${name}`));
    for (const { url } of resolved) expect((await fetch(url)).headers.get('content-length')).toBe(String(INSTALLER_SIZE));
  });

  test('only what describes files was changed in a feed', () => {
    expect(stored('latest.yml')).toBe((builtApp('1.2.3')['latest.yml'] as string).replaceAll('Arcade Setup', '1.2.3/Arcade Setup'));
  });

  test('a channel that has nothing yet says so to the app', async () => {
    const nothing = provider(edge.url, { channel: 'nightly' });
    await expect(nothing.getLatestVersion()).rejects.toMatchObject({ code: 'ERR_UPDATER_CHANNEL_FILE_NOT_FOUND' });
  });

  test("feeds are not kept anywhere; the query string and the user's id reach the app's server and no further", async () => {
    for (const id of ['a', 'b']) {
      const answer = await get(`latest.yml?noCache=${id}`, { 'x-user-staging-id': id });
      expect([answer.status, answer.headers.get('cache-control'), answer.headers.get('x-cache')]).toEqual([200, 'no-cache', 'Miss from cloudfront']);
    }
    expect(edge.originRequests.slice(-2)).toEqual([{ path: '/latest.yml', query: '' }, { path: '/latest.yml', query: '' }]);
  });

  test('a feed that was uploaded wrongly is not kept either', async () => {
    writeFileSync(join(buckets, 'releases/desktop/latest.yml.metadata'), JSON.stringify({ 'cache-control': 'public, max-age=31536000' }));
    await get('latest.yml');
    const answer = await get('latest.yml');
    expect([answer.headers.get('cache-control'), answer.headers.get('x-cache')]).toEqual(['no-cache', 'Miss from cloudfront']);
  });

  test('installers and block maps are immutable, and kept once for all apps', async () => {
    const installer = '1.2.3/Arcade%20Setup%201.2.3.exe';
    for (const path of [installer, `${installer}.blockmap`]) {
      const first = await get(path, { 'x-user-staging-id': 'a', 'accept-encoding': 'gzip' });
      const second = await get(`${path}?noCache=b`, { 'x-user-staging-id': 'b', 'accept-encoding': 'br' });
      expect(first.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(second.headers.get('x-cache')).toBe('Hit from cloudfront');
      await Promise.all([first.arrayBuffer(), second.arrayBuffer()]);
    }
  });

  test('a part of an installer can be asked for', async () => {
    const answer = await get('1.2.3/Arcade%20Setup%201.2.3.exe', { range: 'bytes=10-19' });
    expect([answer.status, answer.headers.get('content-range')]).toEqual([206, `bytes 10-19/${INSTALLER_SIZE}`]);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(installerBytes('Arcade Setup 1.2.3.exe', '1.2.3').subarray(10, 20));
  });

  test('what is not there is a 404 that nobody is told to keep', async () => {
    for (const path of ['1.2.4/Arcade%20Setup%201.2.4.exe', '', '../latest.yml', 'desktop/latest.yml', 'nothing.yml']) {
      const answer = await get(path);
      expect([answer.status, answer.headers.get('cache-control') ?? 'no-cache']).toEqual([path === '../latest.yml' ? 200 : 404, 'no-cache']);
    }
  });
});

describe('updates', () => {
  test('an app finds, downloads and checks the new version', async () => {
    await publish('1.2.3');
    const app = new InstalledApp(folder, edge.url, { version: '1.2.2', differential: false });
    const file = await app.download();
    expect(readFileSync(file).equals(installerBytes('Arcade Setup 1.2.3.exe', '1.2.3'))).toBe(true);
  });

  test('an app that has the version before downloads only what changed', async () => {
    await publish('1.2.2');
    await publish('1.2.3');
    const app = new InstalledApp(folder, edge.url, { version: '1.2.2', differential: true, oldInstaller: installerBytes('Arcade Setup 1.2.2.exe', '1.2.2') });
    edge.requests.length = 0;
    const file = await app.download();

    expect(readFileSync(file).equals(installerBytes('Arcade Setup 1.2.3.exe', '1.2.3'))).toBe(true);
    expect(edge.requests.map(({ path, range }) => [decodeURIComponent(path), range])).toEqual([
      ['/latest.yml', undefined],
      ['/1.2.3/Arcade Setup 1.2.3.exe.blockmap', undefined],
      ['/1.2.2/Arcade Setup 1.2.2.exe.blockmap', undefined],
      ['/1.2.3/Arcade Setup 1.2.3.exe', CHANGED_RANGE],
    ]);
  });

  test('an app hears of the next version at once', async () => {
    await publish('1.2.3');
    expect(await noticeOf({ version: '1.2.2' })).toBe('1.2.3');
    await publish('1.2.4');
    expect(await noticeOf({ version: '1.2.2' })).toBe('1.2.4');
  });
});

describe('rollout', () => {
  /** Its share is 0x80000000 / 0xffffffff, a little above one half. */
  const MIDDLE = '11111111-1111-1111-1111-111180000000';

  test('a share of the users gets the new version, then all do', async () => {
    await publish('1.2.2');
    await publish('1.2.3', '50');
    expect(await noticeOf({ version: '1.2.2', userId: MIDDLE })).toBeUndefined();
    expect(stored('latest-mac.yml')).toMatch(/\nstagingPercentage: 50\n$/);

    await offerAgain('1.2.3', '51');
    expect(await noticeOf({ version: '1.2.2', userId: MIDDLE })).toBe('1.2.3');

    await offerAgain('1.2.3', '100');
    expect(stored('latest.yml')).not.toContain('stagingPercentage');
  });

  test('nobody more gets it at zero', async () => {
    await publish('1.2.3', '0');
    expect(await noticeOf({ version: '1.2.2', userId: '11111111-1111-1111-1111-111100000000' })).toBeUndefined();
  });

  test('going back: nobody more gets the bad version, and who has it stays until a higher one', async () => {
    await publish('1.2.2');
    await publish('1.2.3', '10');
    await offerAgain('1.2.2');

    for (const feed of ['latest.yml', 'latest-mac.yml', 'latest-linux.yml', 'latest-linux-arm64.yml']) expect(versionOf(feed)).toBe('1.2.2');
    expect(await noticeOf({ version: '1.2.1' })).toBe('1.2.2');
    expect(await noticeOf({ version: '1.2.3' })).toBeUndefined();
    expect(await noticeOf({ version: '1.2.3', allowDowngrade: true })).toBe('1.2.2');
    await publish('1.2.4');
    expect(await noticeOf({ version: '1.2.3' })).toBe('1.2.4');
  });
});

describe('channels', () => {
  const publishTo = publisher('three channels', workflow, ['', '-mac']);
  const offerTo = offerer('three channels', workflow);

  test('a version is offered to the less stable channels too, where they have none newer', async () => {
    await publishTo('1.2.3');
    expect([versionOf('beta.yml'), versionOf('alpha-mac.yml')]).toEqual(['1.2.3', '1.2.3']);

    await publishTo('1.3.0-beta.2', '100', 'beta');
    expect([versionOf('latest.yml'), versionOf('beta.yml'), versionOf('alpha.yml')]).toEqual(['1.2.3', '1.3.0-beta.2', '1.3.0-beta.2']);
    expect(await noticeOf({ version: '1.2.3', channel: 'beta' })).toBe('1.3.0-beta.2');
    expect(await noticeOf({ version: '1.2.3' })).toBeUndefined();

    // A repair of the stable version does not take the beta away from those who test it.
    await publishTo('1.2.4');
    expect([versionOf('latest.yml'), versionOf('beta.yml')]).toEqual(['1.2.4', '1.3.0-beta.2']);
    await publishTo('1.3.0-beta.10', '100', 'beta');
    expect(versionOf('beta.yml')).toBe('1.3.0-beta.10');
    await publishTo('1.3.0');
    expect([versionOf('latest.yml'), versionOf('beta.yml'), versionOf('alpha.yml')]).toEqual(['1.3.0', '1.3.0', '1.3.0']);
  });

  test('going back takes the channels along that had followed', async () => {
    await publishTo('1.2.2');
    await publishTo('1.2.3');
    await publishTo('1.3.0-alpha.1', '100', 'alpha');
    await offerTo('1.2.2');
    expect([versionOf('latest.yml'), versionOf('beta.yml'), versionOf('alpha.yml')]).toEqual(['1.2.2', '1.2.2', '1.3.0-alpha.1']);
  });

  test('an app that is set to another channel may be brought back to an older version', async () => {
    await publishTo('1.2.3');
    expect(await noticeOf({ version: '1.3.0-beta.1', setChannel: 'latest' })).toBe('1.2.3');
  });
});

describe('what is kept', () => {
  const retiring = workflowOf({ channels, oldVersions: OldVersions.keepNewest(2) });
  const publishAndRetire = publisher('retiring', retiring, ['']);
  const retired = (version: string) => JSON.parse(readFileSync(join(buckets, `releases/desktop/${version}/release.yml.metadata`), 'utf8')).retired as string | undefined;

  test('the newest of each channel, and what a feed names; the others are marked, and nothing is deleted', async () => {
    for (const version of ['1.0.9', '1.0.10', '1.0.11']) await publishAndRetire(version);
    await publishAndRetire('1.1.0-beta.1', '100', 'beta');
    expect(['1.0.9', '1.0.10', '1.0.11', '1.1.0-beta.1'].map(retired)).toEqual(['true', undefined, undefined, undefined]);

    await publishAndRetire('1.0.12');
    expect(retired('1.0.10')).toBe('true');
    expect(existsSync(join(buckets, 'releases/desktop/1.0.9/Arcade Setup 1.0.9.exe'))).toBe(true);
  });

  test('a version that is offered again stays', async () => {
    for (const version of ['1.0.9', '1.0.10', '1.0.11']) await publishAndRetire(version);
    await offerer('retiring', retiring)('1.0.9');
    expect(retired('1.0.9')).toBe('false');
    await publishAndRetire('1.0.12');
    expect([retired('1.0.9'), retired('1.0.10')]).toEqual(['true', 'true']);
  });
});

describe('what is refused before it can do harm', () => {
  const run = (env: Record<string, string>, options: Workflow = workflow) => {
    const started = new WorkflowRun(options, buckets, { RELEASES_URL: edge.url, GITHUB_EVENT_NAME: 'push', GITHUB_REF_TYPE: 'tag', ROLLOUT: '100', ...env });
    return started.step('version', 'Check tag and variables').then(() => started.outputs());
  };

  test.each([
    ['v1.2.3', '1.2.3', 'latest'],
    ['v10.20.30-beta.0', '10.20.30-beta.0', 'beta'],
    ['v1.0.0-alpha.12', '1.0.0-alpha.12', 'alpha'],
  ])('%s is version %s of %s', async (tag, version, channel) => {
    expect(await run({ GITHUB_REF_NAME: tag })).toEqual({ version, channel });
  });

  test.each(['v1.2', '1.2.3', 'v1.2.3-rc.1', 'v1.2.3-beta', 'v01.2.3', 'v1.2.3 ', 'v1.2.3;id', 'v1.2.3-beta.01', 'vv1.2.3'])('the tag %j', async tag => {
    await expect(run({ GITHUB_REF_NAME: tag })).rejects.toThrow(/::error::.*is not the tag of a version, such as v1\.2\.3 or v1\.2\.3-beta\.1/);
  });

  test('a pre-release, where there is only one channel', async () => {
    await expect(run({ GITHUB_REF_NAME: 'v1.2.3-beta.1' }, workflowOf())).rejects.toThrow('such as v1.2.3.');
    expect(await run({ GITHUB_REF_NAME: 'v1.2.3' }, workflowOf())).toEqual({ version: '1.2.3', channel: 'latest' });
  });

  test('a branch', async () => {
    await expect(run({ GITHUB_REF_NAME: 'v1.2.3', GITHUB_REF_TYPE: 'branch' })).rejects.toThrow('A run by hand needs one too');
  });

  test.each(['101', '-1', '5.5', '', '010', '50%', '1 0'])('the rollout %j', async rollout => {
    await expect(run({ GITHUB_REF_NAME: 'v1.2.3', ROLLOUT: rollout })).rejects.toThrow('is not a percentage from 0 to 100');
  });

  test('a variable that nobody has set', async () => {
    await expect(run({ GITHUB_REF_NAME: 'v1.2.3', VITE_API_BASE_URL: '' })).rejects.toThrow('The variable VITE_API_BASE_URL of this repository is not set');
    await expect(run({ GITHUB_REF_NAME: 'v1.2.3', RELEASES_BUCKET: '' })).rejects.toThrow('The variable RELEASES_BUCKET of this repository is not set');
  });

  test('a version that is published, and one that is not but is to be offered again', async () => {
    await publish('1.2.3');
    await expect(run({ GITHUB_REF_NAME: 'v1.2.3' })).rejects.toThrow('Version 1.2.3 is published, and a published version never changes');
    await expect(offerAgain('1.2.4')).rejects.toThrow('Version 1.2.4 is not published, or no longer');
  });

  test('an app without a feed of the channel, and one of another version: nobody is offered anything', async () => {
    const { 'latest.yml': _, 'latest-mac.yml': __, 'latest-linux.yml': ___, 'latest-linux-arm64.yml': ____, ...withoutFeeds } = builtApp('1.2.3');
    await expect(release(workflow, buckets, edge.url, '1.2.3', withoutFeeds)).rejects.toThrow('electron-builder has written no latest*.yml');
    await expect(release(workflow, buckets, edge.url, '1.2.3', builtApp('1.2.4'))).rejects.toThrow('is not of version 1.2.3');
    expect(names(join(buckets, 'releases'))).toEqual([]);
  });

  test('a file whose name would be another address', async () => {
    await expect(release(workflow, buckets, edge.url, '1.2.3', { ...builtApp('1.2.3'), 'Arcade#1.exe': 'x' })).rejects.toThrow('An address cannot have the name of release/Arcade#1.exe');
  });

  test('a feed that names a file which is not there', async () => {
    const { 'Arcade-1.2.3-mac.zip': _, ...withoutOne } = builtApp('1.2.3');
    await expect(release(workflow, buckets, edge.url, '1.2.3', withoutOne)).rejects.toThrow(/1\.2\.3\/Arcade-1\.2\.3-mac\.zip answers with 404/);
  });
});

test('feeds are written after everything else, and the mark of being published before them', async () => {
  await publisher('three channels, all systems', workflow)('1.2.3');
  const calls = readFileSync(join(buckets, 'calls'), 'utf8').trim().split('\n').map(line => line.replace('releases/desktop/', ''));
  const feedsOfApps = calls.filter(call => /^put [a-z-]+[0-9]*\.yml$/.test(call));
  const position = (call: string) => calls.indexOf(call);
  expect(feedsOfApps).toHaveLength(12);
  expect(position('put 1.2.3/Arcade-1.2.3.AppImage')).toBeLessThan(position('put 1.2.3/feed.yml'));
  expect(position('put 1.2.3/feed-linux-arm64.yml')).toBeLessThan(position('put 1.2.3/release.yml'));
  expect(position('put 1.2.3/release.yml')).toBeLessThan(position('invalidate E123 /1.2.3/*'));
  expect(position('invalidate E123 /1.2.3/*')).toBeLessThan(position(feedsOfApps[0]));
  expect(names(join(buckets, 'releases/desktop/1.2.3')).filter(name => name.startsWith('builder') || name.startsWith('.'))).toEqual([]);
});
