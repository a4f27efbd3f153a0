import { Duration, Lazy } from 'aws-cdk-lib';
import { EnvironmentProfile, ReleaseKind, ReleaseStrategy } from '../../src';

test('development replaces task by task; staging and production start the new version beside the old one', () => {
  const kinds = ['development', 'staging', 'production'].map(name => EnvironmentProfile.fromName(name).releaseStrategy.kind);

  expect(kinds).toEqual([ReleaseKind.ROLLING, ReleaseKind.BLUE_GREEN, ReleaseKind.BLUE_GREEN]);
  expect(ReleaseStrategy.rolling().startsBeside).toBe(false);
  expect(ReleaseStrategy.canary().startsBeside).toBe(true);
});

test('strategies print as they act', () => {
  const strategies = [
    ReleaseStrategy.rolling(),
    ReleaseStrategy.blueGreen(),
    ReleaseStrategy.canary({ stepPercent: 0.5, stepBakeTime: Duration.hours(1) }),
    ReleaseStrategy.linear({ bakeTime: Duration.minutes(0) }),
  ];

  expect(strategies.join('; ')).toBe('rolling; blueGreen(bake 10 min); canary(0.5 %, 60 min, bake 10 min); linear(20 %, 3 min, bake 0 min)');
  expect(EnvironmentProfile.production().toString()).toContain('releaseStrategy: blueGreen(bake 10 min)');
});

test.each([
  [ReleaseStrategy.rolling(), 0],
  [ReleaseStrategy.blueGreen({ bakeTime: Duration.minutes(7) }), 7],
  [ReleaseStrategy.canary({ stepBakeTime: Duration.minutes(4), bakeTime: Duration.minutes(1) }), 5],
  [ReleaseStrategy.linear({ stepPercent: 30, stepBakeTime: Duration.minutes(2), bakeTime: Duration.minutes(1) }), 7],
  [ReleaseStrategy.blueGreen({ pause: { timeout: Duration.hours(2) } }), 130],
])('%s waits %i minutes by design', (strategy, minutes) => {
  expect(strategy.waitingTime.toMinutes()).toBe(minutes);
});

test.each<[string, () => unknown, RegExp]>([
  ['a step without a share', () => ReleaseStrategy.canary({ stepPercent: 0 }), /ReleaseStrategy.canary: stepPercent is no share.*\n.*got: stepPercent 0\n.*0.1 to 50/],
  ['all traffic as first step', () => ReleaseStrategy.canary({ stepPercent: 100 }), /ReleaseStrategy.blueGreen\(\) to move all traffic at once/],
  ['linear steps smaller than ECS takes', () => ReleaseStrategy.linear({ stepPercent: 2 }), /3 to 50/],
  ['a share finer than ECS counts', () => ReleaseStrategy.canary({ stepPercent: 0.15 }), /steps of 0.1/],
  ['a share as text', () => ReleaseStrategy.canary({ stepPercent: '10' as unknown as number }), /got: stepPercent '10'/],
  ['a canary that nobody observes', () => ReleaseStrategy.canary({ stepBakeTime: Duration.minutes(0) }), /stepBakeTime \(seconds\) is not a whole number from 60/],
  ['a bake time beyond what ECS allows', () => ReleaseStrategy.blueGreen({ bakeTime: Duration.hours(25) }), /bakeTime \(seconds\) is not a whole number from 0 to 86400/],
  ['a bake time in seconds', () => ReleaseStrategy.blueGreen({ bakeTime: Duration.seconds(90) }), /bakeTime is not in whole minutes.*\n.*90 seconds\n.*\n.*Duration.minutes\(2\)/],
  ['a bake time as number', () => ReleaseStrategy.blueGreen({ bakeTime: 5 as unknown as Duration }), /bakeTime is not what it should be/],
  ['a bake time as token', () => ReleaseStrategy.blueGreen({ bakeTime: Duration.minutes(Lazy.number({ produce: () => 1 })) }), /only known at deployment/],
  ['a pause without a timeout', () => ReleaseStrategy.blueGreen({ pause: {} as { timeout: Duration } }), /pause is not what it should be.*\n.*\n.*timeout: Duration.hours\(4\)/],
  ['a pause with an empty timeout', () => ReleaseStrategy.blueGreen({ pause: { timeout: undefined as unknown as Duration } }), /pause timeout is missing/],
  ['a pause as true', () => ReleaseStrategy.blueGreen({ pause: true as unknown as { timeout: Duration } }), /pause is not what it should be/],
  ['a pause beyond what ECS allows', () => ReleaseStrategy.blueGreen({ pause: { timeout: Duration.days(15) } }), /pause timeout \(seconds\)/],
  ['a strategy as text in a profile', () => EnvironmentProfile.staging().with({ releaseStrategy: 'rolling' as unknown as ReleaseStrategy }), /releaseStrategy is not what it should be/],
])('%s is refused', (_, make, message) => {
  expect(make).toThrow(message);
});
