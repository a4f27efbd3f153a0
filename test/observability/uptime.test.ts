import { App, Duration, Environment, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as synthetics from 'aws-cdk-lib/aws-synthetics';
import { EnvironmentProfile } from '../../src/environment';
import { CanaryWatch, CanaryWatchProps, Monitoring, UptimeCheck, UptimeCheckProps } from '../../src/observability';
import { refusal, wrong } from '../service/fixtures';

const FRANKFURT = { account: '111111111111', region: 'eu-central-1' };
const VIRGINIA = { ...FRANKFURT, region: 'us-east-1' };

function build(props: Partial<UptimeCheckProps> = {}, env: Environment = FRANKFURT) {
  const app = new App();
  const stack = new Stack(app, 'Shop', { env });
  const check = new UptimeCheck(stack, 'Uptime', { domainName: 'www.example.com', ...props });
  return { app, stack, check };
}

describe('an uptime check', () => {
  test('asks by HTTPS with the name in TLS, each half minute', () => {
    Template.fromStack(build({ path: '/api/health?deep=1' }).stack).hasResourceProperties('AWS::Route53::HealthCheck', {
      HealthCheckConfig: {
        Type: 'HTTPS', FullyQualifiedDomainName: 'www.example.com', Port: 443, ResourcePath: '/api/health?deep=1', RequestInterval: 30, FailureThreshold: 3, EnableSNI: true,
      },
      HealthCheckTags: [{ Key: 'Name', Value: 'Shop/Uptime' }],
    });
  });

  test('looks for a text where one is given', () => {
    Template.fromStack(build({ searchText: '"status":"healthy"' }).stack)
      .hasResourceProperties('AWS::Route53::HealthCheck', { HealthCheckConfig: { Type: 'HTTPS_STR_MATCH', SearchString: '"status":"healthy"' } });
  });

  test('alarms in us-east-1, where alone its metric is, and is told there', () => {
    const { app, stack, check } = build();
    new Monitoring(stack, 'Monitoring', { emails: ['ops@example.com'], watched: [check] });
    const edge = Stack.of(check.alarms[0]);
    expect(edge.region).toBe('us-east-1');
    const result = Template.fromStack(edge);
    result.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/Route53',
      MetricName: 'HealthCheckStatus',
      Statistic: 'Minimum',
      Period: 60,
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
      Dimensions: [{ Name: 'HealthCheckId', Value: { 'Fn::GetStackOutput': Match.anyValue() } }],
      AlarmActions: [Match.anyValue()],
    });
    result.hasResourceProperties('AWS::SNS::Subscription', { Endpoint: 'ops@example.com' });
    expect(app.synth().stacks).toHaveLength(2);
  });

  test('in us-east-1, and where the region is not known, needs no stack beside', () => {
    for (const env of [VIRGINIA, {}]) expect(build({}, env).app.synth().stacks).toHaveLength(1);
  });

  test('without alarms is a row alone', () => {
    const { app, check } = build({ profile: EnvironmentProfile.development() });
    expect(check.alarms).toEqual([]);
    expect(app.synth().stacks).toHaveLength(1);
    expect(check.dashboardWidgets().reduce((sum, { width }) => sum + width, 0)).toBe(24);
  });

  test('two of one stack live together', () => {
    const { app, stack } = build();
    new UptimeCheck(stack, 'Api', { domainName: 'api.example.com' });
    expect(app.synth().stacks).toHaveLength(2);
  });

  test.each<[Partial<UptimeCheckProps>, Environment, string]>([
    [{ domainName: wrong(undefined) }, FRANKFURT, 'domainName is missing'],
    [{ domainName: 'https://www.example.com' }, FRANKFURT, 'domainName'],
    [{ path: 'health' }, FRANKFURT, "got: path 'health'"],
    [{ searchText: '' }, FRANKFURT, 'searchText'],
    [{ searchText: 'x'.repeat(256) }, FRANKFURT, '1 to 255 characters'],
    [{ failureThreshold: 11 }, FRANKFURT, 'failureThreshold'],
    [{ port: 0 }, FRANKFURT, 'port'],
    [{ alarms: wrong('yes') }, FRANKFURT, 'alarms is not a boolean'],
    [{}, { ...FRANKFURT, region: 'cn-north-1' }, 'an uptime check of www.example.com'],
  ])('%# is refused before anything is made', (props, env, message) => {
    const stack = new Stack(new App(), 'Shop', { env });
    expect(refusal(() => new UptimeCheck(stack, 'Uptime', { domainName: 'www.example.com', ...props }))).toContain(message);
    expect(stack.node.findChild('Uptime').node.children).toHaveLength(0);
  });
});

describe('a canary of a team', () => {
  const watch = (props: Partial<CanaryWatchProps> = {}) => {
    const stack = new Stack(new App(), 'Shop');
    const canary = new synthetics.Canary(stack, 'SignIn', {
      runtime: synthetics.Runtime.SYNTHETICS_NODEJS_PLAYWRIGHT_6_0,
      test: synthetics.Test.custom({ code: synthetics.Code.fromInline('exports.handler = async () => {}'), handler: 'index.handler' }),
    });
    return { stack, canary, watched: new CanaryWatch(stack, 'Watch', { canaryName: canary.canaryName, ...props }) };
  };

  test('alarms when two of three runs fail, or it does not run', () => {
    const { stack, canary } = watch();
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'CloudWatchSynthetics',
      MetricName: 'SuccessPercent',
      Dimensions: [{ Name: 'CanaryName', Value: stack.resolve(canary.canaryName) }],
      Threshold: 100,
      ComparisonOperator: 'LessThanThreshold',
      DatapointsToAlarm: 2,
      EvaluationPeriods: 3,
      Period: 300,
      TreatMissingData: 'breaching',
    });
  });

  test('is looked at as often as it runs, and not where alarms are off', () => {
    Template.fromStack(watch({ interval: Duration.minutes(15) }).stack).hasResourceProperties('AWS::CloudWatch::Alarm', { Period: 900 });
    expect(watch({ alarms: false }).watched.alarms).toEqual([]);
    expect(watch().watched.dashboardWidgets()).toHaveLength(1);
  });

  test.each<[unknown, string]>([
    [{}, 'canaryName is missing'],
    [{ canaryName: 'Sign In' }, 'canaryName is not well-formed'],
    [{ canaryName: 'sign-in', interval: Duration.seconds(30) }, 'interval'],
    [{ canaryName: 'sign-in', interval: 5 }, 'interval'],
  ])('%# is refused', (props, message) => {
    expect(refusal(() => new CanaryWatch(new Stack(new App(), 'Shop'), 'Watch', wrong(props)))).toContain(message);
  });
});
