import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as patterns from 'aws-cdk-lib/aws-ecs-patterns';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { Repository } from './guarded-app';

/*
 * The accidents of aws-cdk's issues, as they happened, in plain CDK.
 */

let repository: Repository;
beforeEach(() => { repository = new Repository(); });
afterEach(() => repository.remove());

const POSTGRES = rds.PostgresEngineVersion;
const AURORA = rds.AuroraPostgresEngineVersion;
const vpcOf = (stack: Stack) => new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });

function instance(version = POSTGRES.VER_16, props: Partial<rds.DatabaseInstanceProps> = {}, scope: (stack: Stack) => Construct = stack => stack) {
  return (stack: Stack) => void new rds.DatabaseInstance(scope(stack), 'Database', {
    engine: rds.DatabaseInstanceEngine.postgres({ version }), vpc: vpcOf(stack), removalPolicy: RemovalPolicy.DESTROY, ...props,
  });
}

function cluster(version: rds.AuroraPostgresEngineVersion, autoMinorVersionUpgrade?: boolean) {
  return (stack: Stack) => void new rds.DatabaseCluster(stack, 'Cluster', {
    engine: rds.DatabaseClusterEngine.auroraPostgres({ version }),
    vpc: vpcOf(stack),
    writer: rds.ClusterInstance.provisioned('Writer', { autoMinorVersionUpgrade }),
  });
}

function clusterFromSnapshot(snapshotIdentifier: string) {
  return (stack: Stack) => void new rds.DatabaseClusterFromSnapshot(stack, 'Cluster', {
    engine: rds.DatabaseClusterEngine.auroraPostgres({ version: AURORA.VER_16_4 }),
    vpc: vpcOf(stack),
    writer: rds.ClusterInstance.provisioned('Writer'),
    snapshotIdentifier,
    snapshotCredentials: rds.SnapshotCredentials.fromGeneratedSecret('postgres'),
  });
}

describe('aws-cdk#36149: an upgrade of aws-cdk-lib chose another id for a target group, and the service was out', () => {
  const service = (stack: Stack) => void new patterns.ApplicationLoadBalancedFargateService(stack, 'Api', {
    taskImageOptions: { image: ecs.ContainerImage.fromRegistry('nginx') }, publicLoadBalancer: false,
  });
  // What 2.221.0 did by mistake for everybody is what this flag does on purpose.
  const upgraded = { context: { '@aws-cdk/aws-ecs-patterns:uniqueTargetGroupId': true } };
  const guarded = { additionalTypes: ['AWS::ElasticLoadBalancingV2::TargetGroup'] };

  test('the upgrade fails at synth', () => {
    expect(repository.stack(service, guarded)).toBe('');
    const message = repository.stack(service, guarded, upgraded);
    expect(message).toMatch(/Shop\/Api\/LB\/PublicListener\/ECSGroup\/Resource \(AWS::ElasticLoadBalancingV2::TargetGroup, \w+ in Shop\) would disappear/);
    expect(message).toMatch(/A new one of its type is at Shop\/Api\/LB\/PublicListener\/ECSPrivateGroup\/Resource/);
    expect(message).toMatch(/overrideLogicalId\('ApiLBPublicListenerECSGroup/);
  });

  test('a load balancer whose listener is chosen by a prop is refused with it', () => {
    repository.stack(service, { additionalTypes: ['AWS::ElasticLoadBalancingV2::LoadBalancer'] });
    expect(repository.stack(stack => {
      new patterns.ApplicationLoadBalancedFargateService(stack, 'Api', { taskImageOptions: { image: ecs.ContainerImage.fromRegistry('nginx') } });
    }, { additionalTypes: ['AWS::ElasticLoadBalancingV2::LoadBalancer'] })).toContain("Scheme: 'internal' → 'internet-facing'");
  });
});

describe('aws-cdk#8120: constructs that are moved get other logical ids, and databases are deleted', () => {
  test('moving a database into a construct of its own fails at synth', () => {
    repository.stack(instance());
    const message = repository.stack(instance(undefined, {}, stack => new Construct(stack, 'Data')));
    expect(message).toMatch(/Shop\/Database\/Resource \(AWS::RDS::DBInstance, DatabaseB269D8BB in Shop\) would disappear/);
    expect(message).toMatch(/Shop\/Database\/Secret\/Resource \(AWS::SecretsManager::Secret, \w+ in Shop\) would disappear/);
    expect(message).toContain('at Shop/Data/Database/Resource');
    expect(message).toContain("overrideLogicalId('DatabaseB269D8BB')");
  });

  test('moving the network replaces the database with its subnet group', () => {
    const named = (name?: string) => (stack: Stack) => {
      instance()(stack);
      const group = stack.node.findChild('Database').node.findChild('SubnetGroup').node.defaultChild as rds.CfnDBSubnetGroup;
      if (name) group.overrideLogicalId(name);
    };
    repository.stack(named());
    expect(repository.stack(named('Subnets'))).toMatch(/DBSubnetGroupName: \{"Ref":"DatabaseSubnetGroup\w+"\} → \{"Ref":"Subnets"\}/);
  });
});

describe('aws-cdk#15475: RDS upgrades a minor version that the template pins, and the next deployment cannot go back', () => {
  test('a template that goes back to an older version fails at synth', () => {
    repository.stack(cluster(AURORA.VER_16_6));
    const message = repository.stack(cluster(AURORA.VER_16_4));
    expect(message).toContain('would go back from version 16.6 to 16.4');
    expect(message).toContain('or the major version only (aws-cdk#15475)');
  });

  test.each([['16.4', '16.6'], ['16.6', '17.2'], ['9', '10'], ['16.4', '16'], ['8.0.mysql_aurora.3.05.2', '8.0.mysql_aurora.3.10.0']])(
    'from %s to %s is no way back', (before, after) => {
      repository.stack(cluster(AURORA.of(before, '1')));
      expect(repository.stack(cluster(AURORA.of(after, '1')))).toBe('');
      expect(repository.lock.stacks.Shop.resources.ClusterEB0386A7.version).toBe(after);
    });

  test('a pinned minor version that RDS upgrades is told when the database is new, once', () => {
    repository.stack(cluster(AURORA.VER_16_4));
    repository.stack(cluster(AURORA.VER_16_4));
    expect(repository.notices.join()).toContain('Shop/Cluster/Resource: the template pins a minor version');
    expect(repository.notices).toHaveLength(1);
  });

  test.each([
    ['a cluster that RDS leaves alone', cluster(AURORA.VER_16_4, false)],
    ['a major version', instance(POSTGRES.VER_16)],
    ['an instance that RDS leaves alone', instance(POSTGRES.VER_16_4, { autoMinorVersionUpgrade: false })],
    ['a major version of MySQL', instance(undefined, { engine: rds.DatabaseInstanceEngine.mysql({ version: rds.MysqlEngineVersion.VER_8_0 }) })],
  ])('%s is not told', (_, build) => {
    expect(repository.stack(build)).toBe('');
    expect(repository.notices.join()).not.toContain('pins a minor version');
  });
});

describe('aws-cdk#20388: a database that becomes one from a snapshot loses its data and its secret', () => {
  test('the two changed lines fail at synth, with both losses', () => {
    repository.stack(instance());
    const message = repository.stack(stack => {
      const { secret } = new rds.DatabaseInstanceFromSnapshot(stack, 'Database', {
        engine: rds.DatabaseInstanceEngine.postgres({ version: POSTGRES.VER_16 }), vpc: vpcOf(stack), snapshotIdentifier: 'before-the-release',
      });
      expect(secret).toBeUndefined();
    });
    expect(message).toMatch(/DatabaseB269D8BB in Shop\) would be replaced/);
    expect(message).toContain("DBSnapshotIdentifier: not given → 'before-the-release'");
    expect(message).toContain('what was written since is not in it');
    expect(message).toMatch(/AWS::SecretsManager::Secret, \w+ in Shop\) would disappear/);
  });
});

describe('aws-cdk#21730: a cluster from a snapshot gets a secret that does not open it', () => {
  test('the change to a snapshot fails at synth: cluster and secret are new ones', () => {
    const flags = { context: { '@aws-cdk/aws-rds:preventRenderingDeprecatedCredentials': true } };
    repository.stack(cluster(AURORA.VER_16_4), {}, flags);
    const message = repository.stack(clusterFromSnapshot('before-the-release'), {}, flags);
    expect(message).toContain("SnapshotIdentifier: not given → 'before-the-release'");
    expect(message).toMatch(/Shop\/Cluster\/Secret\/Resource \(AWS::SecretsManager::Secret, \w+ in Shop\) would disappear/);
  });

  test('what was restored cannot forget its snapshot, or take another', () => {
    repository.stack(clusterFromSnapshot('first'));
    expect(repository.stack(clusterFromSnapshot('first'))).toBe('');
    expect(repository.stack(clusterFromSnapshot('second'))).toContain('Another snapshot is restored into a new one');
    expect(repository.stack(cluster(AURORA.VER_16_4))).toContain('without it an empty one takes its place');
  });
});

test('aws-cdk#6718: saying that storage is not encrypted, which it was not, replaces a database', () => {
  repository.stack(instance(POSTGRES.VER_16, { storageEncrypted: undefined }));
  expect(repository.stack(instance(POSTGRES.VER_16, { storageEncrypted: false }))).toContain("StorageEncrypted: not given → 'false'");
});

test('aws-cdk#20634: an identifier in lower case is another database', () => {
  const named = instance(undefined, { instanceIdentifier: 'Customer' });
  const flag = (lowercase: boolean) => ({ context: { '@aws-cdk/aws-rds:lowercaseDbIdentifier': lowercase } });
  repository.stack(named, {}, flag(false));
  expect(repository.stack(named, {}, flag(true))).toContain("DBInstanceIdentifier: 'Customer' → 'customer'");
});
