import { App, CfnParameter, Duration, Environment, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as fc from 'fast-check';
import { alarmsIn, SynthesizedAlarm } from './every-alarm';
import { EnvironmentProfile } from '../../src/environment';
import { Monitoring, ServiceLevelIndicator, ServiceLevelObjective, ServiceLevelObjectiveProps } from '../../src/observability';
import { refusal, wrong } from '../service/fixtures';

const FRANKFURT = { account: '111111111111', region: 'eu-central-1' };
const FAST = Duration.millis(200);

type Parts = { loadBalancer: elbv2.ApplicationLoadBalancer; groups: elbv2.ApplicationTargetGroup[]; distribution: cloudfront.Distribution };

function parts(stack: Stack): Parts {
  const vpc = new ec2.Vpc(stack, 'Vpc');
  const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc });
  const groups = ['Blue', 'Green'].map(id => new elbv2.ApplicationTargetGroup(stack, id, { vpc, port: 80 }));
  const defaultAction = elbv2.ListenerAction.weightedForward(groups.map(targetGroup => ({ targetGroup })));
  loadBalancer.addListener('Http', { port: 80, open: false, defaultAction });
  const distribution = new cloudfront.Distribution(stack, 'Site', { defaultBehavior: { origin: new origins.HttpOrigin('example.com') } });
  return { loadBalancer, groups, distribution };
}

const INDICATORS: { [name: string]: (of: Parts) => ServiceLevelIndicator } = {
  availability: ({ loadBalancer }) => ServiceLevelIndicator.availability(loadBalancer),
  latency: ({ loadBalancer }) => ServiceLevelIndicator.latency(loadBalancer, FAST),
  serviceAvailability: ({ groups }) => ServiceLevelIndicator.serviceAvailability(groups),
  serviceLatency: ({ groups }) => ServiceLevelIndicator.serviceLatency(groups, FAST),
  siteAvailability: ({ distribution }) => ServiceLevelIndicator.siteAvailability(distribution),
};

function build(indicator: string, props: Partial<ServiceLevelObjectiveProps> = {}, env: Environment = FRANKFURT) {
  const app = new App();
  const stack = new Stack(app, 'Shop', { env });
  const objective = new ServiceLevelObjective(stack, 'Objective', { indicator: INDICATORS[indicator](parts(stack)), ...props });
  const home = Stack.of(objective.compositeAlarms?.[0] ?? objective);
  return { app, stack, objective, windows: () => alarmsIn(app), template: () => Template.fromStack(home) };
}

/** A minute of traffic as CloudWatch has it: undefined where nothing was told. */
interface Minute { readonly requests: number; readonly bad: number }

/** Whether an alarm is on after so many minutes of traffic, by the expression that the template has. */
function isOn({ properties }: SynthesizedAlarm, minutes: Minute[]): boolean {
  const { Metrics, Threshold } = properties;
  const period: number = Metrics.find(({ MetricStat }: any) => MetricStat).MetricStat.Period / 60;
  const window = minutes.slice(-period);
  const requests = window.reduce((sum, minute) => sum + minute.requests, 0);
  const bad = window.reduce((sum, minute) => sum + minute.bad, 0);
  const values: { [metric: string]: number | undefined } = {
    'HTTPCode_Target_5XX_Count': bad || undefined,
    'HTTPCode_ELB_5XX_Count': undefined,
    'RequestCount': requests || undefined,
    'Requests': requests || undefined,
    'TargetResponseTime': requests ? 100 * (1 - bad / requests) : undefined,
    '5xxErrorRate': requests ? 100 * bad / requests : undefined,
  };
  const ids = Metrics.filter(({ MetricStat }: any) => MetricStat)
    .map(({ Id, MetricStat: { Metric } }: any) => [Id, values[Metric.MetricName]] as const);
  const { Expression } = Metrics.find(({ Expression: expression }: any) => expression);
  // The second group of a service has no traffic between releases.
  const known = Object.fromEntries(ids.map(([id, value]: readonly [string, number | undefined]) => [id, id.endsWith('1') ? undefined : value]));
  const evaluate = new Function('FILL', 'IF', ...Object.keys(known), `return ${Expression};`);
  const fill = (value: number | undefined, other: number) => value ?? other;
  const choose = (condition: boolean, yes: number, no: number) => condition ? yes : no;
  const result: number = evaluate(fill, choose, ...Object.values(known));
  return result > Threshold;
}

/** Minutes until people are called, if they are. */
function minutesToCall(windows: SynthesizedAlarm[], before: Minute[], during: Minute, ids = [['60', '5'], ['360', '30']]): number | undefined {
  const window = (minutes: string) => windows.find(({ path }) => path.endsWith(`/Over${minutes}Minutes`))!;
  const history = [...before];
  for (let minute = 1; minute <= 24 * 60; minute++) {
    history.push(during);
    if (ids.some(pair => pair.every(minutes => isOn(window(minutes), history)))) return minute;
  }
  return undefined;
}

const quiet = (requests: number): Minute[] => Array.from({ length: 24 * 60 }, () => ({ requests, bad: 0 }));

describe.each(Object.keys(INDICATORS))('%s', indicator => {
  const { objective, windows, template } = build(indicator);
  const all = windows();
  const percent = objective.objectivePercent;
  const burning = (factor: number, requests: number) => ({ requests, bad: requests * factor * (100 - percent) / 100 });

  test('people are called within minutes when everything fails', () => {
    expect(minutesToCall(all, quiet(100), { requests: 100, bad: 100 })).toBeLessThanOrEqual(percent === 95 ? 45 : 2);
  });

  test('people are called within an hour at fifteen times the budget, within six at seven times, and not at five times', () => {
    expect(minutesToCall(all, quiet(1000), burning(15, 1000))).toBeLessThanOrEqual(60);
    expect(minutesToCall(all, quiet(1000), burning(7, 1000))).toBeLessThanOrEqual(360);
    expect(minutesToCall(all, quiet(1000), burning(5, 1000))).toBeUndefined();
  });

  test('somebody is told within a day at four times the budget, and not at two', () => {
    expect(minutesToCall(all, quiet(1000), burning(4, 1000), [['1440', '120']])).toBeDefined();
    expect(minutesToCall(all, quiet(1000), burning(2, 1000), [['1440', '120']])).toBeUndefined();
  });

  test('nobody is called for single failures at night, nor without any traffic', () => {
    expect(minutesToCall(all, quiet(0), { requests: 0, bad: 0 })).toBeUndefined();
    expect(all.some(alarm => isOn(alarm, [...quiet(0), { requests: 4, bad: 4 }]))).toBe(false);
  });

  test('the call is over soon after the failure is, by the short window', () => {
    const history = [...quiet(100), ...Array<Minute>(30).fill({ requests: 100, bad: 100 }), ...Array<Minute>(30).fill({ requests: 100, bad: 0 })];
    const short = ['5', '30'].map(minutes => all.find(({ path }) => path.endsWith(`/Over${minutes}Minutes`))!);
    expect(short.map(alarm => isOn(alarm, history))).toEqual([false, false]);
  });

  test('windows tell nobody, the two alarms over them do', () => {
    const other = build(indicator);
    const monitoring = new Monitoring(other.stack, 'Monitoring', { watched: [other.objective] });
    const result = other.template();
    for (const { Properties } of Object.values(result.findResources('AWS::CloudWatch::Alarm'))) expect(Properties.AlarmActions).toBeUndefined();
    const told = Object.values(result.findResources('AWS::CloudWatch::CompositeAlarm')).filter(({ Properties }) => Properties.AlarmActions);
    expect(told.map(({ Properties }) => Properties.AlarmDescription.split(' ').slice(-1)[0].split('/').pop()).sort()).toEqual(['objective-burns-fast.md', 'objective-burns-slowly.md']);
    expect(monitoring.dashboard).toBeDefined();
    expect(() => other.app.synth()).not.toThrow();
  });

  test('both windows of a rate have to burn', () => {
    const rules = Object.values(template().findResources('AWS::CloudWatch::CompositeAlarm')).map(({ Properties }) => Properties.AlarmRule['Fn::Join'][1]
      .map((part: any) => typeof part === 'string' ? part : /Over\d+/.exec(part['Fn::GetAtt'][0])![0]).join('').replace(/ALARM\("(Over\d+)"\)/g, '$1'));
    expect(rules).toEqual(['((Over60 AND Over5) OR (Over360 AND Over30))', '((Over1440 AND Over120))']);
  });
});

test('thresholds are those of the workbook, without the noise of binary fractions', () => {
  expect(build('availability').windows().map(({ properties }) => properties.Threshold)).toEqual([1.44, 1.44, 0.6, 0.6, 0.3, 0.3]);
  expect(build('latency').windows().map(({ properties }) => properties.Threshold)).toEqual([72, 72, 30, 30, 15, 15]);
});

test('the latency is the share of answers within the threshold', () => {
  build('latency').template().hasResourceProperties('AWS::CloudWatch::Alarm', {
    Metrics: Match.arrayWith([Match.objectLike({ MetricStat: Match.objectLike({ Stat: 'PR(:0.2)', Metric: Match.objectLike({ MetricName: 'TargetResponseTime' }) }) })]),
  });
});

test('every objective that is allowed has alarms that can fire', () => {
  fc.assert(fc.property(fc.double({ min: 94, max: 99.999, noNaN: true }), objectivePercent => {
    const thresholds = build('availability', { objectivePercent }).windows().map(({ properties }) => properties.Threshold);
    return thresholds.every(threshold => threshold > 0 && threshold < 100);
  }), { numRuns: 8 });
});

test('CloudFront’s alarms are in us-east-1, and its row shows numbers from there', () => {
  const { app, stack, objective } = build('siteAvailability');
  expect(Stack.of(objective.compositeAlarms![0]).region).toBe('us-east-1');
  new Monitoring(stack, 'Monitoring', { watched: [objective] });
  expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'))).toContain('us-east-1');
  expect(app.synth().stacks).toHaveLength(2);
});

test('the row has what is left of four weeks', () => {
  const { stack, objective } = build('availability');
  const [single, left, share] = stack.resolve(objective.dashboardWidgets().flatMap(widget => widget.toJson()));
  expect(single.properties).toMatchObject({ start: '-P28D', setPeriodToTimeRange: true });
  const expressions = [single, left, share].map(({ properties }: any) => properties.metrics[0][0].expression);
  expect(expressions[0]).toBe('100 - 100 * (FILL(t5, 0) + FILL(e5, 0)) / (0.001 * (FILL(rc, 0) + FILL(e5, 0)))');
  expect(expressions[1]).toContain('RUNNING_SUM(FILL(t5, 0) + FILL(e5, 0))');
  expect([single, left, share].reduce((sum: number, { width }: any) => sum + width, 0)).toBe(24);
});

test('where alarms are off there is the row alone', () => {
  const { objective, windows } = build('availability', { profile: EnvironmentProfile.development() });
  expect(windows()).toEqual([]);
  expect(objective.compositeAlarms).toEqual([]);
  expect(objective.dashboardWidgets()).toHaveLength(3);
});

test('two objectives live in one stack, of any partition', () => {
  const stack = new Stack(new App(), 'Shop', { env: { ...FRANKFURT, region: 'cn-north-1' } });
  const of = parts(stack);
  for (const name of ['availability', 'latency']) new ServiceLevelObjective(stack, name, { indicator: INDICATORS[name](of) });
  Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::CompositeAlarm', 4);
});

describe('wrong input', () => {
  test.each<[string, (of: Parts, stack: Stack) => ServiceLevelObjectiveProps, string]>([
    ['a promise of 100 %', of => ({ indicator: INDICATORS.availability(of), objectivePercent: 100 }), 'without an error budget'],
    ['a share instead of a percentage', of => ({ indicator: INDICATORS.availability(of), objectivePercent: 0.999 }), 'allowed: 94 to 99.999'],
    ['a promise whose alarms could not fire', of => ({ indicator: INDICATORS.availability(of), objectivePercent: 90 }), 'got: objectivePercent 90'],
    ['a token', (of, stack) => ({ indicator: INDICATORS.availability(of), objectivePercent: new CfnParameter(stack, 'P', { type: 'Number' }).valueAsNumber }), 'only known at deployment'],
    ['a text', of => ({ indicator: INDICATORS.availability(of), objectivePercent: wrong('99.9') }), "got: objectivePercent '99.9'"],
    ['no indicator', () => wrong({}), 'indicator is missing'],
    ['a load balancer as indicator', of => ({ indicator: wrong(of.loadBalancer) }), 'allowed: a ServiceLevelIndicator'],
    ['no load balancer', () => ({ indicator: ServiceLevelIndicator.availability(wrong(undefined)) }), 'loadBalancer is missing'],
    ['no target group', () => ({ indicator: ServiceLevelIndicator.serviceAvailability([]) }), 'one to five target groups'],
    ['a threshold of nothing', of => ({ indicator: ServiceLevelIndicator.latency(of.loadBalancer, Duration.millis(0)) }), 'threshold (milliseconds)'],
    ['a number as threshold', of => ({ indicator: ServiceLevelIndicator.latency(of.loadBalancer, wrong(200)) }), 'threshold'],
    ['no bad request needed', of => ({ indicator: INDICATORS.availability(of), minimumBadRequests: 0 }), 'minimumBadRequests'],
  ])('%s is refused', (_, props, message) => {
    const stack = new Stack(new App(), 'Shop', { env: FRANKFURT });
    const given = props(parts(stack), stack);
    expect(refusal(() => new ServiceLevelObjective(stack, 'Objective', given))).toContain(message);
    expect(stack.node.findChild('Objective').node.children).toHaveLength(0);
  });
});
