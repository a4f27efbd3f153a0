import { Names } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { BackupSchedule } from './backup-schedule';
import { ProtectedBlock } from './protected-block';
import { PostgresDatabase } from '../database';
import { stackWideName } from '../edge/account-wide-name';

/** What AWS Backup takes as the name of a plan or a selection. */
const LONGEST_NAME = 50;

/** Properties of the tests. */
export interface RestoreTestsOptions {
  readonly schedule: BackupSchedule;
  readonly vault: backup.IBackupVault;
  readonly role: iam.IRole;
  readonly blocks: readonly ProtectedBlock[];
}

/**
 * AWS Backup's own restore tests: each Sunday it restores the last backup of every block under another name, keeps the result for an hour, in which
 * somebody may look at it or a function of theirs validate it, and deletes it.
 *
 * @see https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
 */
export function createRestoreTests(scope: Construct, { schedule, vault, role, blocks }: RestoreTestsOptions): backup.CfnRestoreTestingPlan {
  const plan = new backup.CfnRestoreTestingPlan(scope, 'RestoreTests', {
    restoreTestingPlanName: stackWideName(scope, LONGEST_NAME).replace(/-/g, '_'),
    // Within eight hours the day's backups have begun, and most have ended four hours later.
    scheduleExpression: `cron(0 ${(schedule.hour + 12) % 24} ? * SUN *)`,
    scheduleExpressionTimezone: 'Etc/UTC',
    startWindowHours: 4,
    recoveryPointSelection: {
      algorithm: 'LATEST_WITHIN_WINDOW',
      includeVaults: [vault.backupVaultArn],
      recoveryPointTypes: ['SNAPSHOT', 'CONTINUOUS'],
      selectionWindowDays: 7,
    },
  });
  for (const protectedBlock of blocks) createSelection(scope, plan, role, protectedBlock);
  return plan;
}

function createSelection(scope: Construct, plan: backup.CfnRestoreTestingPlan, role: iam.IRole, { block, type, arn }: ProtectedBlock): void {
  const id = `RestoreTest${Names.nodeUniqueId(block.node)}`;
  const selection = new backup.CfnRestoreTestingSelection(scope, id, {
    restoreTestingPlanName: plan.ref,
    restoreTestingSelectionName: id.slice(-LONGEST_NAME),
    protectedResourceType: type,
    protectedResourceArns: [arn],
    iamRoleArn: role.roleArn,
    restoreMetadataOverrides: overrides(block),
    validationWindowHours: 1,
  });
  selection.node.addDependency(role);
}

/** Where a database is restored: AWS Backup would take the default VPC, which an account may not have. */
function overrides(block: Construct): { [key: string]: string } | undefined {
  const name = block instanceof PostgresDatabase ? block.subnetGroupName : undefined;
  return name === undefined ? undefined : { dbSubnetGroupName: name };
}
