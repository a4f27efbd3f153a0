import { Annotations, CfnDeletionPolicy, CfnResource } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/**
 * Warns of keys that are deleted with their stack, while the backups that they encrypt stay: the vault's key, and those of databases, whose snapshots have
 * the key of the database.
 *
 * @see https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
 */
export function warnOfLostKeys(where: Construct, keys: (kms.IKey | undefined)[]): void {
  for (const key of new Set(keys)) {
    const resource = key?.node.defaultChild;
    // Of a key that is imported nothing is known.
    if (!key || !CfnResource.isCfnResource(resource)) continue;
    const { deletionPolicy = CfnDeletionPolicy.DELETE } = resource.cfnOptions;
    if (deletionPolicy !== CfnDeletionPolicy.DELETE) continue;
    Annotations.of(where).addWarningV2('cdk-web-platform:backupKeyIsDeleted',
      `${key.node.path} is deleted with its stack. Backups stay, and nobody could restore them: give the key a removalPolicy of RETAIN_ON_UPDATE_OR_DELETE.`);
  }
}
