import { RemovalPolicy } from 'aws-cdk-lib';
import { EnvironmentProfile, NatStrategy } from '../../src';

const NAMES = ['development', 'staging', 'production'];

test.each(NAMES)('the %s profile is found by its name and prints every value', name => {
  const profile = EnvironmentProfile.fromName(name);

  expect(profile.name).toBe(name);
  expect(profile.toString().split('\n').length).toBeGreaterThan(25);
  expect(profile.toString()).toContain(`databaseMultiAz: ${profile.databaseMultiAz}`);
});

test('an unknown environment is refused with the names allowed', () => {
  expect(() => EnvironmentProfile.fromName('prod')).toThrow(/got: name 'prod'\n  allowed: development, staging, production/);
});

test('with() changes one value, leaves the rest and the original alone', () => {
  const production = EnvironmentProfile.production();
  const changed = production.with({ logRetentionDays: 90, name: undefined });

  expect(changed.logRetentionDays).toBe(90);
  expect(changed.databaseMultiAz).toBe(true);
  expect(changed.name).toBe('production');
  expect(production.logRetentionDays).toBe(30);
});

test('production keeps data, staging takes a snapshot, development throws away', () => {
  expect(EnvironmentProfile.production().removalPolicy).toBe(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  expect(EnvironmentProfile.staging().removalPolicy).toBe(RemovalPolicy.SNAPSHOT);
  expect(EnvironmentProfile.development().removalPolicy).toBe(RemovalPolicy.DESTROY);
});

test.each([
  [{ availabilityZones: 1 }, /at least two availability zones/],
  [{ availabilityZones: 4 }, /availabilityZones is not a whole number from 1 to 3/],
  [{ natStrategy: NatStrategy.gateways(3) }, /more NAT gateways than availability zones/],
  [{ databaseBackupDays: 0 }, /databaseBackupDays is not a whole number from 1 to 35/],
  [{ databaseStorageGiB: 600 }, /databaseStorageGiB is above databaseMaximumStorageGiB/],
  [{ minimumTasks: 20 }, /minimumTasks is above maximumTasks/],
  [{ logRetentionDays: 31 }, /logRetentionDays has a value that does not exist/],
  [{ spotShare: 100 }, /Fargate Spot/],
  [{ removalPolicy: RemovalPolicy.DESTROY }, /contradict each other/],
  [{ executeCommand: true }, /ECS Exec needs a writable root file system/],
  [{ name: 'Prod!' }, /name is not well-formed/],
  [{ alarms: 'yes' as unknown as boolean }, /alarms is not a boolean/],
])('production with %j is refused', (overrides, message) => {
  expect(() => EnvironmentProfile.production().with(overrides)).toThrow(message);
});

test('NAT strategies print as they are written', () => {
  expect([NatStrategy.gateways(2), NatStrategy.instance(), NatStrategy.none()].join()).toBe('gateways(2),instance,none');
  expect(() => NatStrategy.gateways(0)).toThrow(/count is not a whole number from 1 to 3/);
});
