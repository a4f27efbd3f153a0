import * as fc from 'fast-check';
import { DAY, filesOf, MemoryAsset, MemoryWorld, Texts, zip } from './memory';
import { cacheControlOf } from '../../../src/site/deployment/content-cache';
import { RenderedConfig, renderConfig } from '../../../src/site/deployment/release-config';
import { publish, ReleaseOutcome, ReleaseWorld, sweep } from '../../../src/site/deployment/release-publish';
import { checkTime, listReleases, rollBack } from '../../../src/site/deployment/release-return';
import { readJournal } from '../../../src/site/deployment/release-state';
import { AssetSupplier } from '../../../src/site/deployment/release-suppliers';

const rules = { immutable: ['h-*'], cacheControl: {} };
const cache = (path: string) => cacheControlOf(path, rules);

const A = { 'index.html': 'a: h-1.js logo.png', 'h-1.js': 'one', 'logo.png': 'old logo', 'about.html': 'about a' };
const B = { 'index.html': 'b: h-2.js logo.png', 'h-2.js': 'two', 'logo.png': 'new logo' };

let world: MemoryWorld;
beforeEach(() => {
  world = new MemoryWorld();
});

function release(id: string, texts: Texts, within: ReleaseWorld = world, configs: RenderedConfig[] = []): Promise<ReleaseOutcome> {
  const suppliers = [new AssetSupplier(within.store, () => new MemoryAsset(zip(texts)).open(), configs, () => checkTime(within))];
  return publish({ id, files: [...filesOf(texts, cache), ...configs.map(({ content, ...file }) => file)], owner: 'me', suppliers }, within);
}

function puts(): string[] {
  return world.store.calls.splice(0).filter(call => !call.startsWith('remove')).map(call => call.replace(/^\w+ site\//, ''));
}

test('the first release goes up in the order in which nobody misses anything', async () => {
  const config = renderConfig({ path: 'config.js', globalName: 'C', values: { A: '1' } });
  const outcome = await release('a', { ...A, 'sw.js': 'worker' }, world, [config]);
  expect(puts()).toEqual(['h-1.js', 'logo.png', 'sw.js', 'config.js', 'about.html', 'index.html'].map(path => path));
  expect(outcome).toMatchObject({ release: 'a', uploaded: 6, unchanged: 0, removed: 0, invalidation: 'I1' });
  // Whatever was there before is not known.
  expect(world.edge!.asked).toEqual([['/*']]);
  expect(world.store.newest('site/h-1.js')).toMatchObject({ cacheControl: 'public, max-age=31536000, immutable', contentType: 'text/plain' });
  expect(world.store.newest('site/config.js')).toMatchObject({ cacheControl: 'no-store', contentType: 'text/javascript; charset=utf-8' });
});

test('the next release uploads and invalidates what has changed only, and a changed service worker comes last', async () => {
  await release('a', { ...A, 'sw.js': 'worker', 'same.css': 'same' });
  puts();
  const outcome = await release('b', { ...B, 'sw.js': 'another', 'same.css': 'same' });
  expect(puts()).toEqual(['h-2.js', 'logo.png', 'index.html', 'sw.js']);
  expect(outcome).toMatchObject({ uploaded: 4, unchanged: 1, removed: 1, invalidation: 'I2' });
  expect(world.edge!.asked[1].sort()).toEqual(['/', '/about', '/about.html', '/index.html', '/logo.png', '/sw.js']);
  expect(world.lines).toContainEqual({ plan: 'b', instead: 'a', new: 1, changed: 3, unchanged: 1, kept: 1, removed: 1, bytes: expect.any(Number) });
});

test('a file whose headers change is uploaded again, and a release that changes nothing uploads nothing', async () => {
  await release('a', A);
  puts();
  await release('a', A);
  expect(puts()).toEqual([]);
  rules.immutable.push('logo.png');
  await release('c', A);
  rules.immutable.pop();
  expect(puts()).toEqual(['logo.png']);
});

test('old files stay for the grace period and go with the next release after it; pages go at once', async () => {
  await release('a', A);
  await release('b', B);
  expect(world.store.site()).toEqual({ ...B, 'h-1.js': 'one' });
  world.time += 7 * DAY - 1;
  await release('b', B);
  expect(world.store.site()).toHaveProperty(['h-1.js']);
  world.time += 1;
  await release('b', B);
  expect(world.store.site()).toEqual(B);
});

test('the schedule removes them too, once, and asks again for what was not invalidated', async () => {
  expect(await sweep(world)).toEqual({ removed: 0 });
  await release('a', { ...A, 'plain.txt': 'plain' });
  world.edge!.failures = 3;
  const outcome = await release('b', B);
  expect(outcome.invalidation).toBe('failed, and is tried again within a day');
  expect(world.edge!.asked).toHaveLength(1);
  await sweep(world);
  expect(world.edge!.asked[1]).toEqual(expect.arrayContaining(['/index.html', '/logo.png', '/about']));
  world.time += 8 * DAY;
  expect(await sweep(world)).toEqual({ removed: 2 });
  expect(world.edge!.asked[2]).toEqual(['/plain.txt']);
  expect(world.store.site()).toEqual(B);
  const { calls } = world.store;
  calls.length = 0;
  expect(await sweep(world)).toEqual({ removed: 0 });
  expect(calls).toEqual([]);
  expect(await listReleases(world)).toMatchObject([{ id: 'b', isServed: true }, { id: 'a', isServed: false }]);
});

test('an old file that a new release wants again is simply kept', async () => {
  await release('a', A);
  await release('b', B);
  puts();
  world.time += 30 * DAY;
  await release('a2', A);
  expect(puts()).toEqual(['logo.png', 'about.html', 'index.html']);
  expect(world.store.site()).toMatchObject(A);
});

describe('going back', () => {
  test('brings the earlier versions of the files back, without the files', async () => {
    await release('a', A);
    await release('b', B);
    world.time += 8 * DAY;
    await sweep(world);
    world.store.calls.length = 0;
    const outcome = await rollBack('previous', world);
    expect(world.store.calls.slice(0, 4)).toEqual(['restore site/h-1.js', 'restore site/logo.png', 'restore site/about.html', 'restore site/index.html']);
    expect(outcome).toMatchObject({ release: 'a', uploaded: 4 });
    expect(world.store.site()).toEqual({ ...A, 'h-2.js': 'two' });
    expect(world.store.newest('site/h-1.js')!.cacheControl).toContain('immutable');
    expect(await listReleases(world)).toMatchObject([{ id: 'b', isServed: false }, { id: 'a', isServed: true, at: '2026-01-01T00:00:00.000Z' }]);
    await expect(rollBack('previous', world)).rejects.toThrow('Nothing was changed: there is no release before a.');
    await rollBack('b', world);
    expect(world.store.site()).toMatchObject(B);
  });

  test('previous is what was served before, not what was published before', async () => {
    await release('a', A);
    await release('b', B);
    await rollBack('a', world);
    await release('c', { 'index.html': 'c' });
    expect(await rollBack('previous', world)).toMatchObject({ release: 'a' });
  });

  test('is refused before anything changes where a version is gone, or there is no such release', async () => {
    await expect(rollBack('previous', world)).rejects.toThrow('there is no release before the first one');
    await expect(rollBack('x', world)).rejects.toThrow('there is no release x. There is none so far.');
    await release('a', A);
    await release('b', B);
    world.store.objects.set('site/logo.png', [world.store.newest('site/logo.png')]);
    await expect(rollBack('a', world)).rejects.toThrow('of release a, 1 of 4 files are not in the bucket any more, such as logo.png');
    expect(world.store.site()).toMatchObject(B);
    await expect(rollBack('x', world)).rejects.toThrow('there is no release x. There are a, b.');
    await release('c', A);
  });

  test('is refused where the bucket keeps no versions', async () => {
    world.store.versioned = false;
    await release('a', A);
    await release('b', B);
    await expect(rollBack('a', world)).rejects.toThrow('3 of 4 files are not in the bucket any more');
  });

  test('reaches as many releases as are kept', async () => {
    world.keptReleases = 2;
    for (const id of ['a', 'b', 'c']) await release(id, { 'index.html': id });
    expect((await listReleases(world)).map(({ id }) => id)).toEqual(['c', 'b']);
    expect(world.store.newest('releases/a.json')).toBeUndefined();
    await expect(rollBack('a', world)).rejects.toThrow('there is no release a');
  });
});

test('the release that was served is kept, also where newer ones were gone back from', async () => {
  world.keptReleases = 2;
  await release('a', A);
  await release('b', B);
  await rollBack('previous', world);
  await release('c', { 'index.html': 'c' });
  expect(await rollBack('previous', world)).toMatchObject({ release: 'a' });
  expect(world.store.newest('releases/b.json')).toBeUndefined();
});

describe('a release that breaks off', () => {
  test('lets the next one begin at once, which trusts nothing that it may have changed', async () => {
    await release('a', A);
    world.store.before = key => {
      if (key === 'site/index.html') throw new Error('S3 is down');
    };
    await expect(release('b', B)).rejects.toThrow('S3 is down');
    expect(world.store.site()).toMatchObject({ 'index.html': A['index.html'], 'logo.png': 'new logo' });
    expect(await sweep(world)).toEqual({ removed: 0 });

    world.store.before = () => undefined;
    puts();
    await release('a', A);
    expect(puts()).toEqual(['logo.png', 'about.html', 'index.html']);
    expect(world.store.site()).toEqual({ ...A, 'h-2.js': 'two' });
    world.time += 8 * DAY;
    await sweep(world);
    expect(world.store.site()).toEqual(A);
  });

  test('stops for lack of time, and says so', async () => {
    world.store.before = () => {
      world.left = 20_000;
    };
    await expect(release('a', A)).rejects.toThrow('The time of the function is over before all files were up');
    expect(world.store.site()).toEqual({ 'h-1.js': 'one' });
  });

  test('says both where the bucket cannot be written at all', async () => {
    const { store } = world;
    const write = store.write.bind(store);
    jest.spyOn(store, 'write').mockImplementationOnce(write).mockRejectedValue(new Error('no way'));
    store.before = () => {
      throw new Error('S3 is down');
    };
    await expect(release('a', A)).rejects.toThrow('S3 is down');
    expect(world.lines).toContainEqual({ failed: 'Error: no way' });
  });

  test('that was killed is over when its function would have been', async () => {
    await release('a', A);
    const { state, etag } = await readJournal(world.store);
    await world.store.write('releases/current.json', JSON.stringify({ ...state, underWay: { release: 'b', until: world.time + 60_000, paths: ['logo.png'] } }), { over: etag });
    world.patient = false;
    await expect(release('c', B)).rejects.toThrow(/release b is being published since before this began. Ask again .* in 60 s at the latest/);
    world.patient = true;
    await release('c', B);
    expect(world.lines.filter(line => 'waiting' in line)).toHaveLength(12);
  });

  test('is not waited for without end', async () => {
    await world.store.write('releases/current.json', JSON.stringify({ releases: [], leftovers: [], underWay: { release: 'b', until: Infinity, paths: [] } })
      .replace('null', '9e15'));
    await expect(release('c', B)).rejects.toThrow('the time to wait for it is over');
  });
});

test('of two releases at once, one waits for the other and then follows it', async () => {
  const other = Object.assign(new MemoryWorld(), { store: world.store });
  world.sleep = other.sleep = async () => new Promise(resolve => setTimeout(resolve, 1));
  await Promise.all([release('a', A), release('b', B, other)]);
  const served = (await listReleases(world)).find(({ isServed }) => isServed)!.id;
  expect(world.store.site()).toMatchObject(served === 'a' ? A : B);
  expect([...world.lines, ...other.lines].filter(line => 'published' in line)).toHaveLength(2);
});

test('somebody who writes the state by hand during a release is not overwritten', async () => {
  world.store.before = async () => {
    await world.store.write('releases/current.json', JSON.stringify({ releases: [], leftovers: [] }));
  };
  await expect(release('a', A)).rejects.toThrow('Release a is up, and somebody else wrote releases/current.json meanwhile: deploy again.');
});

test('a site that was there before comes under the rules, and a lost record does no harm', async () => {
  await release('a', A);
  world.store.objects.delete('releases/a.json');
  await release('b', B);
  expect(world.store.site()).toMatchObject(B);
});

/** Each release has pages that refer to files of that release. */
const releases = fc.array(fc.record({
  hashed: fc.subarray(['h-1', 'h-2', 'h-3', 'h-4']),
  plain: fc.dictionary(fc.constantFrom('logo', 'data'), fc.constantFrom('x', 'y')),
  pages: fc.subarray(['about', 'team']),
  action: fc.constantFrom('publish', 'publish', 'publish', 'back', 'sweep', 'broken'),
  pause: fc.constantFrom(0, DAY, 5 * DAY, 8 * DAY),
}), { minLength: 1, maxLength: 8 });

type Step = typeof releases extends fc.Arbitrary<(infer S)[]> ? S : never;

function textsOf({ hashed, plain, pages }: Step): Texts {
  const names = [...hashed.map(name => `${name}.js`), ...Object.keys(plain).map(name => `${name}.txt`)];
  const page = (name: string) => `${name} needs ${names.join(' ')}`;
  return {
    ...Object.fromEntries(hashed.map(name => [`${name}.js`, `content of ${name}`])),
    ...Object.fromEntries(Object.entries(plain).map(([name, text]) => [`${name}.txt`, text])),
    ...Object.fromEntries(pages.map(name => [`${name}.html`, page(name)])),
    'index.html': page('index'),
  };
}

/** Everything that the pages that are served refer to is there, and what has a hash is what its name says. */
function missingFiles(site: Texts): string[] {
  return Object.entries(site).filter(([path]) => path.endsWith('.html'))
    .flatMap(([, text]) => text.split(' needs ')[1].split(' ').filter(Boolean))
    .filter(name => site[name] === undefined || name.startsWith('h-') && site[name] !== `content of ${name.slice(0, -3)}`);
}

test('whatever is released, broken off and gone back to: no page that is served ever refers to a missing file, and what is there is right', async () => {
  await fc.assert(fc.asyncProperty(releases, async steps => {
    world = new MemoryWorld();
    const { store } = world;
    const missed: string[][] = [];
    store.changed = () => void missed.push(missingFiles(store.site()));
    const published = new Map<string, Texts>();
    for (const [index, step] of steps.entries()) {
      world.time += step.pause;
      await take(step, `r${index}`, published);
    }
    expect(missed.flat()).toEqual([]);
    const { state: { current, leftovers, underWay } } = await readJournal(store);
    if (!current || underWay) return;
    const kept = leftovers.filter(({ since }) => since + world.gracePeriod > world.time);
    await sweep(world);
    const others = Object.fromEntries(Object.entries(store.site()).filter(([path]) => !(path in published.get(current)!)));
    expect(store.site()).toEqual({ ...others, ...published.get(current) });
    // A broken release may have left a file, or not.
    expect(kept.map(({ path }) => path)).toEqual(expect.arrayContaining(Object.keys(others)));
    expect(Object.keys(others)).toEqual(expect.arrayContaining(kept.filter(({ file }) => file).map(({ path }) => path)));
  }), { numRuns: 300 });
}, 60_000);

async function take(step: Step, id: string, published: Map<string, Texts>): Promise<void> {
  if (step.action === 'sweep') return void await sweep(world);
  if (step.action === 'back') return void await rollBack('previous', world).catch(() => undefined);
  const texts = textsOf(step);
  published.set(id, texts);
  let allowed = step.action === 'broken' ? Object.keys(texts).length - 2 : Infinity;
  world.store.before = () => {
    if (allowed-- <= 0) throw new Error('broken');
  };
  await release(id, texts).catch(() => undefined);
  world.store.before = () => undefined;
}
