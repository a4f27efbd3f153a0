import { App, CfnParameter, Duration, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as fc from 'fast-check';
import { DeliveryRoles, DeliveryRolesProps, DesktopReleases, ImageRegistry } from '../../src';

const FRANKFURT = { account: '111111111111', region: 'eu-central-1' };
const ISSUER = 'token.actions.githubusercontent.com';
const TARGETS = [{ environment: 'staging', account: '222222222222' }, { environment: 'production', account: '333333333333' }];

interface Statement { readonly Action: string | string[]; readonly Resource: unknown; readonly Condition?: Record<string, Record<string, string[]>> }

function make(props: Partial<DeliveryRolesProps> = {}, env: { account?: string; region?: string } = FRANKFURT) {
  const app = new App({ context: { '@aws-cdk/core:bootstrapQualifier': undefined } });
  const stack = new Stack(app, 'Stack', { env });
  const images = [ecr.Repository.fromRepositoryName(stack, 'Image', 'shop')];
  const roles = new DeliveryRoles(stack, 'Roles', { repository: 'acme/shop', targets: TARGETS, images, ...props });
  const template = Template.fromStack(stack);
  return { stack, roles, template, role: (role: iam.Role) => described(template, stack, role) };
}

/** Who is trusted with a role, and what it may do. */
function described(template: Template, stack: Stack, role: iam.Role) {
  const id = stack.getLogicalId(role.node.defaultChild as iam.CfnRole);
  const { Properties } = template.findResources('AWS::IAM::Role')[id];
  const policies = Object.values(template.findResources('AWS::IAM::ManagedPolicy')).filter(policy => policy.Properties.Roles[0].Ref === id);
  const rights = policies.flatMap(policy => policy.Properties.PolicyDocument.Statement as Statement[]);
  const [trust] = Properties.AssumeRolePolicyDocument.Statement;
  expect(Properties.AssumeRolePolicyDocument.Statement).toHaveLength(1);
  expect(trust.Action).toBe('sts:AssumeRoleWithWebIdentity');
  return { properties: Properties, trust, rights, subjects: trust.Condition.StringEquals[`${ISSUER}:sub`] as string[] };
}

function bootstrap(account: string, region: string, roles: string[], qualifier = 'hnb659fds') {
  return roles.map(role => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${account}:role/cdk-${qualifier}-${role}-role-${account}-${region}`]] }));
}

const PUSH = [
  'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:CompleteLayerUpload', 'ecr:DescribeImageScanFindings', 'ecr:DescribeImages',
  'ecr:GetAuthorizationToken', 'ecr:GetDownloadUrlForLayer', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart',
];
const ALL = ['deploy', 'file-publishing', 'image-publishing', 'lookup'];

describe('the role of an environment', () => {
  test('trusts jobs of exactly this environment of this repository, by whole words', () => {
    const { roles, role } = make();

    expect(role(roles.environmentRole('production')).trust).toEqual({
      Effect: 'Allow',
      Action: 'sts:AssumeRoleWithWebIdentity',
      Principal: { Federated: { Ref: expect.stringMatching('^GithubIdentityProvider') } },
      Condition: { StringEquals: { [`${ISSUER}:aud`]: 'sts.amazonaws.com', [`${ISSUER}:sub`]: ['repo:acme/shop:environment:production'] } },
    });
  });

  test('may assume the bootstrap roles of its account and regions, and nothing else', () => {
    const { roles, role } = make({ images: [], targets: [{ environment: 'production', account: '333333333333', regions: ['eu-central-1', 'us-east-1'] }] });

    expect(role(roles.environmentRole('production')).rights).toEqual([{
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Resource: [...bootstrap('333333333333', 'eu-central-1', ALL), ...bootstrap('333333333333', 'us-east-1', ALL)],
    }]);
  });

  test('pushes to the named repositories, reads what scans find there, and logs in', () => {
    const { roles, role, stack } = make();
    const [, ...rights] = role(roles.environmentRole('production')).rights;
    const everywhere = rights.filter(({ Resource }) => Resource === '*');
    const arn = stack.resolve(ecr.Repository.fromRepositoryName(stack, 'Same', 'shop').repositoryArn);

    expect(everywhere.map(({ Action }) => Action)).toEqual(['ecr:GetAuthorizationToken']);
    for (const { Resource } of rights.filter(right => !everywhere.includes(right))) expect(Resource).toEqual(arn);
    expect(rights.flatMap(({ Action }) => Action).sort()).toEqual(PUSH);
  });

  test('may push elsewhere, as to an account of its own', () => {
    const stack = new Stack();
    const images = [ecr.Repository.fromRepositoryArn(stack, 'Copy', 'arn:aws:ecr:eu-central-1:333333333333:repository/shop')];
    const roles = new DeliveryRoles(stack, 'Roles', { repository: 'acme/shop', targets: [TARGETS[0], { ...TARGETS[1], images }] });
    const template = Template.fromStack(stack);
    const rights = (name: string) => described(template, stack, roles.environmentRole(name)).rights;

    expect(rights('production')[1].Resource).toBe('arn:aws:ecr:eu-central-1:333333333333:repository/shop');
    expect(rights('staging').flatMap(({ Action }) => Action)).toEqual(['sts:AssumeRole']);
  });

  test('in a stack without account and region gets those of the stack', () => {
    const { roles, role } = make({ targets: [{ environment: 'production' }] }, {});

    expect(role(roles.environmentRole('production')).rights[0].Resource).toContainEqual({
      'Fn::Join': ['', [
        'arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':role/cdk-hnb659fds-deploy-role-', { Ref: 'AWS::AccountId' }, '-', { Ref: 'AWS::Region' },
      ]],
    });
  });

  test("takes the app's qualifier, and its own before that", () => {
    const stack = new Stack(new App({ context: { '@aws-cdk/core:bootstrapQualifier': 'ours' } }), 'Stack', { env: FRANKFURT });
    const roles = new DeliveryRoles(stack, 'Roles', { repository: 'acme/shop', targets: [{ environment: 'staging' }, { environment: 'production', qualifier: 'prod' }] });
    const resource = (name: string) => described(Template.fromStack(stack), stack, roles.environmentRole(name)).rights[0].Resource;

    expect(resource('staging')).toEqual(bootstrap(FRANKFURT.account, FRANKFURT.region, ALL, 'ours'));
    expect(resource('production')).toEqual(bootstrap(FRANKFURT.account, FRANKFURT.region, ALL, 'prod'));
  });

  test('also compares the branch where one is named, whatever rules the environment has on GitHub', () => {
    const { roles, role } = make({ targets: [{ environment: 'production', branches: ['main', 'hotfix'] }] });

    expect(role(roles.environmentRole('production')).trust.Condition.StringEquals).toMatchObject({
      [`${ISSUER}:ref`]: ['refs/heads/main', 'refs/heads/hotfix'],
      [`${ISSUER}:sub`]: ['repo:acme/shop:environment:production'],
    });
  });

  test('trusts immutable and customised subjects', () => {
    const immutable = make({ repository: 'acme@12/shop@34' });
    expect(immutable.role(immutable.roles.environmentRole('staging')).subjects).toEqual(['repo:acme@12/shop@34:environment:staging']);

    const subject = 'repo:acme/shop:environment:Live Shop:job_workflow_ref:acme/ci/.github/workflows/deploy.yml@refs/heads/main';
    const customised = make({ targets: [{ environment: 'Live Shop', subject }] });
    expect(customised.role(customised.roles.environmentRole('Live Shop')).subjects).toEqual([subject]);
  });

  test('has sessions of an hour and no boundary, unless others are chosen', () => {
    const { roles, role } = make();
    expect(role(roles.environmentRole('staging')).properties).toMatchObject({ MaxSessionDuration: 3600, Description: 'Deploys to environment staging from GitHub repository acme/shop' });
    expect(role(roles.environmentRole('staging')).properties).not.toHaveProperty('PermissionsBoundary');

    const stack = new Stack();
    const permissionsBoundary = iam.ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', 'arn:aws:iam::111111111111:policy/boundary');
    const images = [ecr.Repository.fromRepositoryName(stack, 'Image', 'shop')];
    new DeliveryRoles(stack, 'Roles', {
      repository: 'acme/shop', targets: TARGETS, images, buildBranches: ['main'], permissionsBoundary, maximumSession: Duration.hours(2),
    });
    const all = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
    expect(all).toHaveLength(5);
    const expected = { MaxSessionDuration: 7200, PermissionsBoundary: permissionsBoundary.managedPolicyArn };
    for (const { Properties } of all) expect(Properties).toMatchObject(expected);
  });

  test('may have a name that IAM takes in a condition, but in no description', () => {
    const { roles, role } = make({ targets: [{ environment: 'Überprüfung 生产' }] });
    const { properties, subjects } = role(roles.environmentRole('Überprüfung 生产'));

    expect(subjects).toEqual(['repo:acme/shop:environment:Überprüfung 生产']);
    expect(properties.Description).toBe('Deploys to environment Überprüfung ?? from GitHub repository acme/shop');
  });

  test('is found by its name, and a name that is not there is refused', () => {
    const { roles } = make();

    expect(Object.keys(roles.environmentRoles)).toEqual(['staging', 'production']);
    expect(roles.environmentRole('staging')).toBe(roles.environmentRoles.staging);
    expect(() => roles.environmentRole('prodution')).toThrow(/there is no target with that environment.\n  got: environment 'prodution'\n  allowed: staging, production\n  fix: write production/);
    expect(() => roles.environmentRole('constructor')).toThrow(/no target/);
  });
});

describe('the role of builds', () => {
  test('is there where branches build, and then it alone pushes', () => {
    const { roles, role } = make({ buildBranches: ['main', 'next'] });
    const { subjects, rights } = role(roles.buildRole!);

    expect(subjects).toEqual(['repo:acme/shop:ref:refs/heads/main', 'repo:acme/shop:ref:refs/heads/next']);
    expect(rights.flatMap(({ Action }) => Action).sort()).toEqual(PUSH);
    expect(role(roles.environmentRole('staging')).rights.flatMap(({ Action }) => Action))
      .toEqual(['sts:AssumeRole', 'ecr:BatchGetImage', 'ecr:DescribeImages', 'ecr:DescribeImageScanFindings']);
    expect(make().roles.buildRole).toBeUndefined();
  });
});

describe('the role that reads', () => {
  test('is for jobs of the environment with -read behind its name, and assumes the lookup role', () => {
    const { roles, role } = make();
    const { subjects, rights } = role(roles.readRoles.production);

    expect(Object.keys(roles.readRoles)).toEqual(['staging', 'production']);
    expect(subjects).toEqual(['repo:acme/shop:environment:production-read']);
    expect(rights).toEqual([{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: bootstrap('333333333333', 'eu-central-1', ['lookup'])[0] }]);
    expect(make({ readRoles: false }).roles.readRoles).toEqual({});
  });

  test('is for pull requests only where they are allowed to', () => {
    const { roles, role } = make({ targets: [{ ...TARGETS[0], pullRequests: true }, TARGETS[1]] });

    expect(role(roles.readRoles.staging).subjects).toEqual(['repo:acme/shop:environment:staging-read', 'repo:acme/shop:pull_request']);
    expect(role(roles.readRoles.production).subjects).toEqual(['repo:acme/shop:environment:production-read']);
  });
});

describe('the identity provider', () => {
  test("is CloudFormation's own, made once for all roles of the stack, image registries and desktop releases among them", () => {
    const stack = new Stack();
    new DeliveryRoles(stack, 'Roles', { repository: 'acme/shop', targets: TARGETS });
    new ImageRegistry(stack, 'Images').githubRole('Push', { repository: 'acme/shop' });
    new DesktopReleases(stack, 'Releases', { github: { repository: 'acme/desktop' } });

    Template.fromStack(stack).resourcePropertiesCountIs('AWS::IAM::OIDCProvider', { Url: `https://${ISSUER}`, ClientIdList: ['sts.amazonaws.com'] }, 1);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::OIDCProvider', 1);
  });

  test('may be one that is there', () => {
    const stack = new Stack();
    const arn = `arn:aws:iam::111111111111:oidc-provider/${ISSUER}`;
    const roles = new DeliveryRoles(stack, 'Roles', {
      repository: 'acme/shop', targets: TARGETS, provider: iam.OidcProviderNative.fromOidcProviderArn(stack, 'Github', arn),
    });
    const template = Template.fromStack(stack);

    template.resourceCountIs('AWS::IAM::OIDCProvider', 0);
    expect(described(template, stack, roles.environmentRole('staging')).trust.Principal).toEqual({ Federated: arn });
  });

  test.each([`${ISSUER}/acme`, 'token.actions.acme.ghe.com', 'github.example.com/_services/token'])('may be of another issuer: %s', issuer => {
    const stack = new Stack();
    const roles = new DeliveryRoles(stack, 'Roles', { repository: 'acme/shop', targets: TARGETS, issuer });
    new ImageRegistry(stack, 'Images').githubRole('Push', { repository: 'acme/shop', issuer });
    const template = Template.fromStack(stack);

    template.resourceCountIs('AWS::IAM::OIDCProvider', 1);
    template.hasResourceProperties('AWS::IAM::OIDCProvider', { Url: `https://${issuer}` });
    expect(described(template, stack, roles.environmentRole('staging')).trust.Condition).toEqual({
      StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com', [`${issuer}:sub`]: ['repo:acme/shop:environment:staging'] },
    });
  });
});

describe('others than GitHub', () => {
  test('can be allowed to deploy to one environment, or to look at it', () => {
    const stack = new Stack(new App(), 'Stack', { env: FRANKFURT });
    const roles = new DeliveryRoles(stack, 'Roles', { repository: 'acme/shop', targets: TARGETS });
    const jenkins = new iam.Role(stack, 'Jenkins', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    const auditor = new iam.Role(stack, 'Auditor', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    roles.grantDeploy('staging', jenkins).assertSuccess();
    roles.grantLookUp('production', auditor).assertSuccess();
    expect(() => roles.grantDeploy('live', jenkins)).toThrow(/no target/);
    const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy')).map(({ Properties }) => Properties);
    const rights = (role: iam.Role) => policies.find(({ Roles }) => Roles[0].Ref === stack.resolve(role.roleName).Ref)!.PolicyDocument.Statement;

    expect(rights(jenkins)[0].Resource).toEqual(bootstrap('222222222222', 'eu-central-1', ALL));
    expect(rights(auditor)).toEqual([{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: bootstrap('333333333333', 'eu-central-1', ['lookup'])[0] }]);
  });
});

test('variables name the roles', () => {
  const { stack, roles } = make({ buildBranches: ['main'] });

  expect(roles.githubVariables).toEqual({ DELIVERY_BUILD_ROLE_ARN: roles.buildRole!.roleArn });
  expect(roles.environmentVariables('production')).toEqual({ DELIVERY_ROLE_ARN: roles.environmentRoles.production.roleArn });
  expect(roles.environmentVariables('production-read')).toEqual({ DELIVERY_ROLE_ARN: roles.readRoles.production.roleArn });
  expect(new Set(['production', 'production-read'].map(name => JSON.stringify(stack.resolve(roles.environmentVariables(name))))).size).toBe(2);
  expect(() => roles.environmentVariables('live-read')).toThrow(/no target/);
  expect(make().roles.githubVariables).toEqual({});
});

describe('warnings', () => {
  const warnings = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));

  test('environments that share bootstrap roles are told of, because one could deploy to the other', () => {
    const shared = make({ targets: [{ environment: 'staging' }, { environment: 'production', account: FRANKFURT.account, regions: ['us-east-1', 'eu-central-1'] }] }).stack;
    expect(warnings(shared)).toEqual([expect.stringContaining('staging, production are in one account and region with one bootstrap qualifier')]);
    expect(warnings(make({ targets: [{ environment: 'staging' }, { environment: 'production' }] }, {}).stack)).toHaveLength(1);
  });

  test.each<[string, DeliveryRolesProps['targets']]>([
    ['accounts', TARGETS],
    ['regions', [{ environment: 'staging', regions: ['eu-west-1'] }, { environment: 'production' }]],
    ['qualifiers', [{ environment: 'staging', qualifier: 'stage' }, { environment: 'production' }]],
    ['a region, even one named twice,', [{ environment: 'production', regions: ['eu-west-1', 'eu-west-1'] }]],
  ])('not of environments with %s of their own', (_, targets) => {
    expect(warnings(make({ targets }).stack)).toEqual([]);
  });

  test('nor of branches, but in a partition where AWS may not compare them', () => {
    const targets = [{ environment: 'production', branches: ['main'] }];
    expect(warnings(make({ targets }).stack)).toEqual([]);
    expect(warnings(make({ targets }, { account: FRANKFURT.account, region: 'cn-north-1' }).stack)).toEqual([expect.stringContaining('not in cn-north-1')]);
    expect(warnings(make({ targets: [{ environment: 'production' }] }, { account: FRANKFURT.account, region: 'cn-north-1' }).stack)).toEqual([]);
  });
});

describe('bad input is refused before anything is made', () => {
  const IMAGES = [ecr.Repository.fromRepositoryName(new Stack(), 'Image', 'shop')];
  test.each<[string, object, RegExp]>([
    ['no repository', { repository: undefined }, /repository is missing/],
    ['a repository that is not one', { repository: 'shop' }, /repository is not well-formed.\n  got: repository 'shop'\n  allowed: one repository as 'owner\/name'/],
    ['every repository of an owner', { repository: 'acme/*' }, /repository is not well-formed/],
    ['an address', { repository: 'https://github.com/acme/shop' }, /repository is not well-formed/],
    ['no targets', { targets: undefined }, /targets is missing/],
    ['an empty list of targets', { targets: [] }, /there is nothing to deploy to/],
    ['targets as a text', { targets: 'production' }, /targets is not a list/],
    ['a target that is a text', { targets: ['production'] }, /environment is missing/],
    ['a target without a name', { targets: [{}] }, /environment is missing/],
    ['an environment twice', { targets: [{ environment: 'Production' }, { environment: 'production' }] }, /targets name an environment twice.*\n  got: targets \["Production","production"\]/],
    ['every environment', { targets: [{ environment: '*' }] }, /environment is not well-formed/],
    ['a beginning of environments', { targets: [{ environment: 'prod*' }] }, /environment is not well-formed/],
    ['a subject smuggled in', { targets: [{ environment: 'a:ref' }] }, /environment is not well-formed/],
    ['a name that another environment has in its tokens', { targets: [{ environment: 'a%3Ab' }] }, /environment is not well-formed/],
    ['an account that is not one', { targets: [{ environment: 'a', account: '123' }] }, /account is not well-formed/],
    ['an account as a number', { targets: [{ environment: 'a', account: 111111111111 }] }, /account is not well-formed/],
    ['no region at all', { targets: [{ environment: 'a', regions: [] }] }, /regions has nothing in it/],
    ['a zone as region', { targets: [{ environment: 'a', regions: ['eu-central-1a'] }] }, /regions is not well-formed/],
    ['regions as a text', { targets: [{ environment: 'a', regions: 'eu-central-1' }] }, /regions is not a list/],
    ['a qualifier that is too long', { targets: [{ environment: 'a', qualifier: 'x'.repeat(11) }] }, /qualifier is not well-formed/],
    ['a beginning of branches', { targets: [{ environment: 'a', branches: ['release/*'] }] }, /branches of a is not well-formed/],
    ['no branch of an environment', { targets: [{ environment: 'a', branches: [] }] }, /branches of a has nothing in it/],
    ['branches where AWS does not compare them', { issuer: 'github.example.com/_services/token', targets: [{ environment: 'a', branches: ['main'] }] }, /tokens of github.com only/],
    ['a subject of another repository', { targets: [{ environment: 'a', subject: 'repo:acme/other:environment:a' }] }, /subject does not stand for this environment/],
    ['a subject of another environment', { targets: [{ environment: 'a', subject: 'repo:acme/shop:environment:ab' }] }, /subject does not stand/],
    ['a subject with a wildcard', { targets: [{ environment: 'a', subject: 'repo:acme/shop:environment:a:*' }] }, /subject does not stand/],
    ['a subject that is not a text', { targets: [{ environment: 'a', subject: true }] }, /subject does not stand/],
    ['an environment that another is read by', { targets: [{ environment: 'a' }, { environment: 'A-read' }] }, /or one that another is read by/],
    ['images of an environment by their names', { targets: [{ environment: 'a', images: ['shop'] }] }, /images of a is not what it should be/],
    ['pull requests as a text', { targets: [{ environment: 'a', pullRequests: 'no' }] }, /pullRequests of a is not a boolean/],
    ['pull requests that nobody reads for', { readRoles: false, targets: [{ environment: 'a', pullRequests: true }] }, /no role for pull requests/],
    ['images by their names', { images: ['shop'] }, /images is not what it should be/],
    ['an image that is nothing', { images: [undefined] }, /images is missing/],
    ['images as one', { images: 'shop' }, /images is not a list/],
    ['no branches', { images: IMAGES, buildBranches: [] }, /buildBranches has nothing in it/],
    ['every branch', { images: IMAGES, buildBranches: ['*'] }, /buildBranches is not well-formed/],
    ['builds without images', { buildBranches: ['main'] }, /nothing that builds could push to/],
    ['readers as a text', { readRoles: 'false' }, /readRoles is not a boolean/],
    ['a provider by its ARN', { provider: `arn:aws:iam::111111111111:oidc-provider/${ISSUER}` }, /provider is not what it should be/],
    ['an issuer with a scheme', { issuer: 'https://github.example.com' }, /issuer is not well-formed/],
    ['an issuer with a port', { issuer: 'github.example.com:8443/_services/token' }, /issuer is not well-formed/],
    ['a boundary by its ARN', { permissionsBoundary: 'arn:aws:iam::111111111111:policy/boundary' }, /permissionsBoundary is not what it should be/],
    ['a session that is too short', { maximumSession: Duration.minutes(15) }, /maximumSession \(seconds\) is not a whole number from 3600 to 43200/],
    ['a session as a number', { maximumSession: 3600 }, /maximumSession is not what it should be/],
  ])('%s', (_, props, message) => {
    const stack = new Stack();

    expect(() => new DeliveryRoles(stack, 'Roles', { repository: 'acme/shop', targets: TARGETS, ...props })).toThrow(message);
    expect(stack.node.findChild('Roles').node.children).toEqual([]);
    expect(stack.node.tryFindChild('GithubIdentityProvider')).toBeUndefined();
  });

  test('nothing at all', () => {
    expect(() => new DeliveryRoles(new Stack(), 'Roles', undefined as unknown as DeliveryRolesProps)).toThrow(/repository is missing/);
  });

  test('an environment whose name is only known at deployment', () => {
    const stack = new Stack();
    const environment = new CfnParameter(stack, 'Name').valueAsString;
    expect(() => new DeliveryRoles(stack, 'Roles', { repository: 'acme/shop', targets: [{ environment }] })).toThrow(/environment is only known at deployment/);
  });
});

test('repository and accounts may be known at deployment only', () => {
  const stack = new Stack();
  const parameter = (id: string) => new CfnParameter(stack, id).valueAsString;
  new DeliveryRoles(stack, 'Roles', { repository: parameter('Repository'), targets: [{ environment: 'production', account: parameter('Account') }] });

  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: { Statement: [{ Condition: { StringEquals: { [`${ISSUER}:sub`]: [{ 'Fn::Join': ['', ['repo:', { Ref: 'Repository' }, ':environment:production']] }] } } }] },
  });
});

test('whatever names there are, no role trusts a wildcard or another repository, and no right is wider than named', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'Z', '1', '2', '-', '_', ' ', '*', '?', ':', '%', '/', '.'), maxLength: 6 });
  fc.assert(fc.property(name, name, (environment, branch) => {
    const stack = new Stack();
    const images = [ecr.Repository.fromRepositoryName(stack, 'Image', 'shop')];
    try {
      new DeliveryRoles(stack, 'Roles', { repository: 'acme/shop', images, buildBranches: [branch], targets: [{ environment, pullRequests: true }] });
    } catch (error) {
      expect((error as Error).name).toBe('PlatformError');
      return;
    }
    const template = Template.fromStack(stack);
    const subjects = Object.values(template.findResources('AWS::IAM::Role')).map(({ Properties }) => {
      const [{ Condition }] = Properties.AssumeRolePolicyDocument.Statement;
      expect(Object.keys(Condition)).toEqual(['StringEquals']);
      return Condition.StringEquals[`${ISSUER}:sub`];
    });
    expect(subjects.flat().sort()).toEqual([
      `environment:${environment}`, `environment:${environment}-read`, 'pull_request', `ref:refs/heads/${branch}`,
    ].map(each => `repo:acme/shop:${each}`).sort());
    const rights = Object.values(template.findResources('AWS::IAM::ManagedPolicy')).flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    for (const { Action, Resource } of rights) expect(JSON.stringify([Action, Resource]).includes('*')).toBe(Action === 'ecr:GetAuthorizationToken');
  }), { numRuns: 100 });
});

test('two of them, in nested stacks and stages too, live side by side', () => {
  const app = new App();
  const stack = new Stack(new Stage(app, 'Live', { env: FRANKFURT }), 'Stack');
  new DeliveryRoles(stack, 'Shop', { repository: 'acme/shop', targets: TARGETS });
  new DeliveryRoles(stack, 'Blog', { repository: 'acme/blog', targets: TARGETS });
  const nested = new NestedStack(stack, 'Nested');
  new DeliveryRoles(nested, 'Shop', { repository: 'acme/shop', targets: TARGETS });

  Template.fromStack(stack).resourceCountIs('AWS::IAM::Role', 8);
  Template.fromStack(stack).resourceCountIs('AWS::IAM::OIDCProvider', 1);
  Template.fromStack(nested).resourceCountIs('AWS::IAM::Role', 4);
});
