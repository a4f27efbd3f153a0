import { App, CfnParameter, Environment, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import * as fc from 'fast-check';
import { Budget, CostAnomalyMonitor, CostAnomalyMonitorProps, EncryptionKey, Monitoring } from '../../src';
import { PlatformError } from '../../src/errors';

const EMAILS = ['ops@example.com'];
const EXISTING = { monitorArn: 'arn:aws:ce::111111111111:anomalymonitor/0a1b-2c3d' };

const stackIn = (env?: Environment) => new Stack(new App(), 'Stack', { env });
const wrong = <T>(value: unknown) => value as T;
const warnings = (stack: Stack, text: string) => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(text)).length;

function create(props: CostAnomalyMonitorProps = { emails: EMAILS }, stack = stackIn()) {
  return { stack, monitor: new CostAnomalyMonitor(stack, 'Anomalies', props) };
}

interface Resource { readonly Properties: { readonly [name: string]: any }; readonly DependsOn?: string[] }

function all(stack: Stack, type: string): Resource[] {
  return Object.values(Template.fromStack(stack).findResources(type)) as Resource[];
}

function only(stack: Stack, type: string): Resource {
  const found = all(stack, type);
  expect(found).toHaveLength(1);
  return found[0];
}

const monitorIn = (stack: Stack) => only(stack, 'AWS::CE::AnomalyMonitor').Properties;
const subscriptionIn = (stack: Stack) => only(stack, 'AWS::CE::AnomalySubscription').Properties;
const thresholdIn = (stack: Stack) => JSON.parse(subscriptionIn(stack).ThresholdExpression);
const atLeast = (kind: string, value: string) =>
  ({ Dimensions: { Key: `ANOMALY_TOTAL_IMPACT_${kind}`, MatchOptions: ['GREATER_THAN_OR_EQUAL'], Values: [value] } });

test('every service is looked at by itself, and addresses get a summary a day', () => {
  const { stack, monitor } = create();
  expect(monitorIn(stack)).toEqual({ MonitorName: 'Stack/Anomalies', MonitorType: 'DIMENSIONAL', MonitorDimension: 'SERVICE' });
  expect(subscriptionIn(stack)).toEqual({
    SubscriptionName: 'Stack/Anomalies/EmailSubscription',
    Frequency: 'DAILY',
    MonitorArnList: [stack.resolve(monitor.monitorArn)],
    Subscribers: [{ Type: 'EMAIL', Address: 'ops@example.com' }],
    ThresholdExpression: JSON.stringify(atLeast('ABSOLUTE', '10')),
  });
  expect(stack.resolve(monitor.monitorArn)).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Anomalies/), 'MonitorArn'] });
  expect(monitor.topicSubscription).toBeUndefined();
});

test('or a summary a week', () => {
  expect(subscriptionIn(create({ emails: EMAILS, weekly: true }).stack).Frequency).toBe('WEEKLY');
});

test('a topic is told at once, addresses beside it in their summary: AWS takes no mixture', () => {
  const stack = stackIn();
  const topic = new sns.Topic(stack, 'Topic');
  create({ topic, emails: ['a@example.com', 'b@example.com'], weekly: true }, stack);
  const told = all(stack, 'AWS::CE::AnomalySubscription').map(({ Properties }) => [Properties.Frequency, Properties.Subscribers]);
  expect(told).toEqual([
    ['IMMEDIATE', [{ Type: 'SNS', Address: stack.resolve(topic.topicArn) }]],
    ['WEEKLY', [{ Type: 'EMAIL', Address: 'a@example.com' }, { Type: 'EMAIL', Address: 'b@example.com' }]],
  ]);
});

test('an existing monitor gets the subscriptions and is not made again', () => {
  const { stack, monitor } = create({ existing: EXISTING, emails: EMAILS });
  expect(all(stack, 'AWS::CE::AnomalyMonitor')).toEqual([]);
  expect(subscriptionIn(stack).MonitorArnList).toEqual([EXISTING.monitorArn]);
  expect(monitor.resource).toBeUndefined();
});

test.each<[Partial<CostAnomalyMonitorProps>, object]>([
  [{ tags: { Environment: 'production' } }, { Tags: { Key: 'Environment', Values: ['production'] } }],
  [{ linkedAccount: '222222222222' }, { Dimensions: { Key: 'LINKED_ACCOUNT', Values: ['222222222222'] } }],
])('only some costs are looked at: %j', (props, specification) => {
  const properties = monitorIn(create({ ...props, emails: EMAILS }).stack);
  expect(properties).toEqual({ MonitorName: 'Stack/Anomalies', MonitorType: 'CUSTOM', MonitorSpecification: expect.anything() });
  expect(JSON.parse(properties.MonitorSpecification)).toEqual(specification);
});

test('a tag with quotes stays one JSON text', () => {
  fc.assert(fc.property(fc.string({ maxLength: 256 }), value => {
    fc.pre(!Token.isUnresolved(value));
    const { MonitorSpecification } = monitorIn(create({ tags: { App: value }, emails: EMAILS }).stack);
    expect(JSON.parse(MonitorSpecification).Tags.Values).toEqual([value]);
  }), { numRuns: 30, examples: [['"}'], ['\\'], ['']] });
});

test.each<[Partial<CostAnomalyMonitorProps>, object]>([
  [{ minimumAmount: 0.5 }, atLeast('ABSOLUTE', '0.5')],
  [{ minimumPercentage: 40 }, atLeast('PERCENTAGE', '40')],
  [{ minimumAmount: 100, minimumPercentage: 40 }, { And: [atLeast('ABSOLUTE', '100'), atLeast('PERCENTAGE', '40')] }],
])('what is too small to tell: %j', (props, expression) => {
  expect(thresholdIn(create({ ...props, emails: EMAILS }).stack)).toEqual(expression);
});

test('values that are only known at deployment', () => {
  const stack = stackIn();
  const number = new CfnParameter(stack, 'Amount', { type: 'Number' });
  const account = new CfnParameter(stack, 'Account');
  create({ minimumAmount: number.valueAsNumber, linkedAccount: account.valueAsString, emails: EMAILS }, stack);
  expect(subscriptionIn(stack).ThresholdExpression).toEqual({ 'Fn::Join': ['', [expect.stringMatching(/"Values":\["$/), { Ref: 'Amount' }, '"]}}']] });
  expect(monitorIn(stack).MonitorSpecification).toEqual({ 'Fn::Join': ['', [expect.stringMatching(/"Values":\["$/), { Ref: 'Account' }, '"]}}']] });
  const arn = new CfnParameter(stack, 'Arn').valueAsString;
  expect(new CostAnomalyMonitor(stack, 'Other', { existing: { monitorArn: arn }, emails: EMAILS }).monitorArn).toBe(arn);
});

describe('a topic', () => {
  const statements = (document: { Statement: { Sid?: string }[] }, sid: string) => document.Statement.filter(({ Sid }) => Sid === sid);

  test('lets only the anomaly subscriptions of this account publish, before there is one', () => {
    const stack = stackIn();
    const topic = new sns.Topic(stack, 'Topic');
    create({ topic }, stack);
    expect(statements(only(stack, 'AWS::SNS::TopicPolicy').Properties.PolicyDocument, 'CostAnomaliesOfThisAccount')).toEqual([{
      Sid: 'CostAnomaliesOfThisAccount',
      Effect: 'Allow',
      Principal: { Service: 'costalerts.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: stack.resolve(topic.topicArn),
      Condition: {
        StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        ArnLike: {
          'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ce::', { Ref: 'AWS::AccountId' }, ':anomalysubscription/*']] },
        },
      },
    }]);
    expect(only(stack, 'AWS::CE::AnomalySubscription').DependsOn).toEqual([expect.stringMatching(/^TopicPolicy/)]);
  });

  test('that is encrypted is told, also of a budget', () => {
    const stack = stackIn();
    const { topic } = new Monitoring(stack, 'Monitoring', { encryptionKey: new EncryptionKey(stack, 'Encryption').key });
    create({ topic }, stack);
    new Budget(stack, 'Budget', { monthlyLimit: 50, topic });
    const [statement] = statements(only(stack, 'AWS::KMS::Key').Properties.KeyPolicy, 'CostAnomalies');
    expect(statement).toMatchObject({
      Principal: { Service: 'costalerts.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Condition: { ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': expect.anything() } },
    });
    expect(statements(only(stack, 'AWS::SNS::TopicPolicy').Properties.PolicyDocument, 'BudgetsOfThisAccount')).toHaveLength(1);
    expect(warnings(stack, '')).toBe(0);
  });

  test('or a key that is imported has to allow it itself, which is said', () => {
    const stack = stackIn();
    create({ topic: sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-central-1:111111111111:alerts') }, stack);
    expect(warnings(stack, 'imported topic.*costalerts.amazonaws.com use sns:Publish')).toBe(1);
    const other = stackIn();
    const masterKey = kms.Key.fromKeyArn(other, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/1');
    create({ topic: new sns.Topic(other, 'Topic', { masterKey }) }, other);
    expect(warnings(other, 'imported key.*costalerts.amazonaws.com use kms:Decrypt')).toBe(1);
    expect(warnings(other, 'imported topic')).toBe(0);
  });
});

test.each([['us-gov-west-1', 1], ['eu-central-1', 0], ['cn-north-1', 0]])('GovCloud has no anomaly monitors, which is said: %s', (region, number) => {
  expect(warnings(create({ emails: EMAILS }, stackIn({ region })).stack, 'on the bill of a commercial account')).toBe(number);
});

test('several in one stack: one by service, others by tag and on the first', () => {
  const { stack, monitor } = create();
  new CostAnomalyMonitor(stack, 'Tagged', { tags: { App: 'shop' }, emails: EMAILS });
  new CostAnomalyMonitor(stack, 'More', { existing: monitor, emails: ['other@example.com'] });
  expect(all(stack, 'AWS::CE::AnomalyMonitor')).toHaveLength(2);
  expect(all(stack, 'AWS::CE::AnomalySubscription')).toHaveLength(3);
  expect(() => new CostAnomalyMonitor(stack, 'Second', { emails: EMAILS })).toThrow(/one monitor by service.*\n.*Stack\/Anomalies\/Resource/);
});

test('auditors find nothing', () => {
  const stack = stackIn();
  const { topic } = new Monitoring(stack, 'Monitoring', { encryptionKey: new EncryptionKey(stack, 'Encryption').key });
  create({ topic, emails: EMAILS }, stack);
  Template.fromStack(stack);
  expect(new AwsSolutionsChecks().validateScope(stack).violations.filter(({ severity }) => severity === 'error')).toEqual([]);
});

test.each<[string, CostAnomalyMonitorProps, string]>([
  ['nobody to tell', {}, 'there is nobody to tell'],
  ['no properties at all', wrong(undefined), 'there is nobody to tell'],
  ['an empty list of addresses', { emails: [] }, 'there is nobody to tell'],
  ['an address that is none', { emails: ['ops'] }, 'emails[0] is not well-formed'],
  ['addresses as text', { emails: wrong('ops@example.com') }, 'emails is not a list'],
  ['addresses that are only known later', { emails: Token.asList({ Ref: 'Emails' }) }, 'emails is only known at deployment'],
  ['eleven addresses', { emails: Array.from({ length: 11 }, (_, index) => `ops${index}@example.com`) }, 'allowed: up to 10'],
  ['a topic by ARN', { topic: wrong('arn') }, 'an sns.ITopic'],
  ['weekly as text', { emails: EMAILS, weekly: wrong('no') }, 'weekly is not a boolean'],
  ['weekly without addresses', { topic: wrong({ topicArn: 'arn' }), weekly: true }, 'no addresses that could get a summary'],
  ['an amount of nothing', { emails: EMAILS, minimumAmount: 0 }, 'minimumAmount is not an amount above 0'],
  ['an amount as text', { emails: EMAILS, minimumAmount: wrong('10') }, "got: minimumAmount '10'"],
  ['a percentage below nothing', { emails: EMAILS, minimumPercentage: -1 }, 'minimumPercentage is not an amount above 0'],
  ['a percentage that is no number', { emails: EMAILS, minimumPercentage: NaN }, 'minimumPercentage is not an amount above 0'],
  ['an existing monitor as ARN', { emails: EMAILS, existing: wrong(EXISTING.monitorArn) }, 'existing is not what it should be'],
  ['an existing monitor without ARN', { emails: EMAILS, existing: wrong({ monitorArn: undefined }) }, 'existing.monitorArn is missing'],
  ['an ARN of something else', { emails: EMAILS, existing: { monitorArn: 'arn:aws:ce::111111111111:anomalysubscription/1' } }, 'existing.monitorArn is not well-formed'],
  ['no tag', { emails: EMAILS, tags: {} }, 'tags has no tag'],
  ['several tags', { emails: EMAILS, tags: { a: '1', b: '2' } }, 'a monitor looks at one tag'],
  ['a tag that is a number', { emails: EMAILS, tags: { a: wrong(1) } }, 'tags.a is not well-formed'],
  ['an account with hyphens', { emails: EMAILS, linkedAccount: '1111-2222-3333' }, 'linkedAccount is not well-formed'],
  ['an account as a number', { emails: EMAILS, linkedAccount: wrong(111111111111) }, 'linkedAccount is not well-formed'],
  ['a tag of an account', { emails: EMAILS, tags: { a: '1' }, linkedAccount: '222222222222' }, 'got: tags, linkedAccount'],
  ['a tag of an existing one', { emails: EMAILS, tags: { a: '1' }, existing: EXISTING }, 'keep one of existing and tags'],
])('refused: %s', (_, props, message) => {
  const stack = stackIn();
  expect(() => new CostAnomalyMonitor(stack, 'Anomalies', props)).toThrow(PlatformError);
  expect(() => new CostAnomalyMonitor(stack, 'Again', props)).toThrow(message);
  expect(all(stack, 'AWS::CE::AnomalyMonitor')).toEqual([]);
});
