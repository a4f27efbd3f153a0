import { readFileSync } from 'fs';
import { join } from 'path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { buildDomain, buildIngestion, network, newStack, refusal } from './fixtures';
import { EnvironmentProfile } from '../../src/environment';
import { SearchIngestion, SearchIngestionProps } from '../../src/search';

const FUNCTION = 'AWS::Lambda::Function';

const template = (props: Partial<SearchIngestionProps> = {}) => Template.fromStack(buildIngestion(props).stack);

function only(found: { [id: string]: { [key: string]: any } }, prefix: string): { [key: string]: any } {
  const matching = Object.entries(found).filter(([id]) => id.startsWith(prefix));
  expect(matching).toHaveLength(1);
  return matching[0][1];
}

test('changes go through a queue in batches, each message on its own, and after five tries aside', () => {
  const result = template();
  result.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    BatchSize: 500, FunctionResponseTypes: ['ReportBatchItemFailures'], ScalingConfig: { MaximumConcurrency: 2 }, MaximumBatchingWindowInSeconds: 1,
  });
  result.hasResourceProperties('AWS::SQS::Queue', {
    RedrivePolicy: { maxReceiveCount: 5, deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('RefusedChangesQueue'), 'Arn'] } },
    SqsManagedSseEnabled: true,
  });
});

test('a message stays hidden six times as long as the function may run', () => {
  const result = template();
  const { Properties: indexer } = only(result.findResources(FUNCTION), 'IngestionIndexer');
  const { Properties: queue } = only(result.findResources('AWS::SQS::Queue'), 'IngestionChanges');
  expect(queue.VisibilityTimeout).toBe(6 * indexer.Timeout);
});

test('the indexer ends before OpenSearch forgets which documents were deleted', () => {
  expect(only(template().findResources(FUNCTION), 'IngestionIndexer').Properties.Timeout).toBeLessThan(60);
});

test('nothing is indexed before the indexer is let in and the indexes are there', () => {
  const result = template();
  expect(only(result.findResources('AWS::Lambda::EventSourceMapping'), 'Ingestion').DependsOn).toEqual(
    expect.arrayContaining([expect.stringContaining('IngestionIndexerRoleSearchAccess')]));
  expect(only(result.findResources('Custom::SearchAccess'), 'IngestionIndexerRole').DependsOn).toEqual(
    expect.arrayContaining([expect.stringContaining('SearchIndexes')]));
});

test.each([[undefined, '0'], [Duration.minutes(1), '0'], [Duration.seconds(2), '2000']])('with an interval of %s the relay pauses %s ms', (interval, PAUSE) => {
  const result = template({ interval });
  expect(only(result.findResources(FUNCTION), 'IngestionRelay').Properties.Environment.Variables).toMatchObject({ PAUSE });
  result.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)' });
});

test('each function may do its part, on this queue, this secret and this domain', () => {
  const result = template();
  const actions = (prefix: string) => only(result.findResources('AWS::IAM::ManagedPolicy'), prefix).Properties.PolicyDocument.Statement
    .flatMap((statement: { Action: string | string[] }) => statement.Action) as string[];
  expect(actions('IngestionRelay').filter(action => action.startsWith('sqs'))).toEqual(['sqs:SendMessage', 'sqs:SendMessage']);
  expect(actions('IngestionIndexer')).toEqual(expect.arrayContaining(['sqs:ReceiveMessage', 'es:ESHttpPost', 'secretsmanager:GetSecretValue']));
  expect(actions('IngestionIndexer')).not.toContain('secretsmanager:PutSecretValue');
});

test('the database and the domain let the functions in, at their own ports', () => {
  const { stack } = buildIngestion();
  const result = Template.fromStack(stack);
  for (const port of [5432, 443]) {
    result.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: port, SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^IngestionSecurityGroup'), 'GroupId'] },
    });
  }
});

test('keys of one\'s own encrypt queues and logs, and may be used through their services only', () => {
  const stack = newStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  const databaseSecret = new secretsmanager.Secret(stack, 'OwnSecret', { encryptionKey: new kms.Key(stack, 'SecretKey') });
  const result = Template.fromStack(buildIngestion({ encryptionKey, databaseSecret }, stack).stack);
  expect(only(result.findResources('AWS::SQS::Queue'), 'IngestionChanges').Properties.KmsMasterKeyId).toEqual(stack.resolve(encryptionKey.keyArn));
  result.hasResourceProperties('AWS::IAM::ManagedPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([Match.objectLike({
        Action: 'kms:Decrypt',
        Resource: stack.resolve(databaseSecret.encryptionKey!.keyArn),
        Condition: { StringEquals: { 'kms:ViaService': stack.resolve(`secretsmanager.${stack.region}.${stack.urlSuffix}`) } },
      })]),
    },
  });
});

test('production is told of refused and late changes and of errors; development of nothing', () => {
  const names = (result: Template) => Object.entries(result.findResources('AWS::CloudWatch::Alarm'))
    .filter(([id]) => id.startsWith('Ingestion')).map(([, { Properties }]) => `${Properties.Namespace} ${Properties.MetricName}`).sort();
  expect(names(template())).toEqual([
    'AWS/Lambda Errors', 'AWS/Lambda Errors', 'AWS/SQS ApproximateAgeOfOldestMessage', 'AWS/SQS ApproximateNumberOfMessagesVisible',
  ]);
  expect(names(template({ profile: EnvironmentProfile.development() }))).toEqual([]);
  expect(buildIngestion().ingestion.dashboardWidgets().map(({ width }) => width)).toEqual([8, 8, 8]);
});

test('the command names the function', () => {
  const { stack, ingestion } = buildIngestion();
  const [before, relay, , , after] = stack.resolve(ingestion.reindexCommand('games'))['Fn::Join'][1];
  expect(before).toBe('aws lambda invoke --function-name ');
  expect(relay).toEqual({ Ref: expect.stringMatching(/^IngestionRelayHandler/) });
  expect(after).toContain('--payload \'{"reindex":"games"}\'');
});

test('the page of the library shows the migration as it is', () => {
  expect(readFileSync(join(__dirname, '../../docs/search.md'), 'utf8')).toContain(SearchIngestion.OUTBOX_SQL);
});

test('the domain, the database and the ingestion may be in three stacks', () => {
  const app = new App();
  const data = new Stack(app, 'Data');
  const { search, vpc } = buildDomain({}, data);
  const group = new ec2.SecurityGroup(data, 'DatabaseGroup', { vpc });
  const services = new Stack(app, 'Services');
  new SearchIngestion(services, 'Ingestion', {
    vpc,
    search,
    databaseSecret: new secretsmanager.Secret(data, 'Secret'),
    database: { connections: new ec2.Connections({ securityGroups: [group], defaultPort: ec2.Port.tcp(5432) }) },
  });
  expect(() => app.synth()).not.toThrow();
  expect(data.dependencies).toEqual([]);
});

describe('refused', () => {
  test.each([
    [{ vpc: undefined }, 'vpc is missing'],
    [{ search: undefined }, 'search is missing'],
    [{ search: { endpoint: 'https://x' } }, 'search is not what it should be'],
    [{ database: undefined }, 'database is missing'],
    [{ database: 'postgres://' }, 'database is not what it should be'],
    [{ databaseSecret: undefined }, 'databaseSecret is missing'],
    [{ databaseSecret: 'arn' }, 'databaseSecret is not what it should be'],
    [{ interval: Duration.seconds(0) }, 'interval (seconds) is not a whole number from 1 to 60'],
    [{ interval: Duration.minutes(2) }, 'from 1 to 60'],
    [{ interval: 5 }, 'interval is not what it should be'],
    [{ logRetentionDays: 2 }, 'logRetentionDays'],
    [{ alarms: 1 }, 'alarms is not a boolean'],
    [{ profile: {} }, 'profile is not what it should be'],
    [{ encryptionKey: {} }, 'encryptionKey is not what it should be'],
  ])('%j', (props, message) => {
    const stack = newStack();
    const { vpc, search } = buildDomain({}, stack);
    const group = new ec2.SecurityGroup(stack, 'Group', { vpc });
    const given = { vpc, search, database: group, databaseSecret: new secretsmanager.Secret(stack, 'Secret'), ...props } as SearchIngestionProps;
    expect(refusal('Ingestion', () => new SearchIngestion(stack, 'Ingestion', given), stack)).toContain(message);
  });

  test('a domain without indexes, and no properties at all', () => {
    const stack = newStack();
    const { search, vpc } = buildDomain({ indexes: [], vpc: network(stack) }, stack);
    const group = new ec2.SecurityGroup(stack, 'Group', { vpc });
    const databaseSecret = new secretsmanager.Secret(stack, 'Secret');
    expect(refusal('Ingestion', () => new SearchIngestion(stack, 'Ingestion', { vpc, search, database: group, databaseSecret }), stack))
      .toContain('no index that could be filled');
    expect(() => new SearchIngestion(newStack(), 'Other', undefined as never)).toThrow('vpc is missing');
  });
});
