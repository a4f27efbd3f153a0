import { App, CfnParameter, Environment, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import * as fc from 'fast-check';
import { Budget, BudgetProps, EncryptionKey, Monitoring } from '../../src';
import { PlatformError } from '../../src/errors';

const EMAILS = ['ops@example.com'];
const PROPS: BudgetProps = { monthlyLimit: 50, emails: EMAILS };

function create(props: Partial<BudgetProps> = {}, stack = new Stack(new App(), 'Stack')) {
  return { stack, budget: new Budget(stack, 'Budget', { ...PROPS, ...props }) };
}

function only(stack: Stack, type: string) {
  const found = Object.values(Template.fromStack(stack).findResources(type));
  expect(found).toHaveLength(1);
  return found[0];
}

const budgetIn = (stack: Stack) => only(stack, 'AWS::Budgets::Budget');
const wrong = <T>(value: unknown) => value as T;
const stackIn = (env?: Environment) => new Stack(new App(), 'Stack', { env });
const warnings = (stack: Stack, text: string) => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(text)).length;

/** The notifications as `ACTUAL > 80 % → ops@example.com`. */
function told(stack: Stack): string[] {
  interface Entry { Notification: { [name: string]: unknown }; Subscribers: { Address: unknown }[] }
  return budgetIn(stack).Properties.NotificationsWithSubscribers.map(({ Notification, Subscribers }: Entry) => {
    expect(Notification).toMatchObject({ ComparisonOperator: 'GREATER_THAN', ThresholdType: 'PERCENTAGE' });
    return `${Notification.NotificationType} > ${Notification.Threshold} % → ${Subscribers.map(({ Address }) => Address).join(', ')}`;
  });
}

test('a month of costs, without a name that could clash when CloudFormation replaces it', () => {
  const { stack, budget } = create();
  expect(budgetIn(stack).Properties.Budget).toEqual({
    BudgetType: 'COST',
    TimeUnit: 'MONTHLY',
    BudgetLimit: { Amount: 50, Unit: 'USD' },
  });
  const [logicalId] = Object.keys(Template.fromStack(stack).findResources('AWS::Budgets::Budget'));
  expect(stack.resolve(budget.budgetName)).toEqual({ Ref: logicalId });
  expect(stack.resolve(budget.budgetArn)).toEqual({
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':budgets::', { Ref: 'AWS::AccountId' }, ':budget/', { Ref: logicalId }]],
  });
});

test('people are told at 80 and 100 %, and when 100 % are foreseen', () => {
  expect(told(create().stack)).toEqual(['ACTUAL > 80 % → ops@example.com', 'ACTUAL > 100 % → ops@example.com', 'FORECASTED > 100 % → ops@example.com']);
});

test('thresholds can be others, or none of one kind', () => {
  expect(told(create({ actualThresholds: [50, 99.5, 200], forecastThresholds: [] }).stack))
    .toEqual(['ACTUAL > 50 % → ops@example.com', 'ACTUAL > 99.5 % → ops@example.com', 'ACTUAL > 200 % → ops@example.com']);
  expect(told(create({ actualThresholds: [], forecastThresholds: [120] }).stack)).toEqual(['FORECASTED > 120 % → ops@example.com']);
});

test('each of up to ten thresholds has a notification with every subscriber', () => {
  const percentages = fc.uniqueArray(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { maxLength: 5 });
  fc.assert(fc.property(percentages, percentages, fc.integer({ min: 1, max: 10 }), (actualThresholds, forecastThresholds, addresses) => {
    fc.pre(actualThresholds.length + forecastThresholds.length > 0);
    const emails = Array.from({ length: addresses }, (_, index) => `person${index}@example.com`);
    expect(told(create({ actualThresholds, forecastThresholds, emails }).stack)).toEqual([
      ...actualThresholds.map(threshold => `ACTUAL > ${threshold} % → ${emails.join(', ')}`),
      ...forecastThresholds.map(threshold => `FORECASTED > ${threshold} % → ${emails.join(', ')}`),
    ]);
  }), { numRuns: 20 });
});

test('a limit that is only known at deployment', () => {
  const stack = stackIn();
  create({ monthlyLimit: new CfnParameter(stack, 'Limit', { type: 'Number' }).valueAsNumber }, stack);
  expect(budgetIn(stack).Properties.Budget.BudgetLimit.Amount).toEqual({ Ref: 'Limit' });
});

test.each([
  [undefined, {}, 'USD'],
  [{ region: 'eu-central-1' }, {}, 'USD'],
  [{ region: 'cn-northwest-1' }, {}, 'CNY'],
  [undefined, { currency: 'CNY' }, 'CNY'],
])('the currency is that of the bill: in %j with %j it is %s', (env, props, currency) => {
  const stack = stackIn(env);
  create(props, stack);
  expect(budgetIn(stack).Properties.Budget.BudgetLimit.Unit).toBe(currency);
});

test.each<[Partial<BudgetProps>, object | undefined]>([
  [{ tags: { Environment: 'production' } }, { TagKeyValue: ['user:Environment$production'] }],
  [{ tags: { 'cost center': 'a$b' } }, { TagKeyValue: ['user:cost center$a$b'] }],
  [{ services: ['AWS Amplify', 'Amazon DynamoDB'] }, { Service: ['AWS Amplify', 'Amazon DynamoDB'] }],
  [{ tags: { App: 'shop' }, services: ['AWS Amplify'] }, { TagKeyValue: ['user:App$shop'], Service: ['AWS Amplify'] }],
  [{ services: [] }, undefined],
])('what is counted: %j', (props, filters) => {
  expect(budgetIn(create(props).stack).Properties.Budget.CostFilters).toEqual(filters);
});

test('tags of the budget itself', () => {
  const { ResourceTags } = budgetIn(create({ resourceTags: { Team: 'web', Empty: '' } }).stack).Properties;
  // Versions of aws-cdk-lib put tags in another order.
  expect(new Set(ResourceTags)).toEqual(new Set([{ Key: 'Team', Value: 'web' }, { Key: 'Empty', Value: '' }]));
  expect(budgetIn(create().stack).Properties.ResourceTags).toBeUndefined();
});

describe('a topic', () => {
  const statement = (document: { Statement: { Sid?: string }[] }, sid: string) => document.Statement.filter(({ Sid }) => Sid === sid);

  test('is told, and lets only the budgets of this account publish, before the budget is made', () => {
    const stack = stackIn();
    const topic = new sns.Topic(stack, 'Topic');
    create({ emails: undefined, topic }, stack);
    const arn = stack.resolve(topic.topicArn);
    expect(budgetIn(stack).Properties.NotificationsWithSubscribers[0].Subscribers).toEqual([{ SubscriptionType: 'SNS', Address: arn }]);
    expect(statement(only(stack, 'AWS::SNS::TopicPolicy').Properties.PolicyDocument, 'BudgetsOfThisAccount')).toEqual([{
      Sid: 'BudgetsOfThisAccount',
      Effect: 'Allow',
      Principal: { Service: 'budgets.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: arn,
      Condition: {
        StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':budgets::', { Ref: 'AWS::AccountId' }, ':*']] } },
      },
    }]);
    expect(budgetIn(stack).DependsOn).toEqual([expect.stringMatching(/^TopicPolicy/)]);
    expect(warnings(stack, '')).toBe(0);
  });

  test('that is encrypted is told too, for as many budgets as there are', () => {
    const stack = stackIn();
    const { key } = new EncryptionKey(stack, 'Encryption');
    const { topic } = new Monitoring(stack, 'Monitoring', { encryptionKey: key });
    for (const id of ['One', 'Two']) new Budget(stack, id, { monthlyLimit: 1, topic });
    expect(statement(only(stack, 'AWS::KMS::Key').Properties.KeyPolicy, 'Budgets')).toEqual([{
      Sid: 'Budgets',
      Effect: 'Allow',
      Principal: { Service: 'budgets.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Resource: '*',
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:sns:topicArn': {
            'Fn::Join': ['', [
              'arn:', { Ref: 'AWS::Partition' }, ':sns:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':*',
            ]],
          },
        },
      },
    }]);
    expect(statement(only(stack, 'AWS::SNS::TopicPolicy').Properties.PolicyDocument, 'BudgetsOfThisAccount')).toHaveLength(1);
    expect(warnings(stack, '')).toBe(0);
  });

  test('of another stack is told, and the stacks do not need each other', () => {
    const app = new App();
    const topic = new sns.Topic(new Stack(app, 'Alerts'), 'Topic');
    const stack = new Stack(app, 'Stack');
    create({ topic }, stack);
    expect(() => app.synth()).not.toThrow();
    expect(statement(only(Stack.of(topic), 'AWS::SNS::TopicPolicy').Properties.PolicyDocument, 'BudgetsOfThisAccount')).toHaveLength(1);
  });

  test('that is imported has to allow it itself, which is said', () => {
    const stack = stackIn();
    create({ topic: sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-central-1:111111111111:alerts') }, stack);
    expect(warnings(stack, 'imported topic.*lets budgets.amazonaws.com use sns:Publish')).toBe(1);
    expect(warnings(stack, 'imported key')).toBe(0);
    expect(budgetIn(stack).Properties.NotificationsWithSubscribers[0].Subscribers).toHaveLength(2);
  });

  test('with an imported key too', () => {
    const stack = stackIn();
    const masterKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/1');
    create({ topic: new sns.Topic(stack, 'Topic', { masterKey }) }, stack);
    expect(warnings(stack, 'imported key.*kms:Decrypt and kms:GenerateDataKey')).toBe(1);
    expect(warnings(stack, 'imported topic')).toBe(0);
  });
});

test.each([['us-gov-west-1', 1], ['eu-central-1', 0], ['cn-north-1', 0]])('GovCloud has no budgets, which is said: %s', (region, number) => {
  const stack = stackIn({ region });
  create({}, stack);
  expect(warnings(stack, 'on the bill of a commercial account')).toBe(number);
});

test('auditors find nothing', () => {
  const stack = stackIn();
  const { topic } = new Monitoring(stack, 'Monitoring', { encryptionKey: new EncryptionKey(stack, 'Encryption').key });
  create({ topic }, stack);
  Template.fromStack(stack);
  expect(new AwsSolutionsChecks().validateScope(stack).violations.filter(({ severity }) => severity === 'error')).toEqual([]);
});

const FOREIGN = 'arn:aws:sns:eu-central-1:222222222222:alerts';

test.each<[string, Partial<BudgetProps>, string]>([
  ['no limit', { monthlyLimit: wrong(undefined) }, 'monthlyLimit is missing'],
  ['a limit of nothing', { monthlyLimit: 0 }, 'monthlyLimit is not an amount above 0'],
  ['a limit below nothing', { monthlyLimit: -1 }, 'got: monthlyLimit -1'],
  ['a limit that is no number', { monthlyLimit: NaN }, 'monthlyLimit is not an amount above 0'],
  ['a limit without end', { monthlyLimit: Infinity }, 'monthlyLimit is not an amount above 0'],
  ['a limit as text', { monthlyLimit: wrong('50') }, "got: monthlyLimit '50'"],
  ['another currency', { currency: 'EUR' }, 'allowed: USD, CNY'],
  ['nobody to tell', { emails: undefined }, 'there is nobody to tell'],
  ['an empty list of addresses', { emails: [] }, 'there is nobody to tell'],
  ['an address that is none', { emails: ['ops'] }, 'emails[0] is not well-formed'],
  ['an address in two lines', { emails: ['ops@example.com\nb@example.com'] }, 'emails[0] is not well-formed'],
  ['addresses as text', { emails: wrong('ops@example.com') }, 'emails is not a list'],
  ['addresses that are only known later', { emails: Token.asList({ Ref: 'Emails' }) }, 'emails is only known at deployment'],
  ['an address twice', { emails: ['ops@example.com', 'Ops@example.com'] }, 'emails has something twice'],
  ['eleven addresses', { emails: Array.from({ length: 11 }, (_, index) => `ops${index}@example.com`) }, 'give a topic, and subscribe'],
  ['a topic by ARN', { topic: wrong('arn') }, 'an sns.ITopic'],
  ['no thresholds', { actualThresholds: [], forecastThresholds: [] }, 'nobody would ever be told'],
  ['eleven thresholds', { actualThresholds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }, 'allowed: 1 to 10 in both together'],
  ['a threshold of 0', { actualThresholds: [0] }, 'actualThresholds[0] is not an amount above 0'],
  ['a threshold as text', { forecastThresholds: wrong(['80']) }, "got: forecastThresholds[0] '80'"],
  ['a threshold twice', { actualThresholds: [80, 80] }, 'actualThresholds has something twice'],
  ['a missing threshold', { actualThresholds: wrong([undefined]) }, 'actualThresholds[0] is missing'],
  ['a threshold that is no list', { actualThresholds: wrong(80) }, 'actualThresholds is not a list'],
  ['several tags', { tags: { a: '1', b: '2' } }, 'AWS does not say how it combines them'],
  ['no tag', { tags: {} }, 'tags has no tag'],
  ['a tag with a dollar', { tags: { a$b: '1' } }, 'tags key is not well-formed'],
  ['a tag with its prefix', { tags: { 'user:Environment': 'x' } }, 'tags key is not well-formed'],
  ['a tag that is a number', { tags: { a: wrong(1) } }, 'tags.a is not well-formed'],
  ['a tag without a value', { tags: { a: wrong(undefined) } }, 'tags.a is missing'],
  ['services as text', { services: wrong('AWS Amplify') }, 'services is not a list'],
  ['an empty service', { services: [''] }, 'services[0] is not well-formed'],
  ['a service twice', { services: ['AWS Amplify', 'AWS Amplify'] }, 'services has something twice'],
  ['tags of its own as a list', { resourceTags: wrong([]) }, 'resourceTags is not an object'],
])('refused: %s', (_, props, message) => {
  const stack = stackIn();
  expect(() => create(props, stack)).toThrow(PlatformError);
  expect(() => create(props, stackIn())).toThrow(message);
  expect(stack.node.findChild('Budget').node.children).toEqual([]);
});

test('a topic of another account is refused', () => {
  const stack = stackIn({ account: '111111111111', region: 'eu-central-1' });
  expect(() => create({ topic: sns.Topic.fromTopicArn(stack, 'Topic', FOREIGN) }, stack)).toThrow('can only tell topics of its own account');
});

test('no properties at all are refused', () => {
  expect(() => new Budget(new Stack(), 'Budget', wrong(undefined))).toThrow('monthlyLimit is missing');
});
