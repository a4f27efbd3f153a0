import { execFileSync } from 'child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { call } from './program';

const PATTERNS = ['fargate-api-with-rds', 'static-cdn-site', 'amplify-multi-branch-app', 'production-web-platform'];

// Each call is a process.
jest.setTimeout(60_000);

let folder: string;
beforeEach(() => folder = mkdtempSync(join(tmpdir(), 'init-')));
afterEach(() => rmSync(folder, { recursive: true }));

const init = (...args: string[]) => call(['init', '--yes', ...args], { cwd: folder });
const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8');

describe.each(PATTERNS)('%s', pattern => {
  test('an app with a test, pinned tools and what to do next, under its own name', async () => {
    const { code, stdout } = await init('--pattern', pattern, '--name', 'web-shop');
    expect(code).toBe(0);
    expect(stdout).toContain('npm install');
    expect(readdirSync(join(folder, 'web-shop', 'src')).sort()).toEqual(['main.ts', 'web-shop-stack.ts']);
    expect(read('web-shop', 'src', 'web-shop-stack.ts')).toContain('export class WebShopStack extends Stack');
    expect(read('web-shop', 'test', 'web-shop-stack.test.ts')).toContain("from '../src/web-shop-stack'");
    expect(read('web-shop', 'README.md')).toContain('# web-shop');
    expect(read('web-shop', '.gitignore')).toContain('node_modules/');
    const { dependencies, devDependencies } = JSON.parse(read('web-shop', 'package.json'));
    const { 'cdk-web-platform': own, ...others } = dependencies;
    expect(own).toMatch(/^\^\d+\.\d+\.\d+/);
    for (const version of Object.values({ ...others, ...devDependencies })) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(each => /\.(ts|md|html)$/.test(each))) {
      expect(`${file}: ${read(file)}`).not.toMatch(/my-app|MyApp|VERSION_OF/);
    }
  });

  test('with projen, its configuration instead of the files that it writes', async () => {
    await init('--pattern', pattern, '--projen', '--name', 'shop');
    expect(read('shop', '.projenrc.ts')).toMatch(/new awscdk\.AwsCdkTypeScriptApp\(\{\n {2}name: 'shop'/);
    expect(read('shop', '.projenrc.ts')).not.toMatch(/VERSION_OF|undefined/);
    const { context } = JSON.parse(readFileSync(join(__dirname, '../../cli/templates/common/cdk.json'), 'utf8'));
    for (const flag of Object.keys(context)) expect(read('shop', '.projenrc.ts')).toContain(`'${flag}': `);
    for (const file of ['cdk.json', 'tsconfig.json']) expect(existsSync(join(folder, 'shop', file))).toBe(false);
  });
});

test('for machines: what was written, and nothing else', async () => {
  const { stdout } = await init('--pattern', PATTERNS[1], '--directory', 'deep/er/Shop 2', '--json');
  const answer = JSON.parse(stdout);
  expect(answer).toMatchObject({ pattern: PATTERNS[1], name: 'shop-2', projen: false, directory: join(folder, 'deep/er/Shop 2') });
  expect(answer.files).toContain('site/index.html');
});

test('a folder with a file in it is refused, and stays as it was', async () => {
  writeFileSync(join(folder, 'mine.txt'), 'mine');
  const { code, stderr } = await init('--pattern', PATTERNS[0], '--directory', '.');
  expect(code).toBe(2);
  expect(stderr).toContain(`the folder is not empty.\n  got: ${folder} with mine.txt`);
  expect(readdirSync(folder)).toEqual(['mine.txt']);
});

test('an empty folder and a fresh repository are taken, and nothing is written beside them, where another disk may be', async () => {
  const inside = join(folder, 'mounted');
  mkdirSync(join(inside, '.git'), { recursive: true });
  const before = statSync(folder).mtimeMs;
  expect(await init('--pattern', PATTERNS[0], '--directory', 'mounted', '--name', 'shop')).toMatchObject({ code: 0 });
  expect(statSync(folder).mtimeMs).toBe(before);
  expect(readdirSync(inside).sort()).toEqual(['.git', '.gitignore', 'README.md', 'api', 'cdk.json', 'package.json', 'src', 'test', 'tsconfig.json']);
});

describe('the repository', () => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder });
  const main = (...path: string[]) => read(...path, 'src', 'main.ts');

  test('is begun with the branch that is delivered', async () => {
    await init('--pattern', PATTERNS[0], '--name', 'shop');
    expect(read('shop', '.git', 'HEAD')).toBe('ref: refs/heads/main\n');
  });

  test('without a name on GitHub has one that is easy to find', async () => {
    const { stdout } = await init('--pattern', PATTERNS[0], '--name', 'shop');
    expect(main('shop')).toContain("repository = 'my-org/shop'");
    expect(stdout).toContain('replace my-org/shop');
  });

  test.each(PATTERNS)('%s is delivered from the one that was named, and its owner approves', async pattern => {
    const { stdout } = await init('--pattern', pattern, '--name', 'shop', '--repository', 'acme/my-app.js');
    expect(main('shop')).toMatch(/repository(:| =) 'acme\/my-app\.js'/);
    expect(main('shop')).toContain("approvers: ['acme']");
    expect(main('shop')).not.toContain('appDirectory');
    expect(stdout).not.toContain('replace');
  });

  test.each(['git@github.com:acme/shop.git', 'https://github.com/acme/shop', 'ssh://git@github.com/acme/shop.git'])('is that of origin %s', async origin => {
    git('init', '--quiet');
    git('remote', 'add', 'origin', origin);
    await init('--pattern', PATTERNS[0], '--directory', '.', '--name', 'shop');
    expect(main()).toContain("repository = 'acme/shop'");
  });

  test('around the app is taken, with the folder where workflows find the app and its image', async () => {
    git('init', '--quiet');
    git('remote', 'add', 'origin', 'https://example.com/acme/shop.git');
    await init('--pattern', PATTERNS[0], '--directory', 'deep/infra', '--name', 'shop');
    expect(existsSync(join(folder, 'deep/infra/.git'))).toBe(false);
    expect(main('deep/infra')).toContain("appDirectory: 'deep/infra',");
    expect(main('deep/infra')).toContain("{ name: 'api', directory: 'deep/infra/api' }");
    expect(main('deep/infra')).toContain("repository = 'my-org/shop'");
  });

  test.each(['shop', 'https://github.com/acme/shop', 'acme/..', "acme/shop'"])('called %p is refused before anything is written', async repository => {
    const { code, stderr } = await init('--pattern', PATTERNS[0], '--repository', repository);
    expect(code).toBe(2);
    expect(stderr).toContain('allowed: owner/name');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is begun later where there is no git', async () => {
    const { code, stdout } = await call(['init', '--yes', '--pattern', PATTERNS[0], '--name', 'shop', '--json'], { cwd: folder, environment: { PATH: '/nonexistent' } });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).next).toContain('git init');
  });
});

test('nothing is left beside the app, and others of the team can read it', async () => {
  await init('--pattern', PATTERNS[0]);
  expect(readdirSync(folder)).toEqual(['my-app']);
  mkdirSync(join(folder, 'by-hand'));
  expect(statSync(join(folder, 'my-app')).mode).toBe(statSync(join(folder, 'by-hand')).mode);
});

test.each(['Shop', '1shop', 'shop_web', 'shop--web', '-shop', 'x'.repeat(41), '../shop'])('the name %p is refused before anything is written', async name => {
  const { code, stderr } = await init('--pattern', PATTERNS[0], `--name=${name}`);
  expect(code).toBe(2);
  expect(stderr).toContain('allowed: small letters, digits and single hyphens');
  expect(readdirSync(folder)).toEqual([]);
});

test('without a pattern and without anybody to ask, those that there are', async () => {
  const { code, stderr } = await init();
  expect(code).toBe(2);
  for (const pattern of PATTERNS) expect(stderr).toContain(pattern);
});

test('a tarball is found from the new app too', async () => {
  await init('--pattern', PATTERNS[1], '--name', 'shop', '--package', './package.tgz');
  expect(JSON.parse(read('shop', 'package.json')).dependencies['cdk-web-platform']).toBe(`file:${join(folder, 'package.tgz')}`);
});
