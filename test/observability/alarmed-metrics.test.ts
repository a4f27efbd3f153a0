import { readFileSync } from 'fs';
import { join } from 'path';
import { Token } from 'aws-cdk-lib';
import { AlarmedMetric, everyAlarm, SynthesizedAlarm } from './every-alarm';


/** What a service emits; seen in AWS's documentation where it is sure. Dimensions in the order of the alphabet. */
interface Fact {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: string[][];
  readonly statistics: string[];
  readonly source: string;
  readonly sure: boolean;
  /** The only region where it is. */
  readonly region?: string;
}

/** Known here to be uncertain: the alarms fire if CDK's own helper is right; and if others' alarms are, because AWS's table was not read. */
const UNSURE = ['AWS/DynamoDB SystemErrors', 'AWS/S3 OperationsFailedReplication'];

const DAY = 86_400;
const HOUR = 3_600;

const facts: Fact[] = JSON.parse(readFileSync(join(__dirname, 'metric-facts.json'), 'utf8'));
const alarms = everyAlarm();
const own = (namespace: string) => !namespace.startsWith('AWS/') && namespace !== 'CloudWatchSynthetics';
const metrics = alarms.flatMap(alarm => alarm.metrics.map(metric => ({ alarm, metric }))).filter(({ metric }) => !own(metric.namespace));

const factOf = ({ namespace, metricName }: AlarmedMetric): Fact | undefined =>
  facts.find(fact => fact.namespace === namespace && fact.metric === metricName);
const nameOf = ({ namespace, metricName, dimensions }: AlarmedMetric) => `${namespace} ${metricName} {${Object.keys(dimensions).sort().join(',')}}`;
const distinct = (texts: string[]) => [...new Set(texts)].sort();

/** Metrics that break a rule, by name. */
function breaking(rule: (metric: AlarmedMetric, fact: Fact, alarm: SynthesizedAlarm) => boolean): string[] {
  return distinct(metrics.filter(({ metric, alarm }) => !rule(metric, factOf(metric)!, alarm)).map(({ metric }) => nameOf(metric)));
}

test('there are alarms to check, of many services', () => {
  expect(alarms.length).toBeGreaterThan(150);
  expect(distinct(metrics.map(({ metric }) => metric.namespace)).length).toBeGreaterThan(14);
});

test('every alarm looks at a metric that its service emits', () => {
  expect(distinct(metrics.filter(({ metric }) => !factOf(metric)).map(({ metric }) => nameOf(metric)))).toEqual([]);
});

test('with the dimensions that the service emits together, none of them empty', () => {
  expect(breaking(({ dimensions }, fact) => fact.dimensions.some(set => set.join() === Object.keys(dimensions).sort().join()))).toEqual([]);
  expect(breaking(({ dimensions }) => Object.values(dimensions).every(value => value !== '' && value !== undefined))).toEqual([]);
});

test('with a statistic that says something about it', () => {
  expect(breaking(({ statistic }, fact) => fact.statistics.some(known => statistic === known || statistic.startsWith(`${known}(`)))).toEqual([]);
});

test('in the region in which it is', () => {
  expect(breaking((_, fact, { region }) => fact.region === undefined || Token.isUnresolved(region) || region === fact.region)).toEqual([]);
  const ofFirewalls = metrics.filter(({ metric }) => metric.namespace === 'AWS/WAFV2');
  expect(ofFirewalls.length).toBeGreaterThan(0);
  // Only firewalls of CloudFront, which are in us-east-1, leave the region out.
  expect(ofFirewalls.filter(({ metric, alarm }) => !('Region' in metric.dimensions) && alarm.region !== 'us-east-1')).toEqual([]);
});

test('CloudFront’s metrics are asked for with the region Global', () => {
  const regions = metrics.filter(({ metric }) => metric.namespace === 'AWS/CloudFront').map(({ metric }) => metric.dimensions.Region);
  expect(distinct(regions as string[])).toEqual(['Global']);
});

test('what is not sure is known', () => {
  const unsure = metrics.filter(({ metric }) => !factOf(metric)!.sure).map(({ metric }) => `${metric.namespace} ${metric.metricName}`);
  expect(distinct(unsure)).toEqual(UNSURE);
});

describe('CloudWatch takes every alarm', () => {
  const of = ({ properties: { Metrics = [], EvaluationPeriods, Period, DatapointsToAlarm = EvaluationPeriods } }: SynthesizedAlarm) => {
    const stats = Metrics.filter(({ MetricStat }: any) => MetricStat);
    return {
      expressions: Metrics.length - stats.length,
      metrics: stats.length,
      datapoints: DatapointsToAlarm,
      evaluated: EvaluationPeriods,
      periods: distinct(Metrics.length > 0 ? stats.map(({ MetricStat }: any) => String(MetricStat.Period)) : [String(Period)]).map(Number),
      text: JSON.stringify(Metrics.map(({ Expression }: any) => Expression)),
    };
  };
  const refused = (rule: (alarm: ReturnType<typeof of>) => boolean) => alarms.filter(alarm => !rule(of(alarm))).map(({ path }) => path);

  test('at most ten metrics and ten expressions', () => expect(refused(({ metrics: count, expressions }) => count <= 10 && expressions <= 10)).toEqual([]));
  test('all of one period', () => expect(refused(({ periods }) => periods.length === 1)).toEqual([]));
  test('not more datapoints than are looked at', () => expect(refused(({ datapoints, evaluated }) => datapoints <= evaluated)).toEqual([]));
  test('no search', () => expect(refused(({ text }) => !text.includes('SEARCH'))).toEqual([]));
  test('a day at most, or a week with periods of an hour and more', () =>
    expect(refused(({ periods: [period], evaluated }) => period * evaluated <= (period < HOUR ? DAY : 7 * DAY))).toEqual([]));
});
