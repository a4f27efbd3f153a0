import { acceptedEncodings, EdgeCache, queryInKey, secondsFresh } from '../../integ/emulator/edge/edge-cache';
import { CachePolicy } from '../../integ/emulator/edge/policies';

const NONE = { behavior: 'none', names: [] };
const POLICY: CachePolicy = {
  minimum: 0, standard: 86400, maximum: 31536000, gzip: true, brotli: true, headers: NONE, cookies: NONE, queryStrings: NONE,
};

describe('how long an answer stays fresh', () => {
  test.each<[string, Partial<CachePolicy>, string | undefined, number | undefined]>([
    ['without a word of the origin, the default', {}, undefined, 86400],
    ['without a word of the origin, never below the minimum', { minimum: 90000 }, undefined, 90000],
    ['max-age', {}, 'max-age=60', 60],
    ['s-maxage before max-age', {}, 'max-age=60, s-maxage=5', 5],
    ['never above the maximum', { maximum: 30 }, 'max-age=60', 30],
    ['never below the minimum', { minimum: 90 }, 'max-age=60', 90],
    ['max-age=0 is kept and asked again', {}, 'max-age=0', 0],
    ['no-cache is kept and asked again', {}, 'no-cache', 0],
    ['no-store is not kept', {}, 'no-store', undefined],
    ['private is not kept', {}, 'Private, max-age=60', undefined],
    ['a minimum beats no-store', { minimum: 1 }, 'no-store', 1],
    ['a maximum of 0 keeps nothing', { maximum: 0, standard: 0 }, 'max-age=60', undefined],
  ])('%s', (_, policy, cacheControl, seconds) => {
    expect(secondsFresh({ ...POLICY, ...policy }, cacheControl ? { 'cache-control': [cacheControl] } : {})).toBe(seconds);
  });

  test('Expires counts where Cache-Control says nothing', () => {
    const expires = new Date(Date.now() + 100_000).toUTCString();
    expect(secondsFresh(POLICY, { expires: [expires] })).toBeGreaterThanOrEqual(98);
    expect(secondsFresh(POLICY, { expires: [expires] })).toBeLessThanOrEqual(100);
    expect(secondsFresh(POLICY, { expires: ['0'] })).toBe(0);
  });
});

describe('invalidations', () => {
  const left = (paths: readonly string[]) => {
    const cache = new EdgeCache();
    const addresses = ['/index.html', '/index.html?a=1', '/assets/one.js', '/a*b.js'];
    const answer = { status: 200, headers: {}, body: Buffer.alloc(0) };
    addresses.forEach((address) => cache.put(address, { answer, address, storedAt: 0, freshUntil: Infinity }));
    cache.invalidate(paths);
    return addresses.filter((address) => cache.get(address));
  };

  test('a path is that path only', () => {
    expect(left(['/index.html'])).toEqual(['/index.html?a=1', '/assets/one.js', '/a*b.js']);
  });

  test('a wildcard at the end takes what follows', () => {
    expect(left(['/index.html*', '/assets/*'])).toEqual(['/a*b.js']);
    expect(left(['/*'])).toEqual([]);
  });

  test('a wildcard elsewhere is a character', () => {
    expect(left(['/a*b.js'])).toEqual(['/index.html', '/index.html?a=1', '/assets/one.js']);
    expect(left(['/*.html'])).toHaveLength(4);
  });
});

describe('the key', () => {
  test('query strings are in it as the policy says', () => {
    const key = (behavior: string, names: string[]) => queryInKey({ ...POLICY, queryStrings: { behavior, names } }, 'a=1&b=2&noCache=3');
    expect(key('none', [])).toBe('');
    expect(key('all', [])).toBe('a=1&b=2&noCache=3');
    expect(key('whitelist', ['b'])).toBe('b=2');
    expect(key('allExcept', ['noCache'])).toBe('a=1&b=2');
    expect(() => key('some', [])).toThrow(/not known/);
  });

  test('encodings that the policy does not know, or the viewer refuses, are not in it', () => {
    expect(acceptedEncodings(POLICY, { 'accept-encoding': ['gzip, deflate, br, zstd'] })).toEqual(['br', 'gzip']);
    expect(acceptedEncodings({ ...POLICY, brotli: false }, { 'accept-encoding': ['gzip, br'] })).toEqual(['gzip']);
    expect(acceptedEncodings(POLICY, { 'accept-encoding': ['br;q=0, gzip;q=0.5'] })).toEqual(['gzip']);
    expect(acceptedEncodings(POLICY, {})).toEqual([]);
  });
});
