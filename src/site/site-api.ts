import { Annotations, CfnMapping, Duration, Stack, Token } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { checkNewPatterns, checkPathPatterns } from './site-distribution-paths';
import { accountWideName } from '../edge/account-wide-name';
import { PlatformError } from '../errors';
import { checkDuration, checkGiven, checkInteger, checkKind, checkText, display } from '../validate';

const HOST = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** Options of every API behind a site. */
export interface SiteApiOptions {
  /**
   * Paths of the API, with `*` and `?` as wildcards. A path reaches the API as it is: `/api/users` stays `/api/users`.
   * @default ['/api/*']
   */
  readonly pathPatterns?: string[];
  /**
   * Longest wait for the first byte of an answer, and between two parts of it, 1 to 120 seconds. Above 60 an account needs a higher quota.
   * @default Duration.seconds(30)
   */
  readonly responseTimeout?: Duration;
  /**
   * How long an idle connection is kept, 1 to 120 seconds: below the idle timeout of what answers, or it closes connections that are in use.
   * @default Duration.seconds(5)
   */
  readonly keepaliveTimeout?: Duration;
}

/** Options of an API on a load balancer that the internet reaches. */
export interface PublicLoadBalancerApiOptions extends SiteApiOptions {
  /** A name of the load balancer that its certificate has, such as `api.example.com`. The name that AWS gives it is on no certificate. */
  readonly domainName: string;
}

/** Options of an API on a load balancer that only the network reaches. */
export interface PrivateLoadBalancerApiOptions extends SiteApiOptions {
  /**
   * A name that the load balancer's certificate has, such as `api.example.com`: CloudFront then speaks HTTPS to it, and sends that name as the host.
   * No record is needed.
   * @default - CloudFront speaks HTTP to it, inside AWS's network, and sends the name that the visitor asked for as the host
   */
  readonly domainName?: string;
  /**
   * Port of the listener: 80, 443, or 1024 to 65535.
   * @default - 443 where `domainName` is given, otherwise 80
   */
  readonly port?: number;
  /**
   * Id of the managed prefix list `com.amazonaws.global.cloudfront.origin-facing` in the load balancer's region, whose addresses are let in.
   * It counts as 55 of the 60 rules that a security group may have: an API on a second port, or a handful of `allowedCidrs`, needs a higher quota.
   * @default - known for 17 regions; others have to give it
   */
  readonly prefixListId?: string;
}

/**
 * What a distribution needs to know of an API.
 * @internal
 */
export interface SiteApiConfig {
  readonly origin: cloudfront.IOrigin;
  readonly originRequestPolicy: cloudfront.IOriginRequestPolicy;
}

/**
 * An API behind the same name as the site, so that browsers need neither a second connection nor permission to call another site.
 * Its answers are never cached, and it gets everything that the visitor sent: query strings, cookies and headers.
 */
export abstract class SiteApi {
  /** An API on a load balancer that the internet reaches too. It gets `domainName` as the host. */
  public static loadBalancer(loadBalancer: elbv2.IApplicationLoadBalancer, options: PublicLoadBalancerApiOptions): SiteApi {
    const where = 'SiteApi.loadBalancer';
    checkLoadBalancer(where, loadBalancer);
    checkGiven(where, 'domainName', options?.domainName, 'a name on the certificate of the load balancer, such as api.example.com');
    checkText(where, 'domainName', options.domainName, HOST, 'a domain name, such as api.example.com');
    checkScheme(where, loadBalancer, 'internal', {
      problem: 'the load balancer is internal, and CloudFront could not reach it over the internet.',
      fix: 'use SiteApi.privateLoadBalancer()',
    });
    return new HttpsEndpoint(where, options.domainName, options);
  }

  /**
   * An API on a load balancer in private subnets, which nobody on the internet reaches but CloudFront, through a VPC origin. The network needs an
   * internet gateway, though nothing goes through it, and a free address in each subnet; no web sockets and no gRPC.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
   */
  public static privateLoadBalancer(loadBalancer: elbv2.IApplicationLoadBalancer, options: PrivateLoadBalancerApiOptions = {}): SiteApi {
    return new PrivateLoadBalancer(loadBalancer, options);
  }

  /** An API on any HTTPS endpoint, such as one of API Gateway's. It gets `domainName` as the host. */
  public static httpsEndpoint(domainName: string, options: SiteApiOptions = {}): SiteApi {
    const where = 'SiteApi.httpsEndpoint';
    checkGiven(where, 'domainName', domainName, 'a domain name, such as api.example.com');
    checkText(where, 'domainName', domainName, HOST, 'a domain name without scheme and path, such as api.example.com');
    return new HttpsEndpoint(where, domainName, options);
  }

  /** Paths of the API. */
  public readonly pathPatterns: string[];

  /** @internal */
  protected constructor(where: string, protected readonly _options: SiteApiOptions) {
    this.pathPatterns = _options.pathPatterns ?? ['/api/*'];
    checkPathPatterns(where, this.pathPatterns);
    checkNewPatterns(where, [], this.pathPatterns);
    checkDuration(where, 'responseTimeout', _options.responseTimeout, 1, 120);
    checkDuration(where, 'keepaliveTimeout', _options.keepaliveTimeout, 1, 120);
  }

  /** @internal */
  public abstract _bind(scope: Construct): SiteApiConfig;
}

/** CloudFront compares the certificate with the origin's name, or with the host that it forwards: here they are the same. */
class HttpsEndpoint extends SiteApi {
  constructor(where: string, private readonly domainName: string, options: SiteApiOptions) {
    super(where, options);
  }

  public _bind(): SiteApiConfig {
    return {
      origin: new origins.HttpOrigin(this.domainName, {
        protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
        originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
        readTimeout: this._options.responseTimeout,
        keepaliveTimeout: this._options.keepaliveTimeout,
      }),
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    };
  }
}

class PrivateLoadBalancer extends SiteApi {
  constructor(private readonly loadBalancer: elbv2.IApplicationLoadBalancer, private readonly options: PrivateLoadBalancerApiOptions) {
    const where = 'SiteApi.privateLoadBalancer';
    super(where, options);
    checkLoadBalancer(where, loadBalancer);
    checkText(where, 'domainName', options.domainName, HOST, 'a domain name, such as api.example.com');
    checkText(where, 'prefixListId', options.prefixListId, /^pl-[0-9a-f]+$/, 'the id of a prefix list, such as pl-0123abcd');
    checkOriginPort(where, options.port);
    checkScheme(where, loadBalancer, 'internet-facing', {
      problem: 'the load balancer is reached from the internet, so that it needs no VPC origin.',
      fix: 'use SiteApi.loadBalancer(), or make the load balancer internal',
    });
    checkZones(where, loadBalancer);
    if (!options.prefixListId) checkPrefixListIsKnown(where, Stack.of(loadBalancer).region);
  }

  public _bind(scope: Construct): SiteApiConfig {
    const { domainName, responseTimeout, keepaliveTimeout } = this.options;
    const port = this.options.port ?? (domainName ? 443 : 80);
    this.letIn(port);
    informOfZones(scope, this.loadBalancer);
    const vpcOrigin = new cloudfront.VpcOrigin(scope, 'VpcOrigin', {
      vpcOriginName: accountWideName(scope, 64),
      endpoint: cloudfront.VpcOriginEndpoint.applicationLoadBalancer(this.loadBalancer),
      protocolPolicy: domainName ? cloudfront.OriginProtocolPolicy.HTTPS_ONLY : cloudfront.OriginProtocolPolicy.HTTP_ONLY,
      httpsPort: domainName ? port : undefined,
      httpPort: domainName ? undefined : port,
      originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
    });
    return {
      origin: origins.VpcOrigin.withVpcOrigin(vpcOrigin, {
        domainName: domainName ?? this.loadBalancer.loadBalancerDnsName,
        readTimeout: responseTimeout,
        keepaliveTimeout,
      }),
      originRequestPolicy: domainName
        ? cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER
        : cloudfront.OriginRequestPolicy.ALL_VIEWER,
    };
  }

  /** CloudFront comes with addresses of its own, also through a VPC origin: to allow the network's range is not enough. */
  private letIn(port: number): void {
    const peer = this.options.prefixListId ? ec2.Peer.prefixList(this.options.prefixListId) : originFacingPeer(this.loadBalancer);
    this.loadBalancer.connections.allowFrom(peer, ec2.Port.tcp(port), 'CloudFront, through its VPC origin');
  }
}

/** One peer for all sites in front of a load balancer, in a stack of any region too: EC2 refuses a rule that is there already, and CDK tells tokens apart. */
function originFacingPeer(loadBalancer: elbv2.IApplicationLoadBalancer): ec2.IPeer {
  const peer = ec2.Peer.prefixList(originFacingPrefixList(loadBalancer));
  return Token.isUnresolved(peer.uniqueId) ? Object.defineProperty(peer, 'uniqueId', { value: MAPPING }) : peer;
}

/**
 * The addresses that CloudFront comes from. CloudFormation has no way to ask for the list by its name.
 *
 * @see https://aws.amazon.com/blogs/networking-and-content-delivery/limit-access-to-your-origins-using-the-aws-managed-prefix-list-for-amazon-cloudfront/
 */
const ORIGIN_FACING: { readonly [region: string]: string } = {
  'ap-northeast-1': 'pl-58a04531',
  'ap-northeast-2': 'pl-22a6434b',
  'ap-northeast-3': 'pl-31a14458',
  'ap-south-1': 'pl-9aa247f3',
  'ap-southeast-1': 'pl-31a34658',
  'ap-southeast-2': 'pl-b8a742d1',
  'ca-central-1': 'pl-38a64351',
  'eu-central-1': 'pl-a3a144ca',
  'eu-north-1': 'pl-fab65393',
  'eu-west-1': 'pl-4fa04526',
  'eu-west-2': 'pl-93a247fa',
  'eu-west-3': 'pl-75b1541c',
  'sa-east-1': 'pl-5da64334',
  'us-east-1': 'pl-3b927c52',
  'us-east-2': 'pl-b6a144df',
  'us-west-1': 'pl-4ea04527',
  'us-west-2': 'pl-82a045eb',
};

const MAPPING = 'CloudFrontOriginFacing';

function originFacingPrefixList(loadBalancer: elbv2.IApplicationLoadBalancer): string {
  const stack = Stack.of(loadBalancer);
  if (Token.isUnresolved(stack.region)) {
    const mapping = stack.node.tryFindChild(MAPPING) as CfnMapping | undefined ?? new CfnMapping(stack, MAPPING, {
      mapping: Object.fromEntries(Object.entries(ORIGIN_FACING).map(([region, prefixList]) => [region, { prefixList }])),
    });
    return mapping.findInMap(stack.region, 'prefixList');
  }
  return ORIGIN_FACING[stack.region];
}

function checkPrefixListIsKnown(where: string, region: string): void {
  if (Token.isUnresolved(region) || region in ORIGIN_FACING) return;
  throw new PlatformError(where, {
    problem: `the prefix list of CloudFront's addresses in ${region} is not known here.`,
    got: 'prefixListId nothing',
    allowed: `prefixListId, or one of ${Object.keys(ORIGIN_FACING).join(', ')}`,
    fix: 'give prefixListId: aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.global.cloudfront.origin-facing',
  });
}

/** Zones without VPC origins, by region: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html */
const ZONES_WITHOUT_VPC_ORIGINS: { readonly [region: string]: string } = {
  'us-east-1': 'use1-az3',
  'us-west-1': 'usw1-az2',
  'ap-northeast-1': 'apne1-az3',
  'ca-central-1': 'cac1-az3',
};

function checkZones(where: string, loadBalancer: elbv2.IApplicationLoadBalancer): void {
  const zones = loadBalancer.vpc && !Token.isUnresolved(loadBalancer.vpc.availabilityZones) ? loadBalancer.vpc.availabilityZones : [];
  const unsupported = zones.find(zone => Object.values(ZONES_WITHOUT_VPC_ORIGINS).includes(zone));
  if (unsupported === undefined) return;
  throw new PlatformError(where, {
    problem: 'CloudFront has no VPC origins in one of the load balancer\'s availability zones.',
    got: `zones ${zones.join(', ')}`,
    allowed: `zones besides ${Object.values(ZONES_WITHOUT_VPC_ORIGINS).join(', ')}`,
    fix: 'put the load balancer into other zones, or use SiteApi.loadBalancer()',
  });
}

/** Names of zones, such as us-east-1a, stand for other zones in each account, so that the one without VPC origins is not known by name. */
function informOfZones(scope: Construct, loadBalancer: elbv2.IApplicationLoadBalancer): void {
  const { region } = Stack.of(loadBalancer);
  const zone = ZONES_WITHOUT_VPC_ORIGINS[region];
  if (!zone) return;
  Annotations.of(scope).addInfo(`CloudFront has no VPC origins in the zone ${zone} of ${region}. Its name differs from account to account: `
    + `aws ec2 describe-availability-zones --region ${region} --query "AvailabilityZones[?ZoneId=='${zone}'].ZoneName"`);
}

function checkLoadBalancer(where: string, loadBalancer: elbv2.IApplicationLoadBalancer): void {
  checkGiven(where, 'loadBalancer', loadBalancer, 'an elbv2.IApplicationLoadBalancer');
  checkKind(where, 'loadBalancer', loadBalancer, 'loadBalancerArn', 'an elbv2.IApplicationLoadBalancer, such as webLoadBalancer.loadBalancer');
}

/** As far as it is known: an imported load balancer does not say which one it is. */
function checkScheme(where: string, loadBalancer: elbv2.IApplicationLoadBalancer, refused: string, words: { problem: string; fix: string }): void {
  const scheme = (loadBalancer.node.defaultChild as elbv2.CfnLoadBalancer | undefined)?.scheme;
  if (scheme !== refused) return;
  throw new PlatformError(where, {
    problem: words.problem,
    got: `${loadBalancer.node.path}, which is ${scheme}`,
    allowed: refused === 'internal' ? 'a load balancer that is internet-facing' : 'a load balancer that is internal',
    fix: words.fix,
  });
}

function checkOriginPort(where: string, port: number | undefined): void {
  if (port === undefined || port === 80 || port === 443 || Token.isUnresolved(port)) return;
  checkInteger(where, 'port', port, 1, 65_535);
  if (port >= 1024) return;
  throw new PlatformError(where, {
    problem: 'CloudFront connects to no such port.',
    got: `port ${display(port)}`,
    allowed: '80, 443, 1024 to 65535',
    fix: 'put the listener on another port',
  });
}
