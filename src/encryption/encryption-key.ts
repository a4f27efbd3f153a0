import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ALARMS, allowForTopics, EVENTS } from './topic-key';
import { EnvironmentProfile } from '../environment';
import { PlatformError } from '../errors';
import { checkOneOf } from '../validate';

/** Properties of an `EncryptionKey`. */
export interface EncryptionKeyProps {
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * What happens to the key when it is removed from the stack: DESTROY (after a waiting period of seven days),
   * RETAIN or RETAIN_ON_UPDATE_OR_DELETE.
   * @default - the profile's; where that is SNAPSHOT the key is kept, because no snapshot can be read without it
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * One customer-managed key for the data, logs and messages of a platform, rotated every year. It costs 1 USD a month,
 * and 1 USD more after each of the first two rotations.
 *
 * The account's IAM policies decide who uses the key. Its own policy adds only the AWS services that cannot be given
 * permission through a role: CloudWatch Logs for this account's log groups, and CloudWatch alarms and EventBridge for
 * this account's encrypted SNS topics.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export class EncryptionKey extends Construct {
  /** The key. */
  public readonly key: kms.Key;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps = {}) {
    super(scope, id);
    validateEncryptionKey(this, props);

    this.key = this.createKey(keyRemovalPolicy(props));
    this.allowLogs();
    this.allowTopics();
  }

  private createKey(removalPolicy: RemovalPolicy): kms.Key {
    return new kms.Key(this, 'Key', {
      description: `Data, logs and messages of ${this.node.scope!.node.path || this.node.path}`,
      enableKeyRotation: true,
      removalPolicy,
      pendingWindow: removalPolicy === RemovalPolicy.DESTROY ? Duration.days(7) : undefined,
    });
  }

  private allowLogs(): void {
    const { partition, region, account, urlSuffix } = Stack.of(this);
    this.key.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'CloudWatchLogs',
      // The only regional principal of the three, and the only one whose suffix differs in China.
      principals: [new iam.ServicePrincipal(`logs.${region}.${urlSuffix}`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:*` } },
    }));
  }

  private allowTopics(): void {
    for (const publisher of [ALARMS, EVENTS]) this.key.addToResourcePolicy(allowForTopics(this, publisher));
  }
}

const REMOVAL_POLICIES = [RemovalPolicy.DESTROY, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE];

function validateEncryptionKey(where: Construct, props: EncryptionKeyProps): void {
  checkOneOf(where, 'removalPolicy', props.removalPolicy, REMOVAL_POLICIES);
  const { removalPolicy, profile = EnvironmentProfile.production() } = props;
  if (removalPolicy !== RemovalPolicy.DESTROY || !profile.deletionProtection) return;
  throw new PlatformError(where, {
    problem: `a key that is destroyed takes the data of a protected environment (${profile.name}) with it.`,
    got: 'removalPolicy destroy',
    allowed: 'RETAIN, RETAIN_ON_UPDATE_OR_DELETE',
    fix: 'leave removalPolicy out',
  });
}

function keyRemovalPolicy({ removalPolicy, profile = EnvironmentProfile.production() }: EncryptionKeyProps): RemovalPolicy {
  const chosen = removalPolicy ?? profile.removalPolicy;
  return chosen === RemovalPolicy.SNAPSHOT ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : chosen;
}
