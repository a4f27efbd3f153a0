import { Duration, RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { PlatformError } from '../errors';

/** Properties of an `AccessLogsBucket`. */
export interface AccessLogsBucketProps {
  /** @default 90 */
  readonly retentionDays?: number;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * Regions that an account has to opt into. CloudFront's standard logs are delivered by an account of CloudFront's own, which is not in them.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
 */
const REGIONS_WITHOUT_STANDARD_LOGS = [
  'af-south-1', 'ap-east-1', 'ap-east-2', 'ap-south-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-west-1',
  'eu-central-2', 'eu-south-1', 'eu-south-2', 'il-central-1', 'me-central-1', 'me-south-1', 'mx-central-1',
];

/**
 * A bucket that load balancers, CloudFront and other buckets may write their access logs to.
 *
 * The L2's `logAccessLogs` wants to know the region at synth, for the account of ELB's that wrote logs before August 2022.
 * ELB's log-delivery service principal needs no region.
 *
 * CloudFront writes its first kind of standard logs: the second needs resources in us-east-1 that refer to the distribution,
 * and neither cdk-nag nor checkov nor AWS Config's `cloudfront-accesslogs-enabled` sees it.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
export class AccessLogsBucket extends Construct {
  /** Whether CloudFront's standard logs can be delivered to a bucket in a region; yes, where the region is not known. */
  public static cloudFrontDeliversTo(region: string): boolean {
    return Token.isUnresolved(region) || !REGIONS_WITHOUT_STANDARD_LOGS.includes(region);
  }

  /** Refuses a bucket that CloudFront's standard logs cannot be delivered to. */
  public static checkCloudFrontDelivers(where: Construct, region: string): void {
    if (AccessLogsBucket.cloudFrontDeliversTo(region)) return;
    throw new PlatformError(where, {
      problem: `CloudFront delivers no standard logs to buckets in ${region}.`,
      got: `access logs on, bucket in ${region}`,
      allowed: 'a bucket in a region that needs no opting in, such as eu-central-1 or us-east-1',
      fix: 'give accessLogsBucket in another region, or set accessLogs to false',
    });
  }

  /**
   * Lets a bucket write its server access logs to another one of the same account and region.
   *
   * Not by the L2's `serverAccessLogsBucket`, which without a feature flag would open the other bucket to S3's log delivery group by an access control list.
   *
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
   */
  public static logServerAccess(source: s3.Bucket, target: s3.IBucket): void {
    const resource = source.node.defaultChild as s3.CfnBucket;
    const { policyDependable } = target.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'ServerAccessLogDelivery',
      principals: [new iam.ServicePrincipal('logging.s3.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [target.arnForObjects('bucket/*')],
      // The account, not the bucket: the bucket refers to this one already, and over two stacks each would wait for the other.
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(source).account } },
    }));
    resource.loggingConfiguration = { destinationBucketName: target.bucketName, logFilePrefix: 'bucket/' };
    // S3 tries the bucket when logging is turned on, so the policy has to be there first.
    if (policyDependable) resource.node.addDependency(policyDependable);
  }

  /**
   * Lets CloudFront write to a bucket that this class made, which may have been made for others alone: CloudFront gives itself the right to by an access
   * control list. What is written still belongs to the bucket's owner.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
   */
  public static admitCloudFront(bucket: s3.IBucket): void {
    if (!(bucket.node.scope instanceof AccessLogsBucket)) return;
    (bucket.node.defaultChild as s3.CfnBucket).ownershipControls = { rules: [{ objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED }] };
  }

  public readonly bucket: s3.Bucket;

  constructor(scope: Construct, id: string, props: AccessLogsBucketProps) {
    super(scope, id);
    this.bucket = new s3.Bucket(this, 'Bucket', {
      // ELB delivers to no other encryption than S3's own.
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [{
        expiration: Duration.days(props.retentionDays ?? 90),
        noncurrentVersionExpiration: Duration.days(1),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      }],
      removalPolicy: props.removalPolicy,
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'This bucket is itself the destination of access logs: logging its own requests into itself would produce a log entry for each log entry, without end.',
    });
  }

  /** Lets a load balancer write here, from its first request on. */
  public receiveFrom(loadBalancer: elbv2.ApplicationLoadBalancer): void {
    const { partition, account } = Stack.of(this);
    this.bucket.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'LoadBalancerLogDelivery',
      principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [this.bucket.arnForObjects(`*/AWSLogs/${account}/*`)],
      conditions: { ArnLike: { 'aws:SourceArn': `arn:${partition}:elasticloadbalancing:*:${account}:loadbalancer/*` } },
    }));
    loadBalancer.setAttribute('access_logs.s3.enabled', 'true');
    loadBalancer.setAttribute('access_logs.s3.bucket', this.bucket.bucketName);
    loadBalancer.setAttribute('access_logs.s3.prefix', 'load-balancer');
    // ELB tries the bucket when the attribute is set, so the policy has to be there first.
    loadBalancer.node.addDependency(this.bucket.policy!);
  }
}

/** A bucket with logs in it cannot be deleted, and the deletion of the stack would fail on it. Kept, it is emptied by its lifecycle. */
export function accessLogsRemovalPolicy({ removalPolicy }: { readonly removalPolicy: RemovalPolicy }): RemovalPolicy {
  return removalPolicy === RemovalPolicy.DESTROY ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
}

/** Refuses a bucket for server access logs where there are none. */
export function checkServerAccessLogs(
  where: Construct, { serverAccessLogs, accessLogsBucket }: { readonly serverAccessLogs?: boolean; readonly accessLogsBucket?: s3.IBucket },
): void {
  if (serverAccessLogs !== false || !accessLogsBucket) return;
  throw new PlatformError(where, {
    problem: 'a bucket for server access logs is given, and they are turned off.',
    got: 'serverAccessLogs false, accessLogsBucket given',
    allowed: 'accessLogsBucket with logs, or neither',
    fix: 'leave serverAccessLogs out, or leave accessLogsBucket out',
  });
}
