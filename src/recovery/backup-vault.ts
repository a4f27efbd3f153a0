import { Aws, Fn, RemovalPolicy } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { VaultLock } from './vault-lock';
import { stackWideName } from '../edge/account-wide-name';

/** What AWS Backup takes as the name of a vault, without the twelve characters of the stack's own and the hyphen before them. */
const LONGEST_NAME = 50 - 13;

/** Properties of a vault. */
export interface VaultOptions {
  readonly encryptionKey?: kms.IKey;
  readonly lock?: VaultLock;
  readonly shortestRetentionDays: number;
}

/**
 * A vault that stays with its backups when its stack goes, whatever the environment: a backup that goes with what it is of is none. The end of the
 * stack's id in its name keeps one that was left behind from blocking the next.
 */
export function createVault(scope: Construct, id: string, { encryptionKey, lock, shortestRetentionDays }: VaultOptions): backup.BackupVault {
  const endOfStackId = Fn.select(4, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))));
  return new backup.BackupVault(scope, id, {
    backupVaultName: `${stackWideName(scope, LONGEST_NAME)}-${endOfStackId}`,
    encryptionKey,
    lockConfiguration: lock?._configuration(shortestRetentionDays),
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
}
