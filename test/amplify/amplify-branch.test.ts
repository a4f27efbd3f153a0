import { NestedStack, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { parse } from 'yaml';
import { addApp, appOf, branchOf, newStack, only, refusal, value, variablesOf, VIRGINIA } from './amplify-fixtures';
import { AmplifyBranch, AmplifyBranchOptions, AmplifyFramework, AmplifyStage, BranchBackend, BranchVariable, EnvironmentProfile } from '../../src';

const OWN = { backend: BranchBackend.own() };
const sharing = (branchName: string) => ({ backend: BranchBackend.sharedWith(branchName) });

function branch(options: AmplifyBranchOptions = {}, branchName = 'main'): any {
  const stack = newStack();
  addApp(stack).addBranch(branchName, options);
  return branchOf(Template.fromStack(stack), branchName);
}

test.each([
  ['main', 'PRODUCTION'], ['master', 'PRODUCTION'], ['production', 'PRODUCTION'], ['prod', 'PRODUCTION'],
  ['staging', 'DEVELOPMENT'], ['feature/main', 'DEVELOPMENT'], ['Main', 'DEVELOPMENT'],
])('%s is of stage %s where nobody says', (branchName, stage) => {
  expect(branch({}, branchName).Stage).toBe(stage);
  expect(branch({ stage: AmplifyStage.BETA }, branchName).Stage).toBe('BETA');
});

test('pushes are built, and pages keep the files of their deployment, where nobody says', () => {
  expect(branch()).toMatchObject({ EnableAutoBuild: true, EnableSkewProtection: true, EnablePullRequestPreview: false });
  expect(branch({ autoBuild: false, skewProtection: false, description: 'Ours' }))
    .toMatchObject({ EnableAutoBuild: false, EnableSkewProtection: false, Description: 'Ours' });
});

test.each([true, false])('the operator builds a branch as pushes do: %s', autoBuild => {
  const stack = newStack();
  addApp(stack).addBranch('main', { autoBuild });
  expect(only(Template.fromStack(stack), 'Custom::AmplifyVariables')).toMatchObject({ BranchName: 'main', StartBuilds: autoBuild });
});

test('the first build waits for the branch, its log, and what its roles may do', () => {
  const stack = newStack();
  const bucket = new s3.Bucket(stack, 'Bucket');
  const main = addApp(stack, { variables: { KEY: BranchVariable.secureString('/shop/key', { availableAtBuild: true }) } }).addBranch('main', OWN);
  bucket.grantRead(main);
  const [{ DependsOn }] = Object.values(Template.fromStack(stack).findResources('Custom::AmplifyVariables'));
  for (const id of [/^AppBranchmain(?!Compute).*/, /^AppServiceRoleReadSecrets/, /^AppServiceRoleWriteLogs/, /^AppLog/, /^AppBranchmainComputeRoleDefaultPolicy/]) {
    expect(DependsOn).toContainEqual(expect.stringMatching(id));
  }
});

test.each([
  ['main', 'main'], ['feature/login', 'feature-login'], ['Release 1.2', 'release-1-2'], ["o'hara_x", 'o-hara-x'],
])('the address of %s begins with %s', (branchName, prefix) => {
  const stack = newStack();
  const app = addApp(stack);
  expect(stack.resolve(app.addBranch(branchName).url)).toEqual({ 'Fn::Join': ['', [`https://${prefix}.`, stack.resolve(app.defaultDomain)]] });
});

describe('variables', () => {
  test('are stored under names that Amplify takes, beside the id of the app', () => {
    const stack = newStack();
    const app = addApp(stack, { variables: { ALL: value('1') } });
    app.addBranch('main', { variables: { AWS_S3_BUCKET_NAME: value('files'), PLAIN: value('a $b "c"\n') } });
    expect(variablesOf(branchOf(Template.fromStack(stack), 'main')))
      .toEqual({ AMPLIFY_APP_ID: stack.resolve(app.appId), ALL: '1', APP_AWS_S3_BUCKET_NAME: 'files', PLAIN: 'a $b "c"\n' });
  });

  test('AWS_REGION is AWS\'s to set, and another region under its name is refused', () => {
    const stack = newStack(VIRGINIA);
    const app = addApp(stack, { requires: ['AWS_REGION'] });
    app.addBranch('main', { variables: { AWS_REGION: value('us-east-1') } });
    expect(() => app.addBranch('eu', { variables: { AWS_REGION: value('eu-west-1') } })).toThrow(/'eu-west-1' in us-east-1/);
    expect(Object.keys(variablesOf(branchOf(Template.fromStack(stack), 'main')))).toEqual(['AMPLIFY_APP_ID']);
  });

  test('AWS_REGION is taken where the region is not known yet', () => {
    const stack = newStack();
    addApp(stack, { variables: { AWS_REGION: value('eu-west-1') } }).addBranch('main', { variables: { AWS_REGION: value(stack.region) } });
    expect(Object.keys(variablesOf(branchOf(Template.fromStack(stack), 'main')))).toEqual(['AMPLIFY_APP_ID']);
  });

  test('a branch has those of the branch whose backend it shares, and its own count more', () => {
    const stack = newStack();
    const app = addApp(stack, { variables: { A: value('app'), B: value('app'), C: value('app') } });
    app.addBranch('main', { ...OWN, variables: { B: value('main'), C: value('main'), D: value('main') } });
    app.addBranch('staging', { ...sharing('main'), variables: { C: value('staging') } });
    app.addBranch('docs', { variables: { E: value('docs') } });
    const template = Template.fromStack(stack);
    expect(variablesOf(branchOf(template, 'staging'))).toMatchObject({ A: 'app', B: 'main', C: 'staging', D: 'main' });
    const { AMPLIFY_APP_ID, ...docs } = variablesOf(branchOf(template, 'docs'));
    expect(docs).toEqual({ A: 'app', B: 'app', C: 'app', E: 'docs' });
  });

  test('those that are required may be the app\'s, the other branch\'s or its own', () => {
    const app = addApp(newStack(), { requires: ['A', 'B', 'C'], variables: { A: value('app') } });
    app.addBranch('main', { ...OWN, variables: { B: value('main'), C: BranchVariable.secureString('/c') } });
    app.addBranch('staging', sharing('main'));
    expect(refusal(() => app.addBranch('docs'))).toMatch(/branch docs lacks variables that are required: B, C\.[^]*only A/);
    expect(refusal(() => app.addBranch('other', { variables: { B: value('x') } }))).toMatch(/lacks a variable that is required: C\./);
    expect(app.branches.map(({ branchName }) => branchName)).toEqual(['main', 'staging']);
  });

  test('the memory of a branch has exactly its variables', () => {
    const stack = newStack();
    addApp(stack).addBranch('main', { variables: { A: value('1'), AWS_B: value('2') } });
    const template = Template.fromStack(stack);
    expect(only(template, 'Custom::AmplifyVariables').Variables).toEqual(variablesOf(branchOf(template, 'main')));
  });

  test('a bucket may let the app in whose branch has its name', () => {
    const stack = newStack();
    const app = addApp(stack);
    const bucket = new s3.Bucket(stack, 'Bucket', { cors: [{ allowedMethods: [s3.HttpMethods.PUT], allowedOrigins: [`https://main.${app.defaultDomain}`] }] });
    const main = app.addBranch('main', { variables: { AWS_S3_BUCKET_NAME: value(bucket.bucketName) } });
    bucket.grantReadWrite(main);
    // Template.fromStack() refuses resources that wait for each other.
    expect(variablesOf(branchOf(Template.fromStack(stack), 'main')).APP_AWS_S3_BUCKET_NAME).toEqual({ Ref: expect.stringMatching(/^Bucket/) });
  });
});

describe('what is wrong with a branch', () => {
  test.each<[string, BranchBackend, RegExp]>([
    ['an unknown one', BranchBackend.sharedWith('mian'), /new -> mian[^]*main/],
    ['itself', BranchBackend.sharedWith('new'), /new -> new/],
    ['one that shares', BranchBackend.sharedWith('staging'), /new -> staging -> main/],
    ['one without', BranchBackend.sharedWith('docs'), /new -> docs/],
  ])('a backend shared with %s', (_what, backend, chain) => {
    const app = addApp(newStack());
    app.addBranch('main', OWN);
    app.addBranch('staging', sharing('main'));
    app.addBranch('docs');
    expect(refusal(() => app.addBranch('new', { backend }))).toMatch(chain);
  });

  test('its name is taken', () => {
    const app = addApp(newStack());
    app.addBranch('main');
    expect(refusal(() => new AmplifyBranch(app, 'Again', { app, branchName: 'main' }))).toMatch(/already/);
    expect(refusal(() => app.addBranch('main'))).toMatch(/already/);
  });

  test('it is the fifty-first', () => {
    const stack = newStack();
    const app = addApp(stack);
    for (let index = 1; index <= 50; index++) app.addBranch(`b${index}`);
    expect(refusal(() => app.addBranch('b51'))).toMatch(/51 branches, the last of them 'b51'[^]*allowed: 50/);
    Template.fromStack(stack).resourceCountIs('AWS::Amplify::Branch', 50);
  });

  test('it is in another stack than its app, which would need each other', () => {
    const stack = newStack();
    const app = addApp(stack);
    expect(refusal(() => new AmplifyBranch(new Stack(stack.node.root as never, 'Other'), 'Branch', { app, branchName: 'main' }))).toMatch(/'Other'[^]*'Stack'/);
    expect(refusal(() => new AmplifyBranch(new NestedStack(stack, 'Nested'), 'Branch', { app, branchName: 'main' }))).toMatch(/another stack/);
  });

  test('it has more secrets than a policy can name', () => {
    const app = addApp(newStack());
    const secrets = (count: number) => Object.fromEntries([...Array(count).keys()].map(index => [`${'S'.repeat(80)}${index + 10}`, BranchVariable.secureString('/s')]));
    expect(refusal(() => app.addBranch('main', { variables: secrets(50) }))).toMatch(/50 secrets[^]*6000/);
    app.addBranch('other', { variables: secrets(30) });
  });

  test('it is refused before anything of it is made', () => {
    const app = addApp(newStack(), { requires: ['A'] });
    expect(() => new AmplifyBranch(app, 'Branch', { app, branchName: 'main' })).toThrow(/required: A/);
    expect(app.node.findChild('Branch').node.children).toEqual([]);
  });
});

describe('names of branches', () => {
  const ODD = [
    'feature/login', 'feature--login', 'feature-login', 'feature.login', 'feature_login', 'a b', "o'hara", 'say"hi"', '$HOME', '`id`', '*', '日本語', 'żółw', '🦊',
    'Resource', 'Default', 'App', 'Operator', 'constructor', '__proto__', 'x'.repeat(255), 'é'.repeat(255), '-', '1',
  ];

  test('may be odd, long, or differ in signs only: each has its branch, its memory and its part of the build spec', () => {
    const stack = newStack();
    const app = addApp(stack, { pullRequestPreviews: { targetBranches: ['-'] } });
    for (const name of ODD) {
      app.addBranch(name, { ...OWN, passwordProtected: true, variables: { SECRET: BranchVariable.secureString('/s'), NAME: value(name) } }).deploymentRule();
    }
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Amplify::Branch', ODD.length);
    for (const name of ODD) expect(variablesOf(branchOf(template, name)).NAME).toBe(name);
    expect(Object.values(template.findResources('Custom::AmplifySecrets')).map(({ Properties }) => Properties.BranchName).sort()).toEqual([...ODD].sort());
    expect(parse(appOf(template).BuildSpec).version).toBe(1);
    for (const { Properties: { Description } } of Object.values(template.findResources('AWS::IAM::Role'))) {
      // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
      expect(Description ?? '').toMatch(/^[\t\n\r\x20-\x7e\xa1-\xff]{0,1000}$/);
    }
  });

  test.each<[string, unknown]>([
    ['nothing', undefined], ['no name', ''], ['more than 255 characters', 'x'.repeat(256)], ['two lines', 'a\nb'], ['a number', 7],
    ['what is known at deployment only', Token.asString({ Ref: 'Name' })],
  ])('%s is none', (_what, name) => {
    expect(refusal(() => addApp(newStack()).addBranch(name as string))).toMatch(/branchName/);
  });
});

describe('passwords', () => {
  test('all protected branches have one, which only CloudFormation reads', () => {
    const stack = newStack();
    const app = addApp(stack, { encryptionKey: new kms.Key(stack, 'Key') });
    app.addBranch('a', { passwordProtected: true });
    app.addBranch('b', { passwordProtected: true });
    const template = Template.fromStack(stack);
    const secret = only(template, 'AWS::SecretsManager::Secret');
    expect(secret.KmsKeyId).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] });
    expect(secret.GenerateSecretString).toMatchObject({ GenerateStringKey: 'password', PasswordLength: 24 });
    const { BasicAuthConfig } = branchOf(template, 'a');
    expect(BasicAuthConfig).toEqual(branchOf(template, 'b').BasicAuthConfig);
    const reference = (field: string) => ({ 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: expect.any(String) }, `:SecretString:${field}::}}`]] });
    expect(BasicAuthConfig).toEqual({ EnableBasicAuth: true, Username: reference('username'), Password: reference('password') });
  });

  test('without one, the branch is told so, as silence would leave it on', () => {
    const stack = newStack();
    addApp(stack).addBranch('main');
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::SecretsManager::Secret', 0);
    const { EnableBasicAuth, Password } = branchOf(template, 'main').BasicAuthConfig;
    expect(EnableBasicAuth).toBe(false);
    expect(typeof Password).toBe('object');
  });

  test('it goes with an environment that nothing is kept of', () => {
    const policies = [EnvironmentProfile.development(), EnvironmentProfile.production()].map(profile => {
      const stack = newStack();
      addApp(stack, { profile }).addBranch('main', { passwordProtected: true });
      return Object.values(Template.fromStack(stack).findResources('AWS::SecretsManager::Secret'))[0].DeletionPolicy;
    });
    expect(policies).toEqual(['Delete', 'RetainExceptOnCreate']);
  });
});

describe('rights', () => {
  test('a grant goes to the role of the branch\'s server, and of no other', () => {
    const stack = newStack();
    const app = addApp(stack);
    const [main, staging] = [app.addBranch('main'), app.addBranch('staging')];
    new sqs.Queue(stack, 'Queue').grantSendMessages(main);
    const template = Template.fromStack(stack);
    const { Roles } = only(template, 'AWS::IAM::Policy');
    expect(Roles).toEqual([stack.resolve(main.computeRole!.roleName)]);
    expect(branchOf(template, 'main').ComputeRoleArn).toEqual(stack.resolve(main.computeRole!.roleArn));
    expect(branchOf(template, 'staging').ComputeRoleArn).toEqual(stack.resolve(staging.computeRole!.roleArn));
    expect(only(template, 'AWS::IAM::Role', /BranchmainComputeRole/).AssumeRolePolicyDocument.Statement)
      .toEqual([{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'amplify.amazonaws.com' } }]);
  });

  test('from another stack, its stack waits for that of the data', () => {
    const data = newStack(VIRGINIA, 'Data');
    const stack = new Stack(data.node.root as never, 'Web', { env: VIRGINIA });
    const queue = new sqs.Queue(data, 'Queue');
    const main = addApp(stack).addBranch('main', { variables: { QUEUE_URL: value(queue.queueUrl) } });
    queue.grantSendMessages(main);
    expect(Template.fromStack(stack).findResources('AWS::IAM::Policy')).not.toEqual({});
    expect(stack.dependencies).toEqual([data]);
  });

  test('a static site has no role to give any to', () => {
    const stack = newStack();
    const main = addApp(stack, { framework: AmplifyFramework.vite() }).addBranch('main');
    expect(refusal(() => new sqs.Queue(stack, 'Queue').grantSendMessages(main))).toMatch(/without a server/);
  });
});

test('events of its deployments are a rule, made once', () => {
  const stack = newStack();
  const main = addApp(stack, { alarms: false }).addBranch('main');
  expect(main.deploymentRule()).toBe(main.deploymentRule());
  expect(only(Template.fromStack(stack), 'AWS::Events::Rule', /Deployments/).EventPattern.detail)
    .toEqual({ appId: [expect.anything()], branchName: ['main'], jobStatus: ['SUCCEED'] });
});
