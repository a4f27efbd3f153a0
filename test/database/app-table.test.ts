import { App, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as fc from 'fast-check';
import { AppTable, AppTableIndex, AppTableProps } from '../../src/database';
import { EnvironmentProfile } from '../../src/environment';
import { Monitoring } from '../../src/observability';

const { NUMBER, STRING, BINARY } = dynamodb.AttributeType;
const PROFILES = [EnvironmentProfile.development(), EnvironmentProfile.staging(), EnvironmentProfile.production()];
const TABLE = 'AWS::DynamoDB::GlobalTable';

type Build = (stack: Stack) => AppTableProps;

function make(props: AppTableProps | Build = {}, env: { account?: string; region?: string } = {}) {
  const stack = new Stack(new App(), 'Stack', { env });
  const table = new AppTable(stack, 'Game', typeof props === 'function' ? props(stack) : props);
  return { stack, table, template: () => Template.fromStack(stack) };
}

function theTable(template: Template) {
  const [resource] = Object.values(template.findResources(TABLE)) as { [name: string]: any }[];
  const { Properties, DeletionPolicy, UpdateReplacePolicy } = resource;
  return { Properties, DeletionPolicy, UpdateReplacePolicy, replica: Properties.Replicas[0] };
}

test('a table has PK and SK, an index GSI1 with all attributes, and is paid for by request', () => {
  make().template().hasResourceProperties(TABLE, {
    TableName: Match.absent(),
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'PK', KeyType: 'HASH' }, { AttributeName: 'SK', KeyType: 'RANGE' }],
    AttributeDefinitions: ['PK', 'SK', 'GSI1PK', 'GSI1SK'].map(name => ({ AttributeName: name, AttributeType: 'S' })),
    GlobalSecondaryIndexes: [{
      IndexName: 'GSI1',
      KeySchema: [{ AttributeName: 'GSI1PK', KeyType: 'HASH' }, { AttributeName: 'GSI1SK', KeyType: 'RANGE' }],
      Projection: { ProjectionType: 'ALL' },
    }],
    WriteOnDemandThroughputSettings: Match.absent(),
    StreamSpecification: Match.absent(),
    TimeToLiveSpecification: Match.absent(),
    SSESpecification: { SSEEnabled: false },
  });
});

test.each([
  ['development', { protected: false, recovery: false, deletion: 'Delete' }],
  ['staging', { protected: false, recovery: true, deletion: 'Delete' }],
  ['production', { protected: true, recovery: true, deletion: 'RetainExceptOnCreate' }],
])('%s protects and restores as %j', (name, expected) => {
  const table = theTable(make({ profile: EnvironmentProfile.fromName(name) }).template());
  expect({
    protected: table.replica.DeletionProtectionEnabled,
    recovery: table.replica.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled,
    deletion: table.DeletionPolicy,
  }).toEqual(expected);
});

test('single values win over the profile', () => {
  const table = theTable(make({
    profile: EnvironmentProfile.development(),
    pointInTimeRecovery: true,
    recoveryPeriodDays: 7,
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
    timeToLiveAttribute: 'expiresAt',
    stream: dynamodb.StreamViewType.NEW_IMAGE,
    contributorInsights: dynamodb.ContributorInsightsMode.THROTTLED_KEYS,
  }).template());
  expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  expect(table.Properties).toMatchObject({
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true }, StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
  });
  expect(table.replica).toMatchObject({
    DeletionProtectionEnabled: true,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 },
    ContributorInsightsSpecification: { Enabled: true, Mode: 'THROTTLED_KEYS' },
  });
});

test('a maximum holds for the table and for each index', () => {
  const table = theTable(make({ maximumReadRequestUnits: 100, maximumWriteRequestUnits: 50 }).template());
  expect(table.Properties.WriteOnDemandThroughputSettings).toEqual({ MaxWriteRequestUnits: 50 });
  expect(table.Properties.GlobalSecondaryIndexes[0].WriteOnDemandThroughputSettings).toEqual({ MaxWriteRequestUnits: 50 });
  expect(table.replica.ReadOnDemandThroughputSettings).toEqual({ MaxReadRequestUnits: 100 });
  expect(table.replica.GlobalSecondaryIndexes).toEqual([{ IndexName: 'GSI1', ReadOnDemandThroughputSettings: { MaxReadRequestUnits: 100 } }]);
});

test('other keys and indexes may be chosen; a partition key alone means no sort key', () => {
  const indexes = [{ indexName: 'by-owner', partitionKey: { name: 'owner', type: STRING }, sortKey: { name: 'score', type: NUMBER } }];
  const { table, template } = make({ partitionKey: { name: 'id', type: STRING }, indexes });
  expect(table.indexNames).toEqual(['by-owner']);
  expect(theTable(template()).Properties).toMatchObject({ KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }], GlobalSecondaryIndexes: [{ IndexName: 'by-owner' }] });
  expect(theTable(make({ indexes: [] }).template()).Properties.GlobalSecondaryIndexes).toBeUndefined();
  const sorted = theTable(make({ sortKey: { name: 'at', type: NUMBER } }).template());
  expect(sorted.Properties.KeySchema).toEqual([{ AttributeName: 'PK', KeyType: 'HASH' }, { AttributeName: 'at', KeyType: 'RANGE' }]);
});

test.each<[{ region?: string; account?: string }]>([[{}], [{ region: 'eu-central-1' }], [{ account: '111111111111', region: 'cn-north-1' }]])(
  'a customer managed key encrypts the table in %j', env => {
    const { table, template } = make(stack => ({ encryptionKey: new kms.Key(stack, 'Key') }), env);
    const resource = theTable(template());
    expect(resource.Properties.SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
    expect(resource.Properties.Replicas).toHaveLength(1);
    expect(resource.replica.SSESpecification).toEqual({ KMSMasterKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] } });
    expect(table.encryptionKey).toBeDefined();
  });

test('a replica can be added to a table without its logical id or its keys changing', () => {
  const resourceOf = (replica: boolean) => {
    const { stack, table } = make({}, { region: 'eu-central-1' });
    if (replica) (table.table as dynamodb.TableV2).addReplica({ region: 'eu-west-1' });
    return Object.entries(Template.fromStack(stack).findResources(TABLE))[0];
  };
  const [id, before] = resourceOf(false);
  const [sameId, after] = resourceOf(true);
  expect(sameId).toBe(id);
  expect(after.Properties.KeySchema).toEqual(before.Properties.KeySchema);
  expect(after.Properties.Replicas.map(({ Region }: { Region: string }) => Region)).toEqual(['eu-west-1', 'eu-central-1']);
});

describe('a table that exists already', () => {
  const existing = { tableName: 'game-production' };

  test('is used and watched, and no table is in the template', () => {
    const { stack, table } = make({ existing });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('amplify.amazonaws.com') });
    table.grantReadWrite(role);
    new Monitoring(stack, 'Monitoring', { watched: [table] });
    const template = Template.fromStack(stack);
    const types = Object.values(template.toJSON().Resources as { [id: string]: { Type: string } }).map(({ Type }) => Type);
    expect(types.filter(type => type.startsWith('AWS::DynamoDB') || type.startsWith('Custom::') || type.includes('Lambda'))).toEqual([]);
    expect(table.tableName).toBe('game-production');
    expect(table.alarms).toHaveLength(3);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([Match.objectLike({
        MetricStat: Match.objectLike({ Metric: Match.objectLike({ Dimensions: [{ Name: 'GlobalSecondaryIndexName', Value: 'GSI1' }, { Name: 'TableName', Value: 'game-production' }] }) }),
      })]),
    });
  });

  test('stands beside the keys that every environment has, chosen by the profile', () => {
    for (const profile of PROFILES) {
      const { template } = make({ profile, existing: profile.name === 'production' ? existing : undefined, timeToLiveAttribute: 'expiresAt' });
      template().resourceCountIs(TABLE, profile.name === 'production' ? 0 : 1);
    }
  });

  test('has its own indexes and its own key', () => {
    const { table } = make(stack => ({ existing: { ...existing, indexNames: ['by-owner'], encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/a') } }));
    expect(table.indexNames).toEqual(['by-owner']);
    expect(table.encryptionKey!.keyArn).toBe('arn:aws:kms:eu-central-1:111111111111:key/a');
  });

  test('may have a name that is known at deployment', () => {
    const { table, stack } = make({ existing: { tableName: Token.asString({ 'Fn::ImportValue': 'TableName' }) } });
    expect(stack.resolve(table.tableName)).toEqual({ 'Fn::ImportValue': 'TableName' });
    Template.fromStack(stack).resourceCountIs(TABLE, 0);
  });

  test.each<[AppTableProps, RegExp]>([
    [{ existing, deletionProtection: true, maximumReadRequestUnits: 1 }, /existing together with maximumReadRequestUnits, deletionProtection/],
    [{ existing, encryptionKey: { keyArn: 'arn' } as unknown as kms.IKey }, /the key of the table is existing.encryptionKey/],
    [{ existing, recoveryPeriodDays: 5 }, /existing together with recoveryPeriodDays/],
    [{ existing: { tableName: 'arn:aws:dynamodb:eu-central-1:111111111111:table/game' } }, /the name, not the ARN/],
    [{ existing: {} as AppTableProps['existing'] }, /existing is not what it should be/],
    [{ existing: { tableName: undefined } as unknown as AppTableProps['existing'] }, /existing.tableName is missing/],
    [{ existing: 'game' as unknown as AppTableProps['existing'] }, /existing is not what it should be/],
    [{ existing: { ...existing, indexNames: 'GSI1' as unknown as string[] } }, /existing.indexNames is not a list/],
    [{ existing: { ...existing, indexNames: ['*'] } }, /existing.indexNames\[0\] is not well-formed/],
    [{ existing: { ...existing, indexNames: ['GSI1', undefined as unknown as string] } }, /existing.indexNames\[1\] is missing/],
    [{ existing: { ...existing, indexNames: Token.asList({ Ref: 'Indexes' }) } }, /existing.indexNames is only known at deployment/],
  ])('is refused with %j', (props, message) => {
    expect(() => make(props)).toThrow(message);
  });
});

describe('alarms', () => {
  const alarmsOf = (props: AppTableProps) => Object.values(make(props).template().findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);

  test('there are none where the profile has none', () => {
    expect(alarmsOf({ profile: EnvironmentProfile.development() })).toEqual([]);
    expect(alarmsOf({ profile: EnvironmentProfile.development(), alarms: true })).toHaveLength(3);
    expect(alarmsOf({ alarms: false })).toEqual([]);
  });

  test('tell of throttled reads and writes of table and index, and of errors of DynamoDB', () => {
    const [reads, writes, errors] = alarmsOf({});
    expect([reads.Metrics[0].Expression, writes.Metrics[0].Expression]).toEqual(Array(2).fill('MAX([FILL(m0, 0), FILL(m1, 0)])'));
    expect(reads.Metrics.slice(1).map((metric: any) => metric.MetricStat.Metric.MetricName)).toEqual(['ReadThrottleEvents', 'ReadThrottleEvents']);
    expect(writes.Metrics.slice(1).map((metric: any) => metric.MetricStat.Metric.MetricName)).toEqual(['WriteThrottleEvents', 'WriteThrottleEvents']);
    const operations = errors.Metrics.slice(1).map((metric: any) => metric.MetricStat.Metric.Dimensions.find(({ Name }: any) => Name === 'Operation').Value);
    expect(operations).toEqual(['GetItem', 'Query', 'PutItem', 'UpdateItem']);
    // A sum is missing where one of its parts is.
    expect(errors.Metrics[0].Expression).toBe(Array.from({ length: 4 }, (_, index) => `FILL(m${index}, 0)`).join(' + '));
    for (const alarm of [reads, writes, errors]) {
      expect(alarm).toMatchObject({ TreatMissingData: 'notBreaching', ComparisonOperator: 'GreaterThanThreshold', Threshold: 10 });
      expect(JSON.stringify(alarm.AlarmDescription)).toMatch(/First: /);
      expect(alarm.AlarmActions).toBeUndefined();
      for (const { MetricStat } of alarm.Metrics.slice(1)) {
        expect(MetricStat.Stat).toBe('Sum');
        expect(MetricStat.Metric.Dimensions).toContainEqual({ Name: 'TableName', Value: { Ref: expect.stringMatching(/^GameTable/) } });
      }
    }
  });

  test('look at no more metrics than an alarm can, however many indexes there are, and leave no index out', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 20 }), count => {
      const indexes: AppTableIndex[] = Array.from({ length: count }, (_, index) => ({ indexName: `GSI${index}`, partitionKey: { name: `K${index}`, type: STRING } }));
      const reads = alarmsOf({ indexes }).filter(({ Metrics }) => JSON.stringify(Metrics).includes('ReadThrottleEvents'));
      const metrics = reads.map(({ Metrics }) => Metrics.filter((metric: any) => metric.MetricStat));
      expect(metrics.every(list => list.length <= 10)).toBe(true);
      expect(metrics.flat()).toHaveLength(count + 1);
    }), { numRuns: 21 });
  });
});

test('the dashboard has one row of the table', () => {
  const { table, stack } = make();
  expect(table.dashboardWidgets().reduce((width, widget) => width + widget.width, 0)).toBe(24);
  const row = JSON.stringify(stack.resolve(table.dashboardWidgets().map(widget => widget.toJson())));
  for (const metric of ['ConsumedReadCapacityUnits', 'WriteThrottleEvents', 'SuccessfulRequestLatency', 'SystemErrors']) expect(row).toContain(metric);
  expect(stack.resolve(table.metric('ConsumedWriteCapacityUnits').dimensions)).toEqual({ TableName: { Ref: expect.any(String) } });
});

test.each<[unknown, RegExp]>([
  [{ profile: 'production' }, /profile is not what it should be/],
  [{ encryptionKey: 'arn' }, /encryptionKey/],
  [{ maximumReadRequestUnits: 0 }, /maximumReadRequestUnits/],
  [{ maximumWriteRequestUnits: '5' }, /maximumWriteRequestUnits/],
  [{ recoveryPeriodDays: 36 }, /recoveryPeriodDays/],
  [{ recoveryPeriodDays: 0 }, /recoveryPeriodDays/],
  [{ recoveryPeriodDays: 3, pointInTimeRecovery: false }, /no recovery period without/],
  [{ recoveryPeriodDays: 3, profile: EnvironmentProfile.development() }, /off by the profile development/],
  [{ pointInTimeRecovery: 'false' }, /pointInTimeRecovery is not a boolean/],
  [{ deletionProtection: 1 }, /deletionProtection is not a boolean/],
  [{ alarms: 'no' }, /alarms is not a boolean/],
  [{ alarms: Token.asAny({ Ref: 'Alarms' }) }, /alarms is only known at deployment/],
  [{ removalPolicy: RemovalPolicy.SNAPSHOT }, /removalPolicy has a value that does not exist/],
  [{ removalPolicy: RemovalPolicy.DESTROY }, /contradict each other/],
  [{ profile: EnvironmentProfile.staging(), deletionProtection: true }, /set removalPolicy as well/],
  [{ stream: 'ALL' }, /stream/],
  [{ contributorInsights: true }, /contributorInsights has a value that does not exist/],
  [{ timeToLiveAttribute: '' }, /timeToLiveAttribute/],
  [{ partitionKey: 'PK' }, /partitionKey is not what it should be/],
  [{ partitionKey: { name: 'PK' } }, /partitionKey type is missing/],
  [{ partitionKey: { name: '', type: STRING } }, /partitionKey name/],
  [{ sortKey: { name: 'SK', type: 'STRING' } }, /sortKey type has a value that does not exist/],
  [{ sortKey: { name: 'PK', type: STRING } }, /the same name twice/],
  [{ indexes: 'GSI1' }, /indexes is not a list/],
  [{ indexes: [undefined] }, /indexes is missing/],
  [{ indexes: ['GSI1'] }, /indexes is not what it should be/],
  [{ indexes: [{ indexName: 'GSI1' }] }, /partitionKey of index GSI1 is missing/],
  [{ indexes: [{ indexName: 'G*', partitionKey: { name: 'a', type: STRING } }] }, /indexName is not well-formed/],
  [{ indexes: [0, 1].map(() => ({ indexName: 'GSI1', partitionKey: { name: 'a', type: STRING } })) }, /indexes have the same name twice/],
  [{ indexes: [{ indexName: 'GSI1', partitionKey: { name: 'SK', type: BINARY } }] }, /'SK' as S and B/],
  [{ indexes: Array.from({ length: 21 }, (_, i) => ({ indexName: `GSI${i}`, partitionKey: { name: 'a', type: STRING } })) }, /number of indexes/],
])('%j is refused before a table is made', (props, message) => {
  const stack = new Stack(new App(), 'Stack');
  expect(() => new AppTable(stack, 'Game', props as AppTableProps)).toThrow(message);
  expect(stack.node.findChild('Game').node.children).toEqual([]);
});

test('tokens pass where DynamoDB judges them', () => {
  const token = (name: string) => Token.asString({ Ref: name });
  const { template } = make({
    maximumReadRequestUnits: Token.asNumber({ Ref: 'Reads' }),
    timeToLiveAttribute: token('Ttl'),
    partitionKey: { name: token('Key'), type: STRING },
    indexes: [{ indexName: token('Index'), partitionKey: { name: token('IndexKey'), type: STRING } }],
  });
  const { Properties, replica } = theTable(template());
  expect(Properties.TimeToLiveSpecification.AttributeName).toEqual({ Ref: 'Ttl' });
  expect(replica.ReadOnDemandThroughputSettings).toEqual({ MaxReadRequestUnits: { Ref: 'Reads' } });
});

test('the logical id of the table stays as it is, whatever is chosen: another one would be an empty table', () => {
  const variants: (AppTableProps | Build)[] = [
    {}, ...PROFILES.map(profile => ({ profile })), { indexes: [] }, { partitionKey: { name: 'id', type: NUMBER } }, { stream: dynamodb.StreamViewType.KEYS_ONLY },
    { pointInTimeRecovery: false }, { timeToLiveAttribute: 'ttl' }, { alarms: false }, stack => ({ encryptionKey: new kms.Key(stack, 'Key') }),
  ];
  for (const variant of variants) {
    for (const env of [{}, { region: 'us-gov-west-1' }, { account: '111111111111', region: 'cn-north-1' }]) {
      expect(Object.keys(make(variant, env).template().findResources(TABLE))).toEqual(['GameTable84C13C39']);
    }
  }
});

test('two tables stand beside each other, with ids of any length and the same role', () => {
  const stack = new Stack(new App(), 'Stack');
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('amplify.amazonaws.com') });
  const names = ['One', 'An app table with a name that is much longer than anybody could wish for, and then again as long as that'.repeat(2)];
  for (const name of names) new AppTable(stack, name).grantReadWrite(role);
  const template = Template.fromStack(stack);
  template.resourceCountIs(TABLE, 2);
  template.resourceCountIs('AWS::IAM::ManagedPolicy', 2);
  for (const id of Object.keys(template.toJSON().Resources)) expect(id.length).toBeLessThanOrEqual(255);
  Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
});
