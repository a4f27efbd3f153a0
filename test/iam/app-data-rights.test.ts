import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks, NagPack } from 'cdk-nag';
import { RoleRights } from './role-rights';
import { AppTable } from '../../src/database';
import { EnvironmentProfile } from '../../src/environment';
import { AppBucket } from '../../src/storage';

const AMPLIFY = new iam.ServicePrincipal('amplify.amazonaws.com');
const PLACES = [
  { partition: 'aws', region: 'eu-central-1', urlSuffix: 'amazonaws.com' },
  { partition: 'aws-cn', region: 'cn-north-1', urlSuffix: 'amazonaws.com.cn' },
  { partition: 'aws-us-gov', region: 'us-gov-west-1', urlSuffix: 'amazonaws.com' },
];

/** Staging with a new table and bucket, production with those that exist, and a role for each that reads and writes its own. */
function world(region?: string) {
  const stack = new Stack(new App(), 'Stack', { env: { region } });
  const id = (of: { node: { defaultChild?: unknown } }) => stack.getLogicalId(of.node.defaultChild as never);
  const key = new kms.Key(stack, 'Key');
  const profile = EnvironmentProfile.staging();
  const environments = {
    staging: { table: new AppTable(stack, 'TableA', { profile }), bucket: new AppBucket(stack, 'BucketA', { profile }) },
    keyed: { table: new AppTable(stack, 'TableB', { profile, encryptionKey: key }), bucket: new AppBucket(stack, 'BucketB', { profile, encryptionKey: key }) },
    production: { table: new AppTable(stack, 'TableP', { existing: { tableName: 'game' } }), bucket: new AppBucket(stack, 'BucketP', { existing: { bucketName: 'game-audio' } }) },
  };
  const roles = Object.fromEntries(Object.entries(environments).map(([name, { table, bucket }]) => {
    const role = new iam.Role(stack, `Role-${name}`, { assumedBy: AMPLIFY });
    table.grantReadWrite(role);
    bucket.grantReadWrite(role);
    return [name, id(role)];
  }));
  const reader = new iam.Role(stack, 'Reader', { assumedBy: AMPLIFY });
  environments.keyed.table.grantRead(reader);
  environments.keyed.bucket.grantRead(reader);
  const ids: { [name: string]: string } = { ...roles, reader: id(reader) };
  return { stack, template: Template.fromStack(stack), roles: ids, environments, id, key: id(key) };
}

const READS = ['GetItem', 'BatchGetItem', 'Query', 'Scan', 'ConditionCheckItem', 'DescribeTable'].map(name => `dynamodb:${name}`);
const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].map(name => `dynamodb:${name}`);
const NEVER = ['DeleteTable', 'UpdateTable', 'CreateTable', 'UpdateTimeToLive', 'UpdateContinuousBackups', 'CreateBackup', 'RestoreTableToPointInTime', 'ExportTableToPointInTime',
  'PutResourcePolicy', 'DeleteResourcePolicy', 'TagResource', 'PartiQLSelect', 'GetRecords'].map(name => `dynamodb:${name}`);
const FILE_READS = ['s3:GetObject'];
const FILE_WRITES = ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'];
const FILE_NEVER = ['s3:DeleteObjectVersion', 's3:GetObjectVersion', 's3:PutObjectAcl', 's3:RestoreObject', 's3:PutObjectRetention', 's3:BypassGovernanceRetention'];
const BUCKET_NEVER = ['s3:DeleteBucket', 's3:PutBucketPolicy', 's3:DeleteBucketPolicy', 's3:GetBucketPolicy', 's3:PutLifecycleConfiguration', 's3:PutBucketCORS',
  's3:PutBucketVersioning', 's3:PutEncryptionConfiguration', 's3:ListBucketVersions', 's3:PutBucketPublicAccessBlock'];

describe.each(PLACES)('in $region', place => {
  const { template, roles, environments, id, key } = world(place.region);
  const of = (role: string) => new RoleRights(template, roles[role], place);
  const staging = of('staging');
  const tableA = staging.arnOf(id(environments.staging.table.table));
  const tableB = staging.arnOf(id(environments.keyed.table.table));
  const tableP = `arn:${place.partition}:dynamodb:${place.region}:111111111111:table/game`;
  const bucketA = staging.arnOf(id(environments.staging.bucket.bucket));
  const bucketB = staging.arnOf(id(environments.keyed.bucket.bucket));
  const bucketP = `arn:${place.partition}:s3:::game-audio`;

  test.each([...READS, ...WRITES])('the role may %s on its own table', action => {
    expect(staging.isAllowed(action, tableA)).toBe(true);
    expect(of('production').isAllowed(action, tableP)).toBe(true);
  });

  test('the role may query and scan its index, and nothing else is to be done with one', () => {
    for (const [role, table] of [['staging', tableA], ['reader', tableB], ['production', tableP]]) {
      const isAllowed = (action: string, index: string) => of(role).isAllowed(action, `${table}/index/${index}`);
      for (const action of [...READS, ...WRITES, ...NEVER]) expect(isAllowed(action, 'GSI1')).toBe(/:(Query|Scan)$/.test(action));
      for (const index of ['GSI2', 'GSI12', '*']) expect(isAllowed('dynamodb:Query', index)).toBe(false);
    }
  });

  test.each(NEVER)('no role may %s', action => {
    for (const role of Object.keys(roles)) for (const table of [tableA, tableB, tableP]) expect(of(role).isAllowed(action, table)).toBe(false);
  });

  test("no role reaches another environment's table, and production's only its own", () => {
    const owners: { [role: string]: string } = { staging: tableA, keyed: tableB, production: tableP };
    for (const [role, own] of Object.entries(owners)) {
      for (const table of [tableA, tableB, tableP, `${own}2`, `${own}/stream/2026`, own.replace('111111111111', '222222222222')]) {
        for (const action of [...READS, ...WRITES]) expect(of(role).isAllowed(action, table)).toBe(table === own);
      }
    }
  });

  test.each([...FILE_READS, ...FILE_WRITES])('the role may %s in its own bucket, and in no other', action => {
    const owners: { [role: string]: string } = { staging: bucketA, keyed: bucketB, production: bucketP };
    for (const [role, own] of Object.entries(owners)) {
      for (const bucket of [bucketA, bucketB, bucketP, `${own}-2`]) expect(of(role).isAllowed(action, `${bucket}/songs/1.mp3`)).toBe(bucket === own);
      expect(of(role).isAllowed(action, own)).toBe(false);
    }
  });

  test('the role may list its own bucket, and change nothing of it', () => {
    expect(staging.isAllowed('s3:ListBucket', bucketA)).toBe(true);
    expect(staging.isAllowed('s3:ListBucket', bucketB)).toBe(false);
    for (const action of BUCKET_NEVER) expect(staging.isAllowed(action, bucketA)).toBe(false);
    for (const action of FILE_NEVER) expect(staging.isAllowed(action, `${bucketA}/songs/1.mp3`)).toBe(false);
  });

  test('who reads does not write', () => {
    const reader = of('reader');
    for (const action of READS) expect(reader.isAllowed(action, tableB)).toBe(true);
    for (const action of WRITES) expect(reader.isAllowed(action, tableB)).toBe(false);
    for (const action of FILE_READS) expect(reader.isAllowed(action, `${bucketB}/a`)).toBe(true);
    for (const action of FILE_WRITES) expect(reader.isAllowed(action, `${bucketB}/a`)).toBe(false);
    expect(reader.isAllowed('s3:ListBucket', bucketB)).toBe(true);
  });

  test('the key is used through DynamoDB and S3 of the region only, and only by who needs it', () => {
    const arn = staging.arnOf(key);
    const through = (service: string, region: string = place.region) => ({ 'kms:ViaService': `${service}.${region}.${place.urlSuffix}` });
    for (const service of ['dynamodb', 's3']) {
      expect(of('keyed').isAllowed('kms:Decrypt', arn, through(service))).toBe(true);
      expect(of('keyed').isAllowed('kms:GenerateDataKey', arn, through(service))).toBe(true);
      expect(of('reader').isAllowed('kms:Decrypt', arn, through(service))).toBe(true);
      expect(of('reader').isAllowed('kms:GenerateDataKey', arn, through(service))).toBe(false);
      expect(of('staging').isAllowed('kms:Decrypt', arn, through(service))).toBe(false);
      expect(of('keyed').isAllowed('kms:Decrypt', arn, through(service, 'ap-southeast-2'))).toBe(false);
    }
    expect(of('keyed').isAllowed('kms:Encrypt', arn, through('s3'))).toBe(false);
    expect(of('keyed').isAllowed('kms:Decrypt', arn)).toBe(false);
    expect(of('keyed').isAllowed('kms:Decrypt', arn, through('secretsmanager'))).toBe(false);
    expect(of('keyed').isAllowed('kms:ScheduleKeyDeletion', arn, through('s3'))).toBe(false);
  });
});

test('all of it holds where neither account nor region is known', () => {
  const { template, roles, environments, id } = world();
  const rights = new RoleRights(template, roles.staging);
  expect(rights.isAllowed('dynamodb:PutItem', rights.arnOf(id(environments.staging.table.table)))).toBe(true);
  expect(rights.isAllowed('dynamodb:PutItem', rights.arnOf(id(environments.keyed.table.table)))).toBe(false);
});

test('roles have managed policies, and none inline', () => {
  const { template } = world();
  template.resourceCountIs('AWS::IAM::Policy', 0);
  for (const { Properties } of Object.values(template.findResources('AWS::IAM::Role'))) expect(Properties).not.toHaveProperty('Policies');
  template.resourceCountIs('AWS::IAM::ManagedPolicy', 8);
});

test('the only wildcard is the files of one bucket, and its reason is told', () => {
  const { template } = world();
  for (const { Properties } of Object.values(template.findResources('AWS::IAM::ManagedPolicy'))) {
    for (const { Action, Resource } of Properties.PolicyDocument.Statement) {
      expect(JSON.stringify(Action)).not.toContain('*');
      if (JSON.stringify(Resource).includes('*')) expect(JSON.stringify(Resource)).toMatch(/"\/\*"\]\]}$|:s3:::game-audio\/\*"\]\]}$/);
    }
  }
});

test('auditors find no wildcard that is not explained, in one stack, over two, and on an imported role', () => {
  const app = new App();
  const [data, front] = [new Stack(app, 'Data'), new Stack(app, 'Front')];
  const bucket = new AppBucket(data, 'Bucket');
  const existing = new AppBucket(data, 'Existing', { existing: { bucketName: 'game-audio' } });
  for (const stack of [data, front]) {
    const own = new iam.Role(stack, 'Role', { assumedBy: AMPLIFY });
    const imported = iam.Role.fromRoleName(stack, 'Imported', 'app');
    for (const role of [own, imported]) for (const block of [bucket, existing]) block.grantReadWrite(role);
  }
  app.synth();
  const findings = (pack: NagPack) => [data, front].flatMap(stack => pack.validateScope(stack).violations.map(({ ruleName }) => ruleName));
  const wildcard = (rule: string) => rule.startsWith('AwsSolutions-IAM5');
  expect(findings(new AwsSolutionsChecks()).filter(wildcard)).toEqual([]);
  expect(findings(Object.assign(new AwsSolutionsChecks(), { isAcknowledged: () => false })).filter(wildcard).length).toBeGreaterThan(0);
});

test('rights that are given twice are there once', () => {
  const stack = new Stack(new App(), 'Stack');
  const table = new AppTable(stack, 'Table');
  const role = new iam.Role(stack, 'Role', { assumedBy: AMPLIFY });
  table.grantReadWrite(role);
  const once = Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy');
  const again = new Stack(new App(), 'Stack');
  const other = new AppTable(again, 'Table');
  const otherRole = new iam.Role(again, 'Role', { assumedBy: AMPLIFY });
  other.grantReadWrite(otherRole);
  other.grantReadWrite(otherRole);
  expect(Template.fromStack(again).findResources('AWS::IAM::ManagedPolicy')).toEqual(once);
});

test('a function gets the rights through its role', () => {
  const stack = new Stack(new App(), 'Stack');
  const handler = new lambda.Function(stack, 'Handler', { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('x') });
  expect(new AppTable(stack, 'Table').grantReadWrite(handler).success).toBe(true);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::ManagedPolicy', { Roles: [{ Ref: Match.stringLikeRegexp('^HandlerServiceRole') }] });
});

test('an imported role of this account gets what the L2s give it; one that may not be changed gets nothing', () => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-central-1' } });
  const [table, bucket] = [new AppTable(stack, 'Table'), new AppBucket(stack, 'Bucket')];
  const imported = iam.Role.fromRoleArn(stack, 'Imported', 'arn:aws:iam::111111111111:role/app');
  expect([table, bucket].map(block => block.grantReadWrite(imported).success)).toEqual([true, true]);
  table.grantReadWrite(new iam.Role(stack, 'Own', { assumedBy: AMPLIFY }).withoutPolicyUpdates());
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::IAM::Policy', {
    Roles: ['app'], PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['dynamodb:PutItem']) })]) },
  });
  template.resourceCountIs('AWS::IAM::Policy', 1);
  template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
});

test.each<[string, (stack: Stack) => unknown, RegExp]>([
  ['a role of another account', stack => iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::222222222222:role/app'), /another account.*\n  got: grantee account 222222222222/],
  ['a service', () => AMPLIFY, /no policy that a right could be added to/],
  ['nothing', () => undefined, /grantee is missing/],
  ['a name', () => 'role', /grantee is not what it should be/],
])('%s is refused, because nothing would be granted', (_, grantee, message) => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-central-1' } });
  const given = grantee(stack) as iam.IGrantable;
  expect(() => new AppTable(stack, 'Table').grantReadWrite(given)).toThrow(message);
  expect(() => new AppBucket(stack, 'Bucket').grantRead(given)).toThrow(message);
});

test('over two stacks, the stack of the role depends on the stack of the data, as it does for a name', () => {
  const app = new App();
  const [data, front] = [new Stack(app, 'Data'), new Stack(app, 'Front')];
  const role = new iam.Role(front, 'Role', { assumedBy: AMPLIFY });
  new AppTable(data, 'Table').grantReadWrite(role);
  new AppBucket(data, 'Bucket').grantReadWrite(role);
  app.synth();
  expect(front.dependencies).toEqual([data]);
  expect(data.dependencies).toEqual([]);
  Template.fromStack(front).resourceCountIs('AWS::IAM::ManagedPolicy', 2);
});
