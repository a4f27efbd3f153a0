import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EncryptionKey, EncryptionKeyProps } from '../../src/encryption';
import { EnvironmentProfile } from '../../src/environment';

function make(props: EncryptionKeyProps = {}, env: { account?: string; region?: string } = {}) {
  const stack = new Stack(new App(), 'Stack', { env });
  const key = new EncryptionKey(stack, 'Encryption', props);
  const template = Template.fromStack(stack);
  const statements = Object.values(template.findResources('AWS::KMS::Key'))[0].Properties.KeyPolicy.Statement as { [key: string]: any }[];
  return { stack, key, template, statements };
}

test("a platform's key rotates, and production keeps it", () => {
  const { template } = make();

  template.hasResource('AWS::KMS::Key', {
    Properties: { EnableKeyRotation: true },
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
  });
  expect(Object.keys(template.findResources('AWS::KMS::Key'))).toEqual(['EncryptionKey3A692D6E']);
});

test('staging keeps the key too, because its snapshots cannot be read without it', () => {
  make({ profile: EnvironmentProfile.staging() }).template.hasResource('AWS::KMS::Key', { DeletionPolicy: 'RetainExceptOnCreate' });
});

test('development throws the key away after a week', () => {
  make({ profile: EnvironmentProfile.development() }).template.hasResource('AWS::KMS::Key', {
    Properties: { PendingWindowInDays: 7 },
    DeletionPolicy: 'Delete',
  });
});

test('beside the account, three services may use it, each for this account only', () => {
  const { statements } = make({}, { account: '111111111111', region: 'eu-central-1' });
  const topics = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':sns:eu-central-1:111111111111:*']] };

  expect(statements).toHaveLength(4);
  expect(statements[0]).toMatchObject({ Action: 'kms:*', Principal: { AWS: expect.anything() } });
  expect(statements[1]).toMatchObject({
    Principal: { Service: { 'Fn::Join': ['', ['logs.eu-central-1.', { Ref: 'AWS::URLSuffix' }]] } },
    Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':logs:eu-central-1:111111111111:*']] } } },
  });
  expect(statements[2]).toMatchObject({
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' }, ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': topics } },
  });
});

test("EventBridge's deliveries carry no source account, so none is asked for", () => {
  const { statements } = make({}, { account: '111111111111', region: 'cn-north-1' });

  expect(statements[3].Principal).toEqual({ Service: 'events.amazonaws.com' });
  expect(Object.keys(statements[3].Condition)).toEqual(['ArnLike']);
});

test('an environment-agnostic stack synthesizes, with two keys beside each other', () => {
  const stack = new Stack(new App(), 'Stack');
  new EncryptionKey(stack, 'One');
  new EncryptionKey(stack, 'Two', { removalPolicy: RemovalPolicy.RETAIN });

  Template.fromStack(stack).resourceCountIs('AWS::KMS::Key', 2);
});

test.each<[EncryptionKeyProps, RegExp]>([
  [{ removalPolicy: RemovalPolicy.SNAPSHOT }, /removalPolicy has a value that does not exist.\n  got: removalPolicy 'snapshot'/],
  [{ removalPolicy: 'keep' as RemovalPolicy }, /removalPolicy has a value that does not exist/],
  [{ removalPolicy: RemovalPolicy.DESTROY }, /^Stack\/Encryption: a key that is destroyed takes the data of a protected environment/],
])('%j is refused before a key is made', (props, message) => {
  const stack = new Stack(new App(), 'Stack');

  expect(() => new EncryptionKey(stack, 'Encryption', props)).toThrow(message);
  expect(stack.node.findChild('Encryption').node.children).toEqual([]);
});
