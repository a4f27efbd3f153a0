import { Construct, IConstruct } from 'constructs';
import { BackupSchedule, protectionOf } from './backup-schedule';
import { RecoveryPlace } from './recovery-place';
import { RecoveryProps } from './recovery-props';
import { differ, rootStack } from '../edge/across-stacks';
import { EnvironmentProfile } from '../environment';
import { PlatformError } from '../errors';
import { checkBoolean, checkInteger, checkKind, checkKnown, checkList, display } from '../validate';

const LONGEST_DAYS = 3650;
const NUMBERS = ['backupHour', 'dailyRetentionDays', 'weeklyRetentionDays', 'monthlyRetentionDays'] as const;
const BOOLEANS = ['replicateDatabaseBackups', 'replicateBuckets', 'replicateDeletes', 'restoreTests', 'alarms'] as const;
const OF_RECOVERY_REGION = ['replicateDatabaseBackups', 'replicateBuckets', 'replicateDeletes'] as const;

/** Refuses what could not be recovered, or would not be what it looks like. */
export function validateRecovery(where: Construct, props: RecoveryProps): void {
  checkKinds(where, props);
  checkBlocks(where, props);
  if (props.recoveryRegion !== undefined && props.recoveryRegion !== null) RecoveryPlace.check(where, props.recoveryRegion);
  checkReplication(where, props);
  checkInteger(where, 'backupHour', props.backupHour, 0, 23);
  checkInteger(where, 'dailyRetentionDays', props.dailyRetentionDays, 1, LONGEST_DAYS);
  for (const prop of ['weeklyRetentionDays', 'monthlyRetentionDays'] as const) checkInteger(where, prop, props[prop], 0, LONGEST_DAYS);
  checkLock(where, props);
}

/** How often what is backed up: own props, else the profile's. */
export function scheduleOf(props: RecoveryProps): BackupSchedule {
  const { hour, dailyDays, weeklyDays, monthlyDays } = protectionOf(props.profile ?? EnvironmentProfile.production());
  return {
    hour: props.backupHour ?? hour,
    dailyDays: props.dailyRetentionDays ?? dailyDays,
    weeklyDays: props.weeklyRetentionDays ?? weeklyDays,
    monthlyDays: props.monthlyRetentionDays ?? monthlyDays,
  };
}

/** Days that backups of the plans are kept, without those that are not taken. Buckets' continuous ones are kept for 35 at most. */
export function retentions({ dailyDays, weeklyDays, monthlyDays }: BackupSchedule, buckets: boolean): number[] {
  return [dailyDays, ...buckets ? [Math.min(dailyDays, 35)] : [], weeklyDays, monthlyDays].filter(days => days > 0);
}

function checkKinds(where: Construct, props: RecoveryProps): void {
  checkKind(where, 'profile', props.profile, 'accessLogs', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey, such as that of an EncryptionKey');
  checkKind(where, 'vaultLock', props.vaultLock, '_configuration', 'a VaultLock, such as VaultLock.governance()');
  for (const prop of [...NUMBERS, ...BOOLEANS]) checkKnown(where, prop, props[prop]);
  for (const prop of BOOLEANS) checkBoolean(where, prop, props[prop]);
}

function checkBlocks(where: Construct, { databases = [], buckets = [], tables = [] }: RecoveryProps): void {
  const lists: [string, IConstruct[], string, string][] = [
    ['databases', databases, 'replicatesBackups', 'a PostgresDatabase'], ['buckets', buckets, 'bucketArn', 'an AppBucket'], ['tables', tables, 'tableArn', 'an AppTable'],
  ];
  for (const [prop, list, member, allowed] of lists) {
    checkKnown(where, prop, list);
    checkList(where, prop, list);
    for (const block of list) {
      if (typeof block !== 'object' || block === null) refuse(where, `${prop} has something else in it.`, display(block), allowed, `give ${allowed}`);
      checkKind(where, prop, block, member, allowed);
      checkRegion(where, block);
    }
  }
  const blocks = lists.flatMap(([, list]) => list);
  if (blocks.length === 0) {
    refuse(where, 'there is nothing to recover.', 'no databases, buckets and tables', 'at least one block', 'give the blocks that keep data, or leave the Recovery out');
  }
  const twice = blocks.find((block, index) => blocks.indexOf(block) !== index);
  if (twice) refuse(where, 'a block is given twice.', twice.node.path, 'each block once', 'leave one of them out');
  const unknown = databases.find(({ databaseArn }) => databaseArn === undefined);
  if (unknown) {
    refuse(where, 'this existing database has no identifier that AWS Backup would know.', unknown.node.path, 'existing.instanceIdentifier or existing.clusterIdentifier',
      'give one of them');
  }
}

function checkRegion(where: Construct, block: IConstruct): void {
  const [here, there] = [rootStack(where), rootStack(block)];
  if (!differ(here.region, there.region) && !differ(here.account, there.account)) return;
  refuse(where, 'AWS Backup backs up what is in its own account and region.', `${block.node.path} in ${there.account}/${there.region}, this in ${here.account}/${here.region}`,
    'blocks of the same account and region', `make another Recovery in ${there.node.path}`);
}

function checkReplication(where: Construct, props: RecoveryProps): void {
  const given = OF_RECOVERY_REGION.filter(prop => props[prop] === true);
  if (given.length > 0 && !props.recoveryRegion) {
    refuse(where, 'there is no region to replicate to.', `${given.join(', ')} without recoveryRegion`, `${given.join(', ')} with recoveryRegion`, 'give recoveryRegion');
  }
  if (props.replicateDeletes !== true || props.replicateBuckets !== false) return;
  refuse(where, 'what is not replicated has no deletes to replicate.', 'replicateDeletes true, replicateBuckets false', 'replicateDeletes with replicateBuckets',
    'leave replicateDeletes out');
}

function checkLock(where: Construct, props: RecoveryProps): void {
  const { vaultLock: lock, profile = EnvironmentProfile.production() } = props;
  if (!lock) return;
  const days = retentions(scheduleOf(props), (props.buckets ?? []).length > 0);
  const [least, most] = [lock.minimumRetentionDays ?? 0, lock.maximumRetentionDays ?? Infinity];
  const outside = days.find(each => each < least || each > most);
  if (outside !== undefined) {
    refuse(where, 'AWS Backup refuses backups that a locked vault would not keep for so long.',
      `a backup for ${outside} days, vaultLock from ${least} to ${most} days`, `${Math.min(...days)} to ${Math.max(...days)} days and all between`,
      'change the limits of vaultLock, or the retentions');
  }
  if (lock.coolingOffDays === undefined || profile.deletionProtection) return;
  refuse(where, `an environment that can be thrown away (${profile.name}) would keep and pay backups that nobody can delete.`, 'VaultLock.compliance()',
    'VaultLock.governance(), or a profile with deletion protection', 'use VaultLock.governance(), or leave vaultLock out');
}

function refuse(where: IConstruct, problem: string, got: string, allowed: string, fix: string): never {
  throw new PlatformError(where, { problem, got, allowed, fix });
}
