/* The network of a hand-written app. */
import { Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { allow, createLogGroup, keep, MINUTE, Platform } from './foundation';
import { graph, MISSING } from './monitoring';

export class Network extends Construct {
  public readonly vpc: ec2.Vpc;

  constructor(scope: Construct, id: string, private readonly platform: Platform) {
    super(scope, id);
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16'),
      maxAzs: 2,
      reservedAzs: 1,
      natGateways: 2,
      restrictDefaultSecurityGroup: true,
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 19, mapPublicIpOnLaunch: false },
        { name: 'private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 19 },
        { name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 20 },
      ],
      gatewayEndpoints: {
        S3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    keep(...[this.vpc, ...this.vpc.isolatedSubnets].map(part => part.node.defaultChild));
    this.createFlowLog();
    this.watch();
  }

  private createFlowLog(): void {
    const { account } = Stack.of(this);
    const logGroup = createLogGroup(this, 'FlowLogs', this.platform.key);
    const description = 'Writes the flow logs of the VPC';
    const role = new iam.Role(this, 'FlowLogRole', {
      description,
      assumedBy: new iam.ServicePrincipal('vpc-flow-logs.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': Stack.of(this).formatArn({ service: 'ec2', resource: 'vpc-flow-log', resourceName: '*' }) },
        },
      }),
      managedPolicies: [new iam.ManagedPolicy(this, 'FlowLogPolicy', {
        description,
        statements: [allow(['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'], [logGroup.logGroupArn])],
      })],
    });
    this.vpc.addFlowLog('FlowLog', { destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup, role.withoutPolicyUpdates()) });
  }

  private watch(): void {
    const { monitoring } = this.platform;
    const natGateways = this.vpc.publicSubnets.map(subnet => (subnet.node.findChild('NATGateway') as ec2.CfnNatGateway).attrNatGatewayId);
    const metric = (metricName: string, NatGatewayId: string) =>
      new cloudwatch.Metric({ namespace: 'AWS/NATGateway', metricName, dimensionsMap: { NatGatewayId }, statistic: 'Sum', period: MINUTE });
    natGateways.forEach((natGateway, index) => monitoring.addAlarm(this, `NatGateway${index + 1}Ports`, {
      metric: metric('ErrorPortAllocation', natGateway),
      threshold: 0,
      periods: 15,
      page: 'network-nat-ports',
      values: { natGateway },
      critical: true,
      treatMissingData: MISSING,
    }));
    monitoring.addRow('Network',
      graph('NAT: connections refused for lack of ports', 12, natGateways.map(natGateway => metric('ErrorPortAllocation', natGateway))),
      graph('NAT: packets dropped', 12, natGateways.map(natGateway => metric('PacketsDropCount', natGateway))));
  }
}
