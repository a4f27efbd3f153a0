import { Aws, Names, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { RecoveryPlace } from './recovery-place';
import { acknowledgeWildcards } from '../acknowledge';
import { EnvironmentProfile } from '../environment';
import { PlatformError } from '../errors';
import { AppBucket } from '../storage';

/** The one rule of a replicated bucket, as its metrics name it. */
export const REPLICATION_RULE = 'Recovery';

const WILDCARDS = 'All files of the one bucket are replicated, whatever names users gave them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html';

/** Properties of a replication. */
export interface BucketReplicationOptions {
  readonly place: RecoveryPlace;
  readonly profile: EnvironmentProfile;
  /** Key of the recovery region, for replicas of buckets that have a customer managed key. */
  readonly recoveryKey: kms.IKey;
  readonly replicateDeletes: boolean;
  /** Whether S3 counts what waits and what failed. */
  readonly metrics: boolean;
}

/** A bucket and what it is replicated to. */
export interface ReplicatedBucket {
  readonly source: AppBucket;
  readonly replica: AppBucket;
  /** Name of the replica, as the stack of the source can have it. */
  readonly replicaName: string;
}

/** A bucket that this app makes, and not only refers to. */
export function isReplicable({ bucket }: AppBucket): boolean {
  return bucket.node.defaultChild instanceof s3.CfnBucket;
}

/**
 * Replicates new files of a bucket to one of the same kind in the recovery region. What was there before is not replicated: S3 Batch Replication does that,
 * once and by hand.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
 */
export function replicateBucket(source: AppBucket, options: BucketReplicationOptions): ReplicatedBucket {
  const { place, profile, recoveryKey, replicateDeletes, metrics } = options;
  const resource = source.bucket.node.defaultChild as s3.CfnBucket;
  checkFree(source, resource);
  const replica = new AppBucket(place.scope, `Replica${Names.nodeUniqueId(source.node)}`, {
    profile, encryptionKey: source.encryptionKey && recoveryKey,
  });
  const carry = (name: string, value: string) => place.carry(replica, name, value, source);
  const replicaArn = carry('Arn', replica.bucketArn);
  const replicaKeyArn = source.encryptionKey && place.carry(recoveryKey, 'Arn', recoveryKey.keyArn, source);
  const role = createRole(source, replicaArn, replicaKeyArn, place.region, replicateDeletes);
  resource.replicationConfiguration = {
    role: role.roleArn,
    rules: [{
      id: REPLICATION_RULE,
      status: 'Enabled',
      priority: 1,
      filter: { prefix: '' },
      deleteMarkerReplication: { status: replicateDeletes ? 'Enabled' : 'Disabled' },
      sourceSelectionCriteria: replicaKeyArn === undefined ? undefined : { sseKmsEncryptedObjects: { status: 'Enabled' } },
      destination: {
        bucket: replicaArn,
        encryptionConfiguration: replicaKeyArn === undefined ? undefined : { replicaKmsKeyId: replicaKeyArn },
        metrics: metrics ? { status: 'Enabled' } : undefined,
      },
    }],
  };
  return { source, replica, replicaName: carry('Name', replica.bucketName) };
}

function checkFree(source: AppBucket, resource: s3.CfnBucket): void {
  if (resource.replicationConfiguration === undefined) return;
  throw new PlatformError(source, {
    problem: 'it is replicated already, and S3 takes one such configuration.',
    got: 'a bucket with a replication configuration',
    allowed: 'a bucket that is replicated once',
    fix: 'give the bucket to one Recovery, or set replicateBuckets to false',
  });
}

/** In the stack of the bucket, which needs it. */
function createRole(source: AppBucket, replicaArn: string, replicaKeyArn: string | undefined, region: string, replicateDeletes: boolean): iam.Role {
  const role = new iam.Role(source, 'ReplicationRole', { assumedBy: new iam.ServicePrincipal('s3.amazonaws.com') });
  const [files, replicas] = [`${source.bucketArn}/*`, `${replicaArn}/*`];
  const allow = (actions: string[], resource: string, viaRegion?: string) => new iam.PolicyStatement({
    actions, resources: [resource], conditions: viaRegion === undefined ? undefined : { StringEquals: { 'kms:ViaService': `s3.${viaRegion}.${Aws.URL_SUFFIX}` } },
  });
  const policy = new iam.ManagedPolicy(role, 'Policy', {
    roles: [role],
    statements: [
      allow(['s3:GetReplicationConfiguration', 's3:ListBucket'], source.bucketArn),
      allow(['s3:GetObjectVersionAcl', 's3:GetObjectVersionForReplication', 's3:GetObjectVersionTagging'], files),
      allow(['s3:ReplicateObject', 's3:ReplicateTags', ...replicateDeletes ? ['s3:ReplicateDelete'] : []], replicas),
      ...source.encryptionKey ? [allow(['kms:Decrypt'], source.encryptionKey.keyArn, Stack.of(source).region)] : [],
      ...replicaKeyArn === undefined ? [] : [allow(['kms:Encrypt', 'kms:GenerateDataKey'], replicaKeyArn, region)],
    ],
  });
  acknowledgeWildcards(policy, [files, replicas], WILDCARDS);
  return role;
}
