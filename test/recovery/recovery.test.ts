import { App, NestedStack, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { ACCOUNT, blocks, create, DEVELOPMENT, ELSEWHERE, find, HOME, PRODUCTION, STAGING } from './recovery-fixtures';
import { AppTable, DatabaseCapacity, PostgresDatabase } from '../../src/database';
import { EncryptionKey } from '../../src/encryption';
import { Monitoring } from '../../src/observability';
import { Recovery, VaultLock } from '../../src/recovery';
import { AppBucket } from '../../src/storage';

const RETAINED = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' };

function rulesOf(template: Template, plan: RegExp) {
  return find(template, 'AWS::Backup::BackupPlan', plan).Properties.BackupPlan.BackupPlanRule as { [name: string]: unknown }[];
}

function actionsOf(template: Template, policy: RegExp): string[] {
  const { Statement } = find(template, 'AWS::IAM::ManagedPolicy', policy).Properties.PolicyDocument;
  return Statement.flatMap(({ Action }: { Action: string | string[] }) => Action);
}

function auroraOf(stack: Stack): PostgresDatabase {
  const capacity = DatabaseCapacity.serverless({ minimumCapacity: 0.5, maximumCapacity: 2 });
  return new PostgresDatabase(stack, 'Aurora', { vpc: stack.node.findChild('Vpc') as never, capacity });
}

function destroyed(stack: Stack): kms.IKey {
  return new kms.Key(stack, 'Destroyed', { removalPolicy: RemovalPolicy.DESTROY });
}

function stackOutput(name: RegExp | string) {
  return { 'Fn::GetStackOutput': { StackName: `Arcade-recovery-${ELSEWHERE}`, OutputName: Match.stringLikeRegexp(`${name}`), Region: ELSEWHERE } };
}

describe('backups', () => {
  test('of production are taken each day, week and month, by ARN and never by tag', () => {
    const template = create().template();
    expect(rulesOf(template, /^RecoveryPlan/)).toMatchObject([
      { RuleName: 'Daily', ScheduleExpression: 'cron(0 5 * * ? *)', Lifecycle: { DeleteAfterDays: 35 } },
      { RuleName: 'Weekly', ScheduleExpression: 'cron(0 5 ? * SUN *)', Lifecycle: { DeleteAfterDays: 91 } },
      { RuleName: 'Monthly', ScheduleExpression: 'cron(0 5 1 * ? *)', Lifecycle: { DeleteAfterDays: 366 } },
    ]);
    template.hasResourceProperties('AWS::Backup::BackupSelection', {
      BackupSelection: {
        Resources: [Match.anyValue(), { 'Fn::GetAtt': [Match.stringLikeRegexp('^SessionsTable'), 'Arn'] }], ListOfTags: Match.absent(), Conditions: Match.absent(),
      },
    });
  });

  test.each([[DEVELOPMENT, [7]], [STAGING, [14, 35]], [PRODUCTION, [35, 91, 366]]])('of %s are kept as long as its environment needs them', (profile, days) => {
    const template = create({}, profile).template();
    expect(rulesOf(template, /^RecoveryPlan/).map(({ Lifecycle }) => Lifecycle)).toEqual(days.map(DeleteAfterDays => ({ DeleteAfterDays })));
  });

  test('of buckets are continuous, in a plan by itself, so that RDS never hands its own backups over', () => {
    const template = create({ dailyRetentionDays: 60 }).template();
    expect(rulesOf(template, /^RecoveryBucketPlan/).map(({ EnableContinuousBackup, Lifecycle }) => [EnableContinuousBackup, Lifecycle])).toEqual([
      [true, { DeleteAfterDays: 35 }], [undefined, { DeleteAfterDays: 91 }], [undefined, { DeleteAfterDays: 366 }],
    ]);
    expect(JSON.stringify(rulesOf(template, /^RecoveryPlan/))).not.toContain('Continuous');
    find(template, 'AWS::S3::Bucket', /^UploadsBucket/);
    template.hasResourceProperties('AWS::S3::Bucket', { NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } } });
  });

  test('stay with their vault and the role that lets them expire, whatever the environment', () => {
    for (const profile of [DEVELOPMENT, PRODUCTION]) {
      const template = create({}, profile).template();
      expect(find(template, 'AWS::Backup::BackupVault')).toMatchObject(RETAINED);
      expect(find(template, 'AWS::IAM::Role', /^RecoveryBackupRole/)).toMatchObject(RETAINED);
      expect(find(template, 'AWS::IAM::ManagedPolicy', /^RecoveryBackupRole/)).toMatchObject(RETAINED);
    }
  });

  test.each([DEVELOPMENT, STAGING, PRODUCTION])('keep the key of their copies in %s: nobody could restore them without it', profile => {
    const key = find(create({ recoveryRegion: ELSEWHERE }, profile).templateElsewhere(), 'AWS::KMS::Key');
    expect(key).toMatchObject(RETAINED);
    expect(key.Properties).not.toHaveProperty('PendingWindowInDays');
  });

  function warnings({ stack }: { readonly stack: Stack }) {
    return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('backupKeyIsDeleted')).map(({ entry }) => entry.data);
  }

  test('are said to be lost with a key that goes with its stack, of the vault or of a database', () => {
    const vault = create(({ stack }) => ({ encryptionKey: new EncryptionKey(stack, 'Key', { profile: DEVELOPMENT }).key }), DEVELOPMENT);
    expect(warnings(vault)).toEqual([expect.stringMatching(/^Arcade\/Key\/Key is deleted with its stack[^]*RETAIN_ON_UPDATE_OR_DELETE/)]);
    const database = create(({ stack }) => ({
      databases: [new PostgresDatabase(stack, 'Own', { vpc: stack.node.findChild('Vpc') as never, encryptionKey: destroyed(stack) })],
    }));
    expect(warnings(database)).toEqual([expect.stringMatching(/^Arcade\/Destroyed is deleted/)]);
  });

  test('are not said to be lost where the key stays, is imported, or is that of a bucket, whose backups have the vault\'s', () => {
    const keys: ((stack: Stack) => kms.IKey)[] = [
      stack => new kms.Key(stack, 'Kept'), stack => new EncryptionKey(stack, 'Key', { profile: STAGING }).key,
      stack => kms.Key.fromKeyArn(stack, 'Imported', `arn:aws:kms:${HOME}:${ACCOUNT}:key/1`),
    ];
    for (const key of keys) expect(warnings(create(({ stack }) => ({ encryptionKey: key(stack) })))).toEqual([]);
    expect(warnings(create(({ stack }) => ({ buckets: [new AppBucket(stack, 'Own', { encryptionKey: destroyed(stack) })] })))).toEqual([]);
  });

  test('keep the logical ids of vault, key and replica', () => {
    const { template, templateElsewhere } = create(({ stack }) => {
      const key = new EncryptionKey(stack, 'Key').key;
      return { recoveryRegion: ELSEWHERE, encryptionKey: key };
    });
    expect(Object.keys(template().findResources('AWS::Backup::BackupVault'))).toEqual(['RecoveryVault36CA333C']);
    expect(Object.keys(templateElsewhere().findResources('AWS::Backup::BackupVault'))).toEqual(['RecoveryVault36CA333C']);
    expect(Object.keys(templateElsewhere().findResources('AWS::KMS::Key'))).toEqual(['RecoveryKey97D36353']);
    expect(Object.keys(templateElsewhere().findResources('AWS::S3::Bucket'))).toContain('RecoveryReplicaArcadeUploads7EADC62EBucketE47729FF');
  });

  test('have a vault whose name no stack that is left behind can block', () => {
    const { BackupVaultName } = find(create().template(), 'AWS::Backup::BackupVault').Properties;
    const [, [beginning, end]] = BackupVaultName['Fn::Join'];
    expect(beginning).toMatch(/^Arcade-Recovery-[0-9a-f]{8}-$/);
    expect(JSON.stringify(end)).toContain('AWS::StackId');
    const long = new Stack(new App(), 'A'.repeat(100));
    new Recovery(long, 'Recovery', { tables: [new AppTable(long, 'Table')] });
    const [name] = find(Template.fromStack(long), 'AWS::Backup::BackupVault').Properties.BackupVaultName['Fn::Join'][1];
    // The twelve characters of the stack's own follow.
    expect(name.length + 12).toBeLessThanOrEqual(50);
  });

  test('are made with rights on the blocks and on nothing else of their kind', () => {
    const template = create().template();
    const { Statement } = find(template, 'AWS::IAM::ManagedPolicy', /^RecoveryBackupRole/).Properties.PolicyDocument;
    type Allowed = { readonly Action: string | string[]; readonly Resource: unknown };
    const on = (action: string) => JSON.stringify(Statement.find(({ Action }: Allowed) => [Action].flat().includes(action)).Resource);
    expect(on('s3:GetObject')).toContain('UploadsBucket');
    expect(on('s3:GetObject')).not.toContain('"*"');
    expect(on('dynamodb:CreateBackup')).toContain('SessionsTable');
    expect(on('rds:CreateDBSnapshot')).toContain('DatabaseInstance');
    expect(on('rds:DeleteDBSnapshot')).toContain('snapshot:awsbackup:*');
    expect(on('rds:DeleteDBSnapshot')).not.toContain('DatabaseInstance');
  });

  test('ask for no rights on services that are not backed up, and for none to copy where nothing is copied', () => {
    const actions = actionsOf(create({ databases: [], buckets: [] }).template(), /^RecoveryBackupRole/);
    expect(actions.filter(action => /^(rds|s3|events):|Copy/.test(action))).toEqual([]);
    expect(actions).toContain('dynamodb:StartAwsBackupJob');
  });

  test('use the keys of blocks and vaults, and no other', () => {
    const { template } = create(({ stack, database, table }) => {
      const [own, vaults] = [new kms.Key(stack, 'Own'), new kms.Key(stack, 'Vaults')];
      return { buckets: [new AppBucket(stack, 'Encrypted', { encryptionKey: own })], databases: [database], tables: [table], encryptionKey: vaults };
    });
    for (const role of [/^RecoveryBackupRole/, /^RecoveryRestoreRole/]) {
      const { Statement } = find(template(), 'AWS::IAM::ManagedPolicy', role).Properties.PolicyDocument;
      const keys = Statement.filter(({ Action }: { Action: string | string[] }) => [Action].flat().some(action => action.startsWith('kms:')));
      expect(keys).toHaveLength(2);
      for (const { Resource } of keys) expect(JSON.stringify(Resource)).toMatch(/Vaults.*Own/);
    }
    template().hasResourceProperties('AWS::Backup::BackupVault', { EncryptionKeyArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Vaults'), 'Arn'] } });
  });

  test('of Aurora and of what exists already are taken too', () => {
    const { template } = create(({ stack }) => ({
      databases: [auroraOf(stack)],
      buckets: [new AppBucket(stack, 'Old', { existing: { bucketName: 'game-audio' } })],
      tables: [new AppTable(stack, 'OldTable', { existing: { tableName: 'game' } })],
    }));
    const resources = Object.values(template().findResources('AWS::Backup::BackupSelection')).flatMap(({ Properties }) => Properties.BackupSelection.Resources);
    expect(JSON.stringify(resources)).toMatch(/:cluster:.*:table\/game.*:s3:::game-audio/);
    template().hasResourceProperties('AWS::Backup::RestoreTestingSelection', {
      ProtectedResourceType: 'Aurora', RestoreMetadataOverrides: { dbSubnetGroupName: { Ref: Match.stringLikeRegexp('^AuroraCluster') } },
    });
  });
});

describe('a vault lock', () => {
  test('keeps a backup at least as long as the shortest retention', () => {
    const { template } = create({ vaultLock: VaultLock.governance() }, STAGING);
    template().hasResourceProperties('AWS::Backup::BackupVault', { LockConfiguration: { MinRetentionDays: 14, ChangeableForDays: Match.absent() } });
  });

  test('of compliance is in both regions, and can be taken back for some days', () => {
    const vaultLock = VaultLock.compliance(7, { minimumRetentionDays: 30, maximumRetentionDays: 400 });
    const { template, templateElsewhere } = create({ recoveryRegion: ELSEWHERE, vaultLock });
    for (const each of [template(), templateElsewhere()]) {
      each.hasResourceProperties('AWS::Backup::BackupVault', { LockConfiguration: { MinRetentionDays: 30, MaxRetentionDays: 400, ChangeableForDays: 7 } });
    }
  });

  test('of compliance stays the same when a retention changes or a bucket is added: AWS would fail the deployment', () => {
    const vaultLock = VaultLock.compliance(7, { minimumRetentionDays: 30 });
    const lock = (props: object) => find(create({ ...props, vaultLock }).template(), 'AWS::Backup::BackupVault').Properties.LockConfiguration;
    const first = lock({ dailyRetentionDays: 60, buckets: [] });
    expect(first).toEqual({ MinRetentionDays: 30, ChangeableForDays: 7 });
    expect(lock({ dailyRetentionDays: 45, buckets: [] })).toEqual(first);
    expect(lock({ dailyRetentionDays: 60 })).toEqual(first);
  });

  test('is not there unless it is asked for', () => {
    create().template().hasResourceProperties('AWS::Backup::BackupVault', { LockConfiguration: Match.absent() });
  });
});

describe('a recovery region', () => {
  test('has a stack of its own, which is deployed first and refers to nothing of the other', () => {
    const { stack, elsewhere, templateElsewhere } = create({ recoveryRegion: ELSEWHERE });
    const app = stack.node.root as App;
    expect(app.synth().stacks.map(({ stackName }) => stackName)).toEqual([`Arcade-recovery-${ELSEWHERE}`, 'Arcade']);
    expect([elsewhere().region, elsewhere().account]).toEqual([ELSEWHERE, ACCOUNT]);
    expect(JSON.stringify(templateElsewhere().toJSON())).not.toMatch(/GetStackOutput|ImportValue/);
  });

  test('gets a copy of each backup of databases and tables, kept as long as the backup', () => {
    const { template, templateElsewhere } = create({ recoveryRegion: ELSEWHERE });
    for (const rule of rulesOf(template(), /^RecoveryPlan/)) {
      expect(rule.CopyActions).toEqual([{ DestinationBackupVaultArn: expect.objectContaining({ 'Fn::GetStackOutput': expect.anything() }), Lifecycle: rule.Lifecycle }]);
    }
    templateElsewhere().hasResourceProperties('AWS::Backup::BackupVault', { EncryptionKeyArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RecoveryKey'), 'Arn'] } });
    expect(JSON.stringify(rulesOf(template(), /^RecoveryBucketPlan/))).not.toContain('CopyActions');
  });

  test('gets the database backups of RDS itself, encrypted with the key that is there', () => {
    const { template } = create({ recoveryRegion: ELSEWHERE });
    template().hasResourceProperties('AWS::RDS::DBInstance', {
      AutomaticBackupReplicationRegion: ELSEWHERE, AutomaticBackupReplicationKmsKeyId: stackOutput('RecoveryKey.*Arn'),
    });
  });

  test('gets none of them by choice, and none of Aurora, whose backups are copied', () => {
    const without = create({ recoveryRegion: ELSEWHERE, replicateDatabaseBackups: false });
    const aurora = create(({ stack }) => ({ recoveryRegion: ELSEWHERE, databases: [auroraOf(stack)] }));
    for (const { template, recovery } of [without, aurora]) {
      expect(JSON.stringify(template().toJSON())).not.toContain('AutomaticBackupReplication');
      expect(recovery.objectives[0]).toMatchObject({ regionLossMinutes: 32 * 60 });
    }
  });

  test('gets every new file of a bucket, and keeps what is deleted here', () => {
    const { template, templateElsewhere } = create({ recoveryRegion: ELSEWHERE });
    const { ReplicationConfiguration } = find(template(), 'AWS::S3::Bucket', /^UploadsBucket/).Properties;
    expect(ReplicationConfiguration.Rules).toEqual([{
      Id: 'Recovery',
      Status: 'Enabled',
      Priority: 1,
      Filter: { Prefix: '' },
      DeleteMarkerReplication: { Status: 'Disabled' },
      Destination: { Bucket: expect.objectContaining({ 'Fn::GetStackOutput': expect.anything() }), Metrics: { Status: 'Enabled' } },
    }]);
    expect(actionsOf(template(), /^UploadsReplicationRole/)).not.toContain('s3:ReplicateDelete');
    expect(find(templateElsewhere(), 'AWS::S3::Bucket', /^RecoveryReplicaArcadeUploads[0-9A-F]{8}Bucket/)).toMatchObject({
      ...RETAINED, Properties: { VersioningConfiguration: { Status: 'Enabled' } },
    });
  });

  test('gets deletes too by choice', () => {
    const { template } = create({ recoveryRegion: ELSEWHERE, replicateDeletes: true });
    expect(find(template(), 'AWS::S3::Bucket', /^UploadsBucket/).Properties.ReplicationConfiguration.Rules[0].DeleteMarkerReplication).toEqual({ Status: 'Enabled' });
    expect(actionsOf(template(), /^UploadsReplicationRole/)).toContain('s3:ReplicateDelete');
  });

  test('gets files that a key encrypts encrypted with the key that is there', () => {
    const { template } = create(({ stack }) => ({
      recoveryRegion: ELSEWHERE, buckets: [new AppBucket(stack, 'Secret', { encryptionKey: new kms.Key(stack, 'Own') })],
    }));
    const [rule] = find(template(), 'AWS::S3::Bucket', /^SecretBucket/).Properties.ReplicationConfiguration.Rules;
    expect(rule.SourceSelectionCriteria).toEqual({ SseKmsEncryptedObjects: { Status: 'Enabled' } });
    expect(JSON.stringify(rule.Destination.EncryptionConfiguration)).toMatch(/GetStackOutput.*RecoveryKey/);
    const { Statement } = find(template(), 'AWS::IAM::ManagedPolicy', /^SecretReplicationRole/).Properties.PolicyDocument;
    const keys = Statement.filter(({ Action }: { Action: string | string[] }) => JSON.stringify(Action).includes('kms:'));
    expect(keys.map(({ Condition }: { Condition: unknown }) => JSON.stringify(Condition))).toEqual([expect.stringContaining(`s3.${HOME}.`), expect.stringContaining(`s3.${ELSEWHERE}.`)]);
  });

  test('gets copies of the buckets\' backups where their files are not replicated', () => {
    const { template, recovery } = create({ recoveryRegion: ELSEWHERE, replicateBuckets: false });
    expect(find(template(), 'AWS::S3::Bucket', /^UploadsBucket/).Properties).not.toHaveProperty('ReplicationConfiguration');
    for (const rule of rulesOf(template(), /^RecoveryBucketPlan/)) expect(rule).toHaveProperty('CopyActions');
    expect(recovery.replicas).toEqual([]);
  });

  test('gets nothing of a bucket that exists already, and says so', () => {
    const { stack, template } = create(made => ({ recoveryRegion: ELSEWHERE, buckets: [new AppBucket(made.stack, 'Old', { existing: { bucketName: 'game-audio' } })] }));
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('Arcade/Old exists already.*existingBucketReplication'));
    expect(JSON.stringify(template().toJSON())).not.toContain('ReplicationConfiguration');
  });

  test('can be another one for another Recovery of the same stack', () => {
    const { stack, database, bucket, table } = blocks();
    new Recovery(stack, 'Ireland', { recoveryRegion: ELSEWHERE, databases: [database], tables: [table] });
    new Recovery(stack, 'Paris', { recoveryRegion: 'eu-west-3', buckets: [bucket] });
    expect((stack.node.root as App).synth().stacks.map(({ stackName }) => stackName).sort()).toEqual(['Arcade', 'Arcade-recovery-eu-west-1', 'Arcade-recovery-eu-west-3']);
  });

  test('serves blocks of another stack, without a circle', () => {
    const { stack, database, bucket, table } = blocks();
    const operations = new Stack(stack.node.root as App, 'Operations', { env: { account: ACCOUNT, region: HOME } });
    new Recovery(operations, 'Recovery', { recoveryRegion: ELSEWHERE, databases: [database], buckets: [bucket], tables: [table] });
    expect((stack.node.root as App).synth().stacks.map(({ stackName }) => stackName)).toEqual([`Operations-recovery-${ELSEWHERE}`, 'Arcade', 'Operations']);
  });

  test('works from a nested stack', () => {
    const { stack, table } = blocks();
    const nested = new NestedStack(stack, 'Nested');
    const recovery = new Recovery(nested, 'Recovery', { recoveryRegion: ELSEWHERE, tables: [table] });
    expect(recovery.recoveryVault!.node.path).toBe(`Arcade-recovery-${ELSEWHERE}/Nested/Recovery/Vault`);
    expect(recovery.procedure).toContain('start-restore-job');
    (stack.node.root as App).synth();
  });

  test('of another partition has the ARNs of that partition', () => {
    const { template } = create({ recoveryRegion: 'cn-northwest-1' }, PRODUCTION, { account: ACCOUNT, region: 'cn-north-1' });
    expect(JSON.stringify(template().toJSON())).not.toContain('arn:aws:');
  });
});

describe('a restore test', () => {
  test('restores the last backup of every block of production each Sunday, and deletes it after an hour', () => {
    const template = create().template();
    template.hasResourceProperties('AWS::Backup::RestoreTestingPlan', {
      RestoreTestingPlanName: Match.stringLikeRegexp('^[A-Za-z0-9_]{1,50}$'),
      ScheduleExpression: 'cron(0 17 ? * SUN *)',
      RecoveryPointSelection: { Algorithm: 'LATEST_WITHIN_WINDOW', IncludeVaults: [{ 'Fn::GetAtt': ['RecoveryVault36CA333C', 'BackupVaultArn'] }], SelectionWindowDays: 7 },
    });
    const selections = Object.values(template.findResources('AWS::Backup::RestoreTestingSelection')).map(({ Properties }) => Properties);
    expect(selections.map(({ ProtectedResourceType }) => ProtectedResourceType).sort()).toEqual(['DynamoDB', 'RDS', 'S3']);
    for (const { RestoreTestingSelectionName, ValidationWindowHours } of selections) {
      expect(RestoreTestingSelectionName).toMatch(/^[A-Za-z0-9_]{1,50}$/);
      expect(ValidationWindowHours).toBe(1);
    }
  });

  test('restores a database into its own subnets, because an account may have no default VPC', () => {
    create().template().hasResourceProperties('AWS::Backup::RestoreTestingSelection', {
      ProtectedResourceType: 'RDS', RestoreMetadataOverrides: { dbSubnetGroupName: { Ref: Match.stringLikeRegexp('^DatabaseInstanceSubnetGroup') } },
    });
  });

  test('writes to and deletes only what it restored', () => {
    const { Statement } = find(create().template(), 'AWS::IAM::ManagedPolicy', /^RecoveryRestoreRole/).Properties.PolicyDocument;
    const changing = Statement.filter(({ Action }: { Action: string | string[] }) => [Action].flat().some(action => /Delete|Put|Write|Update/.test(action)));
    expect(changing).toHaveLength(4);
    for (const { Resource } of changing) {
      for (const arn of [Resource].flat()) expect(JSON.stringify(arn)).toMatch(/awsbackup-restore-test-\*|restored-\*/);
    }
  });

  test.each([[DEVELOPMENT], [STAGING]])('is made in %s by choice only', profile => {
    create({}, profile).template().resourceCountIs('AWS::Backup::RestoreTestingPlan', 0);
    create({ restoreTests: true }, profile).template().resourceCountIs('AWS::Backup::RestoreTestingPlan', 1);
  });
});

describe('people are told', () => {
  test('of failed backups, copies and tests, in AWS Backup\'s own words', () => {
    const template = create({ recoveryRegion: ELSEWHERE }).template();
    const vault = (attribute: string) => [{ 'Fn::GetAtt': ['RecoveryVault36CA333C', attribute] }];
    const patterns = Object.values(template.findResources('AWS::Events::Rule')).map(({ Properties }) => Properties.EventPattern);
    const failed = ['ABORTED', 'EXPIRED', 'FAILED'];
    expect(patterns).toEqual(expect.arrayContaining([
      { 'source': ['aws.backup'], 'detail-type': ['Backup Job State Change'], 'detail': { state: failed, backupVaultName: vault('BackupVaultName') } },
      { 'source': ['aws.backup'], 'detail-type': ['Copy Job State Change'], 'detail': { state: failed, sourceBackupVaultArn: vault('BackupVaultArn') } },
      { 'source': ['aws.backup'], 'detail-type': ['Restore Job State Change'], 'detail': { status: failed, iamRoleArn: [{ 'Fn::GetAtt': [expect.stringMatching(/^RecoveryRestoreRole/), 'Arn'] }] } },
    ]));
  });

  test('of files that were not replicated', () => {
    create({ recoveryRegion: ELSEWHERE }).template().hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/S3',
      MetricName: 'OperationsFailedReplication',
      Dimensions: [
        { Name: 'DestinationBucket', Value: stackOutput('Name') }, { Name: 'RuleId', Value: 'Recovery' },
        { Name: 'SourceBucket', Value: { Ref: Match.stringLikeRegexp('^UploadsBucket') } },
      ],
    });
  });

  test('with a graph of those that wait, which S3 counts in the region of the replica', () => {
    const { stack, recovery } = create({ recoveryRegion: ELSEWHERE });
    const [waiting] = stack.resolve(recovery.dashboardWidgets()[1].toJson()[0].properties.metrics);
    expect(waiting).toEqual(expect.arrayContaining(['OperationsPendingReplication', expect.objectContaining({ region: ELSEWHERE })]));
  });

  test('by choice, and S3 then counts what the alarm looks at', () => {
    const { template, recovery } = create({ recoveryRegion: ELSEWHERE, alarms: true }, DEVELOPMENT);
    expect(recovery.alarms).toHaveLength(1);
    expect(find(template(), 'AWS::S3::Bucket', /^UploadsBucket/).Properties.ReplicationConfiguration.Rules[0].Destination.Metrics).toEqual({ Status: 'Enabled' });
  });

  test('through a Monitoring, with a row that says what can be lost', () => {
    const { stack, recovery } = create({ recoveryRegion: ELSEWHERE });
    const topic = new sns.Topic(stack, 'Topic');
    new Monitoring(stack, 'Monitoring', { topic, watched: [recovery] });
    const template = Template.fromStack(stack);
    for (const rule of Object.values(template.findResources('AWS::Events::Rule', { Properties: { EventPattern: { source: ['aws.backup'] } } }))) {
      expect(rule.Properties.Targets).toHaveLength(1);
    }
    expect(JSON.stringify(find(template, 'AWS::CloudWatch::Dashboard'))).toContain('Arcade/Sessions | 5 min | 1 h | 32 h | 4 h');
  });

  test('of nothing where alarms are off', () => {
    const { recovery } = create({ recoveryRegion: ELSEWHERE }, DEVELOPMENT);
    expect([recovery.alarms, recovery.events]).toEqual([[], undefined]);
  });
});

describe('the objectives', () => {
  test('say for each block what can be lost, here and with the region', () => {
    const { recovery } = create({ recoveryRegion: ELSEWHERE });
    expect(recovery.objectives).toEqual([
      { block: 'Arcade/Database', lossMinutes: 5, backMinutes: 60, regionLossMinutes: 20, regionBackMinutes: 240, by: 'RDS backups to any second; elsewhere replicated' },
      { block: 'Arcade/Uploads', lossMinutes: 15, backMinutes: 60, regionLossMinutes: 15, regionBackMinutes: 240, by: 'older versions, continuous backups; elsewhere a replica' },
      { block: 'Arcade/Sessions', lossMinutes: 5, backMinutes: 60, regionLossMinutes: 1920, regionBackMinutes: 240, by: 'point-in-time recovery; elsewhere daily copies' },
    ]);
  });

  test('say nothing of a region that is not there', () => {
    for (const objective of create().recovery.objectives) expect(objective).not.toHaveProperty('regionLossMinutes');
  });

  test('of a table without point-in-time recovery are those of its daily backups', () => {
    expect(create({}, DEVELOPMENT).recovery.objectives[2]).toMatchObject({ lossMinutes: 1920, by: 'daily backups' });
  });
});

describe('the procedure', () => {
  test('names the stacks, the regions and the resources of this app, and holds no token', () => {
    const { procedure } = create({ recoveryRegion: ELSEWHERE }).recovery;
    expect(procedure).not.toMatch(/\$\{Token|undefined|\[object/);
    expect(procedure).toContain(`aws rds describe-db-instance-automated-backups --region ${ELSEWHERE}`);
    expect(procedure).toContain("starts_with(DBInstanceIdentifier, 'db-arcadedatabase");
    expect(procedure).toContain('--logical-resource-id RecoveryReplicaArcadeUploads7EADC62EBucketE47729FF');
  });

  test('asks only the region that is left, once the other is lost', () => {
    const { procedure } = create({ recoveryRegion: ELSEWHERE }).recovery;
    const [, lost] = procedure.split('## After the loss of');
    expect(lost).not.toContain(`--region ${HOME}`);
  });

  test('says that there is no way back from the loss of the region where there is none', () => {
    expect(create().recovery.procedure).toContain('There is no recovery region');
  });

  test('is for Aurora, existing blocks and copied buckets too', () => {
    const { recovery } = create(({ stack }) => ({
      recoveryRegion: ELSEWHERE,
      replicateBuckets: false,
      databases: [auroraOf(stack)],
      tables: [new AppTable(stack, 'Old', { existing: { tableName: 'game' } })],
    }));
    expect(recovery.procedure).toContain('describe-db-cluster-snapshots');
    expect(recovery.procedure).toContain("contains(ResourceArn, 'table/game')");
    expect(recovery.procedure).toContain('DestinationBucketName=restored-uploads-$ACCOUNT');
  });
});

test('a stack without a region backs up in its own', () => {
  const { template } = create({}, PRODUCTION, {});
  template().resourceCountIs('AWS::Backup::BackupPlan', 2);
});

test('two in a stack have nothing in common', () => {
  const { stack, database, table } = blocks();
  new Recovery(stack, 'One', { databases: [database] });
  new Recovery(stack, 'Two', { tables: [table] });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::Backup::BackupVault', 2);
  const names = Object.values(template.findResources('AWS::Backup::RestoreTestingPlan')).map(({ Properties }) => Properties.RestoreTestingPlanName);
  expect(new Set(names).size).toBe(2);
});

test('its roles can be used by AWS Backup only', () => {
  const { template, templateElsewhere } = create({ recoveryRegion: ELSEWHERE });
  const roles = [find(template(), 'AWS::IAM::Role', /^RecoveryBackupRole/), find(template(), 'AWS::IAM::Role', /^RecoveryRestoreRole/), find(templateElsewhere(), 'AWS::IAM::Role')];
  for (const { Properties } of roles) {
    expect(Properties.AssumeRolePolicyDocument.Statement).toEqual([{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'backup.amazonaws.com' } }]);
  }
});
