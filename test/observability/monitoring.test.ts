import { App, Aws, CfnParameter, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { EncryptionKey } from '../../src/encryption';
import { EnvironmentProfile } from '../../src/environment';
import { PlatformError } from '../../src/errors';
import { IWatched, Monitoring, MonitoringProps, WatchedEvents } from '../../src/observability';
import { createAlarm } from '../../src/observability/alarm';

const FRANKFURT = { account: '111111111111', region: 'eu-central-1' };
const DEVELOPMENT = EnvironmentProfile.development();

/** A block with so many alarms, and a row of two widgets. */
class Block extends Construct implements IWatched {
  public readonly alarms: cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, alarms: number = 1, private readonly graphs: number = 2) {
    super(scope, id);
    this.alarms = Array.from({ length: alarms }, (_, index) => createAlarm(this, `Alarm${index}`, {
      metric: this.metric(),
      threshold: 1,
      evaluationPeriods: 5,
      meaning: 'It is broken.',
      firstStep: 'mend it.',
    }));
  }

  public dashboardWidgets(): cloudwatch.IWidget[] {
    return Array.from({ length: this.graphs }, () => new cloudwatch.GraphWidget({ width: 12, left: [this.metric()] }));
  }

  private metric(): cloudwatch.Metric {
    return new cloudwatch.Metric({ namespace: 'Test', metricName: 'Broken' });
  }
}

function build(props: MonitoringProps = {}, stack: Stack = new Stack(new App(), 'Stack')) {
  return { stack, monitoring: new Monitoring(stack, 'Monitoring', props) };
}

interface Widget { type: string; x: number; y: number; width: number; height: number; properties: { markdown?: string; alarms?: unknown[] } }

/** The widgets as CloudWatch reads them, with references as `ref`. */
function widgets(stack: Stack): Widget[] {
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  const body = dashboard.Properties.DashboardBody;
  const text = typeof body === 'string' ? body : body['Fn::Join'][1].map((part: unknown) => typeof part === 'string' ? part : 'ref').join('');
  return JSON.parse(text).widgets;
}

function refusal(props: unknown): string {
  const stack = new Stack(new App(), 'Stack');
  let message = '';
  try {
    new Monitoring(stack, 'Monitoring', props as MonitoringProps);
  } catch (error) {
    expect(error).toBeInstanceOf(PlatformError);
    message = (error as Error).message;
  }
  expect(message).toMatch(/^Stack\/Monitoring: .*\n {2}got: .*\n {2}allowed: .*\n {2}fix: /);
  expect(stack.node.findChild('Monitoring').node.children).toHaveLength(0);
  return message;
}

describe('who is told', () => {
  test('every alarm of a watched block is published, and so is its end', () => {
    const stack = new Stack(new App(), 'Stack');
    const blocks = [new Block(stack, 'Database', 2), new Block(stack, 'Cache')];
    const { monitoring } = build({ watched: blocks }, stack);

    expect(monitoring.alarms).toEqual(blocks.flatMap(block => block.alarms));
    const topic = stack.resolve(monitoring.topic.topicArn);
    Template.fromStack(stack).allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [topic], OKActions: [topic] });
  });

  test('a block can be watched later, and twice is as good as once', () => {
    const { stack, monitoring } = build();
    const block = new Block(stack, 'Service');
    monitoring.watch(block);
    monitoring.watch(block);

    expect(monitoring.alarms).toHaveLength(1);
    expect(widgets(stack).filter(({ type }) => type === 'metric')).toHaveLength(2);
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmActions: [Match.anyValue()] });
  });

  test('addresses are subscribed', () => {
    const { stack } = build({ emails: ['ops@example.com', 'on-call+platform@mail.example.co.uk'] });
    const result = Template.fromStack(stack);

    result.resourceCountIs('AWS::SNS::Subscription', 2);
    result.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'ops@example.com' });
  });

  test('an address that is only known at deployment is subscribed', () => {
    const stack = new Stack(new App(), 'Stack');
    build({ emails: [new CfnParameter(stack, 'Email').valueAsString] }, stack);
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::Subscription', { Endpoint: { Ref: 'Email' } });
  });

  test('a topic that exists is used and left as it is', () => {
    const stack = new Stack(new App(), 'Stack', { env: FRANKFURT });
    const topic = sns.Topic.fromTopicArn(stack, 'OnCall', 'arn:aws:sns:eu-central-1:111111111111:on-call');
    const { monitoring } = build({ topic, emails: ['ops@example.com'], watched: [new Block(stack, 'Service')] }, stack);
    const result = Template.fromStack(stack);

    expect(monitoring.topic).toBe(topic);
    result.resourceCountIs('AWS::SNS::Topic', 0);
    result.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmActions: ['arn:aws:sns:eu-central-1:111111111111:on-call'] });
    result.hasResourceProperties('AWS::SNS::Subscription', { TopicArn: 'arn:aws:sns:eu-central-1:111111111111:on-call' });
  });
});

describe('the topic', () => {
  test('takes alarms of this account, over TLS only', () => {
    const { stack } = build();
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: Match.objectLike({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } }),
          }),
        ],
      },
    });
  });

  test('is not encrypted without a key of our own, through which alone CloudWatch could publish', () => {
    Template.fromStack(build().stack).hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.absent() });
  });

  test('is encrypted with the key given, and CloudWatch may use it', () => {
    const stack = new Stack(new App(), 'Stack');
    const encryptionKey = new kms.Key(stack, 'Key');
    build({ encryptionKey }, stack);
    const result = Template.fromStack(stack);

    result.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: stack.resolve(encryptionKey.keyArn) });
    result.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([Match.objectLike({
          Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Principal: { Service: 'cloudwatch.amazonaws.com' }, Effect: 'Allow',
        })]),
      },
    });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('an EncryptionKey, which lets CloudWatch use it anyway, gets no second statement', () => {
    const keyPolicy = (monitored: boolean) => {
      const stack = new Stack(new App(), 'Stack');
      const { key } = new EncryptionKey(stack, 'Encryption');
      if (monitored) build({ encryptionKey: key }, stack);
      return Object.values(Template.fromStack(stack).findResources('AWS::KMS::Key'))[0].Properties.KeyPolicy;
    };
    expect(keyPolicy(true)).toEqual(keyPolicy(false));
  });

  test('with an imported key there is a warning that names what its policy needs', () => {
    const stack = new Stack(new App(), 'Stack');
    build({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/1234') }, stack);
    Annotations.fromStack(stack).hasWarning('/Stack/Monitoring', Match.stringLikeRegexp('lets cloudwatch.amazonaws.com use kms:Decrypt'));
  });

  test('keeps its logical id', () => {
    expect(Object.keys(Template.fromStack(build().stack).findResources('AWS::SNS::Topic'))).toEqual(['MonitoringTopic2EDA8B02']);
  });
});

describe('the dashboard', () => {
  test('has the state of all alarms on top and a titled row for each block', () => {
    const stack = new Stack(new App(), 'Stack');
    const api = new Construct(stack, 'Api');
    const { monitoring } = build({ watched: [new Block(api, 'Database', 2)] }, stack);
    monitoring.watch(new Block(api, 'Cache'));

    const [overview, ...rest] = widgets(stack);
    expect(overview).toMatchObject({ type: 'alarm', x: 0, y: 0, width: 24, height: 4 });
    expect(overview.properties.alarms).toHaveLength(3);
    expect(rest.map(({ type, x, y, properties }) => [type, x, y, properties.markdown])).toEqual([
      ['text', 0, 4, '## Api / Database'], ['metric', 0, 5, undefined], ['metric', 12, 5, undefined],
      ['text', 0, 11, '## Api / Cache'], ['metric', 0, 12, undefined], ['metric', 12, 12, undefined],
    ]);
  });

  test('works with nothing to show', () => {
    const { stack, monitoring } = build();
    expect(widgets(stack)).toMatchObject([{ type: 'text', properties: { markdown: expect.stringContaining('Nothing') } }]);
    expect(monitoring.alarms).toEqual([]);

    const other = new Stack(new App(), 'Other');
    build({ watched: [new Block(other, 'Bare', 1, 0)] }, other);
    expect(widgets(other).map(({ type }) => type)).toEqual(['alarm']);
  });

  test('shows more than a hundred alarms in several widgets, which take no more', () => {
    const stack = new Stack(new App(), 'Stack');
    build({ watched: [new Block(stack, 'Many', 150)] }, stack);

    const overviews = widgets(stack).filter(({ type }) => type === 'alarm');
    expect(overviews.map(({ x, y, width, properties }) => [x, y, width, properties.alarms!.length])).toEqual([[0, 0, 12, 100], [12, 0, 12, 50]]);
  });

  test('has the name that is asked for, and none otherwise', () => {
    Template.fromStack(build({ dashboardName: 'shop_prod' }).stack).hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'shop_prod' });
    Template.fromStack(build().stack).hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: Match.absent() });
  });

  test('can be added to', () => {
    const { stack, monitoring } = build();
    monitoring.dashboard!.addWidgets(new cloudwatch.TextWidget({ markdown: 'ours' }));
    expect(widgets(stack).at(-1)!.properties.markdown).toBe('ours');
  });
});

describe('where alarms are off', () => {
  test('there is a topic to publish to, but no dashboard to pay for and nobody to confirm', () => {
    const { stack, monitoring } = build({ profile: DEVELOPMENT, emails: ['ops@example.com'] });
    monitoring.watch(new Block(stack, 'Service', 0));
    const result = Template.fromStack(stack);

    expect(monitoring.dashboard).toBeUndefined();
    result.resourceCountIs('AWS::SNS::Topic', 1);
    result.resourceCountIs('AWS::SNS::Subscription', 0);
    result.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('a block that has alarms all the same gets a warning that nobody is told', () => {
    const { stack, monitoring } = build({ profile: DEVELOPMENT, emails: ['ops@example.com'] });
    monitoring.watch(new Block(stack, 'Service'));
    Annotations.fromStack(stack).hasWarning('/Stack/Monitoring', Match.stringLikeRegexp('Stack/Service has alarms, but alarms are off here'));
  });

  test('they can be turned on', () => {
    const { stack } = build({ profile: DEVELOPMENT, alarms: true, emails: ['ops@example.com'] });
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    Template.fromStack(stack).resourceCountIs('AWS::SNS::Subscription', 1);
  });
});

describe('over several stacks', () => {
  test('a block of another stack is refused with this topic, because the stacks would depend on each other', () => {
    const app = new App();
    const { monitoring } = build({}, new Stack(app, 'Watching'));
    const block = new Block(new Stack(app, 'Watched'), 'Service');

    expect(() => monitoring.watch(block)).toThrow(/two stacks would depend on each other[^]*got: Watched\/Service in Watched, topic in Watching/);
    expect(monitoring.alarms).toEqual([]);
    expect(() => monitoring.watch(new Block(new Stack(app, 'Quiet'), 'Service', 0))).not.toThrow();
  });

  test('it is watched with a topic of a third stack, and the app synthesizes', () => {
    const app = new App();
    const topic = new sns.Topic(new Stack(app, 'Shared', { env: FRANKFURT }), 'OnCall');
    const watched = new Stack(app, 'Watched', { env: FRANKFURT });
    const watching = new Stack(app, 'Watching', { env: FRANKFURT });
    build({ topic, watched: [new Block(watched, 'Service')] }, watching);

    expect(() => app.synth()).not.toThrow();
    Template.fromStack(watched).hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmActions: [Match.anyValue()] });
  });

  test('a block of another region is refused, because its alarms cannot be published here', () => {
    const app = new App();
    const { monitoring } = build({}, new Stack(app, 'Frankfurt', { env: FRANKFURT }));
    const block = new Block(new Stack(app, 'Virginia', { env: { ...FRANKFURT, region: 'us-east-1' } }), 'Site');

    expect(() => monitoring.watch(block)).toThrow(/published in its own region[^]*allowed: blocks in eu-central-1[^]*another Monitoring in the stack Virginia/);
  });
});

describe('alarms in a region of their own', () => {
  const VIRGINIA = { ...FRANKFURT, region: 'us-east-1' };

  /** A block whose alarm and whose event are in a stack in us-east-1. */
  class EdgeBlock extends Construct implements IWatched {
    public readonly alarms: cloudwatch.Alarm[];
    public readonly events: WatchedEvents[];

    constructor(scope: Construct, id: string, edge: Stack) {
      super(scope, id);
      this.alarms = new Block(edge, id).alarms;
      this.events = [{ rule: new events.Rule(edge, `${id}Rule`, { eventPattern: { source: ['aws.acm'] } }), meaning: 'It ends.' }];
    }

    public dashboardWidgets(): cloudwatch.IWidget[] {
      return [new cloudwatch.GraphWidget({ title: 'Edge', width: 24, region: 'us-east-1' })];
    }
  }

  function buildEdge(propsFor: (app: App, stack: Stack) => MonitoringProps = () => ({ emails: ['ops@example.com'] })) {
    const app = new App();
    const stack = new Stack(app, 'Shop', { env: FRANKFURT });
    const edge = new Stack(app, 'Shop-edge', { env: VIRGINIA });
    stack.addDependency(edge);
    const blocks = [new EdgeBlock(stack, 'Site', edge), new Block(stack, 'Api')];
    const monitoring = new Monitoring(stack, 'Monitoring', { ...propsFor(app, stack), watched: blocks });
    return { app, stack, edge, monitoring, blocks };
  }

  function silent(stack: Stack) {
    return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('silentRegion'));
  }

  test('are published there, to the same addresses, and their stack needs nothing of this one', () => {
    const { app, stack, edge, monitoring } = buildEdge();
    const [home, beside] = [stack, edge].map(each => Template.fromStack(each));
    const [topic, ...others] = Object.keys(beside.findResources('AWS::SNS::Topic'));

    expect([others, silent(stack)]).toEqual([[], []]);
    expect(monitoring.edgeTopics).toHaveLength(1);
    expect(monitoring.alarms).toHaveLength(2);
    expect(edge.dependencies).toEqual([]);
    beside.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: topic }], OKActions: [{ Ref: topic }] });
    beside.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'ops@example.com', TopicArn: { Ref: topic } });
    home.resourceCountIs('AWS::SNS::Topic', 1);
    home.resourceCountIs('AWS::SNS::Subscription', 1);
    expect(() => app.synth()).not.toThrow();
  });

  test.each([
    ['no key', () => ({})],
    ['a topic, which the key does not encrypt,', (stack: Stack) => ({
      topic: sns.Topic.fromTopicArn(stack, 'OnCall', 'arn:aws:sns:eu-central-1:111111111111:on-call'),
      encryptionKey: new kms.Key(stack, 'Key'),
    })],
  ])('have no key of their own where %s is given', (_, propsFor) => {
    const { edge } = buildEdge((__, stack) => propsFor(stack));
    Template.fromStack(edge).hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.absent() });
    Template.fromStack(edge).resourceCountIs('AWS::KMS::Key', 0);
  });

  test('of two Monitorings share one key', () => {
    const { stack, edge, blocks } = buildEdge((_, home) => ({ encryptionKey: new kms.Key(home, 'Key') }));
    new Monitoring(stack, 'Other', { encryptionKey: stack.node.findChild('Key') as kms.Key, watched: [blocks[0]] });
    Template.fromStack(edge).resourceCountIs('AWS::SNS::Topic', 2);
    Template.fromStack(edge).resourceCountIs('AWS::KMS::Key', 1);
  });

  test('are published on a topic that takes alarms of that region and events, with a key of its own, as that of home works at home only', () => {
    const { edge } = buildEdge((_, stack) => ({ emails: ['ops@example.com'], encryptionKey: new kms.Key(stack, 'Key') }));
    const beside = Template.fromStack(edge);

    const [key, ...others] = Object.keys(beside.findResources('AWS::KMS::Key'));
    expect([others, edge.dependencies]).toEqual([[], []]);
    beside.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: { 'Fn::GetAtt': [key, 'Arn'] } });
    beside.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({ Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] }),
          Match.objectLike({ Principal: { Service: 'events.amazonaws.com' }, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] }),
        ]),
      },
    });
    expect(JSON.stringify(beside.findResources('AWS::KMS::Key'))).not.toContain(FRANKFURT.region);
    beside.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: 'Deny' }),
          Match.objectLike({
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: Match.objectLike({ ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':cloudwatch:us-east-1:111111111111:alarm:*']] } } }),
          }),
          Match.objectLike({ Effect: 'Allow', Action: 'sns:Publish', Principal: { Service: 'events.amazonaws.com' } }),
        ],
      },
    });
  });

  test('are left out of the state of all alarms, which is deployed before them, and named in the row of their block', () => {
    const { stack } = buildEdge();
    const drawn = widgets(stack);

    expect(drawn[0].properties.alarms).toHaveLength(1);
    expect(drawn.map(({ properties }) => properties.markdown).filter(text => text)).toEqual(['## Site (alarms in us-east-1)', '## Api']);
  });

  test('share one topic, also with a second monitoring of the same stack', () => {
    const { app, stack, edge, monitoring, blocks } = buildEdge();
    monitoring.watch(new EdgeBlock(stack, 'More', edge));
    new Monitoring(stack, 'Second', { emails: ['dev@example.com'], watched: blocks });
    app.synth();

    Template.fromStack(edge).resourceCountIs('AWS::SNS::Topic', 2);
    expect(monitoring.edgeTopics).toHaveLength(1);
  });

  test('are published on the topic that is given for them', () => {
    const arn = 'arn:aws:sns:us-east-1:111111111111:on-call';
    const { stack, edge, monitoring } = buildEdge((_, scope) => ({ edgeTopic: sns.Topic.fromTopicArn(scope, 'Edge', arn) }));

    expect(silent(stack)).toEqual([]);
    expect(monitoring.edgeTopics.map(({ topicArn }) => topicArn)).toEqual([arn]);
    Template.fromStack(edge).resourceCountIs('AWS::SNS::Topic', 0);
    Template.fromStack(edge).hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmActions: [arn] });
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('events.amazonaws.com use sns:Publish.*eventTopicPolicy'));
  });

  test.each<[string, (stack: Stack) => MonitoringProps]>([
    ['a topic at home and no addresses', stack => ({ topic: sns.Topic.fromTopicArn(stack, 'OnCall', 'arn:aws:sns:eu-central-1:111111111111:on-call') })],
    ['no addresses', () => ({})],
    ['an address that is only known at deployment', stack => ({ emails: ['ops@example.com', new CfnParameter(stack, 'Email').valueAsString] })],
  ])('with %s there is a warning that not everybody is told', (_, propsFor) => {
    const { app, stack } = buildEdge((__, scope) => propsFor(scope));

    expect(silent(stack)).toHaveLength(1);
    expect(() => app.synth()).not.toThrow();
  });

  test('with alarms off have a topic, and nobody to confirm', () => {
    const { stack, edge } = buildEdge(() => ({ alarms: false, emails: ['ops@example.com'] }));

    Template.fromStack(edge).resourceCountIs('AWS::SNS::Subscription', 0);
    expect(silent(stack)).toEqual([]);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('silentAlarms'));
  });

  test('take no topic of another region', () => {
    expect(() => buildEdge((_, stack) => ({ edgeTopic: new sns.Topic(stack, 'Edge') }))).toThrow(/got: edgeTopic in eu-central-1[^]*allowed: an sns.ITopic in us-east-1/);
  });
});

describe('events', () => {
  class Renewing extends Block {
    public readonly events: WatchedEvents[] = [{ rule: new events.Rule(this, 'Rule', { eventPattern: { source: ['aws.acm'] } }), meaning: 'It ends.' }];
  }

  test('are published with what they mean, and the topic lets EventBridge publish, once', () => {
    const stack = new Stack(new App(), 'Stack');
    const { monitoring } = build({ watched: [new Renewing(stack, 'One'), new Renewing(stack, 'Two')] }, stack);
    const result = Template.fromStack(stack);

    result.allResourcesProperties('AWS::Events::Rule', {
      Targets: [Match.objectLike({
        Arn: stack.resolve(monitoring.topic.topicArn),
        InputTransformer: {
          InputPathsMap: { 'detail-type': '$.detail-type', 'resources-0-': '$.resources[0]' },
          InputTemplate: Match.stringLikeRegexp('It ends. <detail-type>: <resources-0->'),
        },
      })],
    });
    const [{ Properties }] = Object.values(result.findResources('AWS::SNS::TopicPolicy'));
    expect(Properties.PolicyDocument.Statement.filter(({ Principal }: any) => Principal.Service === 'events.amazonaws.com')).toHaveLength(1);
  });

  test('are published through a key of our own, and an EncryptionKey gets no second statement for it', () => {
    const stack = new Stack(new App(), 'Stack');
    build({ encryptionKey: new EncryptionKey(stack, 'Key').key, watched: [new Renewing(stack, 'One')] }, stack);
    const other = new Stack(new App(), 'Other');
    build({ encryptionKey: new kms.Key(other, 'Key'), watched: [new Renewing(other, 'One')] }, other);

    for (const template of [stack, other].map(each => Template.fromStack(each))) {
      const [{ Properties }] = Object.values(template.findResources('AWS::KMS::Key'));
      expect(Properties.KeyPolicy.Statement.filter(({ Principal }: any) => Principal.Service === 'events.amazonaws.com')).toHaveLength(1);
    }
  });
});

describe('wrong input', () => {
  test.each([
    [{ emails: ['ops'] }, "got: emails 'ops'"],
    [{ emails: ['ops@example'] }, 'allowed: an address such as ops@example.com'],
    [{ emails: ['a b@example.com'] }, 'emails is not well-formed'],
    [{ emails: ['ops@example.com,dev@example.com'] }, 'emails is not well-formed'],
    [{ emails: [42] }, 'got: emails 42'],
    [{ emails: 'ops@example.com' }, 'allowed: a list of addresses'],
    [{ emails: ['ops@example.com', 'Ops@Example.com'] }, 'remove one ops@example.com'],
    [{ topic: 'arn:aws:sns:eu-central-1:111111111111:on-call' }, 'allowed: an sns.ITopic'],
    [{ edgeTopic: 'arn:aws:sns:us-east-1:111111111111:on-call' }, 'allowed: an sns.ITopic'],
    [{ encryptionKey: 'alias/app' }, 'allowed: a kms.IKey'],
    [{ profile: 'production' }, 'allowed: an EnvironmentProfile'],
    [{ dashboardName: 'shop prod' }, 'dashboardName is not well-formed'],
    [{ alarms: 'yes' }, 'alarms is not a boolean'],
    [{ watched: {} }, 'allowed: a list of blocks'],
    [{ watched: [{}] }, 'allowed: blocks that implement IWatched'],
  ])('%# is refused before anything is made: %j', (props, message) => {
    expect(refusal(props)).toContain(message);
  });

  test.each([undefined, null, 'service', {}])('watching %j is refused', block => {
    expect(() => build().monitoring.watch(block as unknown as IWatched)).toThrow(PlatformError);
  });
});

test('two monitorings live in one stack, and nothing names a partition', () => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'cn-north-1' } });
  const block = new Block(stack, 'Service');
  build({ watched: [block] }, stack);
  new Monitoring(stack, 'Second', { watched: [block], profile: undefined });
  const result = Template.fromStack(stack);

  result.resourceCountIs('AWS::CloudWatch::Dashboard', 2);
  result.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmActions: [Match.anyValue(), Match.anyValue()] });
  expect(JSON.stringify(result.toJSON())).not.toContain('arn:aws:');
  expect(Token.isUnresolved(Aws.ACCOUNT_ID)).toBe(true);
});
