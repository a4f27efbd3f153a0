import { CfnElement, Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ReplicatedBucket } from './bucket-replication';
import type { Recovery } from './recovery';
import { inWords } from './recovery-objective';
import { RecoveryPlace } from './recovery-place';
import { AppTable, PostgresDatabase } from '../database';
import { rootStack } from '../edge/across-stacks';
import { AppBucket } from '../storage';

/** What a procedure is written for. */
export interface ProcedureOptions {
  readonly recovery: Recovery;
  readonly databases: readonly PostgresDatabase[];
  readonly buckets: readonly AppBucket[];
  readonly tables: readonly AppTable[];
  readonly replicated: readonly ReplicatedBucket[];
  readonly place?: RecoveryPlace;
  readonly replicatesDatabases: boolean;
}

/** The procedure as Markdown. Its commands ask the region in which they restore, and never the one that may be lost. */
export function recoveryProcedure(options: ProcedureOptions): string {
  return [
    `# Recovery of ${options.recovery.node.path}`,
    'Written by the app itself at synth. Commands are for bash, with the AWS CLI 2 and rights to read backups and to deploy.',
    objectives(options.recovery),
    '## After a mistake: data is lost, and the region stands',
    'First stop what destroys data: `aws ecs update-service --desired-count 0`, or the deployment that did it. Then restore beside it, compare, and switch.',
    ...options.databases.map(databaseHere),
    ...options.buckets.map(bucketHere),
    ...options.tables.map(tableHere),
    ...options.place ? lostRegion(options, options.place) : ['## After the loss of the region', 'There is no recovery region: what was in the region is lost with it.'],
    '## Afterwards',
    '- Read the alarms, and try the app as a user would.',
    '- Write down when data was last right, how long each step took, and what this page lacked. A drill does the same, once a quarter.',
    '- Leave every `fromRecoveryPoint` and `existing` in the code: without it, the template asks for something new and empty.',
  ].join('\n\n') + '\n';
}

function objectives({ objectives: list }: Recovery): string {
  return [
    '| block | lost at most by a mistake | back in | lost at most with the region | back in | by |',
    '|---|---|---|---|---|---|',
    ...list.map(({ block, lossMinutes, backMinutes, regionLossMinutes, regionBackMinutes, by }) => `| ${[
      block, inWords(lossMinutes), inWords(backMinutes), inWords(regionLossMinutes), regionBackMinutes === undefined ? 'never' : inWords(regionBackMinutes), by,
    ].join(' | ')} |`),
    '',
    'Losses follow from how often is backed up; times are aims that grow with the data, and that a drill has to confirm.',
  ].join('\n');
}

function databaseHere(database: PostgresDatabase): string {
  const { region } = rootStack(database);
  const found = database.instance
    ? commands(`aws rds describe-db-instances --region ${region} --output table \\
  --query "DBInstances[?${ofDatabase(database, 'DBInstanceIdentifier')}].[DBInstanceIdentifier,DbiResourceId,LatestRestorableTime]"`)
    : snapshots(database, region);
  return section(database, found, database.instance
    ? "Then, in the code, `fromRecoveryPoint: DatabaseRecoveryPoint.atTime('<DbiResourceId>', '<second before the mistake, such as 2026-11-20T03:10:00Z>')`, and deploy: "
      + 'a new database takes the place of the old one, which stays in the account where the profile keeps it.'
    : "Then, in the code, `fromRecoveryPoint: DatabaseRecoveryPoint.snapshot('<ARN>')`, and deploy.");
}

function bucketHere(bucket: AppBucket): string {
  const { region } = rootStack(bucket);
  return section(bucket, commands(`BUCKET=${name(bucket.bucket, bucket.bucketName)}
# What was deleted, and when. A file is back when its delete marker is gone.
aws s3api list-object-versions --region ${region} --bucket $BUCKET --query 'DeleteMarkers[?IsLatest].[LastModified,Key,VersionId]' --output table
aws s3api delete-object --region ${region} --bucket $BUCKET --key '<Key>' --version-id '<VersionId>'
# What was overwritten, from the version before.
aws s3api list-object-versions --region ${region} --bucket $BUCKET --prefix '<Key>' --query 'Versions[].[LastModified,VersionId,IsLatest]' --output table
aws s3api copy-object --region ${region} --bucket $BUCKET --key '<Key>' --copy-source "$BUCKET/<Key>?versionId=<VersionId>"`),
  'More files than that: restore the continuous backup in AWS Backup to a new bucket whose name begins with `restored-`, and copy what is missing.');
}

function tableHere(table: AppTable): string {
  const { region } = rootStack(table);
  return section(table, commands(`TABLE=${name(table.table, table.tableName)}
aws dynamodb restore-table-to-point-in-time --region ${region} --source-table-name $TABLE --target-table-name restored-${table.node.id.toLowerCase()} \\
  --restore-date-time '<second before the mistake, such as 2026-11-20T03:10:00Z>'
${settingsOfTable(`restored-${table.node.id.toLowerCase()}`, region)}`),
  `Then, in the code, \`existing: { tableName: 'restored-${table.node.id.toLowerCase()}' }\`, and deploy. Without point-in-time recovery, restore from the vault as after the loss of the region.`);
}

function lostRegion(options: ProcedureOptions, { region, stack }: RecoveryPlace): string[] {
  const { recovery, databases, buckets, tables, replicated, replicatesDatabases } = options;
  return [
    `## After the loss of ${rootStack(recovery).region}: stand up the app in ${region}`,
    `Decide it: look at https://health.aws.amazon.com, and who decides says so in writing, because what users write from now on is written in ${region}.`,
    commands(`ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
npx cdk bootstrap aws://$ACCOUNT/${region}          # does nothing where it was done
aws cloudformation describe-stacks --region ${region} --stack-name ${stack.stackName} --query 'Stacks[0].StackStatus'
VAULT=${physicalId(recovery.recoveryVault!, region)}
ROLE=$(aws iam get-role --query Role.Arn --output text --role-name \\
  ${physicalId(recovery.recoveryRestoreRole!, region)})
KEY=$(aws kms describe-key --region ${region} --query KeyMetadata.Arn --output text --key-id \\
  ${physicalId(recovery.recoveryKey!, region)})`),
    'Images of containers, secrets of your own, certificates and parameters have to be in that region too: nothing here copies them.',
    ...databases.map(database => databaseElsewhere(database, replicatesDatabases && database.replicatesBackups, region)),
    ...buckets.map(bucket => bucketElsewhere(bucket, replicated.find(({ source }) => source === bucket), region)),
    ...tables.map(table => tableElsewhere(table, region)),
    '### The app',
    `Another stack of the same class, with \`env: { region: '${region}' }\`, the recovery points above, and without \`recoveryRegion\` or with another one. Then:`,
    commands('npx cdk diff <stack>\nnpx cdk deploy <stack>'),
    'Point the records of the domain to it. Nothing of the old stack may write any more when its region is back: scale its services to 0 before anything else.',
  ];
}

function databaseElsewhere(database: PostgresDatabase, replicated: boolean, region: string): string {
  if (!replicated) {
    return section(database, recoveryPoints(database, region, database.instance ? 'RDS' : 'Aurora', `contains(ResourceArn, '${idPart(database)}')`),
      "In the code: `fromRecoveryPoint: DatabaseRecoveryPoint.snapshot('<the ARN>')`.");
  }
  return section(database, commands(`aws rds describe-db-instance-automated-backups --region ${region} --output table \\
  --query "DBInstanceAutomatedBackups[?${ofDatabase(database, 'DBInstanceIdentifier')}].[DBInstanceAutomatedBackupsArn,RestoreWindow.LatestTime]"`),
  "In the code: `fromRecoveryPoint: DatabaseRecoveryPoint.latest('<the ARN>')`, or `atTime('<the ARN>', '<a second before the latest>')`.");
}

function bucketElsewhere(bucket: AppBucket, replicated: ReplicatedBucket | undefined, region: string): string {
  if (replicated) {
    const key = bucket.encryptionKey ? ", encryptionKey: kms.Key.fromKeyArn(this, 'ReplicaKey', '<the key>')" : '';
    return section(bucket, commands(`REPLICA=${name(replicated.replica.bucket, replicated.replica.bucketName)}
echo $REPLICA${key ? ' $KEY' : ''}`), `In the code: \`existing: { bucketName: '<the name>'${key} }\`.`);
  }
  const target = `restored-${bucket.node.id.toLowerCase()}-$ACCOUNT`;
  return section(bucket, recoveryPoints(bucket, region, 'S3'),
    restore(region, `DestinationBucketName=${target},NewBucket=true,Encrypted=true`), 'In the code: `existing: { bucketName: \'<the name>\' }`.');
}

function tableElsewhere(table: AppTable, region: string): string {
  const target = `restored-${table.node.id.toLowerCase()}`;
  return section(table, recoveryPoints(table, region, 'DynamoDB', `contains(ResourceArn, '${idPart(table)}')`),
    restore(region, `targetTableName=${target},encryptionType=Default`), commands(settingsOfTable(target, region)),
    `In the code: \`existing: { tableName: '${target}' }\`.`);
}

/** @param condition what the last backup of the block is found by; without it, a person has to find it in a table */
function recoveryPoints(block: IConstruct, region: string, type: string, condition?: string): string {
  const list = `aws backup list-recovery-points-by-backup-vault --region ${region} --backup-vault-name $VAULT --by-resource-type ${type}`;
  return commands(condition === undefined
    ? `${list} --output table \\
  --query 'reverse(sort_by(RecoveryPoints, &CreationDate))[].[CreationDate,ResourceArn,RecoveryPointArn]'
POINT='<RecoveryPointArn of ${block.node.path}>'`
    : `POINT=$(${list} --output text \\
  --query "reverse(sort_by(RecoveryPoints[?${condition}], &CreationDate))[0].RecoveryPointArn"); echo $POINT`);
}

function restore(region: string, metadata: string): string {
  return commands(`JOB=$(aws backup start-restore-job --region ${region} --recovery-point-arn $POINT --iam-role-arn $ROLE --query RestoreJobId --output text \\
  --metadata ${metadata})
aws backup describe-restore-job --region ${region} --restore-job-id $JOB --query '[Status,PercentDone,StatusMessage,CreatedResourceArn]'  # until COMPLETED`);
}

function snapshots(database: PostgresDatabase, region: string): string {
  return commands(`aws rds describe-db-cluster-snapshots --region ${region} --output table \\
  --query "reverse(sort_by(DBClusterSnapshots[?${ofDatabase(database, 'DBClusterIdentifier')}], &SnapshotCreateTime))[].[SnapshotCreateTime,DBClusterSnapshotArn]"`);
}

/** What a restored table does not have of the one that was backed up. */
function settingsOfTable(table: string, region: string): string {
  return `aws dynamodb wait table-exists --region ${region} --table-name ${table}
aws dynamodb update-continuous-backups --region ${region} --table-name ${table} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true
aws dynamodb update-table --region ${region} --table-name ${table} --deletion-protection-enabled
# Where items expire: aws dynamodb update-time-to-live --region ${region} --table-name ${table} --time-to-live-specification Enabled=true,AttributeName=<attribute>`;
}

function ofDatabase(database: PostgresDatabase, field: string): string {
  return database.identifierPrefix === undefined ? `${field}=='${idPart(database)}'` : `starts_with(${field}, '${database.identifierPrefix}')`;
}

/** What is known at synth of the name of a block's resource: the beginning that CloudFormation gives it, or all of one that exists already. */
function idPart(block: PostgresDatabase | AppTable): string {
  if (block instanceof PostgresDatabase) {
    return block.identifierPrefix ?? known((block.instance?.instanceIdentifier ?? block.cluster?.clusterIdentifier)!, block);
  }
  if (!Token.isUnresolved(block.tableName)) return `table/${block.tableName}`;
  const element = block.table.node.defaultChild as CfnElement;
  return known(`table/${Stack.of(block).stackName}-${Stack.of(block).resolve(element.logicalId)}`, block);
}

function known(value: string, block: IConstruct): string {
  return Token.isUnresolved(value) ? `<name of ${block.node.path}>` : value;
}

/** The name of a resource in this app, as a command that asks CloudFormation for it; of another one, as it is. */
function name(resource: IConstruct, physicalName: string): string {
  return Token.isUnresolved(physicalName) ? physicalId(resource, rootStack(resource).region) : physicalName;
}

function physicalId(resource: IConstruct, region: string): string {
  const stack = Stack.of(resource);
  if (Token.isUnresolved(stack.stackName)) return `'<name of ${resource.node.path}>'`;
  const logicalId = stack.resolve((resource.node.defaultChild as CfnElement).logicalId);
  return `$(aws cloudformation describe-stack-resource --region ${region} --stack-name ${stack.stackName} --logical-resource-id ${logicalId} \\
  --query StackResourceDetail.PhysicalResourceId --output text)`;
}

function section(block: IConstruct, ...parts: string[]): string {
  return [`### ${block.node.path}`, ...parts].join('\n\n');
}

function commands(text: string): string {
  return ['```bash', text, '```'].join('\n');
}
