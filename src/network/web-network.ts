import { Annotations, CfnResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ClosedDefaultSecurityGroup } from './default-security-group';
import { endpointNames, endpointService } from './endpoint-services';
import { NatInstanceProvider } from './nat-instance-provider';
import { MAXIMUM_ZONES, validateWebNetwork, zoneCount } from './validate-web-network';
import { firstZones, withZones } from './zones';
import { EnvironmentProfile, NatKind, NatStrategy } from '../environment';
import { IWatched } from '../observability';
import { createAlarm } from '../observability/alarm';
import { AlertSeverity } from '../observability/alert-severity';

/** Properties of a `WebNetwork`. */
export interface WebNetworkProps {
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * An existing VPC with private or isolated subnets. It is used as it is: no subnet, endpoint or log is added.
   * @default - a new VPC
   */
  readonly vpc?: ec2.IVpc;
  /**
   * Private address range of the new VPC, of /16 to /24. It cannot change later without replacing everything inside.
   * @default '10.0.0.0/16'
   */
  readonly cidr?: string;
  /**
   * Number of availability zones, 2 or 3. A third can be added later: addresses are kept free for it.
   * @default - the profile's
   */
  readonly availabilityZones?: number;
  /**
   * Names of two or three zones, such as `eu-central-1a`. Changing the name of a zone replaces its subnets.
   * @default - the first zones of the region, chosen at deployment without a look-up
   */
  readonly availabilityZoneNames?: string[];
  /**
   * Way from private subnets to the internet.
   * @default - the profile's
   */
  readonly natStrategy?: NatStrategy;
  /**
   * Whether there are public subnets with an internet gateway. Without them, which takes `NatStrategy.none()`,
   * nothing from the internet reaches the VPC either, and a load balancer must be internal.
   * @default true
   */
  readonly internetGateway?: boolean;
  /**
   * Interface endpoints by the service's short name, such as `secretsmanager`; each costs about 7 USD a month and zone.
   * S3 and DynamoDB always have a gateway endpoint, which is free. With `NatStrategy.none()` those that every task
   * needs are added: `ecr.api`, `ecr.dkr`, `logs` and `secretsmanager`, and `ssmmessages` where the profile allows ECS Exec.
   * @default - the profile's
   */
  readonly interfaceEndpoints?: string[];
  /**
   * Whether the VPC's traffic is logged.
   * @default - the profile's
   */
  readonly flowLogs?: boolean;
  /**
   * Days that flow logs are kept.
   * @default - the profile's
   */
  readonly logRetentionDays?: number;
  /**
   * Key that encrypts the flow logs.
   * @default - AWS's own key
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Whether alarms are made.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}

const DEFAULT_CIDR = '10.0.0.0/16';

const PUBLIC = 'public';
/** Where services run. It keeps this name and its addresses also where nothing leads out. */
const PRIVATE = 'private';
const ISOLATED = 'isolated';

/**
 * A VPC over two or three zones: public subnets for the load balancer, private ones for services, isolated ones for data.
 * Its default security group is closed, S3 and DynamoDB are reached without NAT.
 */
export class WebNetwork extends Construct implements IWatched {
  /** The VPC, new or given. */
  public readonly vpc: ec2.IVpc;
  /** Subnets for what faces the internet. Empty where `hasInternetGateway` is false. */
  public readonly publicSubnets: ec2.SubnetSelection;
  /** Subnets for services: with a way out, or isolated where the network has none. */
  public readonly serviceSubnets: ec2.SubnetSelection;
  /** Subnets for databases and caches: isolated, or those for services where a given VPC has no isolated ones. */
  public readonly dataSubnets: ec2.SubnetSelection;
  /** Whether the network has public subnets, which an internet-facing load balancer needs. */
  public readonly hasInternetGateway: boolean;
  /** Whether services reach the internet. Where they do not, they reach AWS through endpoints only. */
  public readonly hasInternetEgress: boolean;
  /** Log group of the VPC's traffic, where it is logged. */
  public readonly flowLogGroup?: logs.LogGroup;
  /** Security group of the interface endpoints, where there are any; it lets the VPC in on port 443. */
  public readonly endpointSecurityGroup?: ec2.SecurityGroup;
  public readonly alarms: cloudwatch.Alarm[] = [];

  private readonly profile: EnvironmentProfile;
  private readonly natStrategy: NatStrategy;
  private readonly cidr: string;
  /** Ids of NAT gateways, or of the NAT instance. */
  private natIds: string[] = [];

  constructor(scope: Construct, id: string, private readonly props: WebNetworkProps = {}) {
    super(scope, id);
    validateWebNetwork(this, props);

    this.profile = props.profile ?? EnvironmentProfile.production();
    this.natStrategy = props.natStrategy ?? this.profile.natStrategy;
    this.cidr = props.cidr ?? DEFAULT_CIDR;
    this.publicSubnets = { subnetType: ec2.SubnetType.PUBLIC };

    if (props.vpc) {
      this.vpc = props.vpc;
      this.hasInternetGateway = props.vpc.publicSubnets.length > 0;
      this.hasInternetEgress = props.vpc.privateSubnets.length > 0;
      this.serviceSubnets = { subnetType: serviceSubnetType(this.hasInternetEgress) };
      this.dataSubnets = props.vpc.isolatedSubnets.length > 0 ? { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } : this.serviceSubnets;
      return;
    }

    this.hasInternetGateway = props.internetGateway ?? true;
    this.hasInternetEgress = this.natStrategy.kind !== NatKind.NONE;
    this.serviceSubnets = { subnetGroupName: PRIVATE };
    this.dataSubnets = { subnetGroupName: ISOLATED };
    const vpc = this.createVpc();
    this.vpc = vpc;
    this.endpointSecurityGroup = this.createInterfaceEndpoints(vpc);
    this.flowLogGroup = (props.flowLogs ?? this.profile.flowLogs) ? this.createFlowLogs(vpc) : undefined;
    if (props.alarms ?? this.profile.alarms) this.createAlarms();
    this.warnOfSingleInstance();
  }

  public dashboardWidgets(): cloudwatch.IWidget[] {
    if (this.natIds.length === 0) return [];
    if (this.natStrategy.kind === NatKind.INSTANCE) {
      return [new cloudwatch.GraphWidget({ title: 'NAT instance: failed status checks', width: 24, left: this.natIds.map(instanceStatusMetric) })];
    }
    return [
      new cloudwatch.GraphWidget({ title: 'NAT: connections refused for lack of ports', width: 12, left: this.natIds.map(id => gatewayMetric('ErrorPortAllocation', id)) }),
      new cloudwatch.GraphWidget({ title: 'NAT: packets dropped', width: 12, left: this.natIds.map(id => gatewayMetric('PacketsDropCount', id)) }),
    ];
  }

  private createVpc(): ec2.Vpc {
    const zones = this.props.availabilityZoneNames ?? firstZones(zoneCount(this.props, this.profile));
    const natProvider = this.natStrategy.kind === NatKind.INSTANCE ? new NatInstanceProvider(this.cidr) : ec2.NatProvider.gateway();
    const vpc = withZones(Stack.of(this), zones, () => new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(this.cidr),
      availabilityZones: [...zones],
      // Room for the zones not used yet: adding one must not renumber, and so replace, the subnets of the others.
      reservedAzs: MAXIMUM_ZONES - zones.length,
      subnetConfiguration: this.subnetConfiguration(),
      natGateways: this.natStrategy.count,
      natGatewayProvider: natProvider,
      restrictDefaultSecurityGroup: false,
      gatewayEndpoints: {
        S3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
      },
    }));
    this.retain(vpc);
    new ClosedDefaultSecurityGroup(this, 'DefaultSecurityGroup', {
      vpc,
      logRetentionDays: this.props.logRetentionDays ?? this.profile.logRetentionDays,
      encryptionKey: this.props.encryptionKey,
    });
    if (this.hasInternetEgress) this.natIds = natProvider.configuredGateways.map(({ gatewayId }) => gatewayId);
    return vpc;
  }

  /** Where a database outlives its stack, so do the subnets that it is in: without them the VPC's deletion would fail on it. Both are free. */
  private retain(vpc: ec2.Vpc): void {
    const { removalPolicy } = this.profile;
    if (removalPolicy === RemovalPolicy.DESTROY || removalPolicy === RemovalPolicy.SNAPSHOT) return;
    for (const kept of [vpc, ...vpc.isolatedSubnets]) (kept.node.defaultChild as CfnResource).applyRemovalPolicy(removalPolicy);
  }

  /** Fifteen sixteenths of the range in nine fixed places, whatever the zones and the way out. */
  private subnetConfiguration(): ec2.SubnetConfiguration[] {
    const mask = Number(this.cidr.split('/')[1]);
    return [
      { name: PUBLIC, subnetType: ec2.SubnetType.PUBLIC, cidrMask: mask + 3, mapPublicIpOnLaunch: false, reserved: !this.hasInternetGateway },
      { name: PRIVATE, subnetType: serviceSubnetType(this.hasInternetEgress), cidrMask: mask + 3 },
      { name: ISOLATED, subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: mask + 4 },
    ];
  }

  private createInterfaceEndpoints(vpc: ec2.Vpc): ec2.SecurityGroup | undefined {
    const asked = this.props.interfaceEndpoints ?? this.profile.interfaceEndpoints;
    const names = endpointNames(asked, !this.hasInternetEgress, this.profile.executeCommand);
    if (names.length === 0) return undefined;

    const securityGroup = new ec2.SecurityGroup(this, 'EndpointSecurityGroup', {
      vpc,
      description: 'Interface endpoints: HTTPS from inside the VPC',
      allowAllOutbound: false,
    });
    securityGroup.addIngressRule(ec2.Peer.ipv4(this.cidr), ec2.Port.HTTPS, 'AWS services over TLS');
    for (const name of names) {
      vpc.addInterfaceEndpoint(`Endpoint-${name}`, {
        service: endpointService(name),
        subnets: this.serviceSubnets,
        securityGroups: [securityGroup],
        open: false,
      });
    }
    return securityGroup;
  }

  private createFlowLogs(vpc: ec2.Vpc): logs.LogGroup {
    const logGroup = new logs.LogGroup(this, 'FlowLogGroup', {
      retention: this.props.logRetentionDays ?? this.profile.logRetentionDays,
      encryptionKey: this.props.encryptionKey,
      removalPolicy: this.profile.removalPolicyWithoutSnapshot,
    });
    const { partition, region, account } = Stack.of(this);
    const role = new iam.Role(this, 'FlowLogRole', {
      description: 'Writes the flow logs of one VPC',
      assumedBy: new iam.ServicePrincipal('vpc-flow-logs.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:${partition}:ec2:${region}:${account}:vpc-flow-log/*` },
        },
      }),
      managedPolicies: [new iam.ManagedPolicy(this, 'FlowLogPolicy', {
        description: 'Writes the flow logs of one VPC',
        statements: [new iam.PolicyStatement({
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
          resources: [logGroup.logGroupArn],
        })],
      })],
    });
    vpc.addFlowLog('FlowLog', { destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup, role.withoutPolicyUpdates()) });
    return logGroup;
  }

  private createAlarms(): void {
    this.natIds.forEach((natId, index) => this.alarms.push(
      this.natStrategy.kind === NatKind.INSTANCE ? this.createInstanceAlarm(natId) : this.createGatewayAlarm(natId, index + 1)));
  }

  private createGatewayAlarm(natGatewayId: string, number: number): cloudwatch.Alarm {
    return createAlarm(this, `NatGateway${number}PortAllocationAlarm`, {
      metric: gatewayMetric('ErrorPortAllocation', natGatewayId),
      threshold: 0,
      evaluationPeriods: 15,
      treatMissingData: cloudwatch.TreatMissingData.MISSING,
      meaning: 'A NAT gateway has had no free port for a quarter of an hour: connections from services to the internet fail.',
      firstStep: 'look which service opens so many connections to one address (flow logs), and reuse connections there; then add NAT gateways, or an endpoint where the address is AWS.',
      severity: AlertSeverity.CRITICAL,
      runbook: {
        page: 'network-nat-ports',
        then: [
          'See that the gateway is well: `aws ec2 describe-nat-gateways --nat-gateway-ids {NatGatewayId} --query "NatGateways[0].[State,NatGatewayAddresses]"`.',
          'At once: give it a second address, which brings 55,000 ports more: `aws ec2 associate-nat-gateway-address --nat-gateway-id {NatGatewayId} --allocation-ids <address>`; then reuse connections in the service.',
        ],
      },
    });
  }

  private createInstanceAlarm(instanceId: string): cloudwatch.Alarm {
    return createAlarm(this, 'NatInstanceStatusAlarm', {
      metric: instanceStatusMetric(instanceId),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 2,
      // The only way out: silence is as bad as a failed check.
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      meaning: 'The NAT instance has failed its status checks for ten minutes: services do not reach the internet.',
      firstStep: 'stop and start the instance in the EC2 console; where that does not help, terminate it and deploy with NatStrategy.gateways(1).',
      severity: AlertSeverity.CRITICAL,
      runbook: {
        page: 'network-nat-instance',
        then: [
          'See what fails: `aws ec2 describe-instance-status --instance-ids {InstanceId} --include-all-instances`; read its console: `aws ec2 get-console-output --latest --instance-id {InstanceId} --output text`.',
          'Stop and start it by command: `aws ec2 stop-instances --instance-ids {InstanceId}`, wait, `aws ec2 start-instances --instance-ids {InstanceId}`.',
        ],
      },
    });
  }

  private warnOfSingleInstance(): void {
    if (this.natStrategy.kind !== NatKind.INSTANCE || !this.profile.deletionProtection) return;
    Annotations.of(this).addWarningV2('cdk-web-platform:network.natInstance',
      `the NAT instance has no stand-in: when it fails, ${this.profile.name} loses the internet. NatStrategy.gateways(${zoneCount(this.props, this.profile)}) has none of this weakness.`);
  }
}

function serviceSubnetType(hasInternetEgress: boolean): ec2.SubnetType {
  return hasInternetEgress ? ec2.SubnetType.PRIVATE_WITH_EGRESS : ec2.SubnetType.PRIVATE_ISOLATED;
}

function gatewayMetric(metricName: string, natGatewayId: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/NATGateway',
    metricName,
    dimensionsMap: { NatGatewayId: natGatewayId },
    statistic: cloudwatch.Stats.SUM,
    period: Duration.minutes(1),
  });
}

function instanceStatusMetric(instanceId: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/EC2',
    metricName: 'StatusCheckFailed',
    dimensionsMap: { InstanceId: instanceId },
    statistic: cloudwatch.Stats.MAXIMUM,
    period: Duration.minutes(5),
  });
}
