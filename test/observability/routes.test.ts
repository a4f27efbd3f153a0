import { App, Environment, SecretValue, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Construct } from 'constructs';
import { AlertRoute, AlertSeverity, IWatched, Monitoring, MonitoringProps } from '../../src/observability';
import { createAlarm } from '../../src/observability/alarm';
import { refusal, wrong } from '../service/fixtures';

const FRANKFURT = { account: '111111111111', region: 'eu-central-1' };
const VIRGINIA = { account: '111111111111', region: 'us-east-1' };
const { CRITICAL, WARNING } = AlertSeverity;
const PAGER = SecretValue.secretsManager('shop/pagerduty');

/** A block with an alarm of each severity, here or in a stack elsewhere. */
class Block extends Construct implements IWatched {
  public readonly alarms: cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, severities = [CRITICAL, WARNING], place: Construct | undefined = undefined) {
    super(scope, id);
    const home = place ? new Construct(place, id) : this;
    this.alarms = severities.map((severity, index) => createAlarm(home, `${severity}${index}`, {
      metric: new cloudwatch.Metric({ namespace: 'Test', metricName: severity }),
      threshold: 1,
      evaluationPeriods: 5,
      severity,
      meaning: 'It is broken.',
      firstStep: 'mend it.',
      runbook: { page: 'test', then: ['Look.', 'Call.'] },
    }));
  }

  public dashboardWidgets(): cloudwatch.IWidget[] {
    return [];
  }
}

function build(props: MonitoringProps | ((stack: Stack) => MonitoringProps), env: Environment = FRANKFURT) {
  const stack = new Stack(new App(), 'Shop', { env });
  const monitoring = new Monitoring(stack, 'Monitoring', { watched: [new Block(stack, 'Api')], ...typeof props === 'function' ? props(stack) : props });
  return { stack, monitoring, template: () => Template.fromStack(stack) };
}

/** Where alarms of a severity are published. */
function actionsOf(template: Template, severity: AlertSeverity): unknown[] {
  const [{ Properties }] = Object.values(template.findResources('AWS::CloudWatch::Alarm', { Properties: { MetricName: severity } }));
  expect(Properties.OKActions).toEqual(Properties.AlarmActions);
  return Properties.AlarmActions;
}

describe('a pager', () => {
  const { stack, monitoring, template } = build({ emails: ['ops@example.com'], routes: [AlertRoute.pagerDuty(PAGER)] });

  test('is called for critical alarms alone, which everybody else is told of too', () => {
    const [all, critical] = [monitoring.topic, monitoring.criticalTopic!].map(topic => stack.resolve(topic.topicArn));
    expect(actionsOf(template(), WARNING)).toEqual([all]);
    expect(actionsOf(template(), CRITICAL)).toEqual([all, critical]);
    template().hasResourceProperties('AWS::SNS::Subscription', { TopicArn: critical, Protocol: 'https' });
    template().hasResourceProperties('AWS::SNS::Subscription', { TopicArn: all, Protocol: 'email' });
    template().resourceCountIs('AWS::SNS::Subscription', 2);
  });

  test('has its address in Secrets Manager, and not in the template', () => {
    template().hasResourceProperties('AWS::SNS::Subscription', { Endpoint: '{{resolve:secretsmanager:shop/pagerduty:SecretString:::}}' });
  });

  test('gets what SNS sends unchanged, which PagerDuty reads', () => {
    template().hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'https', RawMessageDelivery: Match.absent() });
  });

  test('can be called for everything', () => {
    const every = build({ routes: [AlertRoute.pagerDuty(PAGER, { criticalOnly: false })] });
    expect(every.monitoring.criticalTopic).toBeUndefined();
    every.template().hasResourceProperties('AWS::SNS::Subscription', { TopicArn: every.stack.resolve(every.monitoring.topic.topicArn), Protocol: 'https' });
  });

  test('of a topic that exists is used', () => {
    const arn = 'arn:aws:sns:eu-central-1:111111111111:pager';
    const { monitoring: other, template: of } = build(stack2 => ({ criticalTopic: sns.Topic.fromTopicArn(stack2, 'Pager', arn) }));
    expect(other.criticalTopic!.topicArn).toBe(arn);
    expect(actionsOf(of(), CRITICAL)).toContain(arn);
    expect(actionsOf(of(), WARNING)).not.toContain(arn);
  });

  test('hears through an encrypted topic where a key is given', () => {
    build(of => ({ encryptionKey: new kms.Key(of, 'Key'), routes: [AlertRoute.pagerDuty(PAGER)] }))
      .template().allResourcesProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });
  });

  test('hears through a key that nothing else here uses', () => {
    const topicArn = 'arn:aws:sns:eu-central-1:111111111111:on-call';
    build(of => ({ topic: sns.Topic.fromTopicArn(of, 'OnCall', topicArn), encryptionKey: new kms.Key(of, 'Key'), routes: [AlertRoute.pagerDuty(PAGER)] }))
      .template().hasResourceProperties('AWS::KMS::Key', {
        KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Principal: { Service: 'cloudwatch.amazonaws.com' } })]) },
      });
  });

  test('and a second one have ids of their own', () => {
    const two = build({ routes: [AlertRoute.pagerDuty(PAGER), AlertRoute.pagerDuty(SecretValue.secretsManager('shop/second')), AlertRoute.https(PAGER)] });
    two.template().resourceCountIs('AWS::SNS::Subscription', 3);
  });
});

describe('Slack', () => {
  const { stack, monitoring, template } = build({ routes: [AlertRoute.slack('T0123ABCD', 'C0123ABCD')] });

  test('reads everything, and may do nothing but read alarms', () => {
    template().hasResourceProperties('AWS::Chatbot::SlackChannelConfiguration', {
      SlackWorkspaceId: 'T0123ABCD',
      SlackChannelId: 'C0123ABCD',
      SnsTopicArns: [stack.resolve(monitoring.topic.topicArn)],
      GuardrailPolicies: [{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/CloudWatchReadOnlyAccess']] }],
      ConfigurationName: Match.stringLikeRegexp('^[A-Za-z0-9_-]{1,128}$'),
    });
    template().resourceCountIs('AWS::IAM::Policy', 0);
    expect(monitoring.criticalTopic).toBeUndefined();
  });

  test('does not exist in other partitions', () => {
    const message = refusal(() => build({ routes: [AlertRoute.slack('T0123ABCD', 'C0123ABCD')] }, { ...FRANKFURT, region: 'cn-north-1' }));
    expect(message).toContain('got: AlertRoute.slack() in cn-north-1');
  });
});

describe('alarms of another region', () => {
  function buildEdge(routes: AlertRoute[], props: MonitoringProps = {}) {
    const app = new App();
    const stack = new Stack(app, 'Shop', { env: FRANKFURT });
    const edge = new Stack(app, 'Shop-edge', { env: VIRGINIA });
    new Monitoring(stack, 'Monitoring', { emails: ['ops@example.com'], ...props, routes, watched: [new Block(stack, 'Site', [CRITICAL, WARNING], edge)] });
    return { stack, template: Template.fromStack(edge), silent: Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('silentRegion')) };
  }

  test('call the pager from there', () => {
    const { template, silent } = buildEdge([AlertRoute.pagerDuty(PAGER)]);
    template.resourceCountIs('AWS::SNS::Topic', 2);
    expect(actionsOf(template, CRITICAL)).toHaveLength(2);
    expect(actionsOf(template, WARNING)).toHaveLength(1);
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'https', TopicArn: { Ref: Match.stringLikeRegexp('^CriticalAlerts') } });
    expect(silent).toEqual([]);
  });

  test('do not reach Slack, which a warning says', () => {
    const { template, silent } = buildEdge([AlertRoute.slack('T0123ABCD', 'C0123ABCD')]);
    template.resourceCountIs('AWS::Chatbot::SlackChannelConfiguration', 0);
    expect(silent).toHaveLength(1);
  });

  test('do not reach a topic of critical alarms that is given, which a warning says', () => {
    const arn = 'arn:aws:sns:eu-central-1:111111111111:pager';
    const { silent } = buildEdge([], { criticalTopic: sns.Topic.fromTopicArn(new Stack(), 'Pager', arn) });
    expect(silent).toHaveLength(1);
  });

  test('are not counted into what is unhealthy here', () => {
    const { stack } = buildEdge([]);
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::CompositeAlarm', 0);
  });
});

describe('the alarm that the platform is unhealthy', () => {
  const ruleOf = (template: Template, part = '') => {
    const found = Object.entries(template.findResources('AWS::CloudWatch::CompositeAlarm')).filter(([id]) => id.includes(`Health${part || 'Unhealthy'}`));
    expect(found).toHaveLength(1);
    return found[0][1].Properties.AlarmRule['Fn::Join'][1] as unknown[];
  };

  /** As one who wants to see the alarm. */
  function asked(props: Parameters<typeof build>[0]) {
    const built = build(props);
    return { ...built, unhealthy: built.monitoring.unhealthyAlarm };
  }

  test('is made when somebody asks for it, and counts what is watched later too', () => {
    const { stack, monitoring, template } = build({});
    template().resourceCountIs('AWS::CloudWatch::CompositeAlarm', 0);
    const later = asked({});
    later.monitoring.watch(new Block(later.stack, 'Later', [CRITICAL]));
    expect(ruleOf(later.template()).filter(part => typeof part !== 'string')).toHaveLength(2);
    expect(stack.node.tryFindChild('Monitoring')).toBe(monitoring);
  });

  test('is in alarm while a critical one is, and tells nobody: that one does', () => {
    const { stack, monitoring, template } = asked({});
    const [critical] = Object.keys(template().findResources('AWS::CloudWatch::Alarm', { Properties: { MetricName: 'critical' } }));
    expect(ruleOf(template())).toEqual(['ALARM("', { Ref: critical }, '")']);
    template().hasResourceProperties('AWS::CloudWatch::CompositeAlarm', { AlarmActions: Match.absent(), AlarmName: Match.absent() });
    expect(stack.resolve(monitoring.unhealthyAlarm!.alarmName)).toEqual({ Ref: expect.stringContaining('MonitoringHealthUnhealthy') });
  });

  test('is first on the dashboard', () => {
    const { template } = asked({});
    const [{ Properties }] = Object.values(template().findResources('AWS::CloudWatch::Dashboard'));
    const first = Properties.DashboardBody['Fn::Join'][1].find((part: any) => part['Fn::GetAtt']);
    expect(first['Fn::GetAtt'][0]).toContain('Unhealthy');
  });

  test.each([[38, 0], [39, 2], [100, 3]])('of %d critical ones has %d parts, each within the rule that CloudWatch takes', (count, parts) => {
    const { template } = asked(stack => ({ watched: [new Block(stack, 'Many', Array(count).fill(CRITICAL))] }));
    template().resourceCountIs('AWS::CloudWatch::CompositeAlarm', 1 + parts);
    const rules = Object.values(template().findResources('AWS::CloudWatch::CompositeAlarm')).map(({ Properties }) => Properties.AlarmRule['Fn::Join'][1] as unknown[]);
    const children = (rule: unknown[]) => rule.filter(part => typeof part !== 'string').length;
    expect(rules.map(children).reduce((sum, each) => sum + each)).toBe(count + parts);
    for (const rule of rules) {
      expect(rule.reduce<number>((sum, part) => sum + (typeof part === 'string' ? part.length : 255), 0)).toBeLessThanOrEqual(10_240);
    }
  });

  test('is not there without critical alarms, nor where alarms are off', () => {
    asked(stack => ({ watched: [new Block(stack, 'Quiet', [WARNING])] })).template().resourceCountIs('AWS::CloudWatch::CompositeAlarm', 0);
    const { monitoring, template } = build({ alarms: false });
    template().resourceCountIs('AWS::CloudWatch::CompositeAlarm', 0);
    expect(monitoring.unhealthyAlarm).toBeUndefined();
  });

  test('counts alarms of a team that it calls critical', () => {
    const { stack, monitoring, template } = build({ watched: [] });
    const block = new Block(stack, 'Own', []);
    block.alarms.push(new cloudwatch.Alarm(block, 'Orders', { metric: new cloudwatch.Metric({ namespace: 'Shop', metricName: 'Orders' }), threshold: 1, evaluationPeriods: 1 }));
    Monitoring.markCritical(block.alarms[0]);
    monitoring.watch(block);
    expect(monitoring.unhealthyAlarm).toBeDefined();
    template().resourceCountIs('AWS::CloudWatch::CompositeAlarm', 1);
  });
});

test('runbooks of a team are linked instead of the library’s', () => {
  const { template } = build({ runbookUrl: 'https://wiki.example.com/runbooks' });
  template().allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmDescription: Match.stringLikeRegexp('Runbook: https://wiki.example.com/runbooks/test.md$') });
});

test('a block of another stack is refused where this one makes the topic of its critical alarms', () => {
  const app = new App();
  const topic = new sns.Topic(new Stack(app, 'Shared', { env: FRANKFURT }), 'OnCall');
  const monitoring = new Monitoring(new Stack(app, 'Watching', { env: FRANKFURT }), 'Monitoring', { topic, routes: [AlertRoute.pagerDuty(PAGER)] });
  expect(refusal(() => monitoring.watch(new Block(new Stack(app, 'Watched', { env: FRANKFURT }), 'Api')))).toContain('would depend on each other');
});

test('auditors have nothing to object to', () => {
  const { stack } = build(of => ({
    encryptionKey: new kms.Key(of, 'Key', { enableKeyRotation: true }),
    emails: ['ops@example.com'],
    routes: [AlertRoute.pagerDuty(PAGER), AlertRoute.slack('T0123ABCD', 'C0123ABCD')],
  }));
  Template.fromStack(stack);
  expect(new AwsSolutionsChecks().validateScope(stack).violations.filter(({ severity }) => severity === 'error')).toEqual([]);
});

describe('wrong input', () => {
  test.each<[MonitoringProps, string]>([
    [{ routes: [AlertRoute.pagerDuty(SecretValue.ssmSecure('pagerduty'))] }, 'allowed: SecretValue.secretsManager()'],
    [{ routes: [AlertRoute.pagerDuty(SecretValue.unsafePlainText('events.pagerduty.com'))] }, 'allowed: an address that begins with https://'],
    [{ routes: [AlertRoute.pagerDuty(wrong('https://events.pagerduty.com/x'))] }, 'allowed: a SecretValue'],
    [{ routes: [AlertRoute.pagerDuty(wrong(undefined))] }, 'url is missing'],
    [{ routes: [AlertRoute.pagerDuty(PAGER, { criticalOnly: wrong('no') })] }, 'criticalOnly is not a boolean'],
    [{ routes: [AlertRoute.slack('shop', 'C0123ABCD')] }, "got: workspaceId 'shop'"],
    [{ routes: [AlertRoute.slack('T0123ABCD', '#alerts')] }, "got: channelId '#alerts'"],
    [{ routes: [wrong('slack')] }, 'allowed: AlertRoute.pagerDuty()'],
    [{ routes: wrong('slack') }, 'routes is not a list'],
    [{ runbookUrl: 'http://wiki.example.com' }, 'runbookUrl is not well-formed'],
    [{ runbookUrl: 'https://wiki.example.com/' }, 'no slash at its end'],
    [{ criticalTopic: wrong('arn:aws:sns:eu-central-1:111111111111:pager') }, 'allowed: an sns.ITopic'],
  ])('%# is refused before anything is made', (props, message) => {
    const stack = new Stack(new App(), 'Shop', { env: FRANKFURT });
    expect(refusal(() => new Monitoring(stack, 'Monitoring', props))).toContain(message);
    expect(stack.node.findChild('Monitoring').node.children).toHaveLength(0);
  });
});
