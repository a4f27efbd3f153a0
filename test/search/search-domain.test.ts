import { App, CfnParameter, NestedStack, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as fc from 'fast-check';
import { buildDomain, domainTemplate, network, newStack, refusal } from './fixtures';
import { EnvironmentProfile } from '../../src/environment';
import { SearchDomain, SearchDomainProps } from '../../src/search';
import { SEARCH_INSTANCE_TYPES } from '../../src/search/search-instance-types';

const DOMAIN = 'AWS::OpenSearchService::Domain';
const ALARM = 'AWS::CloudWatch::Alarm';
const development = EnvironmentProfile.development();

const properties = (template: Template) => Object.values(template.findResources(DOMAIN))[0].Properties;

function refused(props: object, zones = 3): string {
  const stack = newStack();
  const vpc = network(stack, zones);
  return refusal('Search', () => new SearchDomain(stack, 'Search', { vpc, ...props } as SearchDomainProps), stack);
}

describe('a domain', () => {
  test('in production has two data nodes in two zones, three masters, and everything encrypted', () => {
    domainTemplate().hasResourceProperties(DOMAIN, {
      EngineVersion: 'OpenSearch_2.19',
      ClusterConfig: {
        InstanceType: 'm7g.medium.search',
        InstanceCount: 2,
        DedicatedMasterEnabled: true,
        DedicatedMasterType: 'm7g.medium.search',
        DedicatedMasterCount: 3,
        ZoneAwarenessEnabled: true,
        ZoneAwarenessConfig: { AvailabilityZoneCount: 2 },
      },
      EBSOptions: { EBSEnabled: true, VolumeType: 'gp3', VolumeSize: 20 },
      EncryptionAtRestOptions: { Enabled: true },
      NodeToNodeEncryptionOptions: { Enabled: true },
      DomainEndpointOptions: { EnforceHTTPS: true, TLSSecurityPolicy: 'Policy-Min-TLS-1-2-PFS-2023-10' },
      SoftwareUpdateOptions: { AutoSoftwareUpdateEnabled: true },
    });
  });

  test('in development is one small node, and goes with its stack', () => {
    const template = domainTemplate({ profile: development });
    template.hasResource(DOMAIN, {
      DeletionPolicy: 'Delete',
      Properties: { ClusterConfig: { InstanceType: 't3.small.search', InstanceCount: 1, DedicatedMasterEnabled: false, ZoneAwarenessEnabled: false } },
    });
    template.resourceCountIs(ALARM, 0);
  });

  test('in production outlives its stack with its logs and its security group', () => {
    const kept = domainTemplate().toJSON().Resources as { [id: string]: { Type: string; DeletionPolicy?: string } };
    const retained = Object.values(kept).filter(({ DeletionPolicy }) => DeletionPolicy === 'RetainExceptOnCreate').map(({ Type }) => Type);
    expect(retained).toEqual(expect.arrayContaining([DOMAIN, 'AWS::EC2::SecurityGroup', 'AWS::Logs::LogGroup']));
  });

  test('is upgraded in place, never replaced by a new and empty one', () => {
    domainTemplate().hasResource(DOMAIN, { UpdatePolicy: { EnableVersionUpgrade: true }, UpdateReplacePolicy: 'Retain' });
  });

  test("has a name of at most 28 characters with the stack's own id", () => {
    const [readable, uuid] = properties(domainTemplate()).DomainName['Fn::Join'][1];
    // Twelve hexadecimal digits come behind the hyphen.
    expect(readable).toMatch(/^[a-z][a-z0-9]{2,14}-$/);
    expect(uuid).toEqual({ 'Fn::Select': [4, { 'Fn::Split': ['-', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }] }] });
  });

  test('keeps its logical id for ever', () => {
    const ids = (props: Partial<SearchDomainProps>) => Object.keys(domainTemplate(props).findResources(DOMAIN));
    expect(ids({})).toEqual(['SearchDomainAB6007CD']);
    expect(ids({ profile: development, engineVersion: '3.1', indexes: [], dataNodes: 3, alarms: false })).toEqual(['SearchDomainAB6007CD']);
  });

  test.each([[1, 1, 1], [2, 3, 2], [3, 3, 3], [4, 3, 2], [6, 3, 3], [6, 2, 2]])('with %d data nodes over %d zones uses %d of them', (dataNodes, zones, used) => {
    const { ClusterConfig, VPCOptions } = properties(domainTemplate({ dataNodes }, zones));
    expect(VPCOptions.SubnetIds).toHaveLength(used);
    expect(ClusterConfig.ZoneAwarenessConfig?.AvailabilityZoneCount ?? 1).toBe(used);
  });

  test('of whatever size that is not refused is spread evenly over its zones', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 3 }), (dataNodes, zones) => {
      const stack = newStack();
      const make = () => buildDomain({ dataNodes, profile: development }, stack, zones);
      const possible = dataNodes === 1 || (dataNodes % 2 === 0 && zones >= 2) || (dataNodes % 3 === 0 && zones === 3);
      if (!possible) {
        expect(make).toThrow('cannot be spread evenly');
        return;
      }
      make();
      const { VPCOptions } = properties(Template.fromStack(stack));
      expect(dataNodes % VPCOptions.SubnetIds.length).toBe(0);
    }), { numRuns: 25 });
  });

  test('is encrypted by a given key, and so are its logs', () => {
    const stack = newStack();
    const encryptionKey = new kms.Key(stack, 'Key');
    const template = Template.fromStack(buildDomain({ encryptionKey }, stack).stack);
    template.hasResourceProperties(DOMAIN, { EncryptionAtRestOptions: { Enabled: true, KmsKeyId: stack.resolve(encryptionKey.keyId) } });
    const groups = Object.entries(template.findResources('AWS::Logs::LogGroup')).filter(([id]) => /^Search.*Log/.test(id));
    expect(groups).toHaveLength(5);
    for (const [, { Properties }] of groups) expect(Properties.KmsKeyId).toEqual(stack.resolve(encryptionKey.keyArn));
  });

  test('publishes four logs, which it may write before it is made', () => {
    const template = domainTemplate();
    const kinds = ['AUDIT_LOGS', 'ES_APPLICATION_LOGS', 'INDEX_SLOW_LOGS', 'SEARCH_SLOW_LOGS'];
    expect(Object.keys(properties(template).LogPublishingOptions).sort()).toEqual(kinds);
    template.hasResource(DOMAIN, { DependsOn: Match.arrayWith([Match.stringLikeRegexp('SearchLogRights'), Match.stringLikeRegexp('SearchServiceRole')]) });
    const [{ Properties }] = Object.values(template.findResources('AWS::Logs::ResourcePolicy'));
    expect(JSON.stringify(Properties.PolicyDocument)).toContain('aws:SourceArn');
  });

  test('logs slow searches and writes, unless the index says otherwise', () => {
    const indexes = [{ name: 'games', settings: { 'index.search.slowlog.threshold.query.warn': '5s' } }];
    const [{ Properties }] = Object.values(domainTemplate({ indexes }).findResources('Custom::SearchIndexes'));
    expect(JSON.parse(Properties.Indexes)[0].settings).toEqual({
      'index.search.slowlog.threshold.query.warn': '5s', 'index.indexing.slowlog.threshold.index.warn': '2s',
    });
    expect(Properties.Replicas).toBe('1');
  });
});

describe('who gets in', () => {
  test('nobody by password: the one master is a role that only a deployment uses', () => {
    domainTemplate().hasResourceProperties(DOMAIN, {
      AdvancedSecurityOptions: {
        Enabled: true, InternalUserDatabaseEnabled: false, MasterUserOptions: { MasterUserARN: { 'Fn::GetAtt': [Match.stringLikeRegexp('AdministratorRole'), 'Arn'] } },
      },
    });
  });

  test('nobody by network, until connections allow it', () => {
    const { stack, search, vpc } = buildDomain();
    const rules = () => Object.keys(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress')).filter(id => id.startsWith('Search'));
    search.connections.allowDefaultPortFrom(new ec2.SecurityGroup(stack, 'Service', { vpc }));
    expect(rules()).toHaveLength(2);
    Template.fromStack(stack).allResourcesProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 443, ToPort: 443 });
  });

  test('the domain does not wait for the function, nor the function for the domain', () => {
    const { Resources } = domainTemplate().toJSON();
    expect(JSON.stringify(Resources.SearchDomainAB6007CD)).not.toContain('AdministratorHandler');
    const [handler] = Object.entries(Resources).filter(([id]) => id.startsWith('SearchAdministratorHandler'));
    expect(JSON.stringify(handler)).not.toContain('SearchDomainAB6007CD');
  });

  test.each([
    ['grantRead', 'read', ['es:ESHttpGet', 'es:ESHttpHead', 'es:ESHttpPost']],
    ['grantReadWrite', 'readWrite', ['es:ESHttpGet', 'es:ESHttpHead', 'es:ESHttpPost', 'es:ESHttpPut', 'es:ESHttpDelete']],
    ['grantIndexing', 'indexing', ['es:ESHttpGet', 'es:ESHttpHead', 'es:ESHttpPost', 'es:ESHttpPut', 'es:ESHttpDelete']],
  ] as const)('%s opens both locks: IAM and the domain\'s own', (grant, Level, Action) => {
    const { stack, search } = buildDomain();
    const role = new iam.Role(stack, 'Api', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    expect(search[grant](role).success).toBe(true);
    search[grant](role);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^Api') }],
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action, Effect: 'Allow' })]) },
    });
    template.resourceCountIs('Custom::SearchAccess', 1);
    template.hasResourceProperties('Custom::SearchAccess', {
      Level, RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Api'), 'Arn'] }, Patterns: ['games', 'games-*'], Name: Match.stringLikeRegexp(`^[A-Za-z0-9-]+-${Level}$`),
    });
  });

  test('without indexes of its own, a grant is for all of them', () => {
    const { stack, search } = buildDomain({ indexes: [] });
    search.grantRead(new iam.Role(stack, 'Api', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }));
    Template.fromStack(stack).hasResourceProperties('Custom::SearchAccess', { Patterns: ['*'] });
  });

  test('a role in another stack makes that stack depend on the domain\'s, and not the other way', () => {
    const app = new App();
    const { search } = buildDomain({}, new Stack(app, 'Data'));
    const services = new Stack(app, 'Services');
    search.grantReadWrite(new iam.Role(services, 'Api', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }));
    Template.fromStack(services).resourceCountIs('Custom::SearchAccess', 1);
    expect(services.dependencies.map(({ node }) => node.id)).toEqual(['Data']);
  });

  test('what is no role is refused, because the domain lets roles in', () => {
    const { search } = buildDomain();
    expect(() => search.grantRead(new iam.AnyPrincipal())).toThrow('OpenSearch lets roles in, and this is none.');
    expect(() => search.grantRead(undefined as never)).toThrow('grantee is missing');
  });
});

describe('what is watched', () => {
  test('production has the alarms that the service recommends, under the dimensions that it reports', () => {
    const alarms = Object.values(domainTemplate().findResources(ALARM));
    expect(alarms.map(({ Properties }) => Properties.MetricName).sort()).toEqual([
      'AutomatedSnapshotFailure', 'CPUUtilization', 'ClusterIndexWritesBlocked', 'ClusterStatus.red', 'ClusterStatus.yellow', 'FreeStorageSpace',
      'JVMMemoryPressure', 'Nodes',
    ]);
    for (const { Properties } of alarms) {
      expect(Properties).toMatchObject({ Namespace: 'AWS/ES', Dimensions: [{ Name: 'ClientId', Value: { Ref: 'AWS::AccountId' } }, { Name: 'DomainName' }] });
      expect(JSON.stringify(Properties.AlarmDescription)).toMatch(/\. First: .*\\nRunbook: .*\/search-[a-z-]+\.md/);
    }
  });

  test('thresholds follow the size', () => {
    const template = domainTemplate({ storageGiB: 100, dataNodes: 3 });
    template.hasResourceProperties(ALARM, { MetricName: 'FreeStorageSpace', Threshold: 25_600, ComparisonOperator: 'LessThanOrEqualToThreshold' });
    template.hasResourceProperties(ALARM, { MetricName: 'Nodes', Threshold: 6, ComparisonOperator: 'LessThanThreshold', Period: 86_400 });
  });

  test('a single node is not told that it has no copies', () => {
    const names = Object.values(domainTemplate({ dataNodes: 1 }).findResources(ALARM)).map(({ Properties }) => Properties.MetricName);
    expect(names).toContain('ClusterStatus.red');
    expect(names).not.toContain('ClusterStatus.yellow');
  });

  test('a key of one\'s own is watched too', () => {
    const stack = newStack();
    const template = Template.fromStack(buildDomain({ encryptionKey: new kms.Key(stack, 'Key') }, stack).stack);
    template.hasResourceProperties(ALARM, { MetricName: 'KMSKeyError', TreatMissingData: 'notBreaching' });
    template.hasResourceProperties(ALARM, { MetricName: 'KMSKeyInaccessible' });
  });

  test('its row fills the dashboard, and metrics can be asked for', () => {
    const { search } = buildDomain();
    expect(search.dashboardWidgets().map(({ width }) => width)).toEqual([6, 6, 6, 6]);
    expect(search.metric('SearchRate', { statistic: 'Sum' })).toMatchObject({ namespace: 'AWS/ES', metricName: 'SearchRate', statistic: 'Sum' });
  });
});

describe('refused', () => {
  test.each([
    [{ instanceType: 'm7g.tiny.search' }, "got: instanceType 'm7g.tiny.search'\n  allowed: m7g."],
    [{ instanceType: 'm7g.medium' }, 'fix: set instanceType to m7g.medium.search'],
    [{ instanceType: 'cache.t4g.micro' }, 'there is no such instance type'],
    [{ masterInstanceType: 'x' }, "got: masterInstanceType 'x'"],
    [{ profile: EnvironmentProfile.production().with({ searchInstanceType: 'm5.small.search' }) }, "got: instanceType 'm5.small.search'"],
    [{ masterInstanceType: 'm7g.medium.search', dedicatedMasters: false }, 'no dedicated master nodes to choose a type for'],
    [{ dataNodes: 0 }, 'dataNodes is not a whole number from 1 to 80'],
    [{ dataNodes: 5 }, 'fix: set dataNodes to 6'],
    [{ dataNodes: '2' }, 'dataNodes is not a whole number'],
    [{ storageGiB: 9 }, 'storageGiB is not a whole number from 10 to 24576'],
    [{ instanceType: 't3.small.search', storageGiB: 101 }, 'from 10 to 100'],
    [{ engineVersion: '2.18' }, 'engineVersion is not well-formed'],
    [{ engineVersion: 'OpenSearch_2.19' }, 'allowed: 2.3 to 2.19 or 3.x, such as 2.19'],
    [{ logRetentionDays: 31 }, 'logRetentionDays has a value that does not exist'],
    [{ removalPolicy: RemovalPolicy.SNAPSHOT }, 'removalPolicy has a value that does not exist'],
    [{ alarms: 'no' }, 'alarms is not a boolean'],
    [{ dedicatedMasters: 'yes' }, 'dedicatedMasters is not a boolean'],
    [{ vpc: undefined }, 'vpc is missing'],
    [{ vpc: 'vpc-1' }, "got: vpc 'vpc-1'"],
    [{ profile: 'production' }, 'profile is not what it should be'],
    [{ encryptionKey: 'alias/x' }, 'encryptionKey is not what it should be'],
    [{ indexes: 'games' }, 'indexes is not a list'],
    [{ indexes: ['games'] }, "got: indexes[0] 'games'"],
    [{ indexes: [{}] }, 'indexes[0] is not what it should be'],
    [{ indexes: [{ name: undefined }] }, 'indexes[0].name is missing'],
    [{ indexes: [{ name: 'board-games' }] }, 'indexes[0].name is not well-formed'],
    [{ indexes: [{ name: 'games' }, { name: 'games' }] }, 'two indexes have the same name'],
    [{ indexes: [{ name: 'outbox' }] }, 'belongs to the table of changes'],
    [{ indexes: [{ name: 'games', mappings: [] }] }, 'indexes[0].mappings is not an object'],
    [{ vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } }, 'vpcSubnets are public subnets'],
    [{ functionSubnets: { subnetGroupName: 'none' } }, 'functionSubnets select no subnet'],
  ])('%j', (props, message) => expect(refused(props)).toContain(message));

  test('no properties at all', () => {
    const stack = newStack();
    expect(refusal('Search', () => new SearchDomain(stack, 'Search', undefined as never), stack)).toContain('vpc is missing');
  });

  test('two nodes in one zone', () => expect(refused({ dataNodes: 2 }, 1)).toContain('choose subnets in two zones, or set dataNodes to 1'));

  test.each(['dataNodes', 'storageGiB'])('%s as a token, which decides what is made', prop => {
    expect(refused({ [prop]: Token.asNumber({ Ref: 'Number' }) })).toContain(`${prop} is only known at deployment`);
  });

  test('every type in the list is taken', () => {
    for (const instanceType of SEARCH_INSTANCE_TYPES) expect(instanceType).toMatch(/^[a-z][0-9][a-z]{0,2}\.(small|medium|\d{0,2}x?large)\.search$/);
    expect(() => buildDomain({ instanceType: 'r8g.16xlarge.search', masterInstanceType: 't3.medium.search' })).not.toThrow();
  });
});

test('tokens pass where nothing depends on them', () => {
  const stack = newStack();
  const instanceType = new CfnParameter(stack, 'Type').valueAsString;
  expect(properties(Template.fromStack(buildDomain({ instanceType }, stack).stack)).ClusterConfig.InstanceType).toEqual({ Ref: 'Type' });
});

test('two domains in a stack share the role of the service\'s helper and nothing else', () => {
  const stack = newStack();
  const { vpc } = buildDomain({}, stack);
  new SearchDomain(stack, 'Other', { vpc });
  const template = Template.fromStack(stack);
  template.resourceCountIs(DOMAIN, 2);
  const names = Object.values(template.findResources(DOMAIN)).map(({ Properties }) => JSON.stringify(Properties.DomainName));
  expect(new Set(names).size).toBe(2);
  expect(Object.keys(template.findResources('AWS::Lambda::Function')).filter(id => id.startsWith('DeploymentHelper'))).toHaveLength(1);
});

test('a nested stack and other partitions work', () => {
  const stack = newStack();
  const nested = new NestedStack(stack, 'Nested');
  new SearchDomain(nested, 'Search', { vpc: network(stack) });
  const text = JSON.stringify(Template.fromStack(nested).toJSON());
  expect(text).not.toContain('arn:aws:');
  expect(text).toContain(JSON.stringify({ Ref: 'AWS::Partition' }));
});

test('a VPC without a way out puts the function beside the domain', () => {
  const stack = newStack();
  const vpc = network(stack, 2, ec2.SubnetType.PRIVATE_ISOLATED);
  const template = Template.fromStack(buildDomain({ vpc }, stack).stack);
  const [{ Properties }] = Object.entries(template.findResources('AWS::Lambda::Function')).filter(([id]) => id.startsWith('SearchAdministrator')).map(([, each]) => each);
  expect(Properties.VpcConfig.SubnetIds).toEqual(stack.resolve(vpc.isolatedSubnets.map(({ subnetId }) => subnetId)));
});
