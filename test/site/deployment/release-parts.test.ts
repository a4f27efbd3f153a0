import * as fc from 'fast-check';
import { hash, MemoryAsset, MemoryEdge, MemoryStore, MemoryWorld, zip } from './memory';
import { releaseIdOf, renderConfig } from '../../../src/site/deployment/release-config';
import { invalidate, invalidationPaths } from '../../../src/site/deployment/release-invalidation';
import { publish } from '../../../src/site/deployment/release-publish';
import { AssetSupplier, Budget } from '../../../src/site/deployment/release-suppliers';

describe('a zip file', () => {
  const noise = (size: number, seed: number) => Buffer.from(Array.from({ length: size }, (_, index) => (index * index * seed + index) % 251));
  const files = { 'a.txt': 'text', 'ü/b.bin': noise(200_000, 7), 'c': '', 'd.txt': 'far away', 'e.bin': noise(300_000, 3) };

  test.each([[{}], [{ stored: true }], [{ long: true }], [{ stored: true, long: true }]])('is read in parts: %j', async options => {
    const asset = new MemoryAsset(zip(files, options));
    const archive = await asset.open();
    const read = await Promise.all(archive.stretches(Object.keys(files)).map(stretch => archive.fetch(stretch)));
    const unpacked = await Promise.all(read.flat().map(async ({ path, unpack }) => [path, (await unpack()).toString('latin1')]));
    expect(Object.fromEntries(unpacked)).toEqual(Object.fromEntries(Object.entries(files).map(([path, content]) => [path, Buffer.from(content as string).toString('latin1')])));
  });

  test('is asked for what is wanted only: files beside each other at once', async () => {
    const asset = new MemoryAsset(zip({ ...files, 'f.txt': 'f', 'g.txt': 'g' }, { stored: true }));
    const archive = await asset.open();
    const stretches = archive.stretches(['g.txt', 'a.txt', 'f.txt']);
    expect(stretches.map(({ entries }) => entries.map(({ name }) => name))).toEqual([['a.txt'], ['f.txt', 'g.txt']]);
    expect(stretches.reduce((sum, { start, end }) => sum + end - start, 0)).toBeLessThan(300);
    expect(() => archive.stretches(['x.txt'])).toThrow('The zip file of the site has no x.txt.');
  });

  test('whose list of files is long is asked for it once more', async () => {
    const many = Object.fromEntries(Array.from({ length: 15_000 }, (_, index) => [`assets/some/long/path/for/a/file/${index}.txt`, `${index}`]));
    const asset = new MemoryAsset(zip(many));
    const archive = await asset.open();
    expect(asset.ranges).toHaveLength(2);
    expect(archive.stretches(Object.keys(many)).flatMap(({ entries }) => entries)).toHaveLength(15_000);
  });

  test('of 65,535 files has a number that only looks as if there were a longer one', async () => {
    const many = Object.fromEntries(Array.from({ length: 0xffff }, (_, index) => [`${index}`, '']));
    const archive = await new MemoryAsset(zip(many, { stored: true })).open();
    expect(archive.stretches(['65534'])).toHaveLength(1);
  });

  const long = zip({ a: 'b' }, { long: true });
  const damaged = long.fill(0, long.length - 98, long.length - 94);

  test.each<[string, Buffer]>([
    ['is no zip file', Buffer.from('hello')],
    ['is damaged', Buffer.concat([Buffer.alloc(100, 1), zip({ a: 'b' }).subarray(-22)])],
    ['is damaged', damaged],
  ])('that %s is refused', async (message, bytes) => {
    await expect(new MemoryAsset(bytes).open()).rejects.toThrow(message);
  });
});

describe('run-time config', () => {
  test('whatever the values are, a script sets them, ends no script element, and changes no prototype', () => {
    fc.assert(fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), values => {
      const script = renderConfig({ path: 'config.js', globalName: '__CONFIG__', values }).content.toString();
      const window: { __CONFIG__?: object } = {};
      new Function('window', script)(window);
      expect(Object.entries(window.__CONFIG__!).sort()).toEqual(Object.entries(JSON.parse(JSON.stringify(values))).sort());
      expect(script).not.toMatch(/[<>\u2028\u2029]/);
      expect(JSON.parse(renderConfig({ path: 'c.json', values }).content.toString())).toEqual(JSON.parse(JSON.stringify(values)));
    }));
    const tricky = JSON.parse('{"__proto__":"</script><script>alert(1)//\u2028"}');
    expect(renderConfig({ path: 'c.js', globalName: 'C', values: tricky }).content.toString()).not.toMatch(/<|\u2028/);
  });

  test('makes a release another one, whatever the order of its values', () => {
    const id = (values: { [name: string]: string }) => releaseIdOf('abc', [renderConfig({ path: 'c.json', values })]);
    expect(id({ A: '1', B: '2' })).toBe(id({ B: '2', A: '1' }));
    expect(id({ A: '1' })).not.toBe(id({ A: '2' }));
    expect(releaseIdOf('abc', [])).toBe('abc');
  });
});

describe('an invalidation', () => {
  test.each([
    [['index.html'], ['/index.html', '/']],
    [['about/index.html'], ['/about/index.html', '/about/', '/about']],
    [['about.html', 'a.css'], ['/about.html', '/about', '/a.css']],
    [['ü b#.txt', 'a%20.txt', 'x[1].txt'], ['/%C3%BC%20b%23.txt', '/a%2520.txt', '/x%5B1%5D.txt']],
    [['img/logo@2x.png', 'img/logo@3x.png', '~a'], ['/img/logo*', '/*']],
    [['a(1),!$\'+-_.;:=&.txt'], ['/a(1),!$\'+-_.;:=&.txt']],
    [[], []],
  ])('of %j names %j', (files, paths) => expect(invalidationPaths(files)).toEqual(paths.includes('/*') ? ['/*'] : paths));

  test('of very much names everything, which counts as one', () => {
    const names = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${index}${name}`);
    expect(invalidationPaths(names(100, '.css'))).toHaveLength(100);
    expect(invalidationPaths(names(101, '.css'))).toEqual(['/*']);
    expect(invalidationPaths(names(51, '.html'))).toEqual(['/*']);
    expect(invalidationPaths(names(10, '@2x.png'))).toHaveLength(10);
    expect(invalidationPaths(names(11, '@2x.png'))).toEqual(['/*']);
  });

  test('is waited for where asked, through questions that fail', async () => {
    const world = Object.assign(new MemoryWorld(), { waitForInvalidation: true });
    expect(await invalidate(['/a'], world)).toEqual({ id: 'I1' });
    expect((world.edge as MemoryEdge).questions).toBe(3);
    expect(world.lines.at(-1)).toEqual({ invalidation: 'I1', done: true });
  });

  test('is not waited for longer than there is time, nor tried again then', async () => {
    const world = Object.assign(new MemoryWorld(), { waitForInvalidation: true, left: 62_000 });
    expect(await invalidate(['/a'], world)).toEqual({ id: 'I1' });
    expect(world.lines.at(-1)).toMatchObject({ done: false });
    world.edge!.failures = 1;
    expect(await invalidate(['/a'], world)).toEqual({ failed: ['/a'] });
  });

  test('that fails twice is tried a third time', async () => {
    const world = new MemoryWorld();
    world.edge!.failures = 2;
    expect(await invalidate(['/a'], world)).toEqual({ id: 'I1' });
    expect(world.lines).toMatchObject([{ invalidation: 'failed', attempt: 1 }, { invalidation: 'failed', attempt: 2 }, { invalidation: 'I1' }]);
  });
});

describe('a budget', () => {
  test('is never exceeded, and what is larger than all of it runs alone', async () => {
    const budget = new Budget(10, 3);
    let bytes = 0;
    let places = 0;
    await Promise.all([4, 4, 4, 100, 1, 1, 1, 1, 10, 0].map(size => budget.spend(size, async () => {
      bytes += Math.min(size, 10);
      places++;
      expect(bytes).toBeLessThanOrEqual(10);
      expect(places).toBeLessThanOrEqual(3);
      await new Promise(resolve => setImmediate(resolve));
      bytes -= Math.min(size, 10);
      places--;
    })));
    expect([bytes, places]).toEqual([0, 0]);
  });

  test('does nothing more after a failure', async () => {
    const budget = new Budget(10, 1);
    const work = jest.fn(async () => undefined);
    const results = await Promise.allSettled([budget.spend(1, async () => Promise.reject(new Error('down'))), budget.spend(1, work), budget.spend(1, work)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(work).not.toHaveBeenCalled();
  });
});

test('a release that nobody has files for says so', async () => {
  await expect(publish({ id: 'a', files: [], suppliers: [] }, new MemoryWorld())).rejects.toThrow('The release has no files to take.');
});

test('files that fail in one release do not go on behind its back', async () => {
  const store = new MemoryStore();
  const texts = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${index}.txt`, `${index}`]));
  store.before = async () => {
    await new Promise(resolve => setImmediate(resolve));
    throw new Error('down');
  };
  const supplier = new AssetSupplier(store, () => new MemoryAsset(zip(texts)).open(), [], () => undefined);
  const files = Object.entries(texts).map(([path, text]) => ({ path, size: text.length, sha256: hash(text), cacheControl: '', contentType: '' }));
  await supplier.prepare(files);
  await expect(supplier.deliver(files)).rejects.toThrow('down');
  const tried = store.calls.length;
  await new Promise(resolve => setTimeout(resolve, 20));
  expect(store.calls).toHaveLength(tried);
  expect(tried).toBeLessThan(100);
});
