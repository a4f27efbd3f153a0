/*
 * A shop with a database, a bucket and a table, deployed by the real CDK CLI; then its recovery beside it, read back in both regions; then the same shop
 * in the recovery region, from the replicated database backups and the replica, with the data that was written at home.
 */
import {
  DescribeBackupVaultCommand, GetBackupPlanCommand, GetBackupSelectionCommand, ListBackupPlansCommand, ListBackupSelectionsCommand,
} from '@aws-sdk/client-backup';
import { CreateTableCommand, DescribeTableCommand, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { DescribeDBInstanceAutomatedBackupsCommand, DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { DeleteObjectCommand, GetBucketReplicationCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Checks } from './checks';
import { Emulator, REGION } from './emulator';
import { waitFor } from './process';
import { Recovered, RECOVERY_REGION, Region, shopCli } from './recovery-world';
import { runSuite } from './suite';

const BESIDE = `Shop-recovery-${RECOVERY_REGION}`;
const STATEFUL = ['AWS::RDS::DBInstance', 'AWS::S3::Bucket', 'AWS::DynamoDB::GlobalTable', 'AWS::SecretsManager::Secret', 'AWS::KMS::Key'];
const CONTEXT = { recover: 'true' };
const checks = new Checks();

void runSuite('recovery', checks, async emulator => {
  const [home, elsewhere] = [new Region(emulator, REGION), new Region(emulator, RECOVERY_REGION)];
  const cli = shopCli(emulator);
  await cli.bootstrap([REGION, RECOVERY_REGION]);
  await checks.step('deploy the shop without recovery', () => cli.deploy(['--all'], { quiet: true }));
  const before = await stateful(home);
  await checks.step('add its recovery', () => cli.deploy(['--all'], { context: CONTEXT }));
  checks.check('nothing stateful is replaced when the recovery is added', JSON.stringify(await stateful(home)) === JSON.stringify(before), await stateful(home));

  await readBack(home, elsewhere);
  await writeData(home);
  await filesAreReplicated(home, elsewhere);
  const recovered = await checks.step('follow the procedure in the recovery region', () => followProcedure(home, elsewhere));
  await checks.step('stand the shop up there', () => cli.deploy(['ShopRecovered'], { context: { ...CONTEXT, recovered: JSON.stringify(recovered) } }));
  await standsUp(elsewhere, recovered, emulator);
});

async function stateful(region: Region): Promise<[string, string][]> {
  const resources = await region.resources('Shop');
  return resources.filter(({ ResourceType }) => STATEFUL.includes(ResourceType!))
    .map(({ LogicalResourceId, PhysicalResourceId }): [string, string] => [LogicalResourceId!, PhysicalResourceId!]).sort();
}

async function readBack(home: Region, elsewhere: Region): Promise<void> {
  const [vault, copies] = [await home.find('Shop', 'AWS::Backup::BackupVault'), await elsewhere.find(BESIDE, 'AWS::Backup::BackupVault')];
  const [atHome, there] = await Promise.all([
    home.backup.send(new DescribeBackupVaultCommand({ BackupVaultName: vault })),
    elsewhere.backup.send(new DescribeBackupVaultCommand({ BackupVaultName: copies })),
  ]);
  const key = await elsewhere.find(BESIDE, 'AWS::KMS::Key');
  checks.check('the vault at home is encrypted', /:key\//.test(atHome.EncryptionKeyArn ?? ''), atHome);
  checks.check('the vault elsewhere is encrypted with the key that is there', there.EncryptionKeyArn?.endsWith(`:key/${key}`) === true, there);

  const { BackupPlansList = [] } = await home.backup.send(new ListBackupPlansCommand({}));
  checks.check('there are two plans', BackupPlansList.length === 2, BackupPlansList);
  for (const { BackupPlanId } of BackupPlansList) await readPlan(home, BackupPlanId!, vault, there.BackupVaultArn!);
  const rules = (await home.events.send(new ListRulesCommand({}))).Rules ?? [];
  const watched = rules.filter(({ EventPattern }) => EventPattern?.includes('aws.backup'));
  checks.check('three rules hear of failures', watched.length === 3, rules.map(({ EventPattern }) => EventPattern));
  checks.check('one of them hears of copies of this vault', watched.some(({ EventPattern }) => EventPattern!.includes(atHome.BackupVaultArn!)), watched);

  const identifier = await home.find('Shop', 'AWS::RDS::DBInstance');
  const { DBInstanceAutomatedBackups = [] } = await elsewhere.rds.send(new DescribeDBInstanceAutomatedBackupsCommand({}));
  checks.check('database backups are replicated', DBInstanceAutomatedBackups.map(each => each.DBInstanceIdentifier).join() === identifier, DBInstanceAutomatedBackups);
  checks.check('and encrypted with the key that is there', DBInstanceAutomatedBackups[0]?.KmsKeyId === there.EncryptionKeyArn, DBInstanceAutomatedBackups);
}

async function readPlan(home: Region, BackupPlanId: string, vault: string, copyVaultArn: string): Promise<void> {
  const { BackupPlan } = await home.backup.send(new GetBackupPlanCommand({ BackupPlanId }));
  const rules = BackupPlan!.Rules!;
  const what = BackupPlan!.BackupPlanName!;
  checks.check(`${what}: daily, weekly, monthly`, rules.map(({ RuleName }) => RuleName).join() === 'Daily,Weekly,Monthly', rules);
  checks.check(`${what}: into the vault`, rules.every(({ TargetBackupVaultName }) => TargetBackupVaultName === vault), rules);
  const { BackupSelectionsList = [] } = await home.backup.send(new ListBackupSelectionsCommand({ BackupPlanId }));
  const [{ SelectionId }] = BackupSelectionsList;
  const { BackupSelection } = await home.backup.send(new GetBackupSelectionCommand({ BackupPlanId, SelectionId }));
  const resources = BackupSelection!.Resources ?? [];
  const copied = rules.map(({ CopyActions = [] }) => CopyActions.map(action => action.DestinationBackupVaultArn).join());
  if (what.endsWith('BucketPlan')) {
    checks.check(`${what}: the bucket`, resources.join() === `arn:aws:s3:::${await home.find('Shop', 'AWS::S3::Bucket', 'UploadsBucket')}`, resources);
    checks.check(`${what}: continuous each day`, `${rules[0].EnableContinuousBackup}` === 'true', rules[0]);
    checks.check(`${what}: replicated, not copied`, copied.join('') === '', copied);
  } else {
    const [database, table] = [await home.find('Shop', 'AWS::RDS::DBInstance'), await home.find('Shop', 'AWS::DynamoDB::GlobalTable')];
    checks.check(`${what}: database and table by ARN`, resources.length === 2 && resources[0].endsWith(`:db:${database}`) && resources[1].endsWith(`:table/${table}`), resources);
    checks.check(`${what}: every backup is copied`, copied.every(arn => arn === copyVaultArn), copied);
  }
}

async function writeData(home: Region): Promise<void> {
  const owner = await home.connectAsOwner('Shop');
  await owner.query('CREATE TABLE orders (id int PRIMARY KEY, item text)');
  await owner.end();
  const service = await home.connect('Shop');
  await service.query("INSERT INTO orders VALUES (1, 'arcade stick')");
  await service.end();
  const TableName = await home.find('Shop', 'AWS::DynamoDB::GlobalTable');
  await home.dynamodb.send(new PutItemCommand({ TableName, Item: { PK: { S: 'user#1' }, SK: { S: 'session' }, score: { N: '7' } } }));
}

async function filesAreReplicated(home: Region, elsewhere: Region): Promise<void> {
  const [source, replica] = [await home.find('Shop', 'AWS::S3::Bucket', 'UploadsBucket'), await replicaName(elsewhere)];
  const { ReplicationConfiguration } = await home.s3.send(new GetBucketReplicationCommand({ Bucket: source }));
  checks.check('the bucket is replicated to the one elsewhere', ReplicationConfiguration?.Rules?.[0].Destination?.Bucket === `arn:aws:s3:::${replica}`, ReplicationConfiguration);
  await home.s3.send(new PutObjectCommand({ Bucket: source, Key: 'avatars/1.png', Body: 'a picture' }));
  const text = await waitFor('the replica', 10, () => read(elsewhere.s3, replica, 'avatars/1.png'));
  checks.check('a new file is in the replica', text === 'a picture', text);
  await home.s3.send(new DeleteObjectCommand({ Bucket: source, Key: 'avatars/1.png' }));
  const gone = await read(home.s3, source, 'avatars/1.png').then(() => false, () => true);
  checks.check('a file that is deleted at home is gone there', gone, 'it can be read');
  checks.check('and stays in the replica', await read(elsewhere.s3, replica, 'avatars/1.png') === 'a picture', 'it cannot be read');
}

/** The commands of the generated procedure, by the SDK: the AWS CLI is not here. Copies of backups are not either, so the table's is made by hand. */
async function followProcedure(home: Region, elsewhere: Region): Promise<Recovered> {
  const procedure = await home.procedure('Shop');
  const [, lost] = procedure.split('## After the loss of');
  checks.check('the procedure never asks the lost region', !lost.includes(`--region ${REGION}`), lost);
  const logicalIds = [...lost.matchAll(/--stack-name (\S+) --logical-resource-id (\w+)/g)];
  const there = await elsewhere.resources(BESIDE);
  const unknown = logicalIds.filter(([, stack, id]) => stack !== BESIDE || !there.some(({ LogicalResourceId }) => LogicalResourceId === id));
  checks.check('every resource that its commands name is there', logicalIds.length >= 4 && unknown.length === 0, logicalIds.map(([command]) => command));
  const [, beginning] = /starts_with\(DBInstanceIdentifier, '([^']+)'\)/.exec(lost)!;
  const { DBInstanceAutomatedBackups = [] } = await elsewhere.rds.send(new DescribeDBInstanceAutomatedBackupsCommand({}));
  const found = DBInstanceAutomatedBackups.filter(({ DBInstanceIdentifier }) => DBInstanceIdentifier!.startsWith(beginning));
  checks.check('its query finds the database backups', found.length === 1, beginning);

  const [, tableBeginning] = /contains\(ResourceArn, 'table\/([^']+)'\)/.exec(lost)!;
  const source = await home.find('Shop', 'AWS::DynamoDB::GlobalTable');
  checks.check('its query would find the backups of the table', source.startsWith(tableBeginning), [source, tableBeginning]);
  const [, table] = /targetTableName=([\w-]+)/.exec(lost)!;
  await copyTable(home, source, elsewhere, table);
  const key = await elsewhere.find(BESIDE, 'AWS::KMS::Key');
  return {
    database: found[0].DBInstanceAutomatedBackupsArn!, bucket: await replicaName(elsewhere), table, key: `arn:aws:kms:${RECOVERY_REGION}:111111111111:key/${key}`,
  };
}

/** Stands for AWS Backup's restore of a table, which the emulator does not have. */
async function copyTable(from: Region, source: string, to: Region, target: string): Promise<void> {
  const { Table } = await from.dynamodb.send(new DescribeTableCommand({ TableName: source }));
  await to.dynamodb.send(new CreateTableCommand({
    TableName: target,
    KeySchema: Table!.KeySchema,
    AttributeDefinitions: Table!.AttributeDefinitions!.filter(({ AttributeName }) => /^[PS]K$/.test(AttributeName!)),
    BillingMode: 'PAY_PER_REQUEST',
  }));
  const { Items = [] } = await from.dynamodb.send(new ScanCommand({ TableName: source }));
  for (const Item of Items) await to.dynamodb.send(new PutItemCommand({ TableName: target, Item }));
}

async function standsUp(elsewhere: Region, { database, bucket, table }: Recovered, emulator: Emulator): Promise<void> {
  const identifier = await elsewhere.find('ShopRecovered', 'AWS::RDS::DBInstance');
  const { DBInstances = [] } = await elsewhere.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }));
  checks.check('the database is in the recovery region', DBInstances[0]?.DBInstanceArn?.includes(`:rds:${RECOVERY_REGION}:`) === true, DBInstances);
  checks.check('with the master of the backup', DBInstances[0]?.MasterUsername === 'postgres', DBInstances[0]);
  checks.check('and a server of its own', emulator.dataPlane.databases.size === 2, [...emulator.dataPlane.databases.keys()]);

  const service = await elsewhere.connect('ShopRecovered');
  const { rows } = await service.query('SELECT item FROM orders');
  checks.check('it has the orders of home', rows.map(({ item }) => item).join() === 'arcade stick', rows);
  await service.query("INSERT INTO orders VALUES (2, 'joystick')");
  await service.end();
  const restored = await elsewhere.resources('ShopRecovered');
  checks.check('no new bucket and no new table are made', !restored.some(({ ResourceType }) => /^AWS::(S3::Bucket|DynamoDB)/.test(ResourceType!)), restored.map(each => each.ResourceType));
  checks.check('the files of home are there', await read(elsewhere.s3, bucket, 'avatars/1.png') === 'a picture', bucket);
  const { Item } = await elsewhere.dynamodb.send(new GetItemCommand({ TableName: table, Key: { PK: { S: 'user#1' }, SK: { S: 'session' } } }));
  checks.check('the sessions of home are there', Item?.score.N === '7', Item);
  checks.check('the backups that it came from are of the recovery region', database.includes(`:rds:${RECOVERY_REGION}:`), database);
}

async function replicaName(elsewhere: Region): Promise<string> {
  const buckets = (await elsewhere.resources(BESIDE)).filter(({ ResourceType, LogicalResourceId }) => ResourceType === 'AWS::S3::Bucket' && !/AccessLogs/.test(LogicalResourceId!));
  return buckets[0].PhysicalResourceId!;
}

async function read(s3: S3Client, Bucket: string, Key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return Body!.transformToString();
}
