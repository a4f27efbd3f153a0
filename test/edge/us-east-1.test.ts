import { App, Aspects, CfnResource, DefaultStackSynthesizer, ISynthesisSession, NestedStack, RemovalPolicy, Stack, StackProps, StackSynthesizer, Stage, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acrossStacks } from '../../src/edge/across-stacks';
import { EdgePlace } from '../../src/edge/us-east-1';
import { PlatformError } from '../../src/errors';

const ACCOUNT = '111111111111';
const FRANKFURT = { account: ACCOUNT, region: 'eu-central-1' };
const VIRGINIA = { account: ACCOUNT, region: 'us-east-1' };

/** As a team can write it: without `reusableBind`. */
class SynthesizerOfOneStack extends StackSynthesizer {
  public addFileAsset(): never {
    throw new Error('there are no assets');
  }

  public addDockerImageAsset(): never {
    throw new Error('there are no assets');
  }

  public synthesize(session: ISynthesisSession): void {
    this.synthesizeTemplate(session);
    this.emitArtifact(session);
  }
}

/** A block that needs a queue in us-east-1, and has a topic there that needs the block. */
class Block extends Construct {
  public readonly queue: sqs.Queue;
  public readonly own: sqs.Queue;
  public readonly topic: sns.Topic;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const before = EdgePlace.before(this);
    this.queue = new sqs.Queue(before.scope, 'Needed');
    this.own = new sqs.Queue(this, 'Own');
    new CfnResource(this, 'User', { type: 'Test::User', properties: { Queue: before.carry(this.queue, 'Arn', this.queue.queueArn) } });
    const after = EdgePlace.after(this);
    this.topic = new sns.Topic(after.scope, 'Watch', { displayName: after.carry(this.own, 'Name', this.own.queueName) });
  }
}

function build(props: StackProps = { env: FRANKFURT }, app = new App()) {
  const stack = new Stack(app, 'Shop', props);
  return { app, stack, block: new Block(stack, 'Block') };
}

function find(app: App | Stage, id: string): Stack {
  return app.node.findChild(id) as Stack;
}

function stacksOf(app: App): string[] {
  return app.synth().stacks.map(({ stackName }) => stackName);
}

function message(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(PlatformError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

describe('in us-east-1', () => {
  test('everything is in the stack itself, and nothing is carried', () => {
    const { app, stack, block } = build({ env: VIRGINIA });

    expect(stacksOf(app)).toEqual(['Shop']);
    expect(block.queue.node.scope).toBe(block);
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('GetStackOutput');
    Template.fromStack(stack).templateMatches({ Outputs: Match.absent() });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});

describe('in a stack without a region', () => {
  test('everything is in the stack itself, with one warning, however many blocks there are', () => {
    const { app, stack } = build({});
    new Block(stack, 'Second');

    expect(stacksOf(app)).toEqual(['Shop']);
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('edgeRegion'))).toHaveLength(1);
  });
});

describe('in another region', () => {
  test('what the stack needs is deployed before it, and what needs the stack after it', () => {
    const { app, stack, block } = build();
    const [edge, alarms] = [find(app, 'Shop-edge'), find(app, 'Shop-edge-alarms')];

    expect(stacksOf(app)).toEqual(['Shop-edge', 'Shop', 'Shop-edge-alarms']);
    expect([edge.region, edge.account, alarms.region, alarms.account]).toEqual(['us-east-1', ACCOUNT, 'us-east-1', ACCOUNT]);
    expect(block.queue.node.path).toBe('Shop-edge/Block/Needed');
    expect(block.topic.node.path).toBe('Shop-edge-alarms/Block/Watch');
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('values go both ways by outputs that are no exports, without a custom resource', () => {
    const { app, stack } = build();
    const [edge, home, alarms] = [find(app, 'Shop-edge'), stack, find(app, 'Shop-edge-alarms')].map(each => Template.fromStack(each));
    const [carried] = Object.entries(edge.findOutputs('*'));
    const [back] = Object.entries(home.findOutputs('*'));

    home.hasResourceProperties('Test::User', { Queue: { 'Fn::GetStackOutput': { StackName: 'Shop-edge', OutputName: carried[0], Region: 'us-east-1' } } });
    alarms.hasResourceProperties('AWS::SNS::Topic', {
      DisplayName: { 'Fn::GetStackOutput': { StackName: 'Shop', OutputName: back[0], Region: 'eu-central-1' } },
    });
    for (const template of [edge, home, alarms]) {
      expect(Object.keys(template.findResources('AWS::CloudFormation::CustomResource'))).toEqual([]);
      expect(JSON.stringify(template.toJSON())).not.toMatch(/Custom::|Fn::ImportValue|"Export"/);
    }
  });

  test('two blocks share the two stacks and never meet in them, and a value that two want is one output', () => {
    const { app, stack, block } = build();
    const second = new Block(stack, 'Second');
    const place = EdgePlace.before(block);
    const once = place.carry(block.queue, 'Arn', block.queue.queueArn);

    expect(place.scope).toBe(block.queue.node.scope);
    expect(second.queue.stack).toBe(block.queue.stack);
    expect(stacksOf(app)).toHaveLength(3);
    expect(Object.keys(Template.fromStack(find(app, 'Shop-edge')).findOutputs('*'))).toHaveLength(2);
    expect(stack.resolve(once)).toEqual(stack.resolve(place.carry(block.queue, 'Arn', block.queue.queueArn)));
  });

  test('a value that is known is handed over as it is', () => {
    const { app, block } = build();

    expect(EdgePlace.before(block).carry(block.queue, 'Name', 'known')).toBe('known');
    expect(EdgePlace.after(block).carry(block.own, 'Name', 'known')).toBe('known');
    expect(Object.keys(Template.fromStack(find(app, 'Shop-edge')).findOutputs('*'))).toHaveLength(1);
  });

  test('an account that is only known at deployment stays so', () => {
    const { app } = build({ env: { region: 'eu-central-1' } });

    expect(find(app, 'Shop-edge').environment).toBe('aws://unknown-account/us-east-1');
    expect(stacksOf(app)).toHaveLength(3);
  });

  test('the stacks beside it have its protection, its synthesizer and its tags, also those that are added later', () => {
    const app = new App();
    const { stack, block } = build({
      env: FRANKFURT, terminationProtection: true, tags: { team: 'shop' }, synthesizer: new DefaultStackSynthesizer({ qualifier: 'shop1' }),
    }, app);
    Tags.of(stack).add('cost', '42');
    Tags.of(stack).remove('stage');
    Tags.of(block).add('block', 'yes');
    Tags.of(app).add('stage', 'test');
    new Block(stack, 'Second');
    const assembly = app.synth();

    for (const id of ['Shop-edge', 'Shop-edge-alarms']) {
      const edge = find(app, id);
      const artifact = assembly.getStackArtifact(edge.artifactId);
      expect(edge.terminationProtection).toBe(true);
      expect(artifact.tags).toMatchObject({ team: 'shop', cost: '42' });
      expect(artifact.tags).not.toHaveProperty('stage');
      expect(artifact.assumeRoleArn).toContain('cdk-shop1-deploy-role');
    }
    const queues = Object.values(Template.fromStack(find(app, 'Shop-edge')).findResources('AWS::SQS::Queue'));
    expect(queues.map(({ Properties }) => Properties.Tags.map(({ Key }: { Key: string }) => Key))).toEqual([['block', 'cost'], ['cost']]);
  });

  test('a synthesizer that is for one stack only stays with it', () => {
    const { app } = build({ env: FRANKFURT, synthesizer: new SynthesizerOfOneStack() });

    expect(find(app, 'Shop-edge').synthesizer).not.toBeInstanceOf(SynthesizerOfOneStack);
    expect(stacksOf(app)).toHaveLength(3);
  });

  test('what is no tag is not copied', () => {
    const { app, stack } = build();
    const visited: string[] = [];
    Aspects.of(stack).add({ visit: ({ node }) => visited.push(node.path) });
    app.synth();

    expect(visited.some(path => path.startsWith('Shop-edge'))).toBe(false);
    expect(visited.length).toBeGreaterThan(0);
  });

  test('a stack in a stage has its neighbours in the stage', () => {
    const app = new App();
    const stage = new Stage(app, 'Prod', { env: FRANKFURT });
    const stack = new Stack(new Construct(stage, 'Team'), 'Shop');
    new Block(stack, 'Block');

    expect(find(stage, 'Team-Shop-edge').stackName).toMatch(/^Prod-TeamShop[0-9A-F]{8}-edge$/);
    expect(app.synth().getNestedAssembly('assembly-Prod').stacks.map(({ id }) => id)).toHaveLength(3);
  });

  test('a block in a nested stack has its place beside the stack around it', () => {
    const app = new App();
    const stack = new Stack(app, 'Shop', { env: FRANKFURT });
    const block = new Block(new NestedStack(new NestedStack(stack, 'Outer'), 'Inner'), 'Block');

    expect(block.queue.node.path).toBe('Shop-edge/Outer/Inner/Block/Needed');
    expect(block.queue.stack).toBe(find(app, 'Shop-edge'));
    expect(stacksOf(app)).toEqual(['Shop-edge', 'Shop', 'Shop-edge-alarms']);
    expect(Template.fromStack(stack).findOutputs('*')).not.toEqual({});
  });

  test('long names stay apart and within what CloudFormation takes', () => {
    const app = new App();
    const names = ['a', 'b'].map(last => `A${'x'.repeat(126)}${last}`);
    for (const name of names) new Block(new Stack(app, name.slice(-1), { env: FRANKFURT, stackName: name }), 'Block');
    const edges = app.synth().stacks.map(({ stackName }) => stackName).filter(name => !names.includes(name));

    expect(new Set(edges).size).toBe(4);
    for (const name of edges) expect(name).toMatch(/^[A-Za-z][A-Za-z0-9-]{1,127}$/);
  });

  test('an id that something else has is refused rather than shared', () => {
    const app = new App();
    new Stack(app, 'Shop-edge', { env: FRANKFURT });

    expect(message(() => build({ env: FRANKFURT }, app))).toContain('Shop: the id of its stack in us-east-1 is taken.');
  });

  test('what a retained resource is in the neighbour is decided there', () => {
    const { app, block } = build();
    block.queue.applyRemovalPolicy(RemovalPolicy.RETAIN);

    Template.fromStack(find(app, 'Shop-edge')).hasResource('AWS::SQS::Queue', { DeletionPolicy: 'Retain' });
  });
});

test.each(['cn-north-1', 'us-gov-west-1', 'us-iso-east-1'])('%s has no us-east-1, and says so before anything is made', region => {
  const app = new App();
  const stack = new Stack(app, 'Shop', { env: { account: ACCOUNT, region } });

  for (const place of [() => EdgePlace.before(stack), () => EdgePlace.after(stack), () => EdgePlace.check(stack, 'a certificate')]) {
    expect(message(place)).toMatch(/there is no us-east-1 in the partition [^]*got: .*Shop in [^]*allowed: regions of the partition aws/);
  }
  expect(app.node.children).toEqual([stack]);
});

test('a region that CDK does not know yet is taken for one of the partition aws', () => {
  const { app } = build({ env: { account: ACCOUNT, region: 'eu-atlantis-1' } });
  expect(stacksOf(app)).toHaveLength(3);
});

describe('a value of a third stack', () => {
  function third(env: StackProps['env'], user: StackProps['env'] = FRANKFURT) {
    const app = new App();
    const producer = new Stack(app, 'Dns', { env });
    const consumer = new Stack(app, 'Shop', { env: user });
    const queue = new sqs.Queue(producer, 'Queue');
    return { app, producer, consumer, carry: () => acrossStacks(queue, 'Arn', queue.queueArn, consumer) };
  }

  test('is carried over, and its stack deployed first', () => {
    const { app, producer, consumer, carry } = third({ account: ACCOUNT, region: 'eu-west-1' });
    const value = consumer.resolve(carry());
    app.synth();

    expect(value).toEqual({ 'Fn::GetStackOutput': { StackName: 'Dns', OutputName: expect.any(String), Region: 'eu-west-1' } });
    expect(consumer.dependencies).toEqual([producer]);
  });

  test('is refused where nobody knows where it is', () => {
    expect(message(third(undefined).carry)).toMatch(/Dns without a region, Shop in eu-central-1[^]*fix: give Dns env.region/);
  });

  test('is refused from another account, whose stacks cannot be read', () => {
    expect(message(third({ account: '222222222222', region: 'eu-west-1' }).carry)).toMatch(/another account[^]*Dns in 222222222222, Shop in 111111111111/);
  });
});
