import { App, Aws, NestedStack, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import { EnvironmentProfile } from '../../src/environment';
import { SitePassword, SitePasswordProps } from '../../src/site/site-password';
import { onlyResource, refusal, resourcesOf, wrong } from '../service/fixtures';

const SECRET_ARN = 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:preview-AbCdEf';

function create(props?: SitePasswordProps, stack = new Stack(new App(), 'Stack')) {
  const password = new SitePassword(stack, 'Password', props);
  return { stack, password, template: Template.fromStack(stack) };
}

function statements(template: Template): { Action: string | string[]; Resource: unknown; Condition?: object }[] {
  return onlyResource(template, 'AWS::IAM::ManagedPolicy').PolicyDocument.Statement;
}

const statementFor = (template: Template, action: string) => statements(template).find(({ Action }) => [Action].flat().includes(action))!;

test('name and password are generated, and the template has neither the password nor its hash', () => {
  const { template } = create();
  expect(onlyResource(template, 'AWS::SecretsManager::Secret').GenerateSecretString).toEqual({
    SecretStringTemplate: '{"username":"preview"}', GenerateStringKey: 'password', PasswordLength: 24, ExcludePunctuation: true, ExcludeCharacters: '0O1Il',
  });
  expect(JSON.stringify(template.toJSON())).not.toContain('resolve:secretsmanager');
});

test('the username can be chosen, and be known at deployment only', () => {
  expect(onlyResource(create({ username: 'friends' }).template, 'AWS::SecretsManager::Secret').GenerateSecretString)
    .toMatchObject({ SecretStringTemplate: '{"username":"friends"}' });
  const { template } = create({ username: Aws.STACK_NAME });
  expect(onlyResource(template, 'AWS::SecretsManager::Secret').GenerateSecretString.SecretStringTemplate)
    .toEqual({ 'Fn::Join': ['', ['{"username":"', { Ref: 'AWS::StackName' }, '"}']] });
});

test('the store of a stack has a name that no store of another region has, within the limit', () => {
  const stack = new Stack(new App(), 'A'.repeat(120));
  const { template } = create({}, stack);
  const [, [name, region]] = onlyResource(template, 'AWS::CloudFront::KeyValueStore').Name['Fn::Join'];
  expect(region).toEqual({ Ref: 'AWS::Region' });
  expect(name).toMatch(/^[A-Za-z0-9_-]{1,47}-$/);
});

test('two passwords in one stack have stores of their own', () => {
  const stack = new Stack(new App(), 'Stack');
  new SitePassword(stack, 'One');
  new SitePassword(stack, 'Two');
  const names = Object.values(resourcesOf(Template.fromStack(stack), 'AWS::CloudFront::KeyValueStore')).map(({ Properties }) => JSON.stringify(Properties.Name));
  expect(new Set(names).size).toBe(2);
});

test('the custom resource runs again when the secret, the store or the version is another one, after its role', () => {
  const { template, password, stack } = create({ version: '2' });
  const [resource] = Object.values(resourcesOf(template, 'Custom::SitePassword'));
  expect(resource.Properties).toEqual({
    ServiceToken: { 'Fn::GetAtt': [expect.stringMatching(/^PasswordHandler/), 'Arn'] },
    ServiceTimeout: '420',
    SecretArn: stack.resolve(password.secret.secretArn),
    StoreArn: stack.resolve(password.keyValueStore.keyValueStoreArn),
    Version: '2',
  });
  expect(resource.DependsOn).toContainEqual(expect.stringMatching(/^PasswordRolePolicy/));
  expect(password.ready.node.path).toBe('Stack/Password/Resource');
});

test('the function may read this secret, write this store and nothing else', () => {
  const { template, password, stack } = create();
  expect(statementFor(template, 'secretsmanager:GetSecretValue').Resource).toEqual(stack.resolve(password.secret.secretArn));
  expect(statementFor(template, 'cloudfront-keyvaluestore:PutKey')).toMatchObject({
    Action: ['cloudfront-keyvaluestore:DescribeKeyValueStore', 'cloudfront-keyvaluestore:PutKey'],
    Resource: stack.resolve(password.keyValueStore.keyValueStoreArn),
  });
  expect(statementFor(template, 'cloudformation:DescribeStacks').Resource).toEqual({ Ref: 'AWS::StackId' });
  expect(JSON.stringify(statements(template))).not.toMatch(/\*|kms:/);
  expect(onlyResource(template, 'AWS::Lambda::Function').Environment.Variables).toMatchObject({
    SECRET_ARN: stack.resolve(password.secret.secretArn), STORE_ARN: stack.resolve(password.keyValueStore.keyValueStoreArn),
  });
});

test('a new value is looked for every hour', () => {
  const { template } = create();
  template.hasResourceProperties('AWS::Events::Rule', {
    ScheduleExpression: 'rate(1 hour)',
    Targets: [Match.objectLike({ Input: '{"refresh":true,"changedWithinHours":3}' })],
  });
  template.hasResourceProperties('AWS::Lambda::Permission', { Principal: 'events.amazonaws.com' });
});

test('a team gives its own secret: by full ARN, by a name whose ending nobody knows, or with its key', () => {
  const stack = new Stack(new App(), 'Stack');
  const { template } = create({ secret: secretsmanager.Secret.fromSecretCompleteArn(stack, 'Own', SECRET_ARN) }, stack);
  template.resourceCountIs('AWS::SecretsManager::Secret', 0);
  expect(statementFor(template, 'secretsmanager:GetSecretValue').Resource).toBe(SECRET_ARN);

  const named = new Stack(new App(), 'Stack');
  const byName = create({ secret: secretsmanager.Secret.fromSecretNameV2(named, 'Own', 'preview') }, named);
  expect(JSON.stringify(statementFor(byName.template, 'secretsmanager:GetSecretValue').Resource)).toContain(':secret:preview-??????');

  const keyed = new Stack(new App(), 'Stack');
  const encryptionKey = kms.Key.fromKeyArn(keyed, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/one');
  const withKey = create({ secret: secretsmanager.Secret.fromSecretAttributes(keyed, 'Own', { secretCompleteArn: SECRET_ARN, encryptionKey }) }, keyed);
  expect(statements(withKey.template).filter(({ Action }) => Action === 'kms:Decrypt')).toEqual([{
    Effect: 'Allow',
    Action: 'kms:Decrypt',
    Resource: 'arn:aws:kms:eu-central-1:111111111111:key/one',
    Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]] } } },
  }]);
});

test('the key encrypts the secret, the log and the configuration, and the function may decrypt through Secrets Manager', () => {
  const stack = new Stack(new App(), 'Stack');
  const encryptionKey = new kms.Key(stack, 'Key');
  const { template } = create({ encryptionKey, profile: EnvironmentProfile.staging() }, stack);
  const keyArn = stack.resolve(encryptionKey.keyArn);
  template.hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: keyArn });
  template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: keyArn, RetentionInDays: 30 });
  template.hasResourceProperties('AWS::Lambda::Function', { KmsKeyArn: keyArn });
  expect(statements(template)).toContainEqual(expect.objectContaining({ Action: 'kms:Decrypt', Resource: keyArn }));
});

test('the profile decides what becomes of the secret', () => {
  const policyOf = (profile?: EnvironmentProfile) => Object.values(resourcesOf(create({ profile }).template, 'AWS::SecretsManager::Secret'))[0].DeletionPolicy;
  expect([policyOf(EnvironmentProfile.staging()), policyOf()]).toEqual(['Delete', 'RetainExceptOnCreate']);
});

test('in a nested stack the function asks for that one', () => {
  const nested = new NestedStack(new Stack(new App(), 'Parent'), 'Nested');
  new SitePassword(nested, 'Password');
  expect(statementFor(Template.fromStack(nested), 'cloudformation:DescribeStacks').Resource).toEqual({ Ref: 'AWS::StackId' });
});

test('cdk-nag finds nothing', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  new SitePassword(stack, 'Password', { encryptionKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }) });
  const findings = new AwsSolutionsChecks().validateScope(stack).violations.filter(({ severity }) => severity === 'error');
  expect(findings.map(({ ruleName }) => ruleName)).toEqual([]);
});

test.each<[string, Partial<Record<keyof SitePasswordProps, unknown>>, string]>([
  ['a secret that is a name', { secret: 'preview' }, 'a secretsmanager.ISecret'],
  ['a profile that is a name', { profile: 'staging' }, 'an EnvironmentProfile'],
  ['a key that is an ARN', { encryptionKey: 'arn' }, 'a kms.IKey'],
  ['a username with a colon', { username: 'a:b' }, 'without spaces and colons'],
  ['an empty username', { username: '' }, '1 to 64'],
  ['a username that is a number', { username: 7 }, '1 to 64'],
  ['an empty version', { version: '' }, 'a text that is not empty'],
  ['a version that is a number', { version: 3 }, 'a text that is not empty'],
])('%s is refused', (_, props, allowed) => {
  expect(refusal(() => create(wrong(props)))).toContain(allowed);
});

test('a username beside a secret is refused', () => {
  const stack = new Stack(new App(), 'Stack');
  const secret = secretsmanager.Secret.fromSecretCompleteArn(stack, 'Own', SECRET_ARN);
  expect(refusal(() => create({ secret, username: 'friends' }, stack))).toContain('leave username out');
});

test.each(['cn-north-1', 'us-gov-west-1', 'us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1', 'eusc-de-east-1'])('there are no stores in %s', region => {
  expect(refusal(() => create({}, new Stack(new App(), 'Stack', { env: { region } })))).toContain('no key value stores in this partition');
});

test('a region that is only known at deployment is not judged', () => {
  expect(() => create({}, new Stack(new App(), 'Stack', { env: { region: Token.asString({ Ref: 'Region' }) } }))).not.toThrow();
  expect(() => create({}, new Stack(new App(), 'Stack', { env: { region: 'us-east-1' } }))).not.toThrow();
});
