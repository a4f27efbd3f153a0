import { App, CfnParameter, Duration, NestedStack, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { EnvironmentProfile } from '../../src/environment';
import { GithubRoleOptions, ImageRegistry, ImageRegistryProps } from '../../src/registry';

const AGNOSTIC = {};
const FRANKFURT = { account: '111111111111', region: 'eu-central-1' };
const BEIJING = { account: '111111111111', region: 'cn-north-1' };

function make(props: ImageRegistryProps = {}, env: { account?: string; region?: string } = AGNOSTIC) {
  const stack = new Stack(new App(), 'Stack', { env });
  const registry = new ImageRegistry(stack, 'Registry', props);
  return { stack, registry, template: () => Template.fromStack(stack) };
}

function task(scope: Construct, id: string, image: ecs.ContainerImage): ecs.ContainerDefinition {
  return new ecs.FargateTaskDefinition(scope, id).addContainer('app', { image });
}

describe('the repository', () => {
  test('in production never changes a tag, scans each push, keeps 30 images and outlives the stack', () => {
    const { template } = make();

    template().hasResource('AWS::ECR::Repository', {
      Properties: {
        ImageTagMutability: 'IMMUTABLE',
        ImageScanningConfiguration: { ScanOnPush: true },
      },
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
    expect(rules(template())).toEqual([
      { description: 'Images without a tag', rulePriority: 1, action: { type: 'expire' }, selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countNumber: 7, countUnit: 'days' } },
      { description: 'All but the newest images', rulePriority: 2, action: { type: 'expire' }, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 30 } },
    ]);
    expect(Object.keys(template().findResources('AWS::ECR::Repository'))).toEqual(['RegistryRepositoryC6C96DCD']);
  });

  test('in development goes with the stack, images and all', () => {
    make({ profile: EnvironmentProfile.development() }).template().hasResource('AWS::ECR::Repository', {
      Properties: { EmptyOnDelete: true }, DeletionPolicy: 'Delete',
    });
  });

  test('in staging goes too, because images have no snapshot', () => {
    make({ profile: EnvironmentProfile.staging() }).template().hasResource('AWS::ECR::Repository', {
      Properties: { EmptyOnDelete: true }, DeletionPolicy: 'Delete',
    });
  });

  test('every value can be chosen', () => {
    const { stack, template } = make({ maximumImages: 100, untaggedImageDays: 1, removalPolicy: RemovalPolicy.RETAIN });
    new ImageRegistry(stack, 'Encrypted', { encryptionKey: new kms.Key(stack, 'Key') });

    template().hasResource('AWS::ECR::Repository', { DeletionPolicy: 'Retain' });
    expect(rules(template()).map(({ selection }) => selection.countNumber)).toEqual([1, 100]);
    template().hasResourceProperties('AWS::ECR::Repository', { EncryptionConfiguration: { EncryptionType: 'KMS', KmsKey: Match.anyValue() } });
  });

  test('that exists is used as it is', () => {
    const stack = new Stack(new App(), 'Stack');
    const repository = ecr.Repository.fromRepositoryName(stack, 'Given', 'shop');
    const registry = new ImageRegistry(stack, 'Registry', { repository });
    task(stack, 'Task', registry.image('v1'));

    expect(registry.repository).toBe(repository);
    Template.fromStack(stack).resourceCountIs('AWS::ECR::Repository', 0);
    Template.fromStack(stack).hasResourceProperties('Custom::ImageGate', { RepositoryName: 'shop' });
  });

  test('grants what an L2 repository grants', () => {
    const { stack, registry, template } = make();
    const user = new iam.User(stack, 'User');
    for (const grant of [registry.grantPull(user), registry.grantPush(user), registry.grantPullPush(user)]) expect(grant.success).toBe(true);

    template().hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['ecr:PutImage']) })]) },
    });
  });

  function rules(template: Template): { selection: { countNumber: number } }[] {
    const [{ Properties }] = Object.values(template.findResources('AWS::ECR::Repository'));
    return JSON.parse(Properties.LifecyclePolicy.LifecyclePolicyText).rules;
  }
});

describe('an image of the registry', () => {
  test.each([['an environment-agnostic', AGNOSTIC], ['an environment-specific', FRANKFURT], ['a Chinese', BEIJING]])('runs by the digest that the gate found, in %s stack', (_, env) => {
    const { stack, registry, template } = make({}, env);
    task(stack, 'Task', registry.image('v1'));

    template().hasResource('Custom::ImageGate', {
      Properties: { Tag: 'v1', WaitSeconds: 3300, ServiceTimeout: '3600' },
      DependsOn: [Match.stringLikeRegexp('^ImageGatePolicy')],
    });
    const definition = Object.values(template().findResources('AWS::ECS::TaskDefinition'))[0];
    expect(definition.Properties.ContainerDefinitions[0].Image['Fn::Join'][1].slice(-2)).toEqual(['@', { 'Fn::GetAtt': ['TaskappImageGate620EFA41', 'Digest'] }]);
  });

  test('may be pulled by the task that uses it', () => {
    const { stack, registry, template } = make();
    task(stack, 'Task', registry.image('v1'));

    template().hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({
          Action: ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
          Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RegistryRepository'), 'Arn'] },
        })]),
      },
    });
  });

  test('another tag changes no id', () => {
    const ids = ['v1', 'v2'].map(tag => {
      const { stack, registry, template } = make();
      task(stack, 'Task', registry.image(tag));
      return Object.keys(template().toJSON().Resources);
    });

    expect(ids[0]).toEqual(ids[1]);
  });

  test('may have a tag that is only known at deployment', () => {
    const { stack, registry, template } = make();
    const tag = new CfnParameter(stack, 'Tag');
    task(stack, 'Task', registry.image(tag.valueAsString));

    template().hasResourceProperties('Custom::ImageGate', { Tag: { Ref: 'Tag' } });
  });

  test('several tasks share one function, which may look into this repository and nothing else', () => {
    const { stack, registry, template } = make({ imageWait: Duration.minutes(10), logRetentionDays: 7 });
    task(stack, 'Web', registry.image('v1'));
    task(stack, 'Worker', registry.image('v1'));

    template().resourceCountIs('AWS::Lambda::Function', 1);
    template().resourceCountIs('Custom::ImageGate', 2);
    template().allResourcesProperties('Custom::ImageGate', { WaitSeconds: 600 });
    template().hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
    const statements = Object.values(template().findResources('AWS::IAM::ManagedPolicy')).flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    expect(statements).toEqual([
      { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: { 'Fn::GetAtt': [expect.stringMatching('^DeploymentHelperLog'), 'Arn'] } },
      { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: { 'Fn::GetAtt': [expect.stringMatching('^FailedEvents'), 'Arn'] } },
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': [expect.stringMatching('^DeploymentHelperHandler'), 'Arn'] } },
      { Effect: 'Allow', Action: 'ecr:DescribeImages', Resource: { 'Fn::GetAtt': ['RegistryRepositoryC6C96DCD', 'Arn'] } },
    ]);
  });

  test('the registries of a stack share one function and one policy, which lets it look into each of them', () => {
    const { stack, registry, template } = make();
    task(stack, 'Web', registry.image('v1'));
    for (let count = 1; count <= 12; count++) task(stack, `Api${count}`, new ImageRegistry(stack, `Other${count}`).image('v1'));

    template().resourceCountIs('AWS::Lambda::Function', 1);
    template().resourceCountIs('AWS::IAM::ManagedPolicy', 2);
    template().hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith(['Registry', 'Other1', 'Other12'].map(id => (
          { Effect: 'Allow', Action: 'ecr:DescribeImages', Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^${id}Repository[0-9A-F]{8}$`), 'Arn'] } }
        ))),
      },
    });
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
  });

  test('lets constructs with a registry and a service each wait for one another, as users may tell them to', () => {
    const stack = new Stack();
    const [first, second] = ['First', 'Second'].map(id => {
      const app = new Construct(stack, id);
      task(app, 'Task', new ImageRegistry(app, 'Registry').image('v1'));
      return app;
    });
    first.node.addDependency(second);

    // A circle in the template is refused here.
    const gates = Template.fromStack(stack).findResources('Custom::ImageGate');
    expect(Object.entries(gates).map(([id, { DependsOn }]) => [id, DependsOn])).toEqual([
      [expect.stringMatching(/^FirstTask/), expect.arrayContaining([expect.stringMatching(/^FirstImageGatePolicy/), expect.stringMatching(/^SecondTask.*ImageGate/)])],
      [expect.stringMatching(/^SecondTask/), [expect.stringMatching(/^SecondImageGatePolicy/)]],
    ]);
  });

  test('lets a service wait for one whose image is in another registry', () => {
    const { stack, registry, template } = make();
    const api = task(stack, 'Api', registry.image('v1'));
    task(stack, 'Web', new ImageRegistry(stack, 'Other').image('v1')).taskDefinition.node.addDependency(api.taskDefinition);

    template().hasResource('Custom::ImageGate', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^ApiappImageGate'), Match.stringLikeRegexp('^ImageGatePolicy')]) });
  });

  test('is waited for by the helper of a nested stack, or by the parent of one', () => {
    const { stack, registry, template } = make();
    const nested = new NestedStack(stack, 'Nested');
    task(nested, 'Inside', new ImageRegistry(nested, 'Registry').image('v1'));
    task(nested, 'Across', registry.image('v1'));

    Template.fromStack(nested).resourceCountIs('AWS::Lambda::Function', 1);
    Template.fromStack(nested).resourceCountIs('Custom::ImageGate', 2);
    template().resourceCountIs('AWS::Lambda::Function', 1);
    template().hasResource('AWS::CloudFormation::Stack', { DependsOn: [Match.stringLikeRegexp('^ImageGatePolicy')] });
  });

  test('also serves a stack of its own in the same region, and no other region', () => {
    const app = new App();
    const registry = new ImageRegistry(new Stack(app, 'Images', { env: FRANKFURT }), 'Registry');
    const services = new Stack(app, 'Services', { env: FRANKFURT });
    task(services, 'Task', registry.image('v1'));
    Template.fromStack(services).resourceCountIs('Custom::ImageGate', 1);

    const ireland = new Stack(app, 'Ireland', { env: { ...FRANKFURT, region: 'eu-west-1' } });
    expect(() => task(ireland, 'Task', registry.image('v1'))).toThrow(/got: container in eu-west-1, ImageRegistry in eu-central-1/);
  });
});

describe('a role for GitHub', () => {
  function trust(options: Partial<GithubRoleOptions>, env = AGNOSTIC) {
    const { registry, template } = make({}, env);
    registry.githubRole('Github', { repository: 'acme/shop', ...options });
    const role = Object.values(template().findResources('AWS::IAM::Role'))[0];
    return { statement: role.Properties.AssumeRolePolicyDocument.Statement[0], template: template() };
  }

  test('trusts the main branch of exactly this repository', () => {
    const { statement, template } = trust({});

    expect(statement).toEqual({
      Effect: 'Allow',
      Action: 'sts:AssumeRoleWithWebIdentity',
      Principal: { Federated: { Ref: expect.stringMatching('^GithubIdentityProvider') } },
      Condition: {
        StringEquals: {
          'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
          'token.actions.githubusercontent.com:sub': ['repo:acme/shop:ref:refs/heads/main'],
        },
      },
    });
    template.hasResourceProperties('AWS::IAM::OIDCProvider', { Url: 'https://token.actions.githubusercontent.com', ClientIdList: ['sts.amazonaws.com'] });
  });

  test('trusts tags and environments instead where they are named', () => {
    const { statement } = trust({ tags: ['v1.0'], environments: ['production'] });

    expect(statement.Condition.StringEquals['token.actions.githubusercontent.com:sub']).toEqual([
      'repo:acme/shop:ref:refs/tags/v1.0', 'repo:acme/shop:environment:production',
    ]);
  });

  test('trusts the beginning of a branch name where it is asked to', () => {
    expect(trust({ branches: ['release/*', 'main'] }).statement.Condition).toEqual({
      StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' },
      StringLike: { 'token.actions.githubusercontent.com:sub': ['repo:acme/shop:ref:refs/heads/release/*', 'repo:acme/shop:ref:refs/heads/main'] },
    });
  });

  test('may push to this repository and log in, and nothing else', () => {
    const { template } = trust({});
    const [{ Properties }] = Object.values(template.findResources('AWS::IAM::ManagedPolicy'));
    const repository = { 'Fn::GetAtt': [expect.stringMatching('^RegistryRepository'), 'Arn'] };

    for (const { Action, Resource } of Properties.PolicyDocument.Statement) expect(Resource).toEqual(Action === 'ecr:GetAuthorizationToken' ? '*' : repository);
    expect(Properties.PolicyDocument.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action).sort()).toEqual([
      'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:CompleteLayerUpload', 'ecr:GetAuthorizationToken',
      'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart',
    ]);
  });

  test('shares the one identity provider of the stack, or takes a given one', () => {
    const { stack, registry, template } = make();
    registry.githubRole('One', { repository: 'acme/shop' });
    registry.githubRole('Two', { repository: 'acme/other@12' });
    template().resourceCountIs('AWS::IAM::OIDCProvider', 1);

    const given = make();
    const arn = 'arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com';
    given.registry.githubRole('One', { repository: 'acme/shop', provider: iam.OidcProviderNative.fromOidcProviderArn(given.stack, 'Given', arn) });
    given.template().resourceCountIs('AWS::IAM::OIDCProvider', 0);
    given.template().hasResourceProperties('AWS::IAM::Role', { AssumeRolePolicyDocument: { Statement: [Match.objectLike({ Principal: { Federated: arn } })] } });
    expect(stack).not.toBe(given.stack);
  });

  test.each<[string, unknown, RegExp]>([
    ['every repository', { repository: 'acme/*' }, /repository is not well-formed.\n  got: repository 'acme\/\*'/],
    ['an address', { repository: 'https://github.com/acme/shop' }, /repository is not well-formed/],
    ['no repository', {}, /repository is missing/],
    ['nothing', undefined, /repository is missing/],
    ['every branch', { repository: 'acme/shop', branches: ['*'] }, /branches is not well-formed/],
    ['a star at the beginning', { repository: 'acme/shop', branches: ['*/main'] }, /branches is not well-formed/],
    ['a star inside', { repository: 'acme/shop', tags: ['v*1'] }, /tags is not well-formed/],
    ['a question mark', { repository: 'acme/shop', tags: ['v?'] }, /tags is not well-formed/],
    ['every environment', { repository: 'acme/shop', environments: ['prod*'] }, /environments is not well-formed/],
    ['a subject smuggled in', { repository: 'acme/shop', environments: ['a:ref'] }, /environments is not well-formed/],
    ['no branch at all', { repository: 'acme/shop', branches: [] }, /no workflow at all could use the role/],
  ])('is refused for %s', (_, options, message) => {
    const { registry } = make();

    expect(() => registry.githubRole('Github', options as GithubRoleOptions)).toThrow(message);
    expect(registry.node.tryFindChild('Github')).toBeUndefined();
  });
});

describe('bad input is refused before anything is made', () => {
  test.each<[string, ImageRegistryProps, RegExp]>([
    ['one image', { maximumImages: 1 }, /maximumImages is not a whole number from 2 to 10000/],
    ['images as text', { maximumImages: '30' as unknown as number }, /maximumImages is not a whole number/],
    ['no days', { untaggedImageDays: 0 }, /untaggedImageDays is not a whole number from 1 to 365/],
    ['a wait that CloudFormation ends before', { imageWait: Duration.hours(1) }, /imageWait \(seconds\) is not a whole number from 60 to 3300.\n  got: imageWait \(seconds\) 3600/],
    ['part of a second', { imageWait: Duration.millis(90_500) }, /imageWait \(seconds\) is not a whole number/],
    ['a snapshot of images', { removalPolicy: RemovalPolicy.SNAPSHOT }, /removalPolicy has a value that does not exist/],
    ['a retention that CloudWatch lacks', { logRetentionDays: 2 }, /logRetentionDays has a value that does not exist/],
  ])('%s', (_, props, message) => {
    const stack = new Stack(new App(), 'Stack');

    expect(() => new ImageRegistry(stack, 'Registry', props)).toThrow(message);
    expect(stack.node.findChild('Registry').node.children).toEqual([]);
  });

  test('a shape for an existing repository', () => {
    const stack = new Stack(new App(), 'Stack');
    const repository = ecr.Repository.fromRepositoryName(stack, 'Given', 'shop');

    expect(() => new ImageRegistry(stack, 'Registry', { repository, maximumImages: 5 })).toThrow(/got: repository, maximumImages\n/);
  });

  test.each([
    ['latest', /could be pushed only once/],
    ['v1 final', /tag is not well-formed/],
    ['-v1', /tag is not well-formed/],
    ['', /tag is not well-formed/],
    [undefined as unknown as string, /tag is missing/],
  ])('the tag %s', (tag, message) => {
    const { registry } = make();

    expect(() => registry.image(tag)).toThrow(message);
    expect(registry.node.tryFindChild('Gate')).toBeUndefined();
  });
});

test('two registries live in one stack', () => {
  const { stack, template } = make();
  new ImageRegistry(stack, 'Other');

  template().resourceCountIs('AWS::ECR::Repository', 2);
});
