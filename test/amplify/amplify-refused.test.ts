import { Duration, Lazy, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { addApp, appOf, newStack, refusal, secretOf, value } from './amplify-fixtures';
import { AmplifyAppProps, AmplifyBranchOptions, AmplifyFramework, AmplifyRepository, BranchBackend, BuildSmokeTest } from '../../src';

describe('a wrong type, as JavaScript lets it through, is refused before anything is made', () => {
  test.each<[string, object]>([
    ['framework', { framework: undefined }],
    ['framework', { framework: 'nextJs' }],
    ['framework', { framework: AmplifyFramework.nextJs }],
    ['repository', { repository: 'https://github.com/acme/shop' }],
    ['appName', { appName: 7 }],
    ['appName', { appName: '' }],
    ['appName', { appName: 'x'.repeat(256) }],
    ['appRoot', { appRoot: '/apps/web' }],
    ['appRoot', { appRoot: 'apps/../web' }],
    ['appRoot', { appRoot: '' }],
    ['appRoot', { appRoot: 7 }],
    ['variables', { variables: 'A=1' }],
    ['variables', { variables: { A: '1' } }],
    ['variables', { variables: { A: undefined } }],
    ['variables', { variables: { 'A B': value('1') } }],
    ['requires', { requires: 'A' }],
    ['requires', { requires: [7] }],
    ['requires', { requires: [undefined] }],
    ['requires', { requires: ['A-B'] }],
    ['pullRequestPreviews', { pullRequestPreviews: true }],
    ['pullRequestPreviews', { pullRequestPreviews: [] }],
    ['pullRequestPreviews.backend', { pullRequestPreviews: { backend: 'own' } }],
    ['pullRequestPreviews.targetBranches', { pullRequestPreviews: { targetBranches: 'main' } }],
    ['pullRequestPreviews.variables', { pullRequestPreviews: { variables: { A: '1' } } }],
    ['pullRequestPreviews.lifetime', { pullRequestPreviews: { lifetime: 3 } }],
    ['pullRequestPreviews.lifetime', { pullRequestPreviews: { lifetime: Duration.hours(1) } }],
    ['pullRequestPreviews.lifetime', { pullRequestPreviews: { lifetime: Duration.days(Lazy.number({ produce: () => 3 })) } }],
    ['rules', { rules: '/' }],
    ['rules', { rules: ['/'] }],
    ['rules', { rules: [undefined] }],
    ['customHeaders', { customHeaders: 'X-A: 1' }],
    ['preBuildCommands', { preBuildCommands: 'npm run lint' }],
    ['preBuildCommands', { preBuildCommands: [7] }],
    ['postBuildCommands', { postBuildCommands: [' '] }],
    ['postBuildCommands', { postBuildCommands: [undefined] }],
    ['buildSmokeTest', { buildSmokeTest: '/login' }],
    ['buildSpec', { buildSpec: { version: 1 } }],
    ['buildSpec', { buildSpec: '' }],
    ['build spec', { buildSpec: 'x'.repeat(25_001) }],
    ['buildSize', { buildSize: 'HUGE' }],
    ['cookiesInCacheKey', { cookiesInCacheKey: 'no' }],
    ['serviceRole', { serviceRole: 'arn:aws:iam::111111111111:role/amplify' }],
    ['notifyOfSuccess', { notifyOfSuccess: 1 }],
    ['latencyThreshold', { latencyThreshold: 3 }],
    ['latencyThreshold', { latencyThreshold: Duration.seconds(0) }],
    ['alarms', { alarms: 'no' }],
    ['profile', { profile: 'production' }],
    ['encryptionKey', { encryptionKey: 'alias/shop' }],
  ])('%s of %j', (prop, props) => {
    const stack = newStack();
    expect(refusal(() => addApp(stack, props as Partial<AmplifyAppProps>))).toMatch(new RegExp(`${prop}.*(missing|is not|does not|longer|whole number|only known)`));
    expect(stack.node.findChild('App').node.children).toEqual([]);
  });

  test.each<[string, object]>([
    ['backend', { backend: 'own' }],
    ['variables', { variables: ['A'] }],
    ['variables', { variables: { A: 'x' } }],
    ['variables', { variables: { AWS_ACCESS_KEY_ID: value('x') } }],
    ['stage', { stage: 'LIVE' }],
    ['autoBuild', { autoBuild: 'no' }],
    ['passwordProtected', { passwordProtected: 'yes' }],
    ['skewProtection', { skewProtection: 0 }],
    ['description', { description: 7 }],
    ['description', { description: 'x'.repeat(1001) }],
  ])('%s of a branch of %j', (prop, options) => {
    const app = addApp(newStack());
    const before = app.node.findAll().length;
    expect(refusal(() => app.addBranch('main', options as AmplifyBranchOptions))).toMatch(new RegExp(`${prop}.*main`));
    expect(app.node.findAll()).toHaveLength(before + 1);
    expect(app.branches).toEqual([]);
  });
});

test('a smoke test of a static app that starts no server is refused before anything is made', () => {
  const stack = newStack();
  const props = { framework: AmplifyFramework.vite(), buildSmokeTest: BuildSmokeTest.page({ path: '/' }) };
  expect(refusal(() => addApp(stack, props))).toMatch('the smoke test of the build has no server to ask: the app is static');
  expect(stack.node.findChild('App').node.children).toEqual([]);
});

describe('the token of a repository', () => {
  const TOKEN = 'ghp_abcdefghijklmnop';

  test.each<[string, unknown]>([
    ['a text', { accessToken: TOKEN }], ['an object around it', { accessToken: { value: TOKEN } }], ['a list', { accessToken: [TOKEN] }],
    ['what stands in the place of the options', TOKEN], ['nothing', {}], ['no options', undefined],
  ])('as %s is refused, and not repeated', (_what, options) => {
    const message = refusal(() => AmplifyRepository.github('acme/shop', options as never));
    expect(message).toMatch(/accessToken is (missing|no secret)/);
    expect(message).not.toContain(TOKEN);
  });

  test.each([undefined, 7, 'shop', 'https://github.com/acme/shop', 'acme/shop/', 'acme shop/x'])('the repository %j is refused', name => {
    expect(refusal(() => AmplifyRepository.github(name as string, { accessToken: { secretArn: 'arn' } as never }))).toMatch(/name is/);
  });

  test('a field that is no name is refused', () => {
    expect(refusal(() => AmplifyRepository.github('acme/shop', { accessToken: { secretArn: 'arn' } as never, field: 7 as never }))).toMatch(/field/);
  });
});

describe('a build spec', () => {
  test.each(['preBuildCommands', 'postBuildCommands', 'buildSmokeTest'])('of the team\'s own is refused beside %s, which would be no part of it', prop => {
    expect(refusal(() => addApp(newStack(), { buildSpec: 'version: 1', [prop]: prop === 'buildSmokeTest' ? { expectedStatus: 200 } : [] }))).toMatch(prop);
  });

  test.each<[string, Partial<AmplifyAppProps>]>([
    ['a command', { preBuildCommands: [Token.asString({ Ref: 'Command' })] }],
    ['the framework', { framework: AmplifyFramework.vite({ buildCommand: `npm run ${Token.asString({ Ref: 'Script' })}` }) }],
  ])('that is known at deployment only, through %s, is refused: its quotes could not be', (_what, props) => {
    const stack = newStack();
    addApp(stack, props).addBranch('main');
    expect(() => Template.fromStack(stack)).toThrow(/only known at deployment/);
  });

  test('that gets longer than Amplify takes is refused with its length', () => {
    const stack = newStack();
    addApp(stack, { preBuildCommands: ['x'.repeat(25_000)] }).addBranch('main');
    expect(() => Template.fromStack(stack)).toThrow(/longer than Amplify takes[^]*allowed: 25000/);
  });

  test('has room for fifty branches with long names', () => {
    const stack = newStack();
    const app = addApp(stack, { requires: ['A', 'B'] });
    for (let index = 0; index < 50; index++) {
      app.addBranch(`feature/${'x'.repeat(40)}${index}`, { backend: BranchBackend.own(), variables: { A: value('1'), B: value('2'), [`V${index}`]: value('3') } });
    }
    expect(appOf(Template.fromStack(stack)).BuildSpec.length).toBeLessThan(25_000);
  });
});

describe('what is only known at deployment', () => {
  test('is taken where it decides nothing', () => {
    const stack = newStack();
    const text = Token.asString({ Ref: 'Text' });
    addApp(stack, { appName: text, variables: { A: value(text) }, repository: AmplifyRepository.github(text, { accessToken: secretOf(stack, 'token') }) })
      .addBranch('main', { description: text, variables: { B: value(`${text}/b`) } });
    expect(appOf(Template.fromStack(stack))).toMatchObject({ Name: { Ref: 'Text' }, Repository: { 'Fn::Join': ['', ['https://github.com/', { Ref: 'Text' }]] } });
  });

  test('is refused as the name of a variable', () => {
    expect(refusal(() => addApp(newStack(), { variables: { [Token.asString({ Ref: 'Name' })]: value('1') } }))).toMatch(/only known at deployment/);
  });
});
