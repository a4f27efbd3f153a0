import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Stack } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { PlatformError } from '../../../src/errors';
import { readContent } from '../../../src/site/deployment/content';
import { cacheControlOf, hasHash, matches } from '../../../src/site/deployment/content-cache';
import { checkName } from '../../../src/site/deployment/content-names';
import { contentTypeOf } from '../../../src/site/deployment/request';

const none = { immutable: [], cacheControl: {} };
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'site-content-'));
  write('index.html', '<h1>');
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function write(name: string, content = name): void {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  fs.writeFileSync(path.join(folder, name), content);
}

function read(directory = folder, configPaths: string[] = []) {
  return readContent(new Stack(), directory, none, configPaths);
}

function paths(): string[] {
  return read().manifest.files.map(file => file.path);
}

describe('a folder', () => {
  test('is read with all of its files, also hidden ones, by size and hash', () => {
    write('.well-known/security.txt', 'call us');
    write('b/ü 1.txt', '');
    expect(read().manifest.files).toEqual([
      { path: '.well-known/security.txt', size: 7, sha256: expect.stringMatching(/^[0-9a-f]{64}$/), cacheControl: 'public, max-age=300' },
      { path: 'b/ü 1.txt', size: 0, sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', cacheControl: 'public, max-age=300' },
      { path: 'index.html', size: 4, sha256: expect.any(String), cacheControl: 'public, max-age=0, must-revalidate' },
    ]);
  });

  test('has one id for the same files, whenever they were written, and another one for others', () => {
    const { contentId, filesHash } = read();
    fs.utimesSync(path.join(folder, 'index.html'), 1, 1);
    expect(read()).toMatchObject({ contentId, filesHash });
    expect(contentId).toMatch(/^[0-9a-f]{12}$/);
    fs.renameSync(path.join(folder, 'index.html'), path.join(folder, 'x'));
    write('index.html', '<h2>');
    expect(read().contentId).not.toBe(contentId);
  });

  test('has another id when browsers are told something else, and the same files', () => {
    const told = readContent(new Stack(), folder, { immutable: [], cacheControl: { '*.html': 'no-cache' } }, []);
    expect(told.filesHash).toBe(read().filesHash);
    expect(told.contentId).not.toBe(read().contentId);
  });

  test.each<[string, () => string, RegExp]>([
    ['that does not exist', () => '/nowhere/at/all', /directory does not exist[^]*got: directory '\/nowhere\/at\/all'[^]*the path is seen from/],
    ['that is a file', () => path.join(folder, 'index.html'), /directory is not a folder/],
    ['that is empty', () => fs.mkdtempSync(path.join(folder, 'empty')), /directory has no files/],
  ])('%s is refused', (_, directory, message) => {
    expect(() => read(directory())).toThrow(PlatformError);
    expect(() => read(directory())).toThrow(message);
  });

  test('without index.html is refused, and the folder that has one is named', () => {
    fs.renameSync(path.join(folder, 'index.html'), path.join(folder, 'Index.html'));
    expect(() => read()).toThrow(/has no index.html[^]*such as 'Index.html'[^]*fix: build the site first/);
    write('dist/web/index.html');
    expect(() => read()).toThrow(`set directory to '${folder}/dist/web'`);
  });

  test('with a file where the run-time config goes is refused', () => {
    write('config.js');
    expect(() => read(folder, ['config.json', 'config.js'])).toThrow(/already has a file where the run-time config goes[^]*'config.js'/);
  });

  test('with a file that no memory holds is refused', () => {
    fs.truncateSync(path.join(folder, 'index.html'), 300 * 1024 * 1024);
    expect(() => read()).toThrow(/too large[^]*'index.html' of 300 MiB[^]*up to 256 MiB/);
  });

  test('of 5,000 files is read in a moment', () => {
    for (let index = 0; index < 5000; index++) write(`assets/${index % 50}/file-${index}.js`);
    const started = Date.now();
    expect(paths()).toHaveLength(5001);
    expect(Date.now() - started).toBeLessThan(5000);
  });
});

describe('a symbolic link', () => {
  test('within the folder is followed, to a file and to a folder', () => {
    write('real/page.txt');
    fs.symlinkSync('real', path.join(folder, 'alias'));
    fs.symlinkSync(path.join(folder, 'real/page.txt'), path.join(folder, 'other.txt'));
    expect(paths()).toEqual(['alias/page.txt', 'index.html', 'other.txt', 'real/page.txt']);
  });

  test('the folder itself may be one', () => {
    const link = `${folder}-link`;
    fs.symlinkSync(folder, link);
    expect(read(link).directory).toBe(fs.realpathSync(folder));
    fs.unlinkSync(link);
  });

  test.each<[string, string, RegExp]>([
    ['out of the folder', '/etc/hostname', /leaves the folder or leads nowhere[^]*'link' → '\/etc\/hostname'/],
    ['to a folder whose name begins as this one\'s', '', /leaves the folder/],
    ['nowhere', 'missing', /leaves the folder or leads nowhere[^]*'link' → 'missing'/],
    ['to itself', 'link', /leads nowhere/],
    ['to a folder above', '.', /which has no end/],
  ])('%s is refused', (_, target, message) => {
    const beside = fs.mkdtempSync(`${folder}x`);
    fs.symlinkSync(target || beside, path.join(folder, 'link'));
    expect(() => read()).toThrow(message);
    fs.rmdirSync(beside);
  });

  test('what is no file at all is refused', () => {
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    expect(() => read()).toThrow(/something that is no file[^]*'pipe'/);
  });
});

describe('a name', () => {
  test.each([
    ['a\nb', 'control character'], ['a\u007f', 'control character'], ['a\u2028b', 'control character'], ['a\\b', 'backslash'],
    ['a\ud800b', 'not UTF-8'], ['a\ufffdb', 'not UTF-8'], ['a/../b', 'leave out'], ['./a', 'leave out'], ['a//b', 'leave out'], ['a/%2E%2e', 'leave out'],
    ['ä'.repeat(510), 'too long'], ['.env', 'secrets'], ['a/.env.local', 'secrets'], ['.git/config', 'secrets'], ['.npmrc', 'secrets'],
  ])('%j is refused', (name, problem) => {
    expect(() => checkName(new Stack(), name)).toThrow(problem);
  });

  test.each(['a b.html', 'ä.html', '…', '.htaccess', 'a..b', '...', '👋.png', '%20', 'a?b', 'environment.js', '.gitkeep', 'ä'.repeat(509)])('%j is taken', name => {
    expect(() => checkName(new Stack(), name)).not.toThrow();
  });

  test('in bytes that are not UTF-8 is refused in a folder', () => {
    fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x61, 0xff])]), '');
    expect(() => read()).toThrow('has a name that is not UTF-8');
  });

  test('that differs from another one only by how a letter is written is refused', () => {
    write('caf\u00e9.html');
    write('cafe\u0301.html');
    expect(() => read()).toThrow(/differ only in how Unicode writes a letter[^]*'cafe\\u0301.html' and 'caf\\u00e9.html'/);
  });
});

describe('the hash in a name', () => {
  test.each([
    'index-BxY3dR9k.js', 'index-DqXmPwRt.css', 'main.3f2a9b1c.js', 'main.073c9b0a.chunk.css', 'page-9c1e5d2f3a4b5c6d.js', 'chunk-5XKJ2QWE.js', 'hoisted.CK3jBd9X.js',
    'index-B-d_x9aZ.js', 'index-BxY3dR9k.js.map', '4473ecc91f70f139-s.p.woff2', 'CkEd93sa.js', 'logo.svg-a1b2c3d4.svg', 'Inter-roman-latin.Di8DUHzh.woff2',
    'vendor-_dX3k9Pq.js',
  ])('is seen in %s', name => expect(hasHash(name)).toBe(true));

  test.each([
    'index.js', 'user-settings.js', 'photo-20240115.jpg', 'report-2024-01-15.pdf', 'hero-1920x1080.jpg', 'icon-800x6000.png', 'icon-sidebar2.svg', 'icon-MyBanner.svg',
    'icon-MyNewApp.svg', 'chapter1.html', 'section-Version2.js', '550e8400-e29b-41d4-a716-446655440000.png', 'README-CHANGELOG.md', 'deadbeef.js', 'logo-COVID192.png',
    '3dmodels.js', 'x-15jan24.js', 'a-2024jan5.js', 'inter-v12-latin-600italic.woff2', 'long-name-my-words.js', 'photo-1700000000000.jpg', 'logo', 'a1b2c3d4',
    'jquery-3.7.1.min.js', 'video-1080p60f.mp4', 'h264main.mp4', '12345678.js', '2024_01_15.js', 'zh-Hans-CN.json', 'polyfills-es2015.js',
  ])('is not seen in %s', name => expect(hasHash(name)).toBe(false));

  test('is found in nearly all names of builds, in no time whatever the name', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const rollup = fc.sample(fc.array(fc.constantFrom(...letters), { minLength: 8, maxLength: 8 }), { numRuns: 2000, seed: 1 });
    expect(rollup.filter(hash => hasHash(`index-${hash.join('')}.js`)).length).toBeGreaterThan(1780);
    const started = Date.now();
    hasHash(`${'aA'.repeat(50_000)}!.js`);
    hasHash(`${'a'.repeat(100_000)}!.js`);
    expect(Date.now() - started).toBeLessThan(1000);
  });
});

describe('Cache-Control', () => {
  const hashed = 'public, max-age=31536000, immutable';
  const revalidated = 'public, max-age=0, must-revalidate';
  test.each([
    ['assets/index-BxY3dR9k.js', hashed], ['app/assets/index-BxY3dR9k.js', hashed], ['_next/static/chunks/page-9c1e5d2f3a4b5c6d.js', hashed],
    ['_astro/hoisted.CK3jBd9X.js', hashed], ['_app/immutable/nodes/0.CkEd93sa.js', hashed], ['static/js/main.3f2a9b1c.js', hashed], ['_nuxt/CkEd93sa.js', hashed],
    ['index-BxY3dR9k.js', 'public, max-age=300'], ['images/logo-3f2a9b1c.png', 'public, max-age=300'], ['assets/logo.png', 'public, max-age=300'],
    ['static/logo-3f2a9b1c.png', 'public, max-age=300'], ['myassets/logo-3f2a9b1c.png', 'public, max-age=300'],
    ['index.html', revalidated], ['assets/page-3f2a9b1c.html', revalidated], ['a/b.HTM', revalidated], ['sw.js', revalidated], ['service-worker.js', revalidated],
    ['ngsw.json', revalidated], ['site.webmanifest', revalidated], ['manifest.json', revalidated], ['robots.txt', 'public, max-age=300'],
  ])('of %s is %s', (name, value) => expect(cacheControlOf(name, none)).toBe(value));

  test('is what the team says, and the first pattern decides', () => {
    const rules = { immutable: ['build/**', '*.woff2'], cacheControl: { 'build/*.json': 'no-cache', '**/*.json': 'max-age=1', '*.html': 'max-age=2' } };
    expect(['build/a.js', 'build/a.json', 'build/b/a.json', 'x/y.woff2', 'a/b.html', 'x.js'].map(name => cacheControlOf(name, rules))).toEqual([
      hashed, 'no-cache', 'max-age=1', hashed, 'max-age=2', 'public, max-age=300',
    ]);
  });
});

test.each([
  ['*.js', 'a.js', true], ['*.js', 'a/b.js', true], ['/*.js', 'a/b.js', false], ['/*.js', 'b.js', true], ['a/*.js', 'a/b/c.js', false], ['a/**/*.js', 'a/c.js', true],
  ['a/**/*.js', 'a/b/c.js', true], ['a/**', 'a/b/c', true], ['a/**', 'ab/c', false], ['?.js', 'ab.js', false], ['?.js', 'a.js', true], ['*.{js,css}', 'x.css', true],
  ['*.{js,css}', 'x.cs', false], ['a.{min.*,x}.js', 'a.min.b.js', true], ['a+b(c).js', 'a+b(c).js', true], ['a.js', 'abjs', false], ['[id].html', 'x/[id].html', true],
  ['{a', '{a', true],
])('the pattern %s and the path %s: %s', (pattern, name, expected) => expect(matches(pattern, name)).toBe(expected));

test.each([
  ['index.html', 'text/html; charset=utf-8'], ['a/B.JS', 'text/javascript; charset=utf-8'], ['a.mjs', 'text/javascript; charset=utf-8'], ['a.css', 'text/css; charset=utf-8'],
  ['a.json', 'application/json; charset=utf-8'], ['a.js.map', 'application/json; charset=utf-8'], ['site.webmanifest', 'application/manifest+json; charset=utf-8'],
  ['a.svg', 'image/svg+xml'], ['a.wasm', 'application/wasm'], ['a.woff2', 'font/woff2'], ['a.avif', 'image/avif'], ['a.txt', 'text/plain; charset=utf-8'],
  ['a.unknown', 'application/octet-stream'], ['LICENSE', 'application/octet-stream'], ['html', 'application/octet-stream'], ['.html', 'application/octet-stream'],
  ['.well-known/apple-app-site-association', 'application/json; charset=utf-8'],
])('the Content-Type of %s is %s', (name, type) => expect(contentTypeOf(name)).toBe(type));
