import { App, Aws, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { EnvironmentProfile, NatStrategy } from '../../src/environment';
import { WebNetwork, WebNetworkProps } from '../../src/network';

const AGNOSTIC = {};
const FRANKFURT = { account: '111111111111', region: 'eu-central-1' };
const BEIJING = { account: '111111111111', region: 'cn-north-1' };

function make(props: WebNetworkProps = {}, env: { account?: string; region?: string } = AGNOSTIC) {
  const stack = new Stack(new App(), 'Stack', { env });
  const network = new WebNetwork(stack, 'Network', props);
  return { stack, network, template: Template.fromStack(stack) };
}

/** Address and zone of each subnet, by its logical id. */
function subnets(template: Template): { [id: string]: { cidr: string; zone: unknown } } {
  return Object.fromEntries(Object.entries(template.findResources('AWS::EC2::Subnet')).map(([id, { Properties }]) =>
    [id, { cidr: Properties.CidrBlock, zone: Properties.AvailabilityZone }]));
}

function endpointNames(template: Template): string[] {
  return Object.values(template.findResources('AWS::EC2::VPCEndpoint', { Properties: { VpcEndpointType: 'Interface' } }))
    .map(({ Properties: { ServiceName: name } }) => (typeof name === 'string' ? name : name['Fn::Join'][1].at(-1)).replace(/^.*?amazonaws\.(?:[a-z]+-[a-z]+-\d)?|^\./, '').replace(/^\./, ''))
    .sort();
}

describe('the address plan', () => {
  test('production has public, private and isolated subnets in two zones, none of which hands out public addresses', () => {
    const { template } = make();

    expect(Object.values(subnets(template)).map(({ cidr }) => cidr)).toEqual([
      '10.0.0.0/19', '10.0.32.0/19', '10.0.96.0/19', '10.0.128.0/19', '10.0.192.0/20', '10.0.208.0/20',
    ]);
    template.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
  });

  test.each(['10.0.0.0/16', '172.16.4.0/22', '192.168.7.0/24'])('a third zone in %s renumbers neither of the first two', cidr => {
    const two = subnets(make({ cidr, availabilityZones: 2 }).template);
    const three = subnets(make({ cidr, availabilityZones: 3 }).template);

    expect(three).toMatchObject(two);
    expect(Object.keys(three)).toHaveLength(9);
    expect(new Set(Object.values(three).map(({ cidr: range }) => range)).size).toBe(9);
  });

  test('another way to the internet, or none, renumbers nothing', () => {
    const gateways = subnets(make({ natStrategy: NatStrategy.gateways(1) }).template);

    expect(subnets(make({ natStrategy: NatStrategy.instance() }).template)).toEqual(gateways);
    expect(subnets(make({ natStrategy: NatStrategy.none() }).template)).toEqual(gateways);
    expect(gateways).toMatchObject(subnets(make({ natStrategy: NatStrategy.none(), internetGateway: false }).template));
  });

  test('the ids of the VPC and its subnets are a contract', () => {
    expect(Object.keys(make().template.findResources('AWS::EC2::VPC'))).toEqual(['NetworkVpc7FB7348F']);
    expect(Object.keys(subnets(make({ availabilityZones: 3 }).template))).toEqual([
      'NetworkVpcpublicSubnet1Subnet00617657', 'NetworkVpcpublicSubnet2SubnetDCAA7C9A', 'NetworkVpcpublicSubnet3SubnetB6CE113A',
      'NetworkVpcprivateSubnet1Subnet9EC58498', 'NetworkVpcprivateSubnet2Subnet6E5E8804', 'NetworkVpcprivateSubnet3SubnetC252FE86',
      'NetworkVpcisolatedSubnet1Subnet188D06DD', 'NetworkVpcisolatedSubnet2Subnet811E27B8', 'NetworkVpcisolatedSubnet3Subnet8C51A120',
    ]);
  });
});

describe('zones', () => {
  test.each([['an environment-agnostic', AGNOSTIC], ['an environment-specific', FRANKFURT]])('three zones in %s stack need no look-up', (_, env) => {
    const app = new App();
    const stack = new Stack(app, 'Stack', { env });
    new WebNetwork(stack, 'Network', { availabilityZones: 3 });

    expect(app.synth().manifest.missing).toBeUndefined();
    expect(Object.values(subnets(Template.fromStack(stack)))[2].zone).toEqual({ 'Fn::Select': [2, { 'Fn::GetAZs': '' }] });
  });

  test('the stack answers for its zones as before afterwards', () => {
    const { stack } = make({ availabilityZones: 3 });
    expect(stack.availabilityZones).toHaveLength(2);

    const own = new Stack(new App(), 'Own', { env: FRANKFURT });
    Object.defineProperty(own, 'availabilityZones', { configurable: true, get: () => ['eu-central-1c'] });
    new WebNetwork(own, 'Network');
    expect(own.availabilityZones).toEqual(['eu-central-1c']);
  });

  test('zones can be named', () => {
    const names = ['eu-central-1a', 'eu-central-1c'];
    const { template } = make({ availabilityZoneNames: names }, FRANKFURT);

    expect(Object.values(subnets(template)).map(({ zone }) => zone)).toEqual([...names, ...names, ...names]);
    expect(names).toEqual(['eu-central-1a', 'eu-central-1c']);
  });
});

describe('the way to the internet', () => {
  test('each zone has its own NAT gateway in production', () => {
    const { template, network } = make();

    template.resourceCountIs('AWS::EC2::NatGateway', 2);
    expect(network.hasInternetEgress).toBe(true);
    expect(network.hasInternetGateway).toBe(true);
  });

  test('isolated subnets have no route out', () => {
    const { template, stack, network } = make();
    const tables = network.vpc.selectSubnets(network.dataSubnets).subnets.map(subnet => stack.resolve(subnet.routeTable.routeTableId).Ref);

    expect(tables).toHaveLength(2);
    for (const { Properties } of Object.values(template.findResources('AWS::EC2::Route'))) expect(tables).not.toContain(Properties.RouteTableId.Ref);
  });

  test('a NAT instance is small, encrypted, patched at each deployment, and open to the VPC only', () => {
    const { template } = make({ profile: EnvironmentProfile.development(), cidr: '10.20.0.0/16' });

    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.hasResourceProperties('AWS::EC2::Instance', {
      InstanceType: 't4g.nano',
      SourceDestCheck: false,
      BlockDeviceMappings: [{ Ebs: { Encrypted: true } }],
      NetworkInterfaces: Match.absent(),
    });
    template.hasResourceProperties('AWS::EC2::Instance', { MetadataOptions: { HttpTokens: 'required' } });
    template.hasParameter('*', { Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: Match.stringLikeRegexp('al2023.*arm64') });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: Match.stringLikeRegexp('NAT instance'),
      SecurityGroupIngress: [Match.objectLike({ CidrIp: '10.20.0.0/16', IpProtocol: '-1' })],
    });
    template.hasResource('AWS::EC2::EIP', { Properties: { InstanceId: Match.anyValue() }, DependsOn: Match.arrayWith([Match.stringLikeRegexp('publicSubnet1DefaultRoute')]) });
    expect(Object.values(template.findResources('AWS::EC2::Route', { Properties: { InstanceId: Match.anyValue() } }))).toHaveLength(2);
  });

  test('a NAT instance in a protected environment is warned of, and only there', () => {
    const { stack } = make({ natStrategy: NatStrategy.instance() });
    Annotations.fromStack(stack).hasWarning('/Stack/Network', Match.stringLikeRegexp('no stand-in.*NatStrategy.gateways\\(2\\)'));

    Annotations.fromStack(make({ profile: EnvironmentProfile.development() }).stack).hasNoWarning('*', Match.anyValue());
  });

  test('without NAT, services sit in isolated subnets and have the endpoints that a task needs', () => {
    const { template, network, stack } = make({ natStrategy: NatStrategy.none() });

    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    expect(endpointNames(template)).toEqual(['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager']);
    expect(network.hasInternetEgress).toBe(false);
    expect(network.hasInternetGateway).toBe(true);
    expect(network.vpc.selectSubnets(network.serviceSubnets).subnetIds.map(id => stack.resolve(id).Ref)).toEqual([
      'NetworkVpcprivateSubnet1Subnet9EC58498', 'NetworkVpcprivateSubnet2Subnet6E5E8804',
    ]);
  });

  test('a VPC without internet has no gateway to it, in or out, and still reaches S3 and DynamoDB', () => {
    const { template, network } = make({
      profile: EnvironmentProfile.development(), natStrategy: NatStrategy.none(), internetGateway: false, interfaceEndpoints: ['sqs', 'logs'],
    });

    for (const type of ['InternetGateway', 'NatGateway', 'Instance', 'EIP', 'Route']) template.resourceCountIs(`AWS::EC2::${type}`, 0);
    expect(network.hasInternetGateway).toBe(false);
    expect(network.vpc.publicSubnets).toEqual([]);
    expect(endpointNames(template)).toEqual(['ecr.api', 'ecr.dkr', 'logs', 'secretsmanager', 'sqs', 'ssmmessages']);
    template.resourcePropertiesCountIs('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' }, 2);
  });
});

describe('endpoints', () => {
  test('S3 and DynamoDB have gateway endpoints in every route table, and nothing else is paid for', () => {
    const { template, network } = make();

    const gateways = Object.values(template.findResources('AWS::EC2::VPCEndpoint'));
    expect(gateways).toHaveLength(2);
    for (const { Properties } of gateways) expect(Properties.RouteTableIds).toHaveLength(6);
    expect(network.endpointSecurityGroup).toBeUndefined();
  });

  test('an interface endpoint lets the VPC in on HTTPS and nothing out', () => {
    const { template } = make({ interfaceEndpoints: ['sqs', 'sqs'], cidr: '10.1.0.0/16' });

    expect(endpointNames(template)).toEqual(['sqs']);
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Interface', PrivateDnsEnabled: true, SubnetIds: [Match.anyValue(), Match.anyValue()] });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [Match.objectLike({ CidrIp: '10.1.0.0/16', FromPort: 443, ToPort: 443 })],
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '255.255.255.255/32' })],
    });
  });

  test('service names follow the partition', () => {
    const names = Object.values(make({ interfaceEndpoints: ['ecr.api'] }, BEIJING).template.findResources('AWS::EC2::VPCEndpoint'))
      .map(({ Properties }) => JSON.stringify(Properties.ServiceName));
    expect(names).toEqual(expect.arrayContaining([expect.stringContaining('cn.com.amazonaws.cn-north-1.ecr.api')]));
  });
});

describe('flow logs and the default security group', () => {
  test('production logs its traffic, encrypted and kept for 30 days, and the role serves these logs only', () => {
    const stack = new Stack(new App(), 'Stack', { env: BEIJING });
    const network = new WebNetwork(stack, 'Network', { encryptionKey: new kms.Key(stack, 'Key') });
    const template = Template.fromStack(stack);
    const group = { 'Fn::GetAtt': ['NetworkFlowLogGroup4F8CEEEF', 'Arn'] };

    template.hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 30, KmsKeyId: Match.anyValue() },
      DeletionPolicy: 'RetainExceptOnCreate',
    });
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: { Statement: [{ Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'], Resource: group }] },
    });
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [Match.objectLike({
          Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
          Condition: {
            StringEquals: { 'aws:SourceAccount': '111111111111' },
            ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ec2:cn-north-1:111111111111:vpc-flow-log/*']] } },
          },
        })],
      },
    });
    expect(network.flowLogGroup).toBeDefined();
  });

  test('development logs no traffic unless asked to', () => {
    make({ profile: EnvironmentProfile.development() }).template.resourceCountIs('AWS::EC2::FlowLog', 0);
    const { template } = make({ profile: EnvironmentProfile.development(), flowLogs: true, logRetentionDays: 7 });
    template.hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 7 }, DeletionPolicy: 'Delete' });
  });

  test('staging, which keeps snapshots of databases, deletes its flow logs', () => {
    make({ profile: EnvironmentProfile.staging() }).template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete' });
  });

  test.each([['an environment-agnostic', AGNOSTIC], ['an environment-specific', FRANKFURT], ['a Chinese', BEIJING]])('the default security group is closed in %s stack', (_, env) => {
    const { template } = make({}, env);
    template.hasResourceProperties('Custom::ClosedDefaultSecurityGroup', { GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('Vpc'), 'DefaultSecurityGroup'] } });
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: ['ec2:RevokeSecurityGroupIngress', 'ec2:RevokeSecurityGroupEgress'] })]) },
    });
  });
});

describe('an existing VPC', () => {
  function withVpc(attributes: Partial<ec2.VpcAttributes>) {
    const stack = new Stack(new App(), 'Stack', { env: FRANKFURT });
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Given', { vpcId: 'vpc-1', availabilityZones: ['eu-central-1a', 'eu-central-1b'], ...attributes });
    return { stack, make: (props: WebNetworkProps = {}) => new WebNetwork(stack, 'Network', { vpc, ...props }) };
  }
  const PUBLIC = { publicSubnetIds: ['p1', 'p2'] };
  const PRIVATE = { privateSubnetIds: ['s1', 's2'] };
  const ISOLATED = { isolatedSubnetIds: ['i1', 'i2'] };

  test('is used as it is', () => {
    const { stack, make: use } = withVpc({ ...PUBLIC, ...PRIVATE, ...ISOLATED });
    const network = use({ profile: EnvironmentProfile.staging(), alarms: true });

    expect(network.vpc.selectSubnets(network.publicSubnets).subnetIds).toEqual(['p1', 'p2']);
    expect(network.vpc.selectSubnets(network.serviceSubnets).subnetIds).toEqual(['s1', 's2']);
    expect(network.vpc.selectSubnets(network.dataSubnets).subnetIds).toEqual(['i1', 'i2']);
    expect(network.alarms).toEqual([]);
    expect(network.dashboardWidgets()).toEqual([]);
    expect(Template.fromStack(stack).toJSON().Resources).toBeUndefined();
  });

  test('without isolated subnets keeps its data in the private ones', () => {
    const network = withVpc(PRIVATE).make();

    expect(network.vpc.selectSubnets(network.dataSubnets).subnetIds).toEqual(['s1', 's2']);
    expect([network.hasInternetGateway, network.hasInternetEgress]).toEqual([false, true]);
  });

  test('with isolated subnets only runs its services there', () => {
    const network = withVpc(ISOLATED).make();

    expect(network.vpc.selectSubnets(network.serviceSubnets).subnetIds).toEqual(['i1', 'i2']);
    expect(network.hasInternetEgress).toBe(false);
  });

  test('that is looked up, or known at deployment only, is not judged by its stand-ins', () => {
    const stack = new Stack(new App(), 'Stack', { env: FRANKFURT });
    const found = new WebNetwork(stack, 'Found', { vpc: ec2.Vpc.fromLookup(stack, 'Lookup', { isDefault: true }) });
    expect(found.hasInternetEgress).toBe(true);

    const ids = Fn.split(',', Fn.importValue('Subnets'));
    expect(() => withVpc({ availabilityZones: Fn.getAzs(), privateSubnetIds: ids }).make()).not.toThrow();
  });

  test('without private and isolated subnets is refused', () => {
    const { stack, make: use } = withVpc(PUBLIC);

    expect(() => use()).toThrow(/^Stack\/Network: the VPC has no private and no isolated subnets.*\n  got: vpc with 2 public.*\n  allowed: .*\n  fix: name its private subnets/);
    expect(stack.node.findAll().filter(child => child.node.path.startsWith('Stack/Network/'))).toEqual([]);
  });

  test('with a shape of its own cannot be given another', () => {
    expect(() => withVpc(PRIVATE).make({ cidr: '10.0.0.0/16', flowLogs: true })).toThrow(/got: vpc, cidr, flowLogs\n.*\n  fix: remove cidr, flowLogs, or remove vpc/);
  });
});

describe('alarms', () => {
  test('each NAT gateway is watched for exhausted ports', () => {
    const { template, network } = make();

    expect(network.alarms).toHaveLength(2);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/NATGateway',
      MetricName: 'ErrorPortAllocation',
      Dimensions: [{ Name: 'NatGatewayId', Value: { Ref: Match.stringLikeRegexp('publicSubnet2NATGateway') } }],
      Statistic: 'Sum',
      Period: 60,
      Threshold: 0,
      EvaluationPeriods: 15,
      TreatMissingData: 'missing',
      AlarmDescription: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('First: look which service')])] },
    });
    expect(widgetTitles(network)).toEqual(['NAT: connections refused for lack of ports', 'NAT: packets dropped']);
  });

  test('a NAT instance that falls silent is as bad as one that fails', () => {
    const { template, network } = make({ profile: EnvironmentProfile.development(), alarms: true });

    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'StatusCheckFailed', Statistic: 'Maximum', Period: 300, EvaluationPeriods: 2, TreatMissingData: 'breaching',
    });
    expect(widgetTitles(network)).toEqual(['NAT instance: failed status checks']);
  });

  test('without NAT, or by choice, there is nothing to watch', () => {
    expect(make({ alarms: false }).network.alarms).toEqual([]);
    const { network } = make({ natStrategy: NatStrategy.none() });
    expect(network.alarms).toEqual([]);
    expect(network.dashboardWidgets()).toEqual([]);
  });

  function widgetTitles(network: WebNetwork): unknown[] {
    const dashboard = new cloudwatch.Row(...network.dashboardWidgets());
    return dashboard.toJson().map(widget => widget.properties.title);
  }
});

test('two networks live in one stack', () => {
  const stack = new Stack(new App(), 'Stack');
  new WebNetwork(stack, 'Blue');
  new WebNetwork(stack, 'Green', { cidr: '10.1.0.0/16' });

  Template.fromStack(stack).resourceCountIs('AWS::EC2::VPC', 2);
});

describe('bad input is refused before anything is made', () => {
  const wrong = (value: unknown) => value as never;
  test.each<[string, WebNetworkProps, RegExp]>([
    ['no range', { cidr: 'ten' }, /cidr is not an address range/],
    ['a number', { cidr: wrong(16) }, /cidr is not an address range/],
    ['an impossible address', { cidr: '10.0.300.0/16' }, /cidr is not an address range/],
    ['too large', { cidr: '10.0.0.0/8' }, /too large for a VPC/],
    ['too small', { cidr: '10.0.0.0/26' }, /too small for nine subnets/],
    ['public addresses', { cidr: '8.8.0.0/16' }, /not a private range.\n  got: cidr '8.8.0.0\/16'/],
    ['near a private range', { cidr: '172.32.0.0/16' }, /not a private range/],
    ['a start inside the range', { cidr: '10.1.2.3/16' }, /fix: use '10.1.0.0\/16'/],
    ['a range known at deployment', { cidr: Fn.importValue('Cidr') }, /subnets are divided at synth/],
    ['one zone', { availabilityZones: 1 }, /availabilityZones is not a whole number from 2 to 3/],
    ['four zones', { availabilityZones: 4 }, /availabilityZones is not a whole number from 2 to 3/],
    ['one zone twice', { availabilityZoneNames: ['a', 'a'] }, /not two or three different zones/],
    ['zones as text', { availabilityZoneNames: wrong('eu-central-1a') }, /not two or three different zones/],
    ['names and number that disagree', { availabilityZoneNames: ['a', 'b'], availabilityZones: 3 }, /disagree/],
    ['more gateways than zones', { natStrategy: NatStrategy.gateways(3) }, /more NAT gateways than availability zones.\n  got: natStrategy gateways\(3\), 2 zones/],
    ['NAT without internet', { internetGateway: false }, /without an internet gateway there is none/],
    ['a word for a boolean', { flowLogs: wrong('yes') }, /flowLogs is not a boolean/],
    ['a retention that CloudWatch lacks', { logRetentionDays: 31 }, /logRetentionDays has a value that does not exist/],
    ['an endpoint nearly right', { interfaceEndpoints: ['secrets-manager'] }, /allowed: secretsmanager/],
    ['half an endpoint', { interfaceEndpoints: ['ecr'] }, /allowed: .*ecr\.api, ecr\.dkr/],
    ['an endpoint unlike any', { interfaceEndpoints: ['zzzzzz'] }, /allowed: one of \d+ short names/],
    ['an endpoint that is no text', { interfaceEndpoints: [wrong(7)] }, /interfaceEndpoints is not well-formed/],
    ['an endpoint that is free already', { interfaceEndpoints: ['s3'] }, /s3 already has a gateway endpoint/],
  ])('%s', (_, props, message) => {
    const stack = new Stack(new App(), 'Stack');

    expect(() => new WebNetwork(stack, 'Network', props)).toThrow(message);
    expect(stack.node.findChild('Network').node.children).toEqual([]);
  });

  test('a retention known at deployment passes', () => {
    expect(() => make({ logRetentionDays: wrong(Fn.importValue('Days')) as number, cidr: '10.0.0.0/16' })).not.toThrow();
    expect(Aws.REGION).toBeDefined();
  });
});
