/* The load balancer of a hand-written app, behind its own certificate. */
import { Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { certificateGraph, watchCertificate } from './certificates';
import { createLogBucket, createSecurityGroup, MINUTE, Platform } from './foundation';
import { graph } from './monitoring';

export const TEST_PORT = 9000;

export interface LoadBalancerProps {
  readonly platform: Platform;
  readonly vpc: ec2.IVpc;
  readonly zone: route53.IHostedZone;
  readonly domainName: string;
  /** Who reaches it from the internet; without, it is internal and CloudFront reaches it through its network. */
  readonly internetFacing: boolean;
  readonly webAclArn: string;
  /** More graphs in its row. */
  readonly graphs?: cloudwatch.IWidget[];
}

export class LoadBalancer extends Construct {
  public readonly loadBalancer: elbv2.ApplicationLoadBalancer;
  public readonly listener: elbv2.ApplicationListener;
  public readonly testListener: elbv2.ApplicationListener;
  public readonly domainName: string;

  constructor(scope: Construct, id: string, private readonly props: LoadBalancerProps) {
    super(scope, id);
    const { domainName, zone } = props;
    this.domainName = domainName;
    this.loadBalancer = this.createLoadBalancer();
    this.createAccessLogs();
    new wafv2.CfnWebACLAssociation(this, 'Firewall', { resourceArn: this.loadBalancer.loadBalancerArn, webAclArn: props.webAclArn });
    const certificate = new acm.Certificate(this, 'Certificate', { domainName, validation: acm.CertificateValidation.fromDns(zone) });
    this.listener = this.createListener('Https', 443, certificate);
    this.testListener = this.createListener('Test', TEST_PORT, certificate);
    this.allowClients();
    const target = route53.RecordTarget.fromAlias(new targets.LoadBalancerTarget(this.loadBalancer));
    new route53.ARecord(this, 'Record', { zone, recordName: domainName, target });
    this.watch(certificate);
  }

  private createLoadBalancer(): elbv2.ApplicationLoadBalancer {
    const { vpc, internetFacing } = this.props;
    return new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc,
      internetFacing,
      securityGroup: createSecurityGroup(this, 'SecurityGroup', vpc, 'Load balancer'),
      dropInvalidHeaderFields: true,
      deletionProtection: true,
    });
  }

  private createListener(id: string, port: number, certificate: acm.ICertificate): elbv2.ApplicationListener {
    return this.loadBalancer.addListener(id, {
      port,
      protocol: elbv2.ApplicationProtocol.HTTPS,
      open: false,
      certificates: [certificate],
      sslPolicy: elbv2.SslPolicy.RECOMMENDED_TLS,
      defaultAction: elbv2.ListenerAction.fixedResponse(404, { contentType: 'application/json', messageBody: '{"error":"not found"}' }),
    });
  }

  private allowClients(): void {
    const { connections } = this.loadBalancer;
    if (!this.props.internetFacing) {
      // CloudFront's own list in eu-central-1: a VPC origin has no security group before it is made.
      connections.allowFrom(ec2.Peer.prefixList('pl-a3a144ca'), ec2.Port.HTTPS, 'CloudFront, through its VPC origin');
      return;
    }
    this.loadBalancer.addListener('Redirect', {
      port: 80,
      open: false,
      defaultAction: elbv2.ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
    });
    connections.allowFromAnyIpv4(ec2.Port.HTTP, 'Clients');
    connections.allowFromAnyIpv4(ec2.Port.HTTPS, 'Clients');
  }

  /** `logAccessLogs` needs to know the region, and a stack may be for any. */
  private createAccessLogs(): void {
    const { account, partition } = Stack.of(this);
    const bucket = createLogBucket(this, 'AccessLogs');
    bucket.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'LoadBalancerLogDelivery',
      principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`*/AWSLogs/${account}/*`)],
      conditions: { ArnLike: { 'aws:SourceArn': `arn:${partition}:elasticloadbalancing:*:${account}:loadbalancer/*` } },
    }));
    this.loadBalancer.setAttribute('access_logs.s3.enabled', 'true');
    this.loadBalancer.setAttribute('access_logs.s3.bucket', bucket.bucketName);
    this.loadBalancer.setAttribute('access_logs.s3.prefix', 'load-balancer');
    this.loadBalancer.node.addDependency(bucket.policy!);
  }

  private watch(certificate: acm.ICertificate): void {
    const { monitoring } = this.props.platform;
    const { metrics } = this.loadBalancer;
    watchCertificate(this, certificate, monitoring);
    monitoring.addAlarm(this, 'OwnErrors', {
      metric: new cloudwatch.MathExpression({
        label: 'Errors made by the load balancer (%)',
        expression: 'IF(FILL(errors, 0) < 5, 0, 100 * FILL(errors, 0) / (FILL(requests, 0) + FILL(errors, 0)))',
        usingMetrics: {
          errors: metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, { period: MINUTE }),
          requests: metrics.requestCount({ period: MINUTE }),
        },
        period: MINUTE,
      }),
      threshold: 1,
      periods: 5,
      datapointsToAlarm: 3,
      page: 'load-balancer-errors',
      critical: true,
    });
    monitoring.addRow('Load balancer',
      graph('Requests', 8, [metrics.requestCount()]),
      graph('Errors', 8, [
        metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT),
        metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT),
        metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_4XX_COUNT),
      ]),
      graph('Response time', 8, ['p50', 'p95', 'p99'].map(statistic => metrics.targetResponseTime({ statistic, label: statistic }))),
      ...this.props.graphs ?? [],
      certificateGraph(certificate));
  }
}
