import { App, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { DatabaseCapacity, DatabaseRecoveryPoint, PostgresDatabase, PostgresDatabaseProps } from '../../src/database';
import { PlatformError } from '../../src/errors';

const BACKUP = 'arn:aws:rds:eu-west-1:111111111111:auto-backup:ab-L2IJCEXJP7XQ7HOJ4SIEXAMPLE';
const SERVERLESS = DatabaseCapacity.serverless({ minimumCapacity: 0.5, maximumCapacity: 4 });

function create(props: Partial<PostgresDatabaseProps>, region = 'eu-west-1') {
  const stack = new Stack(new App(), 'Prod', { env: { account: '111111111111', region } });
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'], privateSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
  });
  return Template.fromStack(Stack.of(new PostgresDatabase(stack, 'Database', { vpc, ...props })));
}

function nameOf(props: Partial<PostgresDatabaseProps>): string {
  return JSON.stringify(Object.values(create(props).findResources('AWS::RDS::DBInstance'))[0].Properties.DBInstanceIdentifier);
}

test.each<[string, DatabaseRecoveryPoint, object]>([
  ['the last second of replicated backups', DatabaseRecoveryPoint.latest(BACKUP), { SourceDBInstanceAutomatedBackupsArn: BACKUP, UseLatestRestorableTime: true, RestoreTime: Match.absent() }],
  ['a second of replicated backups', DatabaseRecoveryPoint.atTime(BACKUP, '2026-11-20T03:10:00Z'),
    { SourceDBInstanceAutomatedBackupsArn: BACKUP, RestoreTime: '2026-11-20T03:10:00Z', UseLatestRestorableTime: Match.absent() }],
  ['a second of an instance of the region', DatabaseRecoveryPoint.atTime('db-ABCDEFGHIJKL', '2026-11-20T03:10:00Z'),
    { SourceDbiResourceId: 'db-ABCDEFGHIJKL', SourceDBInstanceAutomatedBackupsArn: Match.absent(), RestoreTime: '2026-11-20T03:10:00Z' }],
  ['a copy that AWS Backup made', DatabaseRecoveryPoint.snapshot('arn:aws:rds:eu-west-1:111111111111:snapshot:awsbackup:copyjob-1'),
    { DBSnapshotIdentifier: 'arn:aws:rds:eu-west-1:111111111111:snapshot:awsbackup:copyjob-1', UseLatestRestorableTime: Match.absent() }],
])('a database comes from %s, without what the backup brings along', (_what, fromRecoveryPoint, properties) => {
  create({ fromRecoveryPoint }).hasResourceProperties('AWS::RDS::DBInstance', {
    ...properties,
    ...Object.fromEntries(['MasterUsername', 'DBName', 'StorageEncrypted', 'KmsKeyId'].map(name => [name, Match.absent()])),
    ManageMasterUserPassword: true,
  });
});

test('another recovery point is another name, so that the old database is never asked to change, and the same one is the same', () => {
  const points = [undefined, DatabaseRecoveryPoint.latest(BACKUP), DatabaseRecoveryPoint.atTime(BACKUP, '2026-11-20T03:10:00Z'), DatabaseRecoveryPoint.atTime(BACKUP, '2026-11-20T03:11:00Z'),
    DatabaseRecoveryPoint.snapshot('before')];
  const names = points.map(fromRecoveryPoint => nameOf({ fromRecoveryPoint }));
  expect(new Set(names).size).toBe(points.length);
  expect(nameOf({ snapshotIdentifier: 'before' })).toBe(names[4]);
});

test('what the name begins with is known at synth', () => {
  const stack = new Stack();
  const database = new PostgresDatabase(stack, 'Database', { vpc: new ec2.Vpc(stack, 'Vpc') });
  expect(JSON.stringify(stack.resolve((database.instance!.node.defaultChild as never as { dbInstanceIdentifier: string }).dbInstanceIdentifier)))
    .toContain(`"${database.identifierPrefix}"`);
});

test.each<[string, Partial<PostgresDatabaseProps> | object, RegExp]>([
  ['an ARN of something else', { fromRecoveryPoint: DatabaseRecoveryPoint.latest('arn:aws:rds:eu-west-1:111111111111:db:shop') }, /fromRecoveryPoint source is not well-formed/],
  ['a time that is none', { fromRecoveryPoint: DatabaseRecoveryPoint.atTime(BACKUP, 'yesterday') }, /fromRecoveryPoint time is not well-formed/],
  ['a snapshot without a name', { fromRecoveryPoint: DatabaseRecoveryPoint.snapshot('') }, /fromRecoveryPoint is not well-formed/],
  ['a backup of another region', { fromRecoveryPoint: DatabaseRecoveryPoint.latest(BACKUP.replace('eu-west-1', 'eu-west-3')) }, /restored in the region of its backup/],
  ['two backups', { fromRecoveryPoint: DatabaseRecoveryPoint.latest(BACKUP), snapshotIdentifier: 'before' }, /made from one backup/],
  ['backups of an instance for Aurora', { fromRecoveryPoint: DatabaseRecoveryPoint.latest(BACKUP), capacity: SERVERLESS }, /Aurora does not restore from automated backups/],
  ['a text', { fromRecoveryPoint: BACKUP }, /fromRecoveryPoint is of the wrong kind/],
])('%s is refused', (_what, props, expected) => {
  expect(() => create(props)).toThrow(PlatformError);
  expect(() => create(props)).toThrow(expected);
});

test('a source that is only known at deployment is taken as it is', () => {
  const source = Token.asString({ Ref: 'Backup' });
  create({ fromRecoveryPoint: DatabaseRecoveryPoint.latest(source) }).hasResourceProperties('AWS::RDS::DBInstance', { SourceDBInstanceAutomatedBackupsArn: { Ref: 'Backup' } });
});

test('Aurora and existing databases replicate no backups', () => {
  const stack = new Stack();
  const vpc = new ec2.Vpc(stack, 'Vpc');
  const aurora = new PostgresDatabase(stack, 'Aurora', { vpc, capacity: SERVERLESS });
  expect(aurora.replicatesBackups).toBe(false);
  expect(() => aurora.replicateBackups('eu-west-1', 'key')).toThrow(/RDS replicates automated backups of its own instances only/);
});
