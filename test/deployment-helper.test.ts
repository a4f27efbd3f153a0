import { App, Environment, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import { EncryptionKey, FargateApiWithRds, ImageRegistry, WebNetwork } from '../src';
import { Platform, resourcesOf } from './service/fixtures';
import { DeploymentHelper } from '../src/deployment-helper';

const RIGHT = new iam.PolicyStatement({ actions: ['ecr:DescribeImages'], resources: ['arn:aws:ecr:eu-central-1:111111111111:repository/shop'] });

/** A pattern whose service starts new versions beside old ones, with an image that is waited for. */
function addPattern(stack: Stack, id: string, registry: ImageRegistry, encryptionKey?: kms.IKey): FargateApiWithRds {
  return new FargateApiWithRds(stack, id, { image: registry.image('v1'), containerPort: 8000, encryptionKey });
}

/** Logical id and properties of the only function of its kind. */
function helperOf(template: Template): [string, { [name: string]: unknown }] {
  const [[id, { Properties }], ...others] = Object.entries(resourcesOf(template, 'AWS::Lambda::Function', 'DeploymentHelper'));
  expect(others).toEqual([]);
  return [id, Properties];
}

function customResourcesOf(template: Template): [string, { DependsOn: string[]; Properties: { ServiceToken: unknown } }][] {
  const types = ['Custom::ClosedDefaultSecurityGroup', 'Custom::ImageGate', 'Custom::ListenerRuleGuard'];
  return types.flatMap(type => Object.entries(resourcesOf(template, type))) as any;
}

test('is one small, patient function for all kinds of resources of a stack', () => {
  const stack = new Stack();
  addPattern(stack, 'Api', new ImageRegistry(stack, 'Registry'));
  const template = Template.fromStack(stack);
  const [id, properties] = helperOf(template);

  // CloudFormation refuses another service token for a resource that it has: whoever changes this id breaks all running stacks.
  expect(id).toBe('DeploymentHelperHandler32A073E6');
  expect(properties).toMatchObject({ MemorySize: 256, Timeout: 900, Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  expect(properties).not.toHaveProperty('VpcConfig');
  expect(properties).not.toHaveProperty('ReservedConcurrentExecutions');
  const resources = customResourcesOf(template);
  expect(resources).toHaveLength(3);
  for (const [, { Properties }] of resources) expect(Properties.ServiceToken).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
});

test('has every right before a resource that needs it is made, and itself waits for its own policy only', () => {
  const stack = new Stack();
  addPattern(stack, 'Api', new ImageRegistry(stack, 'Registry'));
  const template = Template.fromStack(stack);
  const policiesOf = (dependsOn: string[]) => dependsOn.filter(id => id in template.findResources('AWS::IAM::ManagedPolicy'));

  for (const [id, { DependsOn }] of customResourcesOf(template)) expect([id, policiesOf(DependsOn)]).toEqual([id, [expect.stringMatching(/Policy/)]]);
  const [handler] = Object.values(resourcesOf(template, 'AWS::Lambda::Function', 'DeploymentHelper'));
  expect(handler.DependsOn).toEqual([expect.stringMatching(/^DeploymentHelperRolePolicy/), expect.stringMatching(/^DeploymentHelperRole[0-9A-F]{8}$/)]);
});

test.each<[string, number, number, boolean]>([
  ['the second', 1, 0, false],
  ['either, with a key of the account,', 1, 0, true],
  ['either, with a key of the account,', 0, 1, true],
])('two patterns in one stack share it, and %s may wait for the other', (_, waiting, other, encrypted) => {
  const stack = new Stack();
  const encryptionKey = encrypted ? kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/1') : undefined;
  const registry = new ImageRegistry(stack, 'Registry');
  const patterns = ['One', 'Two'].map(id => addPattern(stack, id, registry, encryptionKey));
  patterns[waiting].node.addDependency(patterns[other]);

  // A circle in the template is refused here.
  const template = Template.fromStack(stack);
  helperOf(template);
  expect(customResourcesOf(template)).toHaveLength(6);
});

test('two patterns in one stack share it under a new key of the stack', () => {
  const stack = new Stack();
  const { key } = new EncryptionKey(stack, 'Key');
  const registry = new ImageRegistry(stack, 'Registry', { encryptionKey: key });
  for (const id of ['One', 'Two']) addPattern(stack, id, registry, key);

  expect(customResourcesOf(Template.fromStack(stack))).toHaveLength(6);
});

test('services of which one waits for another share it', () => {
  const platform = new Platform();
  const registry = new ImageRegistry(platform.stack, 'Registry');
  const api = platform.addService('Api', { paths: ['/api/*'], image: registry.image('v1') });
  const web = platform.addService('Web', { image: new ImageRegistry(platform.stack, 'Other').image('v1') });
  web.node.addDependency(api);

  helperOf(platform.template());
  expect(customResourcesOf(platform.template())).toHaveLength(4);
});

test('each stack has its own', () => {
  const app = new App();
  const [one, two] = ['One', 'Two'].map(id => new Stack(app, id));
  const [first, again, second] = [one, one, two].map(stack => DeploymentHelper.of(stack, { logRetentionDays: 7 }));

  expect(again).toBe(first);
  expect(second).not.toBe(first);
});

test('keeps its log as the first says who needs it, under the same ids', () => {
  const templates = [true, false].map(encrypted => {
    const stack = new Stack();
    const key = new kms.Key(stack, 'Key');
    DeploymentHelper.of(stack, encrypted ? { logRetentionDays: 7, encryptionKey: key } : { logRetentionDays: 30 });
    DeploymentHelper.of(stack, { logRetentionDays: 365 });
    return Template.fromStack(stack);
  });
  const keyArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };

  templates[0].hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7, KmsKeyId: keyArn });
  templates[0].hasResourceProperties('AWS::SQS::Queue', { KmsMasterKeyId: keyArn });
  templates[0].hasResourceProperties('AWS::Lambda::Function', { KmsKeyArn: keyArn });
  templates[1].hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30, KmsKeyId: Match.absent() });
  expect(Object.keys(templates[0].toJSON().Resources)).toEqual(Object.keys(templates[1].toJSON().Resources));
});

test('leaves nothing behind, however long the data of its users is kept', () => {
  const stack = new Stack();
  new WebNetwork(stack, 'Network');
  const resources = Object.entries(Template.fromStack(stack).toJSON().Resources as { [id: string]: { DeletionPolicy?: string } });
  const kept = resources.filter(([, { DeletionPolicy }]) => DeletionPolicy !== undefined && DeletionPolicy !== 'Delete').map(([id]) => id);

  expect(kept).toContainEqual(expect.stringMatching(/^NetworkVpc/));
  expect(kept).not.toContainEqual(expect.stringMatching(/^DeploymentHelper/));
});

test('warns before IAM refuses one more policy at its role', () => {
  const stack = new Stack();
  const helper = DeploymentHelper.of(stack, { logRetentionDays: 7 });
  const warnings = () => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('Managed policies attached to an IAM role'));
  for (let count = 2; count <= 10; count++) helper.allow(stack, `Policy${count}`, [RIGHT]);
  expect(warnings()).toEqual([]);
  expect(Object.keys(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'))).toHaveLength(10);

  for (let count = 11; count <= 12; count++) helper.allow(stack, `Policy${count}`, [RIGHT]);
  expect(warnings()).toHaveLength(1);
});

test.each<[string, Environment | undefined]>([
  ['anywhere', undefined],
  ['in Europe', { account: '111111111111', region: 'eu-central-1' }],
  ['in China', { account: '111111111111', region: 'cn-north-1' }],
  ['in GovCloud', { account: '111111111111', region: 'us-gov-west-1' }],
])('leaves auditors no question %s', (_, env) => {
  const stack = new Stack(new App(), 'Stack', { env });
  addPattern(stack, 'Api', new ImageRegistry(stack, 'Registry'));
  const { violations } = new AwsSolutionsChecks().validateScope(stack);

  const found = violations.filter(({ severity }) => severity === 'error')
    .flatMap(violation => violation.violatingResources.map(({ constructPath }) => `${violation.ruleName} ${constructPath}`));
  expect(found.filter(finding => finding.includes('IAM'))).toEqual([]);
  expect(found.filter(finding => /RuleGuard|ImageGate|DefaultSecurityGroup|DeploymentHelper/.test(finding))).toEqual([]);
});
