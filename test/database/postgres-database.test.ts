import { App, Aws, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import { EnvironmentProfile } from '../../src';
import { DatabaseCapacity, ExistingDatabase, PostgresDatabase, PostgresDatabaseProps } from '../../src/database';
import { memoryGiB } from '../../src/database/instance-class';
import { PlatformError } from '../../src/errors';

type Props = Omit<PostgresDatabaseProps, 'vpc'>;

const IRELAND = { account: '111111111111', region: 'eu-west-1' };
const SERVERLESS = DatabaseCapacity.serverless({ minimumCapacity: 0.5, maximumCapacity: 4 });

function stackWithVpc(env?: { account: string; region: string }) {
  const stack = new Stack(new App(), 'Prod', { env });
  const subnet = (name: string, subnetType: ec2.SubnetType) => ({ name, subnetType });
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    maxAzs: 2,
    subnetConfiguration: [
      subnet('Public', ec2.SubnetType.PUBLIC), subnet('Private', ec2.SubnetType.PRIVATE_WITH_EGRESS), subnet('Data', ec2.SubnetType.PRIVATE_ISOLATED),
    ],
  });
  return { stack, vpc };
}

function create(props: Props = {}, env?: { account: string; region: string }) {
  const { stack, vpc } = stackWithVpc(env);
  const database = new PostgresDatabase(stack, 'Database', { vpc, ...props });
  return { stack, vpc, database, template: () => Template.fromStack(stack) };
}

function existingIn(stack: Stack, vpc: ec2.IVpc, more: Partial<ExistingDatabase> = {}): ExistingDatabase {
  return {
    host: 'db.example.com',
    databaseName: 'legacy',
    masterSecret: secretsmanager.Secret.fromSecretCompleteArn(stack, 'Master', 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:master-abcdef'),
    securityGroup: new ec2.SecurityGroup(stack, 'TheirGroup', { vpc, allowAllOutbound: false }),
    ...more,
  };
}

function refusal(props: object): string {
  const { stack, vpc } = stackWithVpc();
  const before = stack.node.findAll().length;
  try {
    new PostgresDatabase(stack, 'Database', { vpc, ...props });
  } catch (error) {
    expect(error).toBeInstanceOf(PlatformError);
    // The construct itself is there, its children are not.
    expect(stack.node.findAll().length).toBe(before + 1);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

describe('the database', () => {
  test('of production is encrypted, doubled, backed up, protected, growing, and keeps its major version only', () => {
    const { template } = create();
    template().hasResource('AWS::RDS::DBInstance', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        Engine: 'postgres',
        EngineVersion: '17',
        AutoMinorVersionUpgrade: true,
        DBInstanceClass: 'db.t4g.small',
        DBName: 'app',
        MultiAZ: true,
        StorageType: 'gp3',
        StorageEncrypted: true,
        AllocatedStorage: '20',
        MaxAllocatedStorage: 500,
        BackupRetentionPeriod: 14,
        CopyTagsToSnapshot: true,
        DeletionProtection: true,
        EnableIAMDatabaseAuthentication: true,
        EnablePerformanceInsights: true,
        MonitoringInterval: 60,
        PubliclyAccessible: false,
        CACertificateIdentifier: 'rds-ca-rsa2048-g1',
        EnableCloudwatchLogsExports: ['postgresql', 'upgrade'],
        Port: '5432',
      },
    });
    template().hasResourceProperties('AWS::RDS::DBParameterGroup', {
      Family: 'postgres17',
      Parameters: { 'rds.force_ssl': '1', 'log_min_duration_statement': '1000', 'log_statement': 'ddl', 'log_connections': '1' },
    });
  });

  test('of development is small and goes with its stack', () => {
    const { template } = create({ profile: EnvironmentProfile.development() });
    template().hasResource('AWS::RDS::DBInstance', {
      DeletionPolicy: 'Delete',
      Properties: {
        DBInstanceClass: 'db.t4g.micro',
        MultiAZ: false,
        DeletionProtection: false,
        EnablePerformanceInsights: false,
        MonitoringInterval: Match.absent(),
        BackupRetentionPeriod: 1,
      },
    });
    template().resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });

  test('of staging leaves a snapshot, and its secrets go', () => {
    const { template } = create({ profile: EnvironmentProfile.staging() });
    template().hasResource('AWS::RDS::DBInstance', { DeletionPolicy: 'Snapshot' });
    template().allResources('AWS::SecretsManager::Secret', { DeletionPolicy: 'Delete' });
  });

  test('has a password that only RDS knows', () => {
    const { template } = create();
    template().hasResourceProperties('AWS::RDS::DBInstance', {
      ManageMasterUserPassword: true, MasterUsername: 'postgres', MasterUserPassword: Match.absent(), MasterUserSecret: Match.absent(),
    });
    expect(JSON.stringify(template().toJSON())).not.toContain('managed by RDS');
    template().resourceCountIs('AWS::SecretsManager::Secret', 2);
  });

  test('uses one key for everything where one is given', () => {
    const { stack, vpc } = stackWithVpc();
    const key = new kms.Key(stack, 'Key');
    new PostgresDatabase(stack, 'Database', { vpc, encryptionKey: key });
    const template = Template.fromStack(stack);
    const keyArn = { 'Fn::GetAtt': ['Key961B73FD', 'Arn'] };
    template.hasResourceProperties('AWS::RDS::DBInstance', { KmsKeyId: keyArn, PerformanceInsightsKMSKeyId: keyArn, MasterUserSecret: { KmsKeyId: keyArn } });
    template.allResourcesProperties('AWS::SecretsManager::Secret', { KmsKeyId: keyArn });
    template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: keyArn });
    template.allResourcesProperties('AWS::Lambda::Function', { KmsKeyArn: keyArn });
  });

  test('takes every value from its own props before the profile', () => {
    const { template } = create({
      capacity: DatabaseCapacity.instance('db.r8g.xlarge'),
      majorVersion: 18,
      databaseName: 'shop',
      port: 5433,
      multiAz: false,
      storageGiB: 600,
      backupDays: 35,
      performanceInsights: false,
      logRetentionDays: 90,
      deletionProtection: false,
      removalPolicy: RemovalPolicy.DESTROY,
      alarms: false,
      slowQueryLogThreshold: Duration.millis(250),
      parameters: { work_mem: '65536', log_statement: 'none' },
      rotateAfter: Duration.days(7),
    });
    template().hasResource('AWS::RDS::DBInstance', {
      DeletionPolicy: 'Delete',
      Properties: {
        DBInstanceClass: 'db.r8g.xlarge',
        EngineVersion: '18',
        DBName: 'shop',
        Port: '5433',
        MultiAZ: false,
        AllocatedStorage: '600',
        MaxAllocatedStorage: Match.absent(),
        BackupRetentionPeriod: 35,
        EnablePerformanceInsights: false,
        DeletionProtection: false,
      },
    });
    template().hasResourceProperties('AWS::RDS::DBParameterGroup', {
      Family: 'postgres18', Parameters: { log_min_duration_statement: '250', work_mem: '65536', log_statement: 'none' },
    });
    template().allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
    template().allResourcesProperties('AWS::SecretsManager::RotationSchedule', { RotationRules: { AutomaticallyAfterDays: 7 } });
  });

  test('has its log groups, with their retention, before it writes to them', () => {
    const { stack, template } = create();
    const [instance] = Object.values(template().findResources('AWS::RDS::DBInstance'));
    expect(instance.DependsOn).toEqual(expect.arrayContaining(['DatabaseLogCF7B0BC9', 'DatabaseUpgradeLog128D343E']));
    const name = instance.Properties.DBInstanceIdentifier['Fn::Join'][1][0];
    expect(name).toMatch(/^db-proddatabase[0-9a-f]{8}-$/);
    const log = template().toJSON().Resources.DatabaseLogCF7B0BC9.Properties;
    expect(stack.resolve(log.LogGroupName)['Fn::Join'][1]).toEqual([`/aws/rds/instance/${name}`, expect.anything(), '/postgresql']);
    expect(log.RetentionInDays).toBe(30);
  });

  test.each<[string, DatabaseCapacity | undefined]>([['an instance', undefined], ['a cluster', SERVERLESS]])(
    'of %s is watched with rights for the one log group that RDS uses, which are there first', (_, capacity) => {
      const { stack, template } = create({ capacity });
      const { Resources } = template().toJSON();
      const { AssumeRolePolicyDocument, ManagedPolicyArns } = Resources.DatabaseMonitoringRole576991DA.Properties;
      expect(ManagedPolicyArns).toBeUndefined();
      expect(AssumeRolePolicyDocument.Statement).toEqual([{
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Principal: { Service: 'monitoring.rds.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }]);

      const { PolicyDocument, Roles } = Resources.DatabaseMonitoringRolePolicyC7360650.Properties;
      const logGroup = (ending: string) => stack.resolve(`arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:RDSOSMetrics${ending}`);
      expect(Roles).toEqual([{ Ref: 'DatabaseMonitoringRole576991DA' }]);
      expect(PolicyDocument.Statement).toEqual([
        { Action: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'], Effect: 'Allow', Resource: [logGroup(''), logGroup(':*')] },
        {
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams', 'logs:GetLogEvents'],
          Effect: 'Allow',
          Resource: logGroup(':log-stream:*'),
        },
      ]);

      const instances = Object.values(template().findResources('AWS::RDS::DBInstance'));
      expect(instances).toHaveLength(capacity ? 2 : 1);
      for (const { DependsOn, Properties } of instances) {
        expect(Properties.MonitoringRoleArn).toEqual({ 'Fn::GetAtt': ['DatabaseMonitoringRole576991DA', 'Arn'] });
        expect(DependsOn).toContain('DatabaseMonitoringRolePolicyC7360650');
      }
    },
  );

  test.each([['Ireland', IRELAND], ['China', { ...IRELAND, region: 'cn-north-1' }], ['any region', undefined]])(
    'leaves auditors in %s no question about that role', (_, env) => {
      const { violations } = new AwsSolutionsChecks().validateScope(create({}, env).stack);
      const paths = violations.flatMap(violation => violation.violatingResources.map(({ constructPath }) => `${violation.ruleName} ${constructPath}`));
      expect(paths.filter(path => path.includes('MonitoringRole'))).toEqual([]);
    },
  );

  test('that is not watched has no role for it', () => {
    const { template } = create({ profile: EnvironmentProfile.development() });
    expect(JSON.stringify(template().toJSON())).not.toContain('monitoring.rds.amazonaws.com');
  });

  test('comes from a snapshot without what the snapshot brings along, under a name of its own', () => {
    const { template } = create({ snapshotIdentifier: 'before-the-accident' });
    template().hasResourceProperties('AWS::RDS::DBInstance', {
      DBSnapshotIdentifier: 'before-the-accident',
      MasterUsername: Match.absent(),
      DBName: Match.absent(),
      StorageEncrypted: Match.absent(),
      KmsKeyId: Match.absent(),
      ManageMasterUserPassword: true,
    });
    const name = (props: Props) => JSON.stringify(Object.values(create(props).template().findResources('AWS::RDS::DBInstance'))[0].Properties.DBInstanceIdentifier);
    const names = [{}, { snapshotIdentifier: 'one' }, { snapshotIdentifier: 'two' }, { snapshotIdentifier: Token.asString({ Ref: 'Snapshot' }) }].map(name);
    expect(new Set(names).size).toBe(4);
  });

  test('lies in isolated subnets, or in private ones where there are none', () => {
    const { template, stack, vpc } = create();
    template().hasResourceProperties('AWS::RDS::DBSubnetGroup', { SubnetIds: stack.resolve(vpc.isolatedSubnets.map(subnet => subnet.subnetId)) });

    const other = new Stack();
    const simple = new ec2.Vpc(other, 'Vpc', { maxAzs: 2 });
    new PostgresDatabase(other, 'Database', { vpc: simple });
    Template.fromStack(other).hasResourceProperties('AWS::RDS::DBSubnetGroup', { SubnetIds: other.resolve(simple.privateSubnets.map(subnet => subnet.subnetId)) });
  });

  test('keeps its logical ids for ever', () => {
    const { template } = create({ proxy: true });
    const ids = (type: string) => Object.keys(template().findResources(type)).sort();
    expect(ids('AWS::RDS::DBInstance')).toEqual(['DatabaseInstanceAA8A5FDE']);
    expect(ids('AWS::SecretsManager::Secret')).toEqual([
      'DatabaseApplicationSecret5132C2D3', 'DatabaseOwnerSecret7C6B5709', 'DatabaseProxyLoginAFD592487', 'DatabaseProxyLoginB8A83227E',
    ]);
    expect(Object.keys(create({ capacity: SERVERLESS }).template().findResources('AWS::RDS::DBCluster'))).toEqual(['DatabaseCluster5B53A178']);
  });

  test('leaves the login alone: the placeholder in the template never changes', () => {
    create().template().allResourcesProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: { SecretStringTemplate: '{}', GenerateStringKey: 'placeholder', ExcludePunctuation: true },
    });
  });
});

describe('Aurora Serverless v2', () => {
  test('has a writer and, with Multi-AZ, a reader, and scales between its limits', () => {
    const { template, database } = create({ capacity: SERVERLESS });
    template().hasResourceProperties('AWS::RDS::DBCluster', {
      Engine: 'aurora-postgresql',
      EngineVersion: '17',
      DatabaseName: 'app',
      ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 4 },
      ManageMasterUserPassword: true,
      MasterUserPassword: Match.absent(),
      StorageEncrypted: true,
      DeletionProtection: true,
      EnableCloudwatchLogsExports: ['postgresql'],
      EnableIAMDatabaseAuthentication: true,
      PerformanceInsightsEnabled: true,
    });
    template().resourceCountIs('AWS::RDS::DBInstance', 2);
    template().allResourcesProperties('AWS::RDS::DBInstance', { DBInstanceClass: 'db.serverless', PubliclyAccessible: false });
    expect(database.instance).toBeUndefined();
    expect(database.cluster).toBeDefined();
    const [resource] = Object.values(template().findResources('Custom::DatabaseCredentials'));
    expect(resource.DependsOn.filter((id: string) => /Writer|Reader/.test(id))).toHaveLength(2);
  });

  test('comes from a snapshot', () => {
    const { template } = create({ capacity: SERVERLESS, snapshotIdentifier: 'snapshot', multiAz: false });
    template().hasResourceProperties('AWS::RDS::DBCluster', {
      SnapshotIdentifier: 'snapshot', MasterUsername: Match.absent(), DatabaseName: Match.absent(), MasterUserPassword: Match.absent(), ManageMasterUserPassword: true,
    });
    template().resourceCountIs('AWS::RDS::DBInstance', 1);
  });

  test('can stand behind a proxy', () => {
    const { template } = create({ capacity: SERVERLESS, proxy: true });
    const [target] = Object.values(template().findResources('AWS::RDS::DBProxyTargetGroup'));
    expect(target.Properties.DBClusterIdentifiers).toEqual([{ Ref: 'DatabaseCluster5B53A178' }]);
    expect(target.DependsOn.some((id: string) => id.includes('Writer'))).toBe(true);
  });
});

describe('the credentials', () => {
  test('are ready before what depends on them', () => {
    const { stack, database, template } = create({ proxy: true });
    const waiting = new iam.Role(stack, 'Waiting', { assumedBy: new iam.AnyPrincipal() });
    waiting.node.addDependency(database.credentialsReady);
    const [role] = Object.entries(template().findResources('AWS::IAM::Role')).filter(([id]) => id.startsWith('Waiting'));
    expect(role[1].DependsOn).toEqual(['DatabaseCredentials24F58BE6', 'DatabaseProxyProxyTargetGroupCFEDF3AA']);
  });

  test('are made by a function in the private subnets that may reach the database and Secrets Manager only', () => {
    const { template, stack, vpc } = create();
    template().hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      VpcConfig: { SubnetIds: stack.resolve(vpc.privateSubnets.map(subnet => subnet.subnetId)) },
      Environment: {
        Variables: {
          DATABASE_HOST: { 'Fn::GetAtt': ['DatabaseInstanceAA8A5FDE', 'Endpoint.Address'] },
          DATABASE_PORT: { 'Fn::GetAtt': ['DatabaseInstanceAA8A5FDE', 'Endpoint.Port'] },
          DATABASE_NAME: 'app',
          MASTER_SECRET: { 'Fn::GetAtt': ['DatabaseInstanceAA8A5FDE', 'MasterUserSecret.SecretArn'] },
          NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
          PROXY_HOST: Match.absent(),
        },
      },
    });
    template().hasResourceProperties('AWS::EC2::SecurityGroup', { SecurityGroupEgress: [Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 })] });
  });

  test('are made with rights without wildcards', () => {
    const policies = Object.values(create({ proxy: true }).template().findResources('AWS::IAM::Policy'));
    expect(JSON.stringify(policies.map(policy => policy.Properties.PolicyDocument))).not.toContain('*');
  });

  test('rotate by the same function, once they are there, and only Secrets Manager may ask for it', () => {
    const { template } = create();
    const schedules = Object.values(template().findResources('AWS::SecretsManager::RotationSchedule'));
    expect(schedules).toHaveLength(2);
    for (const schedule of schedules) {
      expect(schedule.DependsOn).toContain('DatabaseCredentials24F58BE6');
      expect(schedule.Properties).toMatchObject({ RotateImmediatelyOnUpdate: false, RotationRules: { AutomaticallyAfterDays: 30 } });
    }
    template().allResourcesProperties('AWS::Lambda::Permission', { Principal: 'secretsmanager.amazonaws.com', SourceArn: Match.anyValue() });
  });

  test('of an isolated VPC need an endpoint, and say so if there is none', () => {
    const isolated = (withEndpoint: boolean) => {
      const stack = new Stack();
      const vpc = new ec2.Vpc(stack, 'Vpc', { natGateways: 0, maxAzs: 2, subnetConfiguration: [{ name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }] });
      if (withEndpoint) vpc.addInterfaceEndpoint('Secrets', { service: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER });
      new PostgresDatabase(stack, 'Database', { vpc });
      return stack;
    };
    const warnings = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('interface endpoint for secretsmanager'));
    expect(warnings(isolated(false))).toHaveLength(1);
    expect(warnings(isolated(true))).toHaveLength(0);
  });

  test('can be read by whom they are granted to', () => {
    const { stack, database, template } = create();
    const user = new iam.Role(stack, 'Reader', { assumedBy: new iam.AnyPrincipal() });
    database.grantReadApplicationSecret(user);
    template().hasResourceProperties('AWS::IAM::Policy', {
      PolicyName: Match.stringLikeRegexp('Reader'),
      PolicyDocument: { Statement: [Match.objectLike({ Resource: { Ref: 'DatabaseApplicationSecret5132C2D3' } })] },
    });
  });
});

describe('the network', () => {
  test('lets in only whom it is told to, and the database calls nobody', () => {
    const { stack, vpc, database, template } = create();
    const service = new ec2.SecurityGroup(stack, 'Service', { vpc });
    database.connections.allowDefaultPortFrom(service);
    const rules = Object.values(template().findResources('AWS::EC2::SecurityGroupIngress'));
    expect(rules.map(rule => [rule.Properties.FromPort, rule.Properties.GroupId['Fn::GetAtt'][0], rule.Properties.SourceSecurityGroupId['Fn::GetAtt'][0]])).toEqual([
      [5432, 'DatabaseSecurityGroup5C91FDCB', 'DatabaseCredentialsSecurityGroup0737E3EC'],
      [5432, 'DatabaseSecurityGroup5C91FDCB', expect.stringMatching(/^Service/)],
    ]);
    expect(template().toJSON().Resources.DatabaseSecurityGroup5C91FDCB.Properties.SecurityGroupEgress).toEqual([expect.objectContaining({ CidrIp: '255.255.255.255/32' })]);
  });

  test('is open to the proxy and to the database itself for whom both are', () => {
    const { stack, vpc, database, template } = create({ proxy: true });
    database.connections.allowDefaultPortFrom(new ec2.SecurityGroup(stack, 'Service', { vpc }));
    const from = Object.values(template().findResources('AWS::EC2::SecurityGroupIngress'))
      .filter(rule => rule.Properties.SourceSecurityGroupId['Fn::GetAtt'][0].startsWith('Service'))
      .map(rule => rule.Properties.GroupId['Fn::GetAtt'][0]);
    expect(from.sort()).toEqual(['DatabaseProxySecurityGroupCCC9DB86', 'DatabaseSecurityGroup5C91FDCB']);
    expect(stack.resolve(database.host)).toEqual({ 'Fn::GetAtt': ['DatabaseProxyE01FC4E6', 'Endpoint'] });
    expect(database.port).toBe(5432);
  });

  test.each([
    [true, 'DatabaseProxySecurityGroupCCC9DB86'],
    [false, 'DatabaseSecurityGroup5C91FDCB'],
  ])('can be opened to where one login leads and no further, proxy: %s', (proxy, application) => {
    const { stack, vpc, database, template } = create({ proxy });
    const group = (id: string) => new ec2.SecurityGroup(stack, id, { vpc });
    database.applicationConnections.allowDefaultPortFrom(group('Service'));
    group('Migrations').connections.allowToDefaultPort(database.ownerConnections);

    const reached = (source: string) => Object.values(template().findResources('AWS::EC2::SecurityGroupIngress'))
      .map(({ Properties: { FromPort, GroupId, SourceSecurityGroupId } }) => [SourceSecurityGroupId['Fn::GetAtt'][0], GroupId['Fn::GetAtt'][0], FromPort])
      .filter(([from]) => from.startsWith(source))
      .map(([, to, port]) => `${to}:${port}`);
    expect(reached('Service')).toEqual([`${application}:5432`]);
    expect(reached('Migrations')).toEqual(['DatabaseSecurityGroup5C91FDCB:5432']);
  });
});

describe('the proxy', () => {
  test('knows both logins and the owner, takes encrypted connections only, and gets its target when the passwords are there', () => {
    const { template } = create({ proxy: true });
    const auth = (secret: string) => ({ AuthScheme: 'SECRETS', IAMAuth: 'DISABLED', ClientPasswordAuthType: 'POSTGRES_SCRAM_SHA_256', SecretArn: { Ref: secret } });
    template().hasResourceProperties('AWS::RDS::DBProxy', {
      EngineFamily: 'POSTGRESQL',
      RequireTLS: true,
      IdleClientTimeout: 1800,
      Auth: [auth('DatabaseProxyLoginAFD592487'), auth('DatabaseProxyLoginB8A83227E'), auth('DatabaseOwnerSecret7C6B5709')],
    });
    const [target] = Object.values(template().findResources('AWS::RDS::DBProxyTargetGroup'));
    expect(target.DependsOn).toEqual(expect.arrayContaining(['DatabaseCredentials24F58BE6', 'DatabaseProxyRolePolicy06994E11']));
    expect(target.Properties.DBInstanceIdentifiers).toEqual([{ Ref: 'DatabaseInstanceAA8A5FDE' }]);
  });

  test('turned on changes no id of what was there', () => {
    const ids = (proxy: boolean) => Object.keys(create({ proxy }).template().toJSON().Resources);
    expect(ids(true)).toEqual(expect.arrayContaining(ids(false)));
  });
});

describe('an existing database', () => {
  test('gets logins, and nothing of it is made', () => {
    const { stack, vpc } = stackWithVpc();
    const database = new PostgresDatabase(stack, 'Database', { vpc, existing: existingIn(stack, vpc) });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::RDS::DBInstance', 0);
    template.resourceCountIs('AWS::RDS::DBParameterGroup', 0);
    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { DATABASE_HOST: 'db.example.com', DATABASE_PORT: '5432', DATABASE_NAME: 'legacy' } } });
    expect(database.alarms.map(alarm => alarm.node.id)).toEqual(['CredentialsAlarm']);
    expect(database.dashboardWidgets()).toEqual([]);
    expect(() => database.metric('CPUUtilization')).toThrow(/has no identifier/);
  });

  test.each([['instanceIdentifier', 'DBInstanceIdentifiers', 8], ['clusterIdentifier', 'DBClusterIdentifiers', 4 + 4 + 1]] as const)(
    'with an %s can have a proxy and alarms', (identifier, property, alarms) => {
      const { stack, vpc } = stackWithVpc();
      const database = new PostgresDatabase(stack, 'Database', { vpc, proxy: true, existing: existingIn(stack, vpc, { [identifier]: 'theirs' }) });
      Template.fromStack(stack).hasResourceProperties('AWS::RDS::DBProxyTargetGroup', { [property]: ['theirs'] });
      expect(database.alarms.length).toBeGreaterThanOrEqual(alarms);
      expect(database.dashboardWidgets()).toHaveLength(4);
    });
});

describe('what is watched', () => {
  const thresholds = (props: Props) => Object.fromEntries(create(props).database.alarms.map(alarm => {
    const { threshold, treatMissingData } = alarm.node.defaultChild as cloudwatch.CfnAlarm;
    return [alarm.node.id, [threshold, treatMissingData]];
  }));

  test('an instance has alarms whose limits follow from its class', () => {
    expect(thresholds({})).toEqual({
      CpuAlarm: [90, 'breaching'],
      TransactionIdsAlarm: [1e9, 'missing'],
      ReadLatencyAlarm: [0.02, 'missing'],
      WriteLatencyAlarm: [0.02, 'missing'],
      MemoryAlarm: [1024 ** 3 / 2, 'breaching'],
      ConnectionsAlarm: [162, 'breaching'],
      StorageAlarm: [2 * 1024 ** 3, 'breaching'],
      DiskOperationsAlarm: [10, 'missing'],
      DiskThroughputAlarm: [10, 'missing'],
      CredentialsAlarm: [0, 'notBreaching'],
    });
  });

  test('a cluster has those of Aurora, and one that pauses is not down when it is silent', () => {
    const running = thresholds({ capacity: SERVERLESS });
    expect(Object.keys(running)).toEqual(expect.arrayContaining(['CapacityAlarm', 'ReplicaLagAlarm', 'WriterAlarm']));
    expect(running).not.toHaveProperty('StorageAlarm');
    const pausing = thresholds({ capacity: DatabaseCapacity.serverless({ minimumCapacity: 0, maximumCapacity: 256 }), multiAz: false });
    expect(pausing.CpuAlarm).toEqual([90, 'notBreaching']);
    expect(pausing.ConnectionsAlarm[0]).toBe(1800);
    expect(Object.keys(pausing)).not.toEqual(expect.arrayContaining(['WriterAlarm']));
  });

  test('a proxy has its own', () => {
    expect(Object.keys(thresholds({ proxy: true }))).toEqual(expect.arrayContaining(['ProxyBorrowAlarm', 'ProxyPoolAlarm', 'ProxyLoginAlarm', 'ProxyTargetAlarm']));
    expect(create({ proxy: true }).database.dashboardWidgets()).toHaveLength(4);
  });

  test('what is not known at synth is not alarmed on', () => {
    const unknown = thresholds({
      capacity: DatabaseCapacity.instance(Token.asString({ Ref: 'Class' })), storageGiB: Token.asNumber({ Ref: 'Storage' }),
    });
    expect(Object.keys(unknown)).not.toEqual(expect.arrayContaining(['MemoryAlarm']));
    expect(unknown).not.toHaveProperty('StorageAlarm');
    expect(thresholds({ parameters: { max_connections: '1000' } }).ConnectionsAlarm[0]).toBe(900);
    expect(thresholds({ parameters: { max_connections: '{DBInstanceClassMemory/1000}' } })).not.toHaveProperty('ConnectionsAlarm');
  });

  test('each alarm says what it means and what to do first', () => {
    const { database } = create({ proxy: true });
    for (const alarm of database.alarms) {
      const { alarmDescription } = alarm.node.defaultChild as cloudwatch.CfnAlarm;
      expect(JSON.stringify(Stack.of(alarm).resolve(alarmDescription))).toMatch(/\. First: .*Runbook: https/);
    }
  });

  test('metrics are those of the instance, or of the writer', () => {
    expect(Object.keys(create().database.metric('CPUUtilization').dimensions!)).toEqual(['DBInstanceIdentifier']);
    const metric = create({ capacity: SERVERLESS }).database.metric('CPUUtilization', { statistic: 'Maximum' });
    expect(metric.dimensions).toMatchObject({ Role: 'WRITER' });
    expect(metric.statistic).toBe('Maximum');
  });
});

describe('wherever it stands', () => {
  test('two in one stack, another account, China', () => {
    const { stack, vpc } = stackWithVpc(IRELAND);
    new PostgresDatabase(stack, 'One', { vpc });
    new PostgresDatabase(stack, 'Two', { vpc, databaseName: 'two', proxy: true });
    Template.fromStack(stack).resourceCountIs('AWS::RDS::DBInstance', 2);

    const china = create({ proxy: true }, { account: '111111111111', region: 'cn-north-1' });
    expect(JSON.stringify(china.template().toJSON())).not.toContain('arn:aws:');
  });

  test('a VPC that is looked up or given by its ids', () => {
    const stack = new Stack(new App(), 'Prod', { env: IRELAND });
    new PostgresDatabase(stack, 'LookedUp', { vpc: ec2.Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-1' }) });
    const given = ec2.Vpc.fromVpcAttributes(stack, 'Given', { vpcId: 'vpc-2', availabilityZones: ['eu-west-1a', 'eu-west-1b'], isolatedSubnetIds: ['subnet-1', 'subnet-2'] });
    new PostgresDatabase(stack, 'GivenDatabase', { vpc: given });
    Template.fromStack(stack).resourceCountIs('AWS::RDS::DBInstance', 2);
  });

  test('tokens are taken as they are', () => {
    const token = (name: string) => Token.asNumber({ Ref: name });
    create({
      port: token('Port'),
      majorVersion: 17,
      databaseName: Token.asString({ Ref: 'Name' }),
      backupDays: token('Days'),
      storageGiB: token('Storage'),
      maximumStorageGiB: token('Maximum'),
      parameters: { 'work_mem': Token.asString({ Ref: 'Memory' }), 'rds.force_ssl': Token.asString({ Ref: 'Ssl' }) },
    }).template();
    DatabaseCapacity.serverless({ minimumCapacity: token('Least'), maximumCapacity: token('Most') });
  });
});

describe('is refused before anything is made', () => {
  test.each<[string, object, RegExp]>([
    ['no vpc', { vpc: undefined }, /Prod\/Database: vpc is missing/],
    ['a vpc that is none', { vpc: 'vpc-1' }, /vpc is no VPC/],
    ['a port out of range', { port: 70000 }, /port is not a whole number from 1 to 65535\.\n {2}got: port 70000/],
    ['a proxy on another port', { port: 5433, proxy: true }, /RDS Proxy answers on 5432 only/],
    ['a major version that does not exist', { majorVersion: 13 }, /majorVersion is not a whole number from 14 to 18/],
    ['one that Aurora does not have', { majorVersion: 18, capacity: SERVERLESS }, /majorVersion is not a whole number from 14 to 17/],
    ['too little storage', { storageGiB: 5 }, /storageGiB is not a whole number from 20 to 65536/],
    ['storage above its maximum', { storageGiB: 200, maximumStorageGiB: 100 }, /storageGiB is above maximumStorageGiB/],
    ['backup days', { backupDays: 36 }, /backupDays is not a whole number from 1 to 35/],
    ['no backups', { backupDays: 0 }, /backupDays/],
    ['log retention', { logRetentionDays: 31 }, /logRetentionDays has a value that does not exist/],
    ['a name with hyphens', { databaseName: 'my-app' }, /databaseName is not well-formed/],
    ['a name too long for its roles', { databaseName: 'a'.repeat(51) }, /databaseName is not well-formed/],
    ['a reserved word', { databaseName: 'user' }, /a word that PostgreSQL or RDS keeps.*\n.*got: databaseName 'user'/],
    ['PostgreSQL\'s own prefix', { databaseName: 'pg_app' }, /keeps for itself/],
    ['a name that is no string', { databaseName: 5 }, /databaseName is not well-formed/],
    ['a rotation that never comes', { rotateAfter: Duration.days(1000) }, /rotateAfter \(in days\)/],
    ['a rotation by the hour', { rotateAfter: Duration.hours(30) }, /rotateAfter \(in days\)/],
    ['a rotation that is no duration', { rotateAfter: 30 }, /rotateAfter is of the wrong kind/],
    ['a slow-query threshold of nothing', { slowQueryLogThreshold: Duration.millis(0) }, /slowQueryLogThreshold/],
    ['protected and destroyed', { removalPolicy: RemovalPolicy.DESTROY }, /contradict each other/],
    ['a removal policy that is none', { removalPolicy: 'gone' }, /removalPolicy has a value/],
    ['no encryption on the way', { parameters: { 'rds.force_ssl': '0' } }, /takes unencrypted connections/],
    ['a parameter that is no string', { parameters: { work_mem: 4 } }, /parameters.work_mem is not well-formed/],
    ['strings for booleans', { multiAz: 'false' }, /multiAz is not a boolean/],
    ['a capacity that is a string', { capacity: 't4g.micro' }, /capacity is of the wrong kind/],
    ['a profile that is a string', { profile: 'production' }, /profile is of the wrong kind/],
    ['a snapshot without a name', { snapshotIdentifier: '' }, /snapshotIdentifier is not well-formed/],
    ['public subnets', { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } }, /vpcSubnets are public subnets/],
    ['subnets that the VPC does not have', { handlerSubnets: { subnetGroupName: 'Moon' } }, /handlerSubnets select no subnet/],
    ['one zone', { vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED, onePerAz: true, availabilityZones: [] } }, /vpcSubnets/],
    ['an existing database that is a string', { existing: 'db' }, /existing is of the wrong kind/],
    ['an existing database without a host', { existing: {} }, /existing.host is missing/],
  ])('%s', (_, props, message) => {
    expect(refusal(props)).toMatch(message);
  });

  test('a VPC of public subnets', () => {
    const stack = new Stack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC }] });
    expect(() => new PostgresDatabase(stack, 'Database', { vpc })).toThrow(/no subnet in which a database could be closed off/);
  });

  test('a VPC of one zone', () => {
    const stack = new Stack();
    expect(() => new PostgresDatabase(stack, 'Database', { vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 }) })).toThrow(/too few availability zones: a database subnet group needs two/);
  });

  test.each<[string, object, Partial<ExistingDatabase>, RegExp]>([
    ['sizes', { storageGiB: 100, multiAz: true }, {}, /existing together with multiAz, storageGiB/],
    ['a proxy and no identifier', { proxy: true }, {}, /needs an RDS instance or an Aurora cluster/],
    ['two identifiers', {}, { instanceIdentifier: 'a', clusterIdentifier: 'b' }, /an instance or a cluster, not both/],
    ['a bad name', {}, { databaseName: 'a b' }, /existing.databaseName is not well-formed/],
    ['a bad port', {}, { port: 0 }, /port is not a whole number/],
  ])('an existing database with %s', (_, props, existing, message) => {
    const { stack, vpc } = stackWithVpc();
    expect(() => new PostgresDatabase(stack, 'Database', { vpc, ...props, existing: existingIn(stack, vpc, existing) })).toThrow(message);
  });
});

describe('a capacity', () => {
  test('is a class that exists', () => {
    expect(`${DatabaseCapacity.instance('db.m8g.large')}, ${DatabaseCapacity.serverless({ minimumCapacity: 0.5, maximumCapacity: 2 })}`).toBe('m8g.large, serverless(0.5 to 2)');
    expect(['t4g.micro', 't3.medium', 'm5.large', 'r6g.16xlarge', 'x2iedn.32xlarge'].map(memoryGiB)).toEqual([1, 4, 8, 512, 4096]);
    expect(() => DatabaseCapacity.instance('t4g.nano')).toThrow(/got: databaseClass 't4g.nano'\n {2}allowed: t4g.micro, t4g.small/);
    expect(() => DatabaseCapacity.instance('cache.t4g.micro')).toThrow(/family of databaseClass has a value that does not exist/);
    expect(() => DatabaseCapacity.instance('m5.large.tpc1')).toThrow(/does not exist for PostgreSQL/);
    expect(() => DatabaseCapacity.instance(4 as never)).toThrow(PlatformError);
    expect(() => DatabaseCapacity.instance('constructor.large')).toThrow(PlatformError);
  });

  test('of a serverless cluster goes in steps of a half', () => {
    for (const [minimumCapacity, maximumCapacity] of [[0.3, 4], [0.5, 257], [-1, 2], [8, 4], [0, 0.5], ['1', 2]]) {
      expect(() => DatabaseCapacity.serverless({ minimumCapacity, maximumCapacity } as never)).toThrow(PlatformError);
    }
    expect(() => DatabaseCapacity.serverless(undefined as never)).toThrow(PlatformError);
  });
});

