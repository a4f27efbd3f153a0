import { App, Stack, Token } from 'aws-cdk-lib';
import { ACCOUNT, Blocks, blocks, create, DEVELOPMENT, ELSEWHERE, HOME } from './recovery-fixtures';
import { AppTable, PostgresDatabase } from '../../src/database';
import { PlatformError } from '../../src/errors';
import { Recovery, RecoveryProps, VaultLock } from '../../src/recovery';

function message(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(PlatformError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

const REFUSED: [string, object, RegExp][] = [
  ['the region of the stack itself', { recoveryRegion: HOME }, /what is lost with a region would be lost with its recovery too/],
  ['a region that is none', { recoveryRegion: 'Ireland' }, /recoveryRegion is not well-formed/],
  ['a region of another type', { recoveryRegion: 1 }, /recoveryRegion is not well-formed/],
  ['a region that is not known', { recoveryRegion: Token.asString({ Ref: 'Region' }) }, /recoveryRegion is only known at deployment/],
  ['a region of another partition', { recoveryRegion: 'cn-north-1' }, /from one partition of AWS to another/],
  ['nothing at all', { databases: [], buckets: [], tables: [] }, /there is nothing to recover/],
  ['a list that is none', { tables: 'Sessions' }, /tables is not a list/],
  ['a list of something else', { tables: ['Sessions'] }, /tables has something else in it/],
  ['a bucket among tables', ({ bucket }: Blocks) => ({ tables: [bucket] }), /tables is not what it should be/],
  ['a block twice', ({ table }: Blocks) => ({ tables: [table, table] }), /a block is given twice/],
  ['an hour that no day has', { backupHour: 24 }, /backupHour is not a whole number from 0 to 23/],
  ['an hour that is not known', { backupHour: Token.asNumber({ Ref: 'Hour' }) }, /backupHour is only known at deployment/],
  ['backups that are kept for no day', { dailyRetentionDays: 0 }, /dailyRetentionDays is not a whole number from 1/],
  ['a negative retention', { weeklyRetentionDays: -1 }, /weeklyRetentionDays is not a whole number from 0/],
  ['half a day', { monthlyRetentionDays: 0.5 }, /monthlyRetentionDays is not a whole number/],
  ['a text for yes', { restoreTests: 'false' }, /restoreTests is not a boolean/],
  ['replicas without a region', { replicateBuckets: true }, /there is no region to replicate to/],
  ['deletes of what is not replicated', { recoveryRegion: ELSEWHERE, replicateBuckets: false, replicateDeletes: true }, /has no deletes to replicate/],
  ['a lock that is none', { vaultLock: 'compliance' }, /vaultLock is not what it should be/],
  ['a lock that keeps longer than the plan', { vaultLock: VaultLock.governance({ minimumRetentionDays: 60 }) }, /a backup for 35 days, vaultLock from 60/],
  ['a lock that keeps shorter than the plan', { vaultLock: VaultLock.governance({ maximumRetentionDays: 100 }) }, /a backup for 366 days/],
  ['a profile that is none', { profile: 'production' }, /profile is not what it should be/],
  ['a key that is none', { encryptionKey: 'alias/aws/backup' }, /encryptionKey is not what it should be/],
];

test.each(REFUSED)('%s is refused, before anything is made', (_what, props, expected) => {
  const made = blocks();
  const given = typeof props === 'function' ? props(made) : props;
  const before = made.stack.node.root.node.findAll().length;
  expect(message(() => new Recovery(made.stack, 'Recovery', { tables: [made.table], buckets: [made.bucket], ...given } as RecoveryProps))).toMatch(expected);
  expect(made.stack.node.root.node.findAll().length).toBe(before + 1);
});

test('a recovery region beside a stack without a region is refused, with what to do', () => {
  expect(message(() => create({ recoveryRegion: ELSEWHERE }, undefined, {}))).toMatch(/Arcade has no region.*fix: give Arcade env\.region, or leave recoveryRegion out/s);
});

test('a lock that nobody can take back is refused where the environment can be thrown away', () => {
  expect(message(() => create({ vaultLock: VaultLock.compliance(3, { minimumRetentionDays: 7 }) }, DEVELOPMENT))).toMatch(/backups that nobody can delete/);
});

test('a lock with less time to think than AWS asks for is refused', () => {
  expect(message(() => VaultLock.compliance(2, { minimumRetentionDays: 7 }))).toMatch(/coolingOffDays is not a whole number from 3/);
  expect(message(() => VaultLock.governance({ minimumRetentionDays: 8, maximumRetentionDays: 7 }))).toMatch(/minimumRetentionDays is above maximumRetentionDays/);
});

test('a lock for good without a least retention is refused, because it would follow the plan and could not', () => {
  for (const options of [undefined, {}, { minimumRetentionDays: null }, { maximumRetentionDays: 400 }]) {
    expect(message(() => VaultLock.compliance(7, options as never))).toMatch(/minimumRetentionDays is missing, and nobody can change it.*describe-backup-vault/s);
  }
});

test('a lock for good that keeps longer than the plan is refused', () => {
  const vaultLock = VaultLock.compliance(7, { minimumRetentionDays: 36 });
  expect(message(() => create({ vaultLock, dailyRetentionDays: 60 }))).toMatch(/a backup for 35 days, vaultLock from 36/);
});

test('a block of another region is refused', () => {
  const { stack } = blocks();
  const other = new Stack(stack.node.root as App, 'Other', { env: { account: ACCOUNT, region: ELSEWHERE } });
  expect(message(() => new Recovery(stack, 'Recovery', { tables: [new AppTable(other, 'Table')] }))).toMatch(/in its own account and region/);
});

test('an existing database that AWS Backup cannot name is refused', () => {
  const { stack, database } = blocks();
  const existing = new PostgresDatabase(stack, 'Existing', {
    vpc: stack.node.findChild('Vpc') as never,
    existing: { host: 'db.example.com', databaseName: 'legacy', masterSecret: database.masterSecret, securityGroup: database.connections.securityGroups[0] },
  });
  expect(message(() => new Recovery(stack, 'Recovery', { databases: [existing] }))).toMatch(/no identifier that AWS Backup would know/);
});

test('a bucket that is replicated already is refused', () => {
  const { stack, bucket } = blocks();
  new Recovery(stack, 'One', { recoveryRegion: ELSEWHERE, buckets: [bucket] });
  expect(message(() => new Recovery(stack, 'Two', { recoveryRegion: 'eu-west-3', buckets: [bucket] }))).toMatch(/replicated already/);
});
