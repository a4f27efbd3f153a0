import { Template } from 'aws-cdk-lib/assertions';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { addApp, branchOf, newStack, refusal, secretOf, statementsOf, variablesOf } from './amplify-fixtures';
import { AmplifyFramework, BranchBackend, BranchVariable } from '../../src';

const STRIPE = BranchVariable.secureString('/shop/stripe');

/** Parameters that a role may read, each as the last segment of its name and the resource that knows its path. */
function readable(template: Template, roleId: RegExp): [string, string][] {
  return statementsOf(template, roleId)
    .filter(({ Action }) => Action.includes('ssm:GetParameters'))
    .flatMap(({ Resource }) => [Resource].flat())
    .map(({ 'Fn::Join': [, parts] }) => [parts.at(-1), parts.find((part: any) => part['Fn::GetAtt']?.[1] === 'Path')['Fn::GetAtt'][0]]);
}

test('the value of a secret is in no template: a branch knows its place only', () => {
  const stack = newStack();
  addApp(stack).addBranch('main', { variables: { STRIPE_KEY: STRIPE, OTHER: BranchVariable.secret(secretOf(stack, 'other'), { field: 'key' }) } });
  const template = Template.fromStack(stack);
  const { STRIPE_KEY, OTHER, SECRET_PARAMETERS } = variablesOf(branchOf(template, 'main'));
  expect([STRIPE_KEY, OTHER]).toEqual([undefined, undefined]);
  expect(SECRET_PARAMETERS['Fn::Join'][1].filter((part: unknown) => typeof part === 'string')).toEqual(['/STRIPE_KEY,', '/OTHER']);
  expect(JSON.stringify(template.toJSON())).not.toMatch(/resolve:secretsmanager:[^}]*other/);
  const [{ Properties: { Sources } }] = Object.values(template.findResources('Custom::AmplifySecrets'));
  expect(Sources).toEqual([{ name: 'STRIPE_KEY', parameter: '/shop/stripe' }, { name: 'OTHER', secret: expect.anything(), field: 'key' }]);
});

test('a branch without secrets has no word of them', () => {
  const stack = newStack();
  addApp(stack).addBranch('main');
  const template = Template.fromStack(stack);
  expect(variablesOf(branchOf(template, 'main')).SECRET_PARAMETERS).toBeUndefined();
  template.resourceCountIs('Custom::AmplifySecrets', 0);
});

test('the app\'s secrets are kept once, a branch\'s own beside them, and its own count more', () => {
  const stack = newStack();
  const app = addApp(stack, { variables: { SHARED: STRIPE, KEY: STRIPE } });
  app.addBranch('main', { variables: { KEY: BranchVariable.secureString('/shop/main') } });
  app.addBranch('staging', { variables: { KEY: BranchVariable.value('none') } });
  app.addBranch('beta');
  const template = Template.fromStack(stack);
  const kept = Object.values(template.findResources('Custom::AmplifySecrets')).map(({ Properties: { BranchName, Sources } }) => [BranchName, Sources.map(({ name }: any) => name)]);
  expect(kept).toEqual([[undefined, ['SHARED', 'KEY']], ['main', ['KEY']]]);
  const roles = ['main', 'staging', 'beta'].map(name => readable(template, new RegExp(`Branch${name}ComputeRole`)));
  const [shared, own] = [/SharedSecrets/, /Secretsmain/].map(id => expect.stringMatching(id));
  expect(roles).toEqual([[['/SHARED', shared], ['/KEY', own]], [['/SHARED', shared]], [['/SHARED', shared], ['/KEY', shared]]]);
  expect(variablesOf(branchOf(template, 'staging')).KEY).toBe('none');
});

test('a branch that shares a backend has copies of the other\'s secrets at a place of its own', () => {
  const stack = newStack();
  const app = addApp(stack);
  app.addBranch('main', { backend: BranchBackend.own(), variables: { KEY: STRIPE } });
  app.addBranch('staging', { backend: BranchBackend.sharedWith('main') });
  expect(readable(Template.fromStack(stack), /BranchstagingComputeRole/)).toEqual([['/KEY', expect.stringMatching(/Secretsstaging/)]]);
});

test('the service role reads those only that builds may have', () => {
  const stack = newStack();
  const app = addApp(stack);
  app.addBranch('main', { variables: { BUILD: BranchVariable.secureString('/b', { availableAtBuild: true }), RUN: STRIPE } });
  app.addBranch('staging', { variables: { TOO: BranchVariable.secret(secretOf(stack, 'too'), { availableAtBuild: true }) } });
  const template = Template.fromStack(stack);
  expect(readable(template, /ServiceRole/)).toEqual([['/BUILD', expect.stringMatching(/Secretsmain/)], ['/TOO', expect.stringMatching(/Secretsstaging/)]]);
  expect(readable(template, /BranchmainComputeRole/).map(([name]) => name)).toEqual(['/BUILD', '/RUN']);
});

test('nobody but a build or a backend reads a secret of a static site', () => {
  const app = addApp(newStack(), { framework: AmplifyFramework.vite() });
  expect(refusal(() => app.addBranch('main', { variables: { KEY: STRIPE } }))).toMatch(/secrets KEY/);
  app.addBranch('build', { variables: { KEY: BranchVariable.secureString('/b', { availableAtBuild: true }) } });
  app.addBranch('backend', { backend: BranchBackend.own(), variables: { KEY: STRIPE } });
  app.addBranch('shared', { backend: BranchBackend.sharedWith('backend') });
});

test('a secret of this stack may be one that the app\'s domain is in', () => {
  const stack = newStack();
  const app = addApp(stack);
  const secret = new secretsmanager.Secret(stack, 'Secret', { description: app.defaultDomain });
  app.addBranch('main', { variables: { KEY: BranchVariable.secret(secret, { availableAtBuild: true }) } });
  Template.fromStack(stack).resourceCountIs('Custom::AmplifySecrets', 1);
});

test('fifty branches with secrets for their builds: each is named once, and no policy is longer than IAM takes', () => {
  const stack = newStack();
  const app = addApp(stack, { variables: { SHARED: BranchVariable.secureString('/shared', { availableAtBuild: true }) } });
  for (let index = 0; index < 50; index++) {
    app.addBranch(`feature/${'x'.repeat(60)}${index}`, { variables: { SENTRY_AUTH_TOKEN_OF_THE_BUILD: BranchVariable.secureString('/s', { availableAtBuild: true }) } });
  }
  const template = Template.fromStack(stack);
  const policies = Object.entries(template.findResources('AWS::IAM::ManagedPolicy')).filter(([id]) => /ServiceRoleReadSecrets/.test(id));
  expect(policies).toHaveLength(2);
  const resources = policies.map(([, { Properties }]) => Properties.PolicyDocument.Statement[0].Resource);
  expect(resources.flat()).toHaveLength(51);
  const path = `/amplify/d123456789abcd/${'x'.repeat(50)}-branch-0123456789`;
  const text = (parts: any[]) => parts.map(part => typeof part === 'string' ? part : part.Ref ? 'ap-southeast-1' : path).join('');
  for (const arns of resources) expect(JSON.stringify(arns.map((arn: any) => text(arn['Fn::Join'][1]))).length).toBeLessThan(6000);
});
