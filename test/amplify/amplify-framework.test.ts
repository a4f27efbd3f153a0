import { AmplifyFramework, AmplifyFrameworkOptions, AmplifyPlatform } from '../../src/amplify/amplify-framework';

test.each<[string, AmplifyFramework, AmplifyPlatform, string, string]>([
  ['nextJs', AmplifyFramework.nextJs(), AmplifyPlatform.SSR, 'Next.js - SSR', '.next'],
  ['nextJsStatic', AmplifyFramework.nextJsStatic(), AmplifyPlatform.STATIC, 'Next.js - SSG', 'out'],
  ['vite', AmplifyFramework.vite(), AmplifyPlatform.STATIC, 'Web', 'dist'],
  ['createReactApp', AmplifyFramework.createReactApp(), AmplifyPlatform.STATIC, 'React', 'build'],
  ['angular', AmplifyFramework.angular('shop'), AmplifyPlatform.STATIC, 'Angular', 'dist/shop/browser'],
  ['astro', AmplifyFramework.astro(), AmplifyPlatform.STATIC, 'Astro', 'dist'],
  ['nuxt', AmplifyFramework.nuxt(), AmplifyPlatform.SSR, 'Nuxt - SSR', '.amplify-hosting'],
  ['svelteKit', AmplifyFramework.svelteKit(), AmplifyPlatform.SSR, 'SvelteKit - SSR', 'build'],
  ['custom', AmplifyFramework.custom(), AmplifyPlatform.STATIC, 'Web', 'dist'],
])('%s knows its platform, its name and where its build writes', (_, framework, platform, label, artifactsDirectory) => {
  expect(framework).toMatchObject({ platform, label, artifactsDirectory, artifactFiles: ['**/*'], installCommand: 'npm ci --cache .npm --prefer-offline' });
  expect(framework.buildCommand).toMatch(/^npm run build/);
  expect(framework.cachePaths).toContain('.npm/**/*');
});

test('everything can be given', () => {
  const options: Required<AmplifyFrameworkOptions> = {
    platform: AmplifyPlatform.SSR,
    label: 'Astro - SSR',
    installCommand: 'pnpm install --frozen-lockfile',
    buildCommand: 'pnpm build',
    artifactsDirectory: '.amplify-hosting',
    artifactFiles: ['**/*.html'],
    cachePaths: [],
  };
  expect(AmplifyFramework.astro(options)).toMatchObject(options);
  expect(AmplifyFramework.angular('shop', options)).toMatchObject(options);
});

test.each<[AmplifyFrameworkOptions, string]>([
  [{ platform: 'WEB_DYNAMIC' as AmplifyPlatform }, 'platform'],
  [{ label: '' }, 'label'],
  [{ installCommand: ' ' }, 'installCommand'],
  [{ buildCommand: '' }, 'buildCommand'],
  [{ artifactsDirectory: '/dist' }, 'artifactsDirectory'],
  [{ artifactsDirectory: '../dist' }, 'artifactsDirectory'],
  [{ artifactFiles: '**/*' as unknown as string[] }, 'artifactFiles'],
  [{ cachePaths: '.npm' as unknown as string[] }, 'cachePaths'],
])('refuses %j', (options, prop) => {
  expect(() => AmplifyFramework.vite(options)).toThrow(new RegExp(`^AmplifyFramework.vite: ${prop} `));
});

test('refuses a project of Angular without a name', () => {
  expect(() => AmplifyFramework.angular(undefined as unknown as string)).toThrow('AmplifyFramework.angular: project is not well-formed');
});
