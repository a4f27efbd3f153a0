import * as backup from 'aws-cdk-lib/aws-backup';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { BackupSchedule } from './backup-schedule';
import { ProtectedBlock } from './protected-block';

/**
 * AWS Backup's own default, said aloud: it begins each backup when RDS and the others let it, which they do not around their maintenance and backup
 * windows, and gives up after eight hours.
 */
export const START_WINDOW_MINUTES = 8 * 60;

/** Continuous backups go back no further. */
const LONGEST_CONTINUOUS_DAYS = 35;

/** Properties of a plan. */
export interface PlanOptions {
  readonly schedule: BackupSchedule;
  readonly vault: backup.IBackupVault;
  readonly role: iam.IRole;
  readonly blocks: readonly ProtectedBlock[];
  /** Vault of another region that each backup is copied to. */
  readonly copyVaultArn?: string;
  /** Whether a day's backup is continuous. */
  readonly continuous?: boolean;
}

/** Backs up blocks by their ARNs: nothing is backed up, or forgotten, for a tag that it has or has not. */
export function createPlan(scope: Construct, id: string, options: PlanOptions): backup.CfnBackupPlan {
  const plan = new backup.CfnBackupPlan(scope, id, {
    backupPlan: { backupPlanName: `${scope.node.path}/${id}`.replace(/[^A-Za-z0-9_.-]/g, '-').slice(-50), backupPlanRule: rules(options) },
  });
  new backup.CfnBackupSelection(scope, `${id}Selection`, {
    backupPlanId: plan.attrBackupPlanId,
    backupSelection: { selectionName: 'Blocks', iamRoleArn: options.role.roleArn, resources: options.blocks.map(({ arn }) => arn) },
  // AWS Backup tries the role's rights when it is selected.
  }).node.addDependency(options.role);
  return plan;
}

function rules(options: PlanOptions): backup.CfnBackupPlan.BackupRuleResourceTypeProperty[] {
  const { schedule: { hour, dailyDays, weeklyDays, monthlyDays }, continuous = false } = options;
  return [
    rule(options, 'Daily', `cron(0 ${hour} * * ? *)`, continuous ? Math.min(dailyDays, LONGEST_CONTINUOUS_DAYS) : dailyDays, continuous),
    ...weeklyDays > 0 ? [rule(options, 'Weekly', `cron(0 ${hour} ? * SUN *)`, weeklyDays)] : [],
    ...monthlyDays > 0 ? [rule(options, 'Monthly', `cron(0 ${hour} 1 * ? *)`, monthlyDays)] : [],
  ];
}

function rule(
  { vault, copyVaultArn }: PlanOptions, ruleName: string, scheduleExpression: string, deleteAfterDays: number, continuous?: boolean,
): backup.CfnBackupPlan.BackupRuleResourceTypeProperty {
  const lifecycle = { deleteAfterDays };
  return {
    ruleName,
    scheduleExpression,
    scheduleExpressionTimezone: 'Etc/UTC',
    startWindowMinutes: START_WINDOW_MINUTES,
    targetBackupVault: vault.backupVaultName,
    lifecycle,
    enableContinuousBackup: continuous ? true : undefined,
    copyActions: copyVaultArn === undefined ? undefined : [{ destinationBackupVaultArn: copyVaultArn, lifecycle }],
  };
}
