import { createHash } from 'crypto';
import { App, Stack } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { edgeFunction, EdgeRequest, EdgeResponse, requestFor } from './viewer-request-runtime';
import { SiteKind } from '../../src/site/site-kind';
import { checkFunctionSize, MAXIMUM_FUNCTION_BYTES, viewerRequestCode, ViewerRequestOptions } from '../../src/site/viewer-request';

const NAMES = { canonicalName: 'www.example.com', otherNames: ['example.com', 'example.org'] };

/** What becomes of a path: the file that the bucket is asked for, or the status and where it leads. */
async function ask(options: Partial<ViewerRequestOptions> & { kind: SiteKind }, path: string, headers?: { [name: string]: string }): Promise<string> {
  const code = viewerRequestCode({ password: false, ...options });
  const answer = await edgeFunction(code!)(requestFor(path, headers));
  if ('uri' in answer) return answer.uri;
  return [answer.statusCode, answer.headers?.location?.value].filter(part => part !== undefined).join(' ');
}

const KINDS: { [name: string]: SiteKind } = {
  'single page': SiteKind.singlePageApp(),
  'many pages, slash': SiteKind.multiPage(),
  'many pages, no slash': SiteKind.multiPage({ trailingSlash: false }),
  'prerendered folders': SiteKind.prerendered(),
  'prerendered files': SiteKind.prerendered({ folders: false }),
};

// One line for each path: what each kind makes of it, in the order of KINDS.
const TABLE: [string, string, string, string, string, string][] = [
  ['/', '/index.html', '/index.html', '/index.html', '/index.html', '/index.html'],
  ['/about', '/index.html', '301 /about/', '/about.html', '/about/index.html', '/about.html'],
  ['/about/', '/index.html', '/about/index.html', '301 /about', '/about/index.html', '/about.html'],
  ['/about?a=1&b=2&a=3', '/index.html', '301 /about/?a=1&a=3&b=2', '/about.html', '/about/index.html', '/about.html'],
  ['/about/?q=%26x', '/index.html', '/about/index.html', '301 /about?q=%26x', '/about/index.html', '/about.html'],
  ['/docs/1.2', '/index.html', '301 /docs/1.2/', '/docs/1.2.html', '/docs/1.2/index.html', '/docs/1.2.html'],
  ['/v1.2/intro', '/index.html', '301 /v1.2/intro/', '/v1.2/intro.html', '/v1.2/intro/index.html', '/v1.2/intro.html'],
  ['/caf%C3%A9', '/index.html', '301 /caf%C3%A9/', '/caf%C3%A9.html', '/caf%C3%A9/index.html', '/caf%C3%A9.html'],
  ['//evil.example', '//evil.example', '//evil.example', '//evil.example', '//evil.example', '//evil.example'],
  ['//evil/path', '/index.html', '301 /evil/path/', '//evil/path.html', '//evil/path/index.html', '//evil/path.html'],
  ['//evil/', '/index.html', '//evil/index.html', '301 /evil', '//evil/index.html', '//evil.html'],
  ['/\\evil', '/index.html', '301 /evil/', '/\\evil.html', '/\\evil/index.html', '/\\evil.html'],
  ['/%5Cevil', '/index.html', '301 /%5Cevil/', '/%5Cevil.html', '/%5Cevil/index.html', '/%5Cevil.html'],
  ['/\t/evil', '/index.html', '301 /evil/', '/\t/evil.html', '/\t/evil/index.html', '/\t/evil.html'],
  ['//', '/index.html', '//index.html', '301 /', '/index.html', '/index.html'],
  ['/assets/app.4f2a.js', ...five('/assets/app.4f2a.js')],
  ['/assets/archive.7z', ...five('/assets/archive.7z')],
  ['/file%2Ejs', ...five('/file%2Ejs')],
  ['/.env', ...five('/.env')],
  ['/.well-known/apple-app-site-association', ...five('/.well-known/apple-app-site-association')],
  ['/../releases/1.json', ...five('400')],
  ['/a/%2e%2E/b', ...five('400')],
  ['/./a', ...five('400')],
  ['/a/..', ...five('400')],
  ['', ...five('400')],
];

function five(answer: string): [string, string, string, string, string] {
  return [answer, answer, answer, answer, answer];
}

describe('paths become files', () => {
  for (const [path, ...answers] of TABLE) {
    test.each(Object.keys(KINDS).map((name, index) => [name, answers[index]]))(`${path || 'no path'} of %s is %s`, async (name, answer) => {
      expect(await ask({ kind: KINDS[name] }, path)).toBe(answer);
    });
  }

  test('a single-page app may have another page', async () => {
    expect(await ask({ kind: SiteKind.singlePageApp({ page: '/200.html' }) }, '/deep/link')).toBe('/200.html');
  });

  test('a query string of a request that goes on is left as it is', async () => {
    const request = requestFor('/about?a=1&a=2');
    const answer = await edgeFunction(viewerRequestCode({ kind: SiteKind.singlePageApp(), password: false })!)(request) as EdgeRequest;
    expect(answer.querystring).toEqual({ a: { value: '1', multiValue: [{ value: '1' }, { value: '2' }] } });
  });

  test('an event without a query string and without a host, as somebody might try it by hand, is answered', async () => {
    const code = viewerRequestCode({ kind: SiteKind.multiPage(), password: false, ...NAMES })!;
    const request = { method: 'GET', uri: '/about', headers: {} } as unknown as EdgeRequest;
    expect(await edgeFunction(code)(request)).toMatchObject({ statusCode: 301, headers: { location: { value: '/about/' } } });
  });
});

describe('names', () => {
  const kind = SiteKind.files();

  test.each([
    ['example.com', '/a?x=1', '301 https://www.example.com/a?x=1'],
    ['EXAMPLE.COM:443', '/', '301 https://www.example.com/'],
    ['example.org', '//evil.example/', '301 https://www.example.com/evil.example/'],
    ['example.org', '@evil.example', '301 https://www.example.com/@evil.example'],
    ['www.example.com', '/a', '/a'],
    ['d111111abcdef8.cloudfront.net', '/a', '/a'],
  ])('%s%s leads to %s', async (host, path, answer) => {
    expect(await ask({ kind, ...NAMES }, path, { host })).toBe(answer);
  });
});

describe('a password', () => {
  const header = `Basic ${Buffer.from('team:secret').toString('base64')}`;
  const code = viewerRequestCode({ kind: SiteKind.singlePageApp(), password: true, ...NAMES })!;
  const store = new Map([['basic-auth', createHash('sha256').update(header).digest('hex')]]);

  test('lets in who knows it', async () => {
    expect(await edgeFunction(code, store)(requestFor('/deep', { authorization: header }))).toMatchObject({ uri: '/index.html' });
  });

  test.each([
    ['nothing', undefined],
    ['another password', `Basic ${Buffer.from('team:guess').toString('base64')}`],
    ['an empty header', ''],
    ['the hash itself', store.get('basic-auth')],
  ])('asks who has %s', async (_, authorization) => {
    const answer = await edgeFunction(code, store)(requestFor('/app.js', authorization === undefined ? {} : { authorization })) as EdgeResponse;
    expect(answer.statusCode).toBe(401);
    expect(answer.headers!['www-authenticate'].value).toMatch(/^Basic realm="/);
    expect(answer.headers!['cache-control'].value).toBe('no-store');
  });

  test('lets nobody in while the store has none', async () => {
    expect(await edgeFunction(code)(requestFor('/', { authorization: header }))).toMatchObject({ statusCode: 401 });
  });

  test('is asked for under one name only', async () => {
    expect(await edgeFunction(code, store)(requestFor('/', { host: 'example.com' }))).toMatchObject({ statusCode: 301 });
  });

  test('is not in the program', () => {
    expect(code).not.toContain('secret');
    expect(code).toContain("import cf from 'cloudfront';");
  });
});

describe('the program', () => {
  test('is there only where something is to be done', () => {
    expect(viewerRequestCode({ kind: SiteKind.files(), password: false })).toBeUndefined();
    expect(viewerRequestCode({ kind: SiteKind.files(), password: false, canonicalName: 'www.example.com' })).toBeUndefined();
    expect(viewerRequestCode({ kind: SiteKind.files(), password: true })).toContain('isAllowed');
  });

  test.each(Object.entries(KINDS))('of %s is far below the limit, and has nothing that CloudFront does not know', (_, kind) => {
    const code = viewerRequestCode({ kind, password: true, ...NAMES })!;
    expect(Buffer.byteLength(code)).toBeLessThan(4000);
    expect(code).not.toMatch(/\?\.|\?\?|\.\.\.|\bof\b (?!=)[a-z]+\)|\bclass\b|\brequire\b|\beval\b|\bsetTimeout\b/);
  });

  test('that is too large is refused', () => {
    const where = new Stack(new App(), 'Stack');
    const otherNames = Array.from({ length: 600 }, (_, index) => `name-${index}.example.com`);
    const code = viewerRequestCode({ kind: SiteKind.singlePageApp(), password: false, canonicalName: 'www.example.com', otherNames })!;
    expect(() => checkFunctionSize(where, code)).toThrow(/too large[\s\S]*at most 10240 bytes/);
    expect(() => checkFunctionSize(where, 'x'.repeat(MAXIMUM_FUNCTION_BYTES))).not.toThrow();
  });
});

describe('whatever is asked', () => {
  const texts = fc.oneof(fc.webPath(), fc.string(), fc.stringMatching(/^[/\\.a-z0-9%-]{0,40}$/), fc.string({ unit: 'binary' }));
  const hosts = fc.constantFrom('www.example.com', 'example.com', 'example.org', 'd111111abcdef8.cloudfront.net', 'WWW.EXAMPLE.COM');

  test.each(Object.entries(KINDS))('%s never fails, and leads to no other site', async (_, kind) => {
    const run = edgeFunction(viewerRequestCode({ kind, password: false, ...NAMES })!);
    await fc.assert(fc.asyncProperty(fc.oneof(texts, texts.map(text => `/${text}`)), hosts, fc.webQueryParameters(), async (uri, host, query) => {
      const request = { ...requestFor(`/?${query}`, { host }), uri };
      const answer = await run(request);
      if ('uri' in answer) {
        expect(answer.uri.startsWith('/')).toBe(true);
        expect(['example.com', 'example.org']).not.toContain(host);
        return;
      }
      expect([301, 400]).toContain(answer.statusCode);
      const location = answer.headers?.location?.value;
      if (location === undefined) return;
      const here = host.toLowerCase();
      const target = NAMES.otherNames.includes(here) ? 'www.example.com' : here;
      expect(new URL(location, `https://${here}`).hostname).toBe(target);
    }), { numRuns: 500 });
  });

  test('a long path takes no longer than its length', () => {
    const run = edgeFunction(viewerRequestCode({ kind: SiteKind.prerendered(), password: false })!);
    const started = process.hrtime.bigint();
    for (const filling of ['/', '.', '.a', 'a', '1', '%2e', '/.']) void run(requestFor(`/${filling.repeat(8000 / filling.length)}!`));
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(100);
  });
});
