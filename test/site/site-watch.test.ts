import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Monitoring } from '../../src/observability';
import { SiteDistribution } from '../../src/site/site-distribution';
import { SiteKind } from '../../src/site/site-kind';
import { SiteWatch } from '../../src/site/site-watch';

function siteIn(region?: string, props: { alarms?: boolean; kind?: SiteKind; additionalMetrics?: boolean } = {}) {
  const app = new App();
  const stack = new Stack(app, 'Stack', { env: region ? { account: '111111111111', region } : undefined });
  const site = new SiteDistribution(stack, 'Site', { bucket: new s3.Bucket(stack, 'Bucket'), accessLogs: false, ...props });
  return { app, stack, site };
}

const GLOBAL = { Name: 'Region', Value: 'Global' };

test('elsewhere than us-east-1, the alarms are in a stack beside, which reads the names of what it watches', () => {
  const { app, site } = siteIn('eu-central-1');
  const beside = Stack.of(site.watch);
  expect(beside.region).toBe('us-east-1');
  const assembly = app.synth();
  const templates = assembly.stacks.map(artifact => artifact.template);
  expect(templates).toHaveLength(2);
  const template = Template.fromJSON(templates[assembly.stacks.findIndex(({ stackName }) => stackName === beside.stackName)]);
  template.resourceCountIs('AWS::CloudWatch::Alarm', 3);
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Metrics: Match.arrayWith([Match.objectLike({
      MetricStat: {
        Metric: {
          MetricName: '5xxErrorRate',
          Dimensions: [{ Name: 'DistributionId', Value: { 'Fn::GetStackOutput': Match.anyValue() } }, GLOBAL],
        },
      },
    })]),
  });
});

test('in us-east-1 the alarms are in the same stack, and a Monitoring publishes and draws them', () => {
  const { app, stack, site } = siteIn('us-east-1');
  expect(Stack.of(site.watch)).toBe(stack);
  new Monitoring(stack, 'Monitoring', { watched: [site] });
  expect(app.synth().stacks).toHaveLength(1);
  const alarms = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));
  expect(alarms).toHaveLength(3);
  for (const { Properties } of alarms) expect(Properties.AlarmActions).toHaveLength(1);
});

test('without alarms there is no stack beside: it would be empty', () => {
  const { app, site } = siteIn('eu-central-1', { alarms: false });
  expect(site.alarms).toEqual([]);
  expect(app.synth().stacks).toHaveLength(1);
});

test('a stack without a region synthesizes', () => {
  const { app } = siteIn();
  expect(app.synth().stacks).toHaveLength(1);
});

test('without a function there is nothing to watch on it; the latency is watched where it is told', () => {
  expect(siteIn('us-east-1', { kind: SiteKind.files() }).site.alarms).toHaveLength(1);
  const { stack, site } = siteIn('us-east-1', { additionalMetrics: true });
  expect(site.alarms).toHaveLength(4);
  expect(site.dashboardWidgets()).toHaveLength(4);
  Template.fromStack(stack).resourceCountIs('AWS::CloudFront::MonitoringSubscription', 1);
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'OriginLatency', ExtendedStatistic: 'p90', Threshold: 24_000 });
});

test('every alarm says what it means and what to do first', () => {
  for (const alarm of siteIn('us-east-1').site.alarms) {
    const { alarmDescription } = alarm.node.defaultChild as unknown as { alarmDescription: string };
    expect(JSON.stringify(Stack.of(alarm).resolve(alarmDescription))).toMatch(/\. First: .+\./);
  }
});

test('graphs look to us-east-1 from everywhere', () => {
  const { stack, site } = siteIn('eu-central-1');
  const widgets = stack.resolve([...site.dashboardWidgets(), ...site.watch.dashboardWidgets()].flatMap(widget => widget.toJson()));
  expect(widgets).toHaveLength(6);
  for (const { properties } of widgets) expect(properties.region).toBe('us-east-1');
});

test('a distribution of somebody else can be watched too', () => {
  const stack = new Stack(new App(), 'Stack', { env: { region: 'us-east-1' } });
  const watch = new SiteWatch(stack, 'Watch', { distributionId: 'EDFDVBD6EXAMPLE', additionalMetrics: true, responseTimeout: Duration.seconds(10) });
  expect(watch.alarms).toHaveLength(2);
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', { Threshold: 8000 });
});
