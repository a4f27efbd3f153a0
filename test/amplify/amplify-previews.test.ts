import { Duration } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { parse } from 'yaml';
import { addApp, appOf, branchOf, newStack, only, refusal, value, variablesOf } from './amplify-fixtures';
import { AmplifyApp, AmplifyAppProps, AmplifyRepository, BranchBackend, BranchVariable, PullRequestPreviews } from '../../src';

const SECRET = BranchVariable.secureString('/s');

function previews(
  pullRequestPreviews: PullRequestPreviews, props: Partial<AmplifyAppProps> = {}, add: (app: AmplifyApp) => void = () => undefined,
): Template {
  const stack = newStack();
  const app = addApp(stack, { pullRequestPreviews, ...props });
  app.addBranch('main', { backend: BranchBackend.own(), variables: { A: value('main'), B: value('main'), KEY: SECRET } });
  app.addBranch('develop', { variables: { A: value('develop'), B: value('develop'), KEY: SECRET } });
  add(app);
  return Template.fromStack(stack);
}

const shown = (template: Template) => ['main', 'develop'].filter(name => branchOf(template, name).EnablePullRequestPreview);
const stored = (template: Template) => {
  const { AMPLIFY_DIFF_DEPLOY, ...own } = variablesOf(appOf(template));
  return own;
};

test('without them no branch shows pull requests', () => {
  const stack = newStack();
  const app = addApp(stack);
  app.addBranch('develop');
  expect(branchOf(Template.fromStack(stack), 'develop').EnablePullRequestPreview).toBe(false);
});

test('all branches but production show them, or those that are named', () => {
  expect(shown(previews({}))).toEqual(['develop']);
  expect(shown(previews({ targetBranches: ['main'] }))).toEqual(['main']);
});

test('variables are the app\'s, those of the branch whose backend they share, and their own, and no secrets', () => {
  const template = previews(
    { backend: BranchBackend.sharedWith('main'), variables: { B: value('preview'), AWS_BUCKET: value('files'), AWS_REGION: value('us-east-1') } },
    { variables: { APP_WIDE: value('1'), APP_KEY: SECRET } },
  );
  expect(stored(template)).toEqual({ PREVIEW_APP_WIDE: '1', PREVIEW_A: 'main', PREVIEW_B: 'preview', PREVIEW_AWS_BUCKET: 'files' });
});

test('without a backend they have none of a branch\'s', () => {
  expect(stored(previews({}))).toEqual({});
});

test('the build spec has a part for them', () => {
  const { backend } = parse(appOf(previews({ backend: BranchBackend.own() })).BuildSpec);
  expect(backend.phases.build.commands[0]).toContain('AWS_PULL_REQUEST_ID');
});

test('how long they stay, and whether with a backend, is told to the operator', () => {
  const environment = (props: PullRequestPreviews) => only(previews(props), 'AWS::Lambda::Function', /Operator/).Environment.Variables;
  expect(environment({ lifetime: Duration.days(3), backend: BranchBackend.own() })).toMatchObject({ PREVIEW_LIFETIME_HOURS: '72', PREVIEW_BACKENDS: 'true' });
  expect(environment({ lifetime: Duration.days(3) })).toMatchObject({ PREVIEW_LIFETIME_HOURS: '72', PREVIEW_BACKENDS: 'false' });
  expect(environment({})).not.toHaveProperty('PREVIEW_LIFETIME_HOURS');
});

test('what is required must be theirs too, but for what is a secret on every branch', () => {
  expect(() => previews({}, { requires: ['A', 'KEY'] })).toThrow(/pull requests lacks a variable that is required: A\.[^]*pullRequestPreviews\.variables/);
  expect(stored(previews({ variables: { A: value('x') } }, { requires: ['A', 'KEY'] }))).toEqual({ PREVIEW_A: 'x' });
  expect(() => previews({ variables: { A: value('x') } }, { requires: ['A', 'KEY'] }, app => app.addBranch('open', { variables: { A: value('1'), KEY: value('1') } })))
    .toThrow(/required: KEY/);
});

test.each<[string, PullRequestPreviews, RegExp]>([
  ['a branch that there is not', { targetBranches: ['develop', 'mian'] }, /branches that the app does not have[^]*main, develop/],
  ['no branch', { targetBranches: [] }, /of no branch/],
  ['a backend that there is not', { backend: BranchBackend.sharedWith('mian') }, /pull requests -> mian/],
  ['a backend of a branch without one', { backend: BranchBackend.sharedWith('develop') }, /pull requests -> develop/],
])('%s is refused, also beside a build spec of the team\'s own', (_what, props, message) => {
  expect(() => previews(props)).toThrow(message);
  expect(() => previews(props, { buildSpec: 'version: 1' })).toThrow(message);
});

test('only production branches are no branch to show pull requests of', () => {
  const stack = newStack();
  addApp(stack, { pullRequestPreviews: {} }).addBranch('main');
  expect(() => Template.fromStack(stack)).toThrow(/of no branch/);
});

test('a secret is refused, and where Amplify shows no pull requests', () => {
  expect(refusal(() => previews({ variables: { KEY: SECRET } }))).toMatch(/KEY as a secret/);
  expect(refusal(() => previews({}, { repository: undefined }))).toMatch(/repository nothing/);
  const stack = newStack();
  const gitLab = AmplifyRepository.gitLab('a/b', { accessToken: { secretArn: 'arn' } as never });
  expect(refusal(() => addApp(stack, { repository: gitLab, pullRequestPreviews: {} }))).toMatch(/gitlab\.com/);
});

test('a parameter that only pull requests have is one of the template', () => {
  const template = previews({ variables: { URL: BranchVariable.ssmParameter('/shop/preview/url') } });
  const { Ref } = stored(template).PREVIEW_URL;
  expect(template.findParameters(Ref)[Ref]).toMatchObject({ Default: '/shop/preview/url' });
});

describe('whoever opens a pull request may do what builds may', () => {
  const warnings = (pullRequestPreviews: PullRequestPreviews | undefined, variable: BranchVariable, backend = BranchBackend.none()) => {
    const stack = newStack();
    addApp(stack, { pullRequestPreviews }).addBranch('develop', { backend, variables: { KEY: variable } });
    return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('with the role of all branches')).map(({ entry }) => /\[ack: cdk-web-platform:(.*)\]/.exec(String(entry.data))?.[1]);
  };
  const FOR_BUILDS = BranchVariable.secureString('/s', { availableAtBuild: true });

  test('which is a warning where builds read secrets or deploy backends', () => {
    expect(warnings({}, FOR_BUILDS)).toEqual(['previewsMayReadSecrets']);
    expect(warnings({}, SECRET, BranchBackend.own())).toEqual(['previewsMayDeploy']);
    expect(warnings({ backend: BranchBackend.own() }, SECRET)).toEqual(['previewsMayDeploy']);
  });

  test('and none where they do neither, or no pull requests are shown', () => {
    expect(warnings({}, SECRET)).toEqual([]);
    expect(warnings(undefined, FOR_BUILDS, BranchBackend.own())).toEqual([]);
  });
});
