import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** Properties of an `AccessLogsBucket`. */
export interface AccessLogsBucketProps {
  readonly retentionDays: number;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * A bucket that load balancers may write their access logs to.
 *
 * The L2's `logAccessLogs` wants to know the region at synth, for the account of ELB's that wrote logs before August 2022.
 * ELB's log-delivery service principal needs no region.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
export class AccessLogsBucket extends Construct {
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
        expiration: Duration.days(props.retentionDays),
        noncurrentVersionExpiration: Duration.days(1),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      }],
      removalPolicy: props.removalPolicy,
    });
    const { partition, account } = Stack.of(this);
    this.bucket.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'LoadBalancerLogDelivery',
      principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [this.bucket.arnForObjects(`*/AWSLogs/${account}/*`)],
      conditions: { ArnLike: { 'aws:SourceArn': `arn:${partition}:elasticloadbalancing:*:${account}:loadbalancer/*` } },
    }));
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'This bucket is itself the destination of access logs: logging its own requests into itself would produce a log entry for each log entry, without end.',
    });
  }

  /** Lets a load balancer write here, from its first request on. */
  public receiveFrom(loadBalancer: elbv2.ApplicationLoadBalancer): void {
    loadBalancer.setAttribute('access_logs.s3.enabled', 'true');
    loadBalancer.setAttribute('access_logs.s3.bucket', this.bucket.bucketName);
    loadBalancer.setAttribute('access_logs.s3.prefix', 'load-balancer');
    // ELB tries the bucket when the attribute is set, so the policy has to be there first.
    loadBalancer.node.addDependency(this.bucket.policy!);
  }
}
