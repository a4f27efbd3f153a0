import { execFileSync } from 'child_process';
import { readFileSync } from 'fs';
import { join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { EnvironmentProfile } from '../../src/environment';
import { AlertSeverity, AppMetrics, AppMetricsProps, ErrorTracking, Monitoring, SentryOptions } from '../../src/observability';
import { refusal, wrong } from '../service/fixtures';

const TEXT = { metricName: 'Orders', meaning: 'Nobody orders.', firstStep: 'order something.' };
const GUIDE = readFileSync(join(__dirname, '..', '..', 'docs', 'monitoring.md'), 'utf8');

function build(props: Partial<AppMetricsProps> = {}) {
  const stack = new Stack(new App(), 'Shop');
  return { stack, metrics: new AppMetrics(stack, 'Metrics', { namespace: 'Shop', ...props }), template: () => Template.fromStack(stack) };
}

/** The first block of code of a language in the guide that writes metrics. */
function snippet(language: string): string {
  const blocks = [...GUIDE.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(([, code]) => code);
  return blocks.find(code => code.includes('METRICS_DIMENSIONS'))!;
}

describe('the line of the guide', () => {
  const { metrics } = build({ dimensions: { Environment: 'production', Shop: 'berlin' } });
  const run = (command: string, args: string[]) => JSON.parse(execFileSync(command, args, { env: { ...process.env, ...metrics.environment }, encoding: 'utf8' }));

  test.each([
    ['JavaScript', () => run(process.execPath, ['-e', `${snippet('js')}\ncount('Orders');`])],
    ['Python', () => run('python3', ['-c', `${snippet('python')}\ncount("Orders")\n`])],
  ])('in %s is a metric that alarms and graphs look at', (_, write) => {
    const line = write();
    const { namespace, metricName, dimensions } = metrics.metric('Orders').toMetricConfig().metricStat!;
    const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
    expect({ Namespace, Metrics }).toEqual({ Namespace: namespace, Metrics: [{ Name: metricName, Unit: 'Count' }] });
    expect(Dimensions).toEqual([dimensions!.map(({ name }) => name)]);
    for (const { name, value } of dimensions!) expect(line[name]).toBe(value);
    expect(line.Orders).toBe(1);
    // CloudWatch takes milliseconds, and nothing older than two weeks.
    expect(Math.abs(line._aws.Timestamp - Date.now())).toBeLessThan(60_000);
  });
});

describe('alarms', () => {
  test('fire above a threshold, with a text, and are published', () => {
    const { stack, metrics, template } = build();
    metrics.addAlarm('Failed', { ...TEXT, metricName: 'FailedOrders', threshold: 10, severity: AlertSeverity.CRITICAL });
    const monitoring = new Monitoring(stack, 'Monitoring', { watched: [metrics] });
    template().hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'Shop',
      MetricName: 'FailedOrders',
      Dimensions: [{ Name: 'Environment', Value: 'production' }],
      Statistic: 'Sum',
      Period: 300,
      Threshold: 10,
      EvaluationPeriods: 3,
      AlarmDescription: 'Nobody orders. First: order something.',
      AlarmActions: [Match.anyValue()],
    });
    expect(monitoring.unhealthyAlarm).toBeDefined();
  });

  test('without a threshold fire outside of what is normal, or below it alone', () => {
    const { metrics, template } = build();
    metrics.addAnomalyAlarm('Unusual', TEXT);
    metrics.addAnomalyAlarm('Few', { ...TEXT, onlyBelow: true, bandWidth: 2, periodMinutes: 15 });
    const band = (width: number) => Match.arrayWith([Match.objectLike({ Expression: Match.stringLikeRegexp(`ANOMALY_DETECTION_BAND\\(.*, ${width}\\)`) })]);
    for (const [ComparisonOperator, width] of [['LessThanLowerOrGreaterThanUpperThreshold', 3], ['LessThanLowerThreshold', 2]] as const) {
      template().hasResourceProperties('AWS::CloudWatch::Alarm', {
        ComparisonOperator, Metrics: band(width), ThresholdMetricId: Match.anyValue(), Threshold: Match.absent(), AlarmDescription: 'Nobody orders. First: order something.',
      });
    }
  });

  test('are not made where they are off', () => {
    const { metrics } = build({ profile: EnvironmentProfile.development() });
    expect([metrics.addAlarm('A', { ...TEXT, threshold: 1 }), metrics.addAnomalyAlarm('B', TEXT)]).toEqual([undefined, undefined]);
    expect(metrics.alarms).toEqual([]);
  });
});

test('services get the names that a line needs, and the row shows what is asked for', () => {
  const { metrics } = build({ shown: ['Orders', 'SignUps'] });
  expect(metrics.environment).toEqual({ METRICS_NAMESPACE: 'Shop', METRICS_DIMENSIONS: '{"Environment":"production"}' });
  expect(metrics.dashboardWidgets().map(({ width }) => width)).toEqual([12, 12]);
});

describe('wrong input', () => {
  test.each<[unknown, string]>([
    [{ namespace: 'AWS/Shop' }, "got: namespace 'AWS/Shop'"],
    [{}, 'namespace is missing'],
    [{ namespace: 'Shop', dimensions: 'production' }, 'dimensions'],
    [{ namespace: 'Shop', dimensions: { Environment: '' } }, 'dimensions.Environment'],
    [{ namespace: 'Shop', dimensions: Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`D${index}`, 'x'])) }, 'dimensions (number)'],
    [{ namespace: 'Shop', shown: 'Orders' }, 'shown is not a list'],
  ])('%# is refused', (props, message) => {
    expect(refusal(() => new AppMetrics(new Stack(new App(), 'Shop'), 'Metrics', wrong(props)))).toContain(message);
  });

  test.each<[unknown, string]>([
    [{ ...TEXT }, 'threshold is missing'],
    [{ ...TEXT, threshold: 1, metricName: undefined }, 'metricName is missing'],
    [{ ...TEXT, threshold: 1, periodMinutes: 61 }, 'periodMinutes'],
    [{ ...TEXT, threshold: 1, severity: 'high' }, 'allowed: critical, warning'],
  ])('alarm %# is refused', (options, message) => {
    expect(refusal(() => build().metrics.addAlarm('Alarm', wrong(options)))).toContain(message);
  });
});

describe('error tracking', () => {
  const DSN = 'https://0123abcd@o1.ingest.sentry.io/42';
  const track = (options: Partial<SentryOptions> = {}) =>
    ErrorTracking.sentry({ serviceDsn: secretsmanager.Secret.fromSecretNameV2(new Stack(new App(), 'Shop'), 'Sentry', 'shop/sentry'), ...options });

  test('gives services a secret and the site a public address', () => {
    const tracking = track({ siteDsn: DSN, release: 'v1', profile: EnvironmentProfile.staging() });
    expect(Object.keys(tracking.secrets)).toEqual(['SENTRY_DSN']);
    expect(tracking.environment).toEqual({ SENTRY_ENVIRONMENT: 'staging', SENTRY_RELEASE: 'v1' });
    expect(tracking.siteValues).toEqual({ SENTRY_DSN: DSN, SENTRY_ENVIRONMENT: 'staging', SENTRY_RELEASE: 'v1' });
    expect(tracking.siteOrigin).toBe('https://o1.ingest.sentry.io');
  });

  test('of services alone gives the site nothing', () => {
    const { siteValues, siteOrigin } = track();
    expect({ siteValues, siteOrigin }).toEqual({ siteValues: {}, siteOrigin: undefined });
  });

  test.each<[Partial<SentryOptions>, string]>([
    [{ siteDsn: 'https://0123abcd:secret@o1.ingest.sentry.io/42' }, 'without a secret key'],
    [{ siteDsn: 'o1.ingest.sentry.io/42' }, 'siteDsn is not well-formed'],
    [{ serviceDsn: wrong(DSN) }, 'allowed: a secretsmanager.ISecret'],
    [{ serviceDsn: wrong(undefined) }, 'serviceDsn is missing'],
    [{ release: 'feature/x' }, 'release'],
  ])('%# is refused', (options, message) => {
    expect(refusal(() => track(options))).toContain(message);
  });
});
