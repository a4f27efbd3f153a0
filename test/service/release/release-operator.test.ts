import { App, Aws, Duration, Environment, Lazy, NestedStack, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Construct } from 'constructs';
import { EnvironmentProfile } from '../../../src/environment';
import { ReleaseOperator, ReleaseOperatorProps } from '../../../src/service/release/release-operator';
import { IMAGE, onlyResource, refusal, resourcesOf, wrong } from '../fixtures';

function vpcOf(stack: Stack): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'] });
}

/** A cluster with an operator, to put services on. */
class Scene {
  public readonly app = new App();
  public readonly stack: Stack;
  public readonly cluster: ecs.Cluster;
  public readonly operator: ReleaseOperator;

  constructor(props: Partial<ReleaseOperatorProps> | ((stack: Stack) => Partial<ReleaseOperatorProps>) = {}, env?: Environment) {
    this.stack = new Stack(this.app, 'Platform', { env });
    this.cluster = new ecs.Cluster(this.stack, 'Cluster', { vpc: vpcOf(this.stack) });
    this.operator = new ReleaseOperator(this.stack, 'Operator', { cluster: this.cluster, ...typeof props === 'function' ? props(this.stack) : props });
  }

  public addService(id: string, scope: Construct = this.stack, cluster: ecs.ICluster = this.cluster): ecs.FargateService {
    const taskDefinition = new ecs.FargateTaskDefinition(scope, `${id}Definition`);
    taskDefinition.addContainer('app', { image: IMAGE });
    return new ecs.FargateService(scope, id, { cluster, taskDefinition, minHealthyPercent: 100 });
  }

  public get template(): Template {
    return Template.fromStack(this.stack);
  }
}

const withTopic = (stack: Stack) => ({ topic: new sns.Topic(stack, 'Alerts') });

function statementsOf(template: Template, beginning: string): any[] {
  return onlyResource(template, 'AWS::IAM::ManagedPolicy', beginning).PolicyDocument.Statement;
}

/** An ARN of ECS in the cluster, as the template has it. */
const arnOf = (resource: string, end = '/*') => ({
  'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ecs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, `:${resource}/`, { Ref: 'ClusterEB0386A7' }, end]],
});

/** Input of the only check whose id begins so, with references in angle brackets. */
function inputOf(template: Template, beginning = ''): object {
  const [{ Input }] = onlyResource(template, 'AWS::Events::Rule', `OperatorCheck${beginning}`).Targets;
  const text = typeof Input === 'string' ? Input : Input['Fn::Join'][1].map((part: any) => typeof part === 'string' ? part : `<${part.Ref ?? part['Fn::GetAtt'].join('.')}>`).join('');
  return JSON.parse(text);
}

describe('news', () => {
  test('are told of releases in the cluster that fail, are rolled back or wait, and of steps that failed', () => {
    const { template } = new Scene(withTopic);
    const prefix = arnOf('service', '/');

    expect(onlyResource(template, 'AWS::Events::Rule').EventPattern).toEqual({
      source: ['aws.ecs', 'cdk-web-platform'],
      $or: [
        {
          'detail-type': ['ECS Deployment State Change'],
          'resources': [{ prefix }],
          'detail': { eventName: ['SERVICE_DEPLOYMENT_FAILED', 'SERVICE_DEPLOYMENT_IN_PROGRESS', { prefix: 'SERVICE_DEPLOYMENT_ROLLBACK' }] },
        },
        { 'detail-type': ['Release Step Failed'], 'resources': [{ prefix }] },
        { 'detail-type': ['ECS Hook State Change'], 'detail': { eventName: ['HOOK_AWAITING_ACTION'], clusterArn: [{ 'Fn::GetAtt': ['ClusterEB0386A7', 'Arn'] }] } },
      ],
    });
    template.resourceCountIs('AWS::Lambda::Permission', 1);
    expect(onlyResource(template, 'AWS::Lambda::Function').Environment.Variables).toMatchObject({ TOPIC_ARN: { Ref: 'Alerts91F83244' } });
  });

  test('are nobody\'s without a topic', () => {
    const { template } = new Scene();
    template.resourceCountIs('AWS::Events::Rule', 0);
    expect(onlyResource(template, 'AWS::Lambda::Function').Environment.Variables).not.toHaveProperty('TOPIC_ARN');
    expect(JSON.stringify(statementsOf(template, 'OperatorRole'))).not.toContain('sns:');
  });

  test('reach an encrypted topic with its key, through SNS only', () => {
    const statementOf = (topicKey: boolean, ownKey: boolean) => {
      const { template } = new Scene(stack => {
        const [masterKey, encryptionKey] = ['TopicKey', 'Key'].map(id => new kms.Key(stack, id));
        return { topic: new sns.Topic(stack, 'Alerts', { masterKey: topicKey ? masterKey : undefined }), encryptionKey: ownKey ? encryptionKey : undefined };
      });
      return statementsOf(template, 'OperatorRole').find(({ Condition }) => JSON.stringify(Condition)?.includes('sns.'));
    };
    const [topicKey, key] = [['TopicKeyB2E0C9CB', 'Arn'], ['Key961B73FD', 'Arn']].map(parts => ({ 'Fn::GetAtt': parts }));

    expect(statementOf(false, true)).toEqual({
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: key,
      Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['sns.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]] } } },
    });
    expect(statementOf(true, false)).toMatchObject({ Resource: topicKey });
    expect(statementOf(true, true)).toMatchObject({ Resource: [topicKey, key] });
    expect(statementOf(false, false)).toBeUndefined();
  });
});

describe('a watched service', () => {
  test('is looked at every five minutes, and found by the template', () => {
    const scene = new Scene();
    scene.operator.watch(scene.addService('Api'));
    const rule = onlyResource(scene.template, 'AWS::Events::Rule');

    expect(rule).toMatchObject({ ScheduleExpression: 'rate(5 minutes)', State: 'ENABLED' });
    expect(inputOf(scene.template)).toEqual({
      check: { cluster: '<ClusterEB0386A7>', stack: '<AWS::StackId>', resource: 'ApiService89E3D990', timeoutMinutes: 30, secrets: [] },
    });
  });

  test('has its own limit and its secrets', () => {
    const scene = new Scene();
    const secret = new secretsmanager.Secret(scene.stack, 'Login');
    scene.operator.watch(scene.addService('Api'), { timeout: Duration.seconds(4530), rotatedSecrets: [secret] });

    expect(inputOf(scene.template)).toMatchObject({ check: { timeoutMinutes: 75.5, secrets: ['<LoginDDE9992A>'] } });
  });

  test('that is not of this app is found by its name', () => {
    const scene = new Scene();
    const service = ecs.FargateService.fromFargateServiceAttributes(scene.stack, 'Existing', { cluster: scene.cluster, serviceName: 'existing' });
    scene.operator.watch(service, { rotatedSecrets: [new secretsmanager.Secret(scene.stack, 'Login')] });

    expect(inputOf(scene.template)).toMatchObject({ check: { cluster: '<ClusterEB0386A7>', service: 'existing' } });
    expect(onlyResource(scene.template, 'AWS::IAM::ManagedPolicy', 'OperatorStopPolicy').PolicyDocument.Statement).toHaveLength(1);
    expect(JSON.stringify(statementsOf(scene.template, 'OperatorRestartPolicy'))).toContain('service/existing');
  });

  test('has a check that waits for nothing of it, so that a first deployment is watched too', () => {
    const scene = new Scene(withTopic);
    scene.operator.watch(scene.addService('Api'), { rotatedSecrets: [new secretsmanager.Secret(scene.stack, 'Login')] });
    const { Resources } = scene.template.toJSON();

    const mentions = Object.keys(Resources).filter(id => id.startsWith('Operator') && JSON.stringify(Resources[id]).match(/"(Ref|Fn::GetAtt|DependsOn)":\[?("[^"]*",?)*"Api/));
    expect(mentions).toEqual([expect.stringMatching(/^OperatorRestartPolicy/)]);
    const waiting = Object.keys(Resources).filter(id => JSON.stringify(Resources[id]).includes(mentions[0]));
    expect(waiting).toEqual([]);
    expect(JSON.stringify(Resources.ApiService89E3D990)).not.toContain('Operator');
  });

  test('has a check that waits for the right to stop', () => {
    const scene = new Scene();
    scene.operator.watch(scene.addService('Api'));
    const [rule] = Object.values(resourcesOf(scene.template, 'AWS::Events::Rule'));
    expect(rule.DependsOn).toEqual([expect.stringMatching(/^OperatorStopPolicy/)]);
  });

  test('keeps the id of its check, whatever is asked of it', () => {
    const idWith = (options: object, service = 'Api') => {
      const scene = new Scene();
      for (const id of ['Other', service]) scene.operator.watch(scene.addService(id), id === 'Other' ? {} : options);
      return Object.keys(resourcesOf(scene.template, 'AWS::Events::Rule')).filter(id => !id.includes('Other'));
    };
    expect(idWith({})).toEqual(idWith({ timeout: Duration.hours(3) }));
    expect(idWith({})).toHaveLength(1);
    expect(idWith({})).not.toEqual(idWith({}, 'Web'));
  });
});

describe('the function may', () => {
  test('read deployments of its cluster, and nothing else before a service is watched', () => {
    const { template } = new Scene(withTopic);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 1);
    template.resourceCountIs('AWS::IAM::Policy', 0);
    expect(statementsOf(template, 'OperatorRole').slice(2)).toEqual([
      {
        Effect: 'Allow',
        Action: ['ecs:ListServiceDeployments', 'ecs:DescribeServiceDeployments', 'ecs:DescribeServiceRevisions'],
        Resource: [arnOf('service'), arnOf('service-deployment'), arnOf('service-revision')],
      },
      { Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: 'Alerts91F83244' } },
    ]);
  });

  test('stop deployments of its cluster, and ask for the physical ids of its stack', () => {
    const scene = new Scene();
    for (const id of ['Api', 'Web']) scene.operator.watch(scene.addService(id));
    expect(statementsOf(scene.template, 'OperatorStopPolicy')).toEqual([
      { Effect: 'Allow', Action: 'ecs:StopServiceDeployment', Resource: [arnOf('service'), arnOf('service-deployment')] },
      { Effect: 'Allow', Action: 'cloudformation:DescribeStackResource', Resource: [{ Ref: 'AWS::StackId' }] },
    ]);
    expect(resourcesOf(scene.template, 'AWS::IAM::ManagedPolicy', 'OperatorRestartPolicy')).toEqual({});
    scene.template.allResourcesProperties('AWS::IAM::ManagedPolicy', { Roles: [{ Ref: Match.stringLikeRegexp('^OperatorRole') }] });
  });

  test('deploy exactly the services with secrets, and see when exactly these were rotated', () => {
    const scene = new Scene();
    const [login, other] = ['Login', 'Other'].map(id => new secretsmanager.Secret(scene.stack, id));
    scene.operator.watch(scene.addService('Api'), { rotatedSecrets: [login, other] });
    scene.operator.watch(scene.addService('Web'), { rotatedSecrets: [login] });
    scene.operator.watch(scene.addService('Worker'));
    const named = secretsmanager.Secret.fromSecretNameV2(scene.stack, 'Named', 'named');
    scene.operator.watch(scene.addService('Mailer'), { rotatedSecrets: [named] });

    expect(statementsOf(scene.template, 'OperatorRestartPolicy')).toEqual([
      {
        Effect: 'Allow',
        Action: ['ecs:DescribeServices', 'ecs:UpdateService'],
        Resource: ['ApiService89E3D990', 'WebService1DC53FD6', 'MailerService04D62A29'].map(Ref => ({ Ref: expect.stringMatching(Ref.slice(0, 8)) })),
      },
      {
        Effect: 'Allow',
        Action: 'secretsmanager:DescribeSecret',
        Resource: [{ Ref: 'LoginDDE9992A' }, { Ref: expect.stringMatching(/^Other/) }, {
          'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':secretsmanager:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':secret:named-??????']],
        }],
      },
    ]);
  });

  test.each<[string, Environment | undefined]>([
    ['agnostic', undefined], ['in a known region', { account: '111111111111', region: 'eu-central-1' }],
  ])('explain each of its wildcards to cdk-nag, %s', (_, env) => {
    const scene = new Scene(withTopic, env);
    scene.operator.watch(scene.addService('Api'), { rotatedSecrets: [new secretsmanager.Secret(scene.stack, 'Login')] });
    scene.app.synth();
    const findings = new AwsSolutionsChecks().validateScope(scene.operator).violations.map(({ ruleName }) => ruleName);
    expect(findings).toEqual([]);
  });

  test('be explained for a cluster that is known by its name', () => {
    const app = new App();
    const stack = new Stack(app, 'Platform');
    const vpc = vpcOf(stack);
    const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'web', vpc, securityGroups: [] });
    const operator = new ReleaseOperator(stack, 'Operator', { cluster });
    app.synth();
    expect(new AwsSolutionsChecks().validateScope(operator).violations).toEqual([]);
  });
});

describe('it synthesizes', () => {
  test.each<[string, Environment | undefined]>([
    ['without an environment', undefined],
    ['in China', { account: '111111111111', region: 'cn-north-1' }],
    ['in GovCloud', { account: '111111111111', region: 'us-gov-west-1' }],
  ])('%s, with no ARN of a fixed partition', (_, env) => {
    const scene = new Scene(withTopic, env);
    scene.operator.watch(scene.addService('Api'), { rotatedSecrets: [new secretsmanager.Secret(scene.stack, 'Login')] });
    const text = JSON.stringify(scene.template.toJSON());
    expect(text).not.toMatch(/arn:aws:/);
    expect(scene.app.synth().manifest.missing ?? []).toEqual([]);
  });

  test('twice in a stack, each for its own cluster', () => {
    const scene = new Scene(withTopic);
    const cluster = new ecs.Cluster(scene.stack, 'Second', { vpc: scene.cluster.vpc });
    const second = new ReleaseOperator(scene.stack, 'SecondOperator', { cluster });
    scene.operator.watch(scene.addService('Api'));
    second.watch(scene.addService('Web', scene.stack, cluster));
    scene.template.resourceCountIs('AWS::Lambda::Function', 2);
    expect(onlyResource(scene.template, 'AWS::Events::Rule', 'SecondOperator').Targets[0].Input['Fn::Join'][1][1]).toEqual({ Ref: expect.stringMatching(/^Second/) });
  });

  test('with many services: one function, one role', () => {
    const scene = new Scene(withTopic);
    for (let index = 0; index < 20; index++) scene.operator.watch(scene.addService(`Service${index}`));
    scene.template.resourceCountIs('AWS::Lambda::Function', 1);
    scene.template.resourcePropertiesCountIs('AWS::Events::Rule', { ScheduleExpression: 'rate(5 minutes)' }, 20);
    scene.template.resourcePropertiesCountIs('AWS::IAM::Role', { AssumeRolePolicyDocument: Match.objectLike({ Statement: [Match.objectLike({ Principal: { Service: 'lambda.amazonaws.com' } })] }) }, 1);
  });

  test('with services of another stack and of a nested one', () => {
    const scene = new Scene(withTopic);
    const other = new Stack(scene.app, 'Services');
    const secret = new secretsmanager.Secret(other, 'Login');
    scene.operator.watch(scene.addService('Api', new NestedStack(scene.stack, 'Nested')));
    const cluster = ecs.Cluster.fromClusterAttributes(other, 'Imported', { clusterName: 'web', vpc: vpcOf(other), securityGroups: [] });
    scene.operator.watch(scene.addService('Web', other, cluster), { rotatedSecrets: [secret] });

    const assembly = scene.app.synth();
    expect(assembly.getStackByName('Platform').dependencies.map(({ id }) => id)).toContain('Services');
    const checks = Object.values(resourcesOf(scene.template, 'AWS::Events::Rule', 'OperatorCheck')).map(({ Properties }) => JSON.stringify(Properties.Targets[0].Input));
    expect(checks).toEqual([expect.stringMatching(/"Ref":"NestedNestedStack/), expect.stringMatching(/"Fn::ImportValue":"Services:ExportsOutputRefAWSStackId/)]);
  });

  test('with what the profile says of its log, and with what the props say', () => {
    const logOf = (props: Partial<ReleaseOperatorProps>) => Object.values(resourcesOf(new Scene(props).template, 'AWS::Logs::LogGroup'))[0];
    expect(logOf({})).toMatchObject({ Properties: { RetentionInDays: EnvironmentProfile.production().logRetentionDays }, DeletionPolicy: 'RetainExceptOnCreate' });
    expect(logOf({ profile: EnvironmentProfile.development() })).toMatchObject({ DeletionPolicy: 'Delete' });
    expect(logOf({ logRetentionDays: 3 })).toMatchObject({ Properties: { RetentionInDays: 3 } });
  });

  test('with its key on log, environment and failed events', () => {
    const { template } = new Scene(stack => ({ encryptionKey: new kms.Key(stack, 'Key') }));
    const key = { 'Fn::GetAtt': ['Key961B73FD', 'Arn'] };
    expect(onlyResource(template, 'AWS::Lambda::Function')).toMatchObject({ KmsKeyArn: key });
    expect(onlyResource(template, 'AWS::Logs::LogGroup')).toMatchObject({ KmsKeyId: key });
    expect(onlyResource(template, 'AWS::SQS::Queue')).toMatchObject({ KmsMasterKeyId: key });
  });
});

describe('bad input is refused:', () => {
  const operatorWith = (props: object) => {
    const { stack, cluster } = new Scene();
    return refusal(() => new ReleaseOperator(stack, 'Bad', wrong({ cluster, ...props })));
  };

  test('an operator', () => {
    expect(refusal(() => new ReleaseOperator(new Stack(), 'Bad', wrong(undefined)))).toContain('cluster is missing.');
    expect(operatorWith({ cluster: 'web' })).toContain('allowed: an ecs.ICluster');
    expect(operatorWith({ topic: 'alerts' })).toContain('allowed: an sns.ITopic');
    expect(operatorWith({ profile: 'staging' })).toContain('allowed: an EnvironmentProfile');
    expect(operatorWith({ logRetentionDays: 4 })).toContain('logRetentionDays has a value that does not exist.');
    expect(operatorWith({ encryptionKey: 'key' })).toContain('allowed: a kms.IKey');
  });

  test('a FIFO topic', () => {
    const { stack, cluster } = new Scene();
    const topic = new sns.Topic(stack, 'Alerts', { fifo: true });
    expect(refusal(() => new ReleaseOperator(stack, 'Bad', { cluster, topic }))).toBe([
      'Platform/Bad: a FIFO topic reaches no mailbox and no chat.',
      '  got: topic Platform/Alerts, which is FIFO',
      '  allowed: a standard topic',
      '  fix: make the topic without fifo',
    ].join('\n'));
  });

  test('a service that is none, and options that cannot be', () => {
    const scene = new Scene();
    const service = scene.addService('Api');
    const watching = (options: object) => refusal(() => scene.operator.watch(service, wrong(options)));

    expect(refusal(() => scene.operator.watch(wrong(undefined)))).toContain('service is missing.');
    expect(refusal(() => scene.operator.watch(wrong('api')))).toContain('allowed: an ECS service');
    expect(watching({ timeout: 30 })).toContain('allowed: a Duration');
    expect(watching({ timeout: Duration.minutes(4) })).toContain('allowed: 300 to 5184000');
    expect(watching({ timeout: Duration.days(61) })).toContain('allowed: 300 to 5184000');
    expect(watching({ timeout: Duration.minutes(Lazy.number({ produce: () => 30 })) })).toContain('only known at deployment');
    expect(watching({ rotatedSecrets: new secretsmanager.Secret(scene.stack, 'Login') })).toContain('rotatedSecrets is not a list.');
    expect(watching({ rotatedSecrets: ['login'] })).toContain('allowed: a secretsmanager.ISecret');
    expect(watching({ rotatedSecrets: [undefined] })).toContain('rotatedSecrets[0] is missing.');
    expect(resourcesOf(scene.template, 'AWS::Events::Rule')).toEqual({});
  });

  test('a service twice', () => {
    const scene = new Scene();
    const service = scene.addService('Api');
    scene.operator.watch(service);
    expect(refusal(() => scene.operator.watch(service))).toBe([
      'Platform/Operator: the service is watched already, and two checks would differ in what they stop.',
      "  got: service 'Platform/Api' twice",
      '  allowed: each service once',
      '  fix: call watch() once, with all options',
    ].join('\n'));
  });

  test('a service of another cluster, where that is certain', () => {
    const scene = new Scene();
    const { vpc } = scene.cluster;
    const other = new ecs.Cluster(scene.stack, 'Other', { vpc });
    expect(refusal(() => scene.operator.watch(scene.addService('Api', scene.stack, other)))).toBe([
      'Platform/Operator: the service runs in another cluster.',
      "  got: service 'Platform/Api' in cluster 'Platform/Other'",
      "  allowed: services of cluster 'Platform/Cluster'",
      '  fix: make a ReleaseOperator for each cluster',
    ].join('\n'));

    const [web, same, batch] = ['web', 'web', 'batch'].map((clusterName, index) =>
      ecs.Cluster.fromClusterAttributes(scene.stack, `Imported${index}`, { clusterName, vpc, securityGroups: [] }));
    const operator = new ReleaseOperator(scene.stack, 'ByName', { cluster: web });
    expect(refusal(() => operator.watch(scene.addService('Batch', scene.stack, batch)))).toContain('the service runs in another cluster.');
    operator.watch(scene.addService('Web', scene.stack, same));
    const unknown = ecs.Cluster.fromClusterAttributes(scene.stack, 'Unknown', { clusterName: Aws.STACK_NAME, vpc, securityGroups: [] });
    operator.watch(scene.addService('Unknowable', scene.stack, unknown));
  });
});
