import { Annotations, Duration } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { TestListener } from './release/smoke-test-hook';
import { Route, Routes } from './routes';
import { validateWebLoadBalancer } from './validate-web-load-balancer';
import { acknowledge } from '../acknowledge';
import { CertificateWatch, certificateWidget } from '../edge/certificate-watch';
import { createAliasRecords } from '../edge/create-alias-records';
import { FirewallPlacement } from '../edge/firewall-placement';
import { reachableZone } from '../edge/reachable-zone';
import { WebFirewall } from '../edge/web-firewall';
import { IWebFirewall } from '../edge/web-firewall-interface';
import { EnvironmentProfile } from '../environment';
import { IWatched, WatchedEvents } from '../observability';
import { AccessLogsBucket, accessLogsRemovalPolicy } from '../observability/access-logs-bucket';
import { createAlarm } from '../observability/alarm';
import { AlertSeverity } from '../observability/alert-severity';

/** Port on which releases are tested. The same with and without HTTPS, so that a certificate that comes later changes the listener in place. */
export const TEST_PORT = 9000;

/** Properties of a `WebLoadBalancer`. */
export interface WebLoadBalancerProps {
  /** Network of the load balancer, with public subnets unless it is internal. */
  readonly vpc: ec2.IVpc;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Whether it is reached from inside the network only.
   * @default false
   */
  readonly internal?: boolean;
  /**
   * Name under which it is reached, such as `api.example.com`. A record is made for it where `hostedZone` is given.
   * @default - the name that AWS gives
   */
  readonly domainName?: string;
  /**
   * Further names for the certificate and records, such as hosts of single services.
   * @default - none
   */
  readonly alternativeDomainNames?: string[];
  /**
   * Zone of the domain.
   * @default - no record is made, and the certificate has to be given
   */
  readonly hostedZone?: route53.IHostedZone;
  /**
   * Certificate of the domain, in this region.
   * @default - one is made and validated through `hostedZone`, where a domain is given
   */
  readonly certificate?: acm.ICertificate;
  /**
   * Whether it serves HTTPS, with HTTP redirected.
   * @default - true where there is a certificate or a domain
   */
  readonly https?: boolean;
  /**
   * Whether HTTP is redirected to HTTPS. For an API without browsers, `false` is safer: a client with a wrong address
   * fails at once, rather than sending its key in plain text before each redirect.
   * @default true
   */
  readonly redirectHttp?: boolean;
  /**
   * TLS versions and ciphers.
   * @default - elbv2.SslPolicy.RECOMMENDED_TLS: TLS 1.3 and 1.2
   */
  readonly sslPolicy?: elbv2.SslPolicy;
  /**
   * Address ranges that may connect; none where it is internal and only who is let in through its `connections` may.
   * @default - everybody; where it is internal, the VPC
   */
  readonly allowedCidrs?: string[];
  /**
   * Web application firewall before it, in this region, instead of one of its own. It is watched where it is made.
   * @default - one of its own, where `firewallEnabled`
   */
  readonly firewall?: IWebFirewall;
  /**
   * Whether it has a web application firewall, with AWS's recommended rules where `firewall` gives no other (about 10 USD a month, and 0.60 USD for a
   * million requests).
   * @default - the profile's; false where it is internal and `firewall` is left out
   */
  readonly firewallEnabled?: boolean;
  /**
   * Key that encrypts the log of the firewall made for it; it must let CloudWatch Logs use it, as an `EncryptionKey` does. Access logs take no key of KMS.
   * @default - the key of CloudWatch Logs
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Whether access logs are written to a bucket.
   * @default - the profile's
   */
  readonly accessLogs?: boolean;
  /**
   * Days that access logs are kept, 1 to 3650.
   * @default 90
   */
  readonly accessLogRetentionDays?: number;
  /**
   * Time after which a connection without data is closed, up to 4000 seconds. Keep a service's own keep-alive above it.
   * @default Duration.seconds(60)
   */
  readonly idleTimeout?: Duration;
  /**
   * Whether it refuses deletion.
   * @default - the profile's
   */
  readonly deletionProtection?: boolean;
  /**
   * Whether alarms are made.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}

/** The front door: an application load balancer that services share, each with hosts and paths of its own. What nobody claims is answered with 404. */
export class WebLoadBalancer extends Construct implements ec2.IConnectable, IWatched {
  /** The load balancer. */
  public readonly loadBalancer: elbv2.ApplicationLoadBalancer;
  /** The listener that services are on: HTTPS where there is a certificate, otherwise HTTP. */
  public readonly listener: elbv2.ApplicationListener;
  /** The certificate given or made. */
  public readonly certificate?: acm.ICertificate;
  /** Bucket of the access logs; give it to other blocks too, so that all logs are in one place. */
  public readonly accessLogsBucket?: s3.IBucket;
  /** The listener on port 9000 that brings the tests of a release to its new version; there where a service starts new versions beside old ones. */
  public get testListener(): elbv2.ApplicationListener | undefined {
    return this.node.tryFindChild('LoadBalancer')?.node.tryFindChild('Test') as elbv2.ApplicationListener | undefined;
  }
  /** Who may connect. */
  public readonly connections: ec2.Connections;
  /** Address of the front door, such as `https://api.example.com`. */
  public readonly url: string;
  /** The firewall given or made. */
  public readonly firewall?: IWebFirewall;
  /** Alarms of the load balancer, its certificate and the firewall made for it. */
  public readonly alarms: cloudwatch.Alarm[];
  /** Events of a certificate whose renewal needs somebody; undefined where no certificate is watched. */
  public readonly events?: WatchedEvents[];

  private readonly routes = new Routes();
  private readonly profile: EnvironmentProfile;
  private readonly domainNames: string[];
  private readonly ownFirewall?: WebFirewall;

  constructor(scope: Construct, id: string, private readonly props: WebLoadBalancerProps) {
    super(scope, id);
    validateWebLoadBalancer(this, props);
    this.profile = props.profile ?? EnvironmentProfile.production();
    this.domainNames = props.domainName ? [props.domainName, ...props.alternativeDomainNames ?? []] : [];

    this.loadBalancer = this.createLoadBalancer();
    this.connections = this.loadBalancer.connections;
    this.accessLogsBucket = this.createAccessLogs();
    this.certificate = this.createCertificate();
    this.listener = this.createListener();
    this.allowClients();
    this.createRecords();
    this.ownFirewall = this.createFirewall();
    this.firewall = props.firewall ?? this.ownFirewall;
    this.firewall?.protect(this.loadBalancer);
    const certificateWatch = this.hasAlarms && this.certificate ? this.watchCertificate(this.certificate) : undefined;
    this.alarms = [...this.hasAlarms ? this.createAlarms() : [], ...certificateWatch?.alarms ?? [], ...this.ownFirewall?.alarms ?? []];
    this.events = certificateWatch?.events;
    this.url = `${this.certificate ? 'https' : 'http'}://${props.domainName ?? this.loadBalancer.loadBalancerDnsName}`;
  }

  /** Requests, errors and response time of the whole front door, then its firewall and its certificate. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    const { metrics } = this.loadBalancer;
    return [
      new cloudwatch.GraphWidget({ title: 'Requests', width: 8, left: [metrics.requestCount()] }),
      new cloudwatch.GraphWidget({
        title: 'Errors',
        width: 8,
        left: [
          metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT),
          metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT),
          metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_4XX_COUNT),
        ],
      }),
      new cloudwatch.GraphWidget({
        title: 'Response time',
        width: 8,
        left: ['p50', 'p95', 'p99'].map(statistic => metrics.targetResponseTime({ statistic, label: statistic })),
      }),
      ...this.ownFirewall?.dashboardWidgets() ?? [],
      ...this.certificate ? [certificateWidget(this.certificate.certificateArn)] : [],
    ];
  }

  /**
   * Claims requests for a service and answers the priority of its rule.
   * @internal
   */
  public _addRoute(service: Construct, route: Route): number {
    return this.routes.add(service, route);
  }

  /**
   * Lets somebody inside the network, such as a bastion host, meet a new version before users do, on the test listener.
   * Nobody else reaches it: its port is open to nobody by itself.
   */
  public allowTestTrafficFrom(peer: ec2.IConnectable, description: string = 'Tests of a release'): void {
    this.connections.allowFrom(peer, ec2.Port.tcp(TEST_PORT), description);
  }

  /**
   * The listener on which releases are tested, made when the first service needs it.
   * @internal
   */
  public _testListener(): elbv2.ApplicationListener {
    return this.testListener ?? this.loadBalancer.addListener('Test', {
      port: TEST_PORT,
      open: false,
      protocol: this.certificate ? elbv2.ApplicationProtocol.HTTPS : elbv2.ApplicationProtocol.HTTP,
      certificates: this.certificate && [this.certificate],
      sslPolicy: this.certificate && (this.props.sslPolicy ?? elbv2.SslPolicy.RECOMMENDED_TLS),
      defaultAction: notFound(),
    });
  }

  /**
   * Where the tests of a release find a service with these hosts.
   * @internal
   */
  public _testTarget(hosts: string[]): TestListener {
    const { loadBalancerDnsName: dnsName, loadBalancerFullName } = this.loadBalancer;
    return {
      loadBalancerFullName,
      dnsName,
      internal: this.props.internal ?? false,
      protocol: this.certificate ? 'https:' : 'http:',
      port: TEST_PORT,
      // Any name that the pattern covers is answered by the service, and is on the certificate.
      host: hosts[0]?.replace(/[*?]/g, 'smoke-test') ?? this.props.domainName,
    };
  }

  /**
   * Whether anybody on the internet may connect; otherwise, the network or some addresses only.
   * @internal
   */
  public get _isPublic(): boolean {
    return !this.props.internal && this.props.allowedCidrs === undefined;
  }

  private createLoadBalancer(): elbv2.ApplicationLoadBalancer {
    const { vpc, internal = false } = this.props;
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: `Load balancer ${this.node.path}`.slice(0, 255),
      allowAllOutbound: false,
    });
    return new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc,
      internetFacing: !internal,
      securityGroup,
      dropInvalidHeaderFields: true,
      idleTimeout: this.props.idleTimeout,
      deletionProtection: this.props.deletionProtection ?? this.profile.deletionProtection,
    });
  }

  private createAccessLogs(): s3.IBucket | undefined {
    if (!(this.props.accessLogs ?? this.profile.accessLogs)) return undefined;
    const logs = new AccessLogsBucket(this, 'AccessLogs', {
      retentionDays: this.props.accessLogRetentionDays,
      removalPolicy: accessLogsRemovalPolicy(this.profile),
    });
    logs.receiveFrom(this.loadBalancer);
    return logs.bucket;
  }

  private createCertificate(): acm.ICertificate | undefined {
    const { certificate, hostedZone, https } = this.props;
    if (https === false) return undefined;
    if (certificate || this.domainNames.length === 0) return certificate;
    return new acm.Certificate(this, 'Certificate', {
      domainName: this.domainNames[0],
      subjectAlternativeNames: this.domainNames.length > 1 ? this.domainNames.slice(1) : undefined,
      validation: acm.CertificateValidation.fromDns(hostedZone && reachableZone(this, hostedZone)),
    });
  }

  private createListener(): elbv2.ApplicationListener {
    if (!this.certificate) {
      if (this.profile.deletionProtection && !this.props.internal) {
        Annotations.of(this).addWarningV2('cdk-web-platform:plainHttp',
          'The load balancer serves plain HTTP in a protected environment: give domainName with hostedZone, or a certificate.');
      }
      return this.loadBalancer.addListener('Http', { port: 80, open: false, defaultAction: notFound() });
    }
    if (this.props.redirectHttp ?? true) {
      // The id of the listener on port 80 is the same with and without HTTPS: CloudFormation could not make a second one beside it.
      this.loadBalancer.addListener('Http', {
        port: 80,
        open: false,
        defaultAction: elbv2.ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
      });
    }
    return this.loadBalancer.addListener('Https', {
      port: 443,
      open: false,
      certificates: [this.certificate],
      sslPolicy: this.props.sslPolicy ?? elbv2.SslPolicy.RECOMMENDED_TLS,
      defaultAction: notFound(),
    });
  }

  private allowClients(): void {
    const { allowedCidrs, internal, vpc } = this.props;
    const cidrs = allowedCidrs ?? [internal ? vpc.vpcCidrBlock : '0.0.0.0/0'];
    const ports = [
      ...(this.certificate && this.props.redirectHttp === false ? [] : [ec2.Port.HTTP]),
      ...(this.certificate ? [ec2.Port.HTTPS] : []),
    ];
    for (const cidr of cidrs) {
      const peer = cidr.includes(':') ? ec2.Peer.ipv6(cidr) : ec2.Peer.ipv4(cidr);
      for (const port of ports) this.connections.allowFrom(peer, port, `Clients on ${port}`);
    }
    const reason = cidrs.some(cidr => cidr.endsWith('/0'))
      ? 'This is the public front door: anybody may call it, on the ports of HTTP (redirected) and HTTPS only. What lies behind is reached through it alone.'
      : internal && !allowedCidrs
        ? 'The load balancer is reached from inside its network only: the range is that of the VPC, which cdk-nag cannot read before it is deployed.'
        : undefined;
    if (reason) acknowledge(this.loadBalancer.node.scope!.node.findChild('SecurityGroup'), 'AwsSolutions-EC23', reason);
  }

  private createRecords(): void {
    const { hostedZone } = this.props;
    if (!hostedZone) return;
    createAliasRecords(this, { hostedZone, domainNames: this.domainNames, target: new targets.LoadBalancerTarget(this.loadBalancer) });
  }

  private createFirewall(): WebFirewall | undefined {
    const { firewall, firewallEnabled, internal, encryptionKey } = this.props;
    if (firewall || !(firewallEnabled ?? (this.profile.firewall && !internal))) return undefined;
    return new WebFirewall(this, 'Firewall', { placement: FirewallPlacement.regional(), profile: this.profile, alarms: this.hasAlarms, encryptionKey });
  }

  private get hasAlarms(): boolean {
    return this.props.alarms ?? this.profile.alarms;
  }

  private watchCertificate({ certificateArn }: acm.ICertificate): CertificateWatch {
    return new CertificateWatch(this, 'CertificateWatch', { certificateArn });
  }

  private createAlarms(): cloudwatch.Alarm[] {
    const { metrics } = this.loadBalancer;
    const period = Duration.minutes(1);
    return [
      createAlarm(this, 'OwnErrors', {
        metric: new cloudwatch.MathExpression({
          label: 'Errors made by the load balancer (%)',
          expression: 'IF(FILL(errors, 0) < 5, 0, 100 * FILL(errors, 0) / (FILL(requests, 0) + FILL(errors, 0)))',
          usingMetrics: { errors: metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, { period }), requests: metrics.requestCount({ period }) },
          period,
        }),
        threshold: 1,
        evaluationPeriods: 5,
        datapointsToAlarm: 3,
        meaning: 'More than 1 % of requests are answered with an error by the load balancer itself: no healthy target, or targets that time out.',
        firstStep: 'look at the healthy hosts and the task events of each service behind it.',
        severity: AlertSeverity.CRITICAL,
        runbook: {
          page: 'load-balancer-errors',
          then: [
            'Ask each target group: `aws elbv2 describe-target-health --target-group-arn <arn> --query "TargetHealthDescriptions[].[Target.Id,TargetHealth]"`.',
            '503 is no target, 502 a target that closed the connection, 504 one that took too long: read the events of that service with `aws ecs describe-services --cluster <cluster> --services <service> --query "services[0].events[:5].message"`.',
          ],
        },
      }),
    ];
  }
}

function notFound(): elbv2.ListenerAction {
  return elbv2.ListenerAction.fixedResponse(404, { contentType: 'application/json', messageBody: '{"error":"not found"}' });
}
