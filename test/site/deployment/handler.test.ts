import { SiteAws } from './aws';
import { manifestOf, Texts, zip } from './memory';
import { cacheControlOf } from '../../../src/site/deployment/content-cache';
import type { SiteRequest, SiteRequestProperties } from '../../../src/site/deployment/request';
import { handler } from '../../../src/site/site-deployment.lambda';
import { CloudFormationReceiver } from '../../cloudformation-receiver';

/*
 * The handler as it is, with the real SDK, against servers that play S3, CloudFront and CloudFormation.
 */
let aws: SiteAws;
let receiver: CloudFormationReceiver;
let lines: { [name: string]: unknown }[];

const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 900_000 };
const invoke = (event: unknown) => handler(event as never, context as never);

beforeAll(async () => {
  aws = await SiteAws.start();
});
afterAll(() => aws.stop());

beforeEach(async () => {
  aws.reset();
  Object.assign(process.env, {
    BUCKET: 'files', GRACE_PERIOD_SECONDS: '604800', KEPT_RELEASES: '10', WAIT_FOR_INVALIDATION: 'true', DISTRIBUTION_ID: 'E1',
  });
  receiver = await CloudFormationReceiver.start();
  lines = [];
  jest.spyOn(console, 'log').mockImplementation(line => lines.push(JSON.parse(line)));
});

/** Of the function and of the SDK between its tries; not the SDK's time limits. */
function shortenPauses(): void {
  const { setTimeout } = global;
  jest.spyOn(global, 'setTimeout').mockImplementation(((work: () => void, pause: number = 0) => {
    const isPause = [2_000, 4_000, 5_000].includes(pause) || pause % 500 !== 0;
    return setTimeout(work, isPause ? pause / 20 : pause);
  }) as never);
}

/** Waiting for rights takes no time, and the clock goes on as if it did. */
function skipPatience(): void {
  let late = 0;
  const now = Date.now.bind(Date);
  jest.spyOn(Date, 'now').mockImplementation(() => now() + late);
  const { setTimeout } = global;
  jest.spyOn(global, 'setTimeout').mockImplementation(((work: () => void, pause: number = 0) => {
    if (pause !== 2_500) return setTimeout(work, pause);
    late += pause;
    return setTimeout(work, 0);
  }) as never);
}

afterEach(async () => {
  jest.restoreAllMocks();
  await receiver.stop();
});

const A = { 'index.html': 'a', 'assets/index-BxY3dR9k.js': 'one', 'ü 1.txt': 'text' };
const B = { 'index.html': 'b', 'assets/index-CkEd93sa.js': 'two', 'ü 1.txt': 'other' };

function request(
  type: SiteRequest['RequestType'], id: string, texts?: Texts, properties: Partial<SiteRequestProperties> = {}, changes: Partial<SiteRequest> = {},
): SiteRequest {
  if (texts) {
    aws.put(`assets/${id}.zip`, zip(texts));
    aws.put(`assets/${id}.json`, JSON.stringify(manifestOf(texts, path => cacheControlOf(path, { immutable: [], cacheControl: {} }))));
  }
  return {
    ...receiver.request(type, type === 'Create' ? undefined : 'Resource'),
    ResourceProperties: { ContentId: id, AssetBucket: 'assets', ArchiveKey: `${id}.zip`, ManifestKey: `${id}.json`, RemoveOnDelete: 'true', ...properties },
    ...changes,
  };
}

function site(): Texts {
  const files = [...aws.objects.keys()].filter(key => key.startsWith('files/site/') && aws.text(key) !== undefined);
  return Object.fromEntries(files.map(key => [key.slice('files/site/'.length), aws.text(key)!]));
}

test('a release is published with the headers of each file, and CloudFormation is told', async () => {
  await invoke(request('Create', 'a', A, { Configs: [{ Path: 'config.js', GlobalName: '__CONFIG__', Values: { URL: 'https://x/</script>' } }, { Path: 'c.json' }] }));
  expect(receiver.answers).toMatchObject([{
    Status: 'SUCCESS',
    PhysicalResourceId: 'Resource',
    Data: { ReleaseId: expect.stringMatching(/^a-[0-9a-f]{8}$/), Uploaded: '5', Unchanged: '0', Removed: '0', Invalidation: 'I1', Milliseconds: expect.any(String) },
  }]);
  expect(aws.headersOf('files/site/index.html')).toEqual({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'public, max-age=0, must-revalidate' });
  expect(aws.headersOf('files/site/assets/index-BxY3dR9k.js')).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable' });
  expect(site()).toMatchObject({ ...A, 'c.json': '{}\n' });
  const window: { __CONFIG__?: object } = {};
  new Function('window', site()['config.js'])(window);
  expect(window).toEqual({ __CONFIG__: { URL: 'https://x/</script>' } });
  expect(site()['config.js']).not.toContain('</script>');
  expect(aws.invalidations).toEqual(['/*']);
  expect(lines).toContainEqual({ invalidation: 'I1', done: true });
  // Nothing that a stranger could answer with.
  expect(JSON.stringify(lines)).not.toContain(receiver.request('Create').ResponseURL);
});

test('a changed value uploads its file alone, and never fetches the zip file', async () => {
  await invoke(request('Create', 'a', A, { Configs: [{ Path: 'config.json', Values: { A: '1' } }] }));
  aws.requests.length = 0;
  await invoke(request('Update', 'a', A, { Configs: [{ Path: 'config.json', Values: { A: '2' } }] }));
  expect(aws.requests.filter(line => line.startsWith('PUT files/site'))).toEqual(['PUT files/site/config.json']);
  expect(aws.requests.filter(line => line.includes('.zip'))).toEqual([]);
  expect(aws.invalidations[1]).toBe('/config.json');
});

test('by hand: releases are listed, and gone back to by name and by id', async () => {
  await invoke(request('Create', 'a', A));
  await invoke(request('Update', 'b', B));
  expect(await invoke({ releases: true })).toMatchObject([{ id: 'b', isServed: true }, { id: 'a', isServed: false }]);
  expect(await invoke({ rollBackTo: 'previous' })).toMatchObject({ release: 'a', uploaded: 2, unchanged: 1 });
  expect(site()).toMatchObject(A);
  expect(aws.headersOf('files/site/index.html')).toMatchObject({ 'cache-control': 'public, max-age=0, must-revalidate' });
  expect(await invoke({ rollBackTo: 'b' })).toMatchObject({ release: 'b' });
  expect(site()).toMatchObject(B);
  await expect(invoke({ rollBackTo: 'c' })).rejects.toThrow('there is no release c. There are a, b.');
  expect(await invoke({ sweep: true })).toEqual({ removed: 0 });
  for (const nonsense of [null, {}, { rollBackTo: 1 }]) await expect(invoke(nonsense)).rejects.toThrow('This function takes a request of CloudFormation');
});

test('a person is refused during a release, and CloudFormation waits for it', async () => {
  aws.put('files/releases/current.json', JSON.stringify({ releases: [{ id: 'a', at: 1 }], leftovers: [], underWay: { release: 'b', until: Date.now() + 300, paths: [] } }));
  aws.put('files/releases/a.json', JSON.stringify({ id: 'a', at: 1, files: [] }));
  await expect(invoke({ rollBackTo: 'a' })).rejects.toThrow('Nothing was changed: release b is being published');
  shortenPauses();
  await invoke(request('Update', 'c', A));
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
});

test('going back with the stack works from the assets, and without them from older versions', async () => {
  skipPatience();
  await invoke(request('Create', 'a', A));
  await invoke(request('Update', 'b', B));
  await invoke(request('Update', 'a', A));
  expect(site()).toMatchObject(A);
  await invoke(request('Update', 'b', B));
  for (const gone of ['assets/a.zip', 'assets/a.json']) {
    aws.objects.delete(gone);
    await invoke(request('Update', 'a'));
    expect(site()).toMatchObject(A);
    await invoke(request('Update', 'b', B));
  }
  expect(receiver.answers.map(({ Status }) => Status)).toEqual(Array(8).fill('SUCCESS'));
});

test('a release whose assets are gone and that was never there fails with the reason', async () => {
  skipPatience();
  await invoke(request('Create', 'a'));
  await invoke(request('Create', 'b', B));
  aws.objects.delete('assets/c.zip');
  const update = request('Update', 'c', { ...B, 'new.txt': 'new' });
  aws.objects.delete('assets/c.zip');
  await invoke(update);
  expect(receiver.answers).toMatchObject([
    { Status: 'FAILED', Reason: expect.stringContaining('The asset a.json is not in assets any more, or must not be read'), PhysicalResourceId: 'Resource' },
    { Status: 'SUCCESS' },
    { Status: 'FAILED', Reason: expect.stringContaining('The asset c.zip is not in assets') },
  ]);
});

test('a file that is not the one of the manifest is refused by S3', async () => {
  const create = request('Create', 'a', A);
  aws.put('assets/a.zip', zip({ ...A, 'index.html': 'x' }));
  await invoke(create);
  expect(receiver.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('refused') }]);
});

test('CloudFront\'s refusal does not fail the release', async () => {
  aws.refusals.set('POST 2020-05-31', { status: 400, code: 'TooManyInvalidationsInProgress' });
  shortenPauses();
  await invoke(request('Create', 'a', A));
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', Data: { Invalidation: 'failed, and is tried again within a day' } }]);
  expect(aws.text('files/releases/current.json')).toContain('"toInvalidate":["/*"]');
});

test('without a distribution nothing is invalidated', async () => {
  delete process.env.DISTRIBUTION_ID;
  await invoke(request('Create', 'a', A));
  expect(receiver.answers).toMatchObject([{ Data: { Invalidation: 'none' } }]);
});

test('two writes at the same moment: the second one begins anew', async () => {
  aws.refusals.set('PUT files/releases/current.json', { status: 409, code: 'ConditionalRequestConflict', times: 1 });
  await invoke(request('Create', 'a', A));
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
});

test.each([['PUT files/releases', 500], ['GET files/releases', 400], ['HEAD files/site', 500]])('S3 that fails for no known reason fails the release: %s %d', async (line, status) => {
  await invoke(request('Create', 'a', A));
  await invoke(request('Update', 'b', B));
  aws.refusals.set(line, { status, code: 'Broken' });
  shortenPauses();
  await expect(invoke({ rollBackTo: 'previous' })).rejects.toThrow();
});

test('a record that is there and must not be read is an error, not a first release', async () => {
  skipPatience();
  aws.put('files/releases/a.json', '{}');
  aws.refusals.set('GET files/releases/a.json', { status: 403, code: 'AccessDenied' });
  await invoke(request('Update', 'a', A));
  expect(receiver.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('refused') }]);
});

test('a bucket without versions is published to as well', async () => {
  aws.versioned = false;
  await invoke(request('Create', 'a', A));
  expect(aws.text('files/releases/a.json')).not.toContain('versionId');
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
});

describe('rights that were just given', () => {
  test.each([
    ['the list of files, which each deployment names anew', 'GET assets/b.json'], ['the zip file', 'GET assets/b.zip'],
    ['the records', 'GET files/releases'], ['a file', 'PUT files/site/index.html'],
  ])('are waited for: %s', async (_, line) => {
    await invoke(request('Create', 'a', A));
    aws.refusals.set(line, { status: 403, code: 'AccessDenied', times: 3 });
    skipPatience();
    await invoke(request('Update', 'b', B));
    expect(receiver.answers.at(-1)?.Reason).toBeUndefined();
    expect(lines.filter(({ waiting }) => waiting)).toHaveLength(3);
    expect(site()).toMatchObject(B);
  });

  test('are not waited for without end, and what is forbidden is named', async () => {
    aws.refusals.set('PUT files/site/index.html', { status: 403, code: 'AccessDenied' });
    skipPatience();
    await invoke(request('Create', 'a', A));
    expect(receiver.answers).toMatchObject([{ Status: 'FAILED', Reason: 'PutObject site/index.html: refused' }]);
    expect(lines.filter(({ waiting }) => waiting).length).toBeLessThan(40);
  });

  test('are not waited for by a person', async () => {
    aws.refusals.set('GET files/releases', { status: 403, code: 'AccessDenied' });
    await expect(invoke({ releases: true })).rejects.toThrow('GetObject releases/current.json: refused');
    expect(lines).toEqual([]);
  });
});

test('a record whose answer is lost is written all the same, at the beginning and at the end', async () => {
  aws.refusals.set('PUT files/releases/current.json', { status: 500, code: 'InternalError', times: 1, late: true });
  const { set } = aws.objects;
  jest.spyOn(aws.objects, 'set').mockImplementation((key, versions) => {
    if (key === 'files/releases/a.json') aws.refusals.set('PUT files/releases/current.json', { status: 500, code: 'InternalError', times: 1, late: true });
    return set.call(aws.objects, key, versions);
  });
  shortenPauses();
  await invoke(request('Create', 'a', A));
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', Data: { Uploaded: '3' } }]);
  expect(lines.filter(({ waiting }) => waiting)).toEqual([]);
});

test.each(['GET assets/a.json', 'GET assets/a.zip'])('a transfer that breaks off is begun anew: %s', async line => {
  aws.refusals.set(line, { status: 200, code: '', times: 2, cut: true });
  await invoke(request('Create', 'a', A));
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
  aws.refusals.set('GET assets/b.json', { status: 200, code: '', cut: true });
  await invoke(request('Update', 'b', B));
  expect(receiver.answers.at(-1)).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('b.json') });
});

describe('a resource that takes over from another one, and', () => {
  const newName = { LogicalResourceId: 'NewName' };
  const left = () => JSON.parse(aws.text('files/releases/current.json')!).publishers;

  test.each(['true', 'false'])('goes when the stack goes back gives the site back: RemoveOnDelete %s', async RemoveOnDelete => {
    await invoke(request('Create', 'a', A, { RemoveOnDelete }));
    await invoke(request('Create', 'b', B, { RemoveOnDelete }, newName));
    expect(site()).toMatchObject(B);
    await invoke(request('Delete', 'b', undefined, { RemoveOnDelete }, newName));
    expect(site()).toMatchObject(A);
    expect(left()).toEqual([{ resource: 'stack/Resource', release: 'a' }]);
    expect(receiver.answers.at(-1)).toMatchObject({ Status: 'SUCCESS' });
  });

  test('fails leaves the site of the other', async () => {
    await invoke(request('Create', 'a', A));
    aws.refusals.set('PUT files/site/index.html', { status: 500, code: 'Broken' });
    shortenPauses();
    await invoke(request('Create', 'b', B, {}, newName));
    expect(receiver.answers.at(-1)).toMatchObject({ Status: 'FAILED' });
    aws.refusals.clear();
    await invoke(request('Delete', 'b', undefined, {}, newName));
    expect(site()).toMatchObject(A);
    expect(left()).toEqual([{ resource: 'stack/Resource', release: 'a' }]);
  });

  test('goes when the other one\'s files are gone still goes', async () => {
    await invoke(request('Create', 'a', A));
    await invoke(request('Create', 'b', B, {}, newName));
    aws.objects.set('files/site/ü 1.txt', aws.objects.get('files/site/ü 1.txt')!.slice(-1));
    await invoke(request('Delete', 'b', undefined, {}, newName));
    expect(site()).toMatchObject(B);
    expect(receiver.answers.at(-1)).toMatchObject({ Status: 'SUCCESS' });
    expect(lines).toContainEqual({ failed: expect.stringContaining('of release a, 1 of 3 files are not in the bucket') });
    expect(left()).toEqual([{ resource: 'stack/Resource', release: 'a' }]);
  });

  test('stays is the only one when the other one goes, and goes with all files', async () => {
    await invoke(request('Create', 'a', A));
    await invoke(request('Create', 'b', B, {}, newName));
    await invoke(request('Delete', 'a'));
    expect(site()).toMatchObject(B);
    expect(left()).toEqual([{ resource: 'stack/NewName', release: 'b' }]);
    await invoke(request('Delete', 'b', undefined, {}, newName));
    expect(site()).toEqual({});
  });
});

describe('deletion', () => {
  test('removes each version of site and records, and nothing else', async () => {
    await invoke(request('Create', 'a', A));
    await invoke(request('Update', 'b', B));
    aws.put('files/other.txt', 'other');
    await invoke(request('Delete', 'b'));
    expect([...aws.objects].filter(([key, versions]) => key.startsWith('files/') && versions.length > 0).map(([key]) => key)).toEqual(['files/other.txt']);
    expect(receiver.answers.at(-1)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'Resource' });
  });

  test('leaves a bucket alone that stays', async () => {
    await invoke(request('Create', 'a', A));
    await invoke(request('Delete', 'a', undefined, { RemoveOnDelete: 'false' }));
    expect(site()).toEqual(A);
  });

  test('of what stays is never held up, and of what goes says why it cannot', async () => {
    await invoke(request('Create', 'a', A));
    aws.refusals.set('GET files/releases', { status: 400, code: 'KMS.DisabledException' });
    await invoke(request('Delete', 'a', undefined, { RemoveOnDelete: 'false' }));
    await invoke(request('Delete', 'a'));
    expect(receiver.answers.slice(1)).toMatchObject([{ Status: 'SUCCESS' }, { Status: 'FAILED', Reason: 'GetObject releases/current.json: refused' }]);
    expect(lines).toContainEqual({ failed: expect.stringContaining('GetObject releases/current.json: refused') });
  });

  test('of a resource that another one has taken over from removes nothing', async () => {
    await invoke(request('Create', 'a', A));
    await invoke(request('Create', 'b', B, {}, { LogicalResourceId: 'NewName' }));
    await invoke(request('Delete', 'a'));
    expect(site()).toMatchObject(B);
    expect(lines.at(-1)).toEqual({ removed: 0, because: 'stack/NewName publishes here' });
    expect(receiver.answers.at(-1)).toMatchObject({ Status: 'SUCCESS' });
  });

  test('of what never came to be succeeds, and removes no file that somebody else put there', async () => {
    aws.put('files/site/other.txt', 'x');
    await invoke(request('Delete', 'a'));
    expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
    expect(site()).toEqual({ 'other.txt': 'x' });
  });

  test('that S3 refuses for an object is told, and can be tried again', async () => {
    await invoke(request('Create', 'a', A));
    aws.put('files/site/locked', 'x');
    await invoke(request('Delete', 'a'));
    aws.objects.delete('files/site/locked');
    aws.put('files/releases/x/locked', 'x');
    await invoke(request('Delete', 'a'));
    aws.objects.delete('files/releases/x/locked');
    await invoke(request('Delete', 'a'));
    expect([...aws.objects].filter(([key, versions]) => key.startsWith('files/') && versions.length > 0)).toEqual([]);
    expect(receiver.answers.slice(1)).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('S3 did not remove 1 objects, such as files/site/locked: AccessDenied locked') },
      { Status: 'FAILED', Reason: expect.stringContaining('releases/x/locked') }, { Status: 'SUCCESS' }]);
  });

  test('waits for somebody who is changing the site', async () => {
    await invoke(request('Create', 'a', A));
    const state = JSON.parse(aws.text('files/releases/current.json')!);
    aws.put('files/releases/current.json', JSON.stringify({ ...state, underWay: { release: 'a', until: Date.now() + 300, paths: [] } }));
    shortenPauses();
    await invoke(request('Delete', 'a'));
    expect(lines.filter(({ waiting }) => waiting).length).toBeGreaterThan(0);
    expect(site()).toEqual({});
  });
});
