import { App, Aws, CfnParameter, CfnResource, Duration, NestedStack, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as amplify from 'aws-cdk-lib/aws-amplify';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import { APP_ID } from './operator/operator-world';
import { AmplifyOperator, KeptSecrets } from '../../src/amplify/amplify-operator';
import { AmplifyOperatorProps, KeepSecretsOptions, RememberVariablesOptions } from '../../src/amplify/amplify-operator-props';
import { SecretSource } from '../../src/amplify/secret-source';
import { EnvironmentProfile } from '../../src/environment';
import { onlyResource, refusal, resourcesOf, wrong } from '../service/fixtures';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:shop-AbCdEf';
const KEYED = 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:keyed-AbCdEf';
const STRIPE = SecretSource.fromSecureString('/shop/stripe');

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: object;
}

function create(props: Partial<AmplifyOperatorProps> = {}, stack = new Stack(new App(), 'Stack')) {
  const operator = new AmplifyOperator(stack, 'Operator', { appId: APP_ID, ...props });
  return { stack, operator, template: () => Template.fromStack(stack) };
}

function policy(template: Template, beginning: string): Statement[] {
  return onlyResource(template, 'AWS::IAM::ManagedPolicy', beginning).PolicyDocument.Statement;
}

const ownRights = (template: Template) => policy(template, 'OperatorRolePolicy');
const sourceRights = (template: Template) => policy(template, 'OperatorSourcesPolicy');
const statementFor = (statements: Statement[], action: string) => statements.filter(({ Action }) => [Action].flat().includes(action));

/** ARNs of a statement with references in angle brackets. */
function arns(statement: Statement): string[] {
  const flat = (part: any): string => {
    if (typeof part === 'string') return part;
    const [[kind, value]] = Object.entries<any>(part);
    return kind === 'Fn::Join' ? value[1].map(flat).join('') : kind === 'Ref' ? `<${value}>` : JSON.stringify(part);
  };
  return [statement.Resource].flat().map(flat).map(arn => arn.replace('arn:<AWS::Partition>:', '').replace('<AWS::Region>:<AWS::AccountId>', ''));
}

const secretIn = (stack: Stack, id = 'Secret') => secretsmanager.Secret.fromSecretCompleteArn(stack, id, ARN);

describe('secrets', () => {
  test('the template says where secrets come from, and has no value', () => {
    const { stack, operator, template } = create();
    operator.keepSecrets('Main', { branchName: 'main', secrets: { AUTH: SecretSource.fromSecretsManager(secretIn(stack), 'auth'), STRIPE } });
    const resource = onlyResource(template(), 'Custom::AmplifySecrets');
    expect(resource).toEqual({
      ServiceToken: { 'Fn::GetAtt': [expect.stringMatching(/^OperatorHandler/), 'Arn'] },
      ServiceTimeout: '540',
      AppId: APP_ID,
      BranchName: 'main',
      Sources: [{ name: 'AUTH', secret: ARN, field: 'auth' }, { name: 'STRIPE', parameter: '/shop/stripe' }],
    });
    expect(JSON.stringify(template().toJSON())).not.toContain('{{resolve');
  });

  test('a resource for all branches has no branch', () => {
    const { operator, template } = create();
    operator.keepSecrets('Shared', { secrets: { STRIPE } });
    expect(onlyResource(template(), 'Custom::AmplifySecrets')).not.toHaveProperty('BranchName');
  });

  test('names of the parameters are known in the order of the secrets, by attributes of the resource', () => {
    const { stack, operator } = create();
    const kept = operator.keepSecrets('Main', { branchName: 'main', secrets: { B: STRIPE, A: STRIPE } });
    const path = { 'Fn::GetAtt': [expect.stringMatching(/^OperatorMain/), 'Path'] };
    expect(stack.resolve(kept.path)).toEqual(path);
    expect(stack.resolve(kept.parameterNames)).toEqual([{ 'Fn::Join': ['', [path, '/B']] }, { 'Fn::Join': ['', [path, '/A']] }]);
    expect([kept.parameterOf('A'), kept.parameterOf('C')]).toEqual([kept.parameterNames[1], undefined]);
    expect(kept.ready.node.path).toBe('Stack/Operator/Main/Resource');
  });

  test('the operator may read the sources of all secrets by one policy, which they wait for', () => {
    const { stack, operator, template } = create();
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/one');
    const keyed = secretsmanager.Secret.fromSecretAttributes(stack, 'Keyed', { secretCompleteArn: KEYED, encryptionKey });
    operator.keepSecrets('Main', { branchName: 'main', secrets: { A: SecretSource.fromSecretsManager(secretIn(stack), 'a'), B: SecretSource.fromSecretsManager(secretIn(stack, 'Same'), 'b') } });
    operator.keepSecrets('Other', { branchName: 'other', secrets: { C: SecretSource.fromSecretsManager(keyed), STRIPE: SecretSource.fromSecureString('/shop/stripe', encryptionKey) } });
    const through = (service: string) => ({ StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', [`${service}.`, { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]] } } });
    expect(sourceRights(template())).toEqual([
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: [ARN, KEYED] },
      { Effect: 'Allow', Action: 'kms:Decrypt', Resource: 'arn:aws:kms:eu-central-1:111111111111:key/one', Condition: through('secretsmanager') },
      { Effect: 'Allow', Action: 'ssm:GetParameters', Resource: expect.anything() },
      { Effect: 'Allow', Action: 'kms:Decrypt', Resource: 'arn:aws:kms:eu-central-1:111111111111:key/one', Condition: through('ssm') },
    ]);
    expect(arns(statementFor(sourceRights(template()), 'ssm:GetParameters')[0])).toEqual(['ssm::parameter/shop/stripe']);
    for (const { DependsOn } of Object.values(resourcesOf(template(), 'Custom::AmplifySecrets'))) {
      expect(DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^OperatorSourcesPolicy/), expect.stringMatching(/^OperatorRolePolicy/)]));
    }
  });

  test('as many sources as an app with fifty branches has fit into policies of IAM', () => {
    const { stack, operator, template } = create({ previewLifetime: Duration.days(7), previewBackends: true }, new Stack(new App(), 'Stack', { env: { region: 'ap-southeast-1', account: '111111111111' } }));
    for (let number = 0; number < 50; number++) {
      const secret = secretsmanager.Secret.fromSecretCompleteArn(stack, `Secret${number}`, `${ARN.slice(0, -11)}${'a-long-name'.repeat(4)}-${number}-AbCdEf`);
      operator.keepSecrets(`Kept${number}`, { branchName: `branch-${number}`, secrets: { A: SecretSource.fromSecretsManager(secret), B: SecretSource.fromSecureString(`/shop/branch-${number}/key`) } });
    }
    const policies = Object.values(resourcesOf(template(), 'AWS::IAM::ManagedPolicy'));
    expect(policies).toHaveLength(4);
    for (const { Properties } of policies) expect(JSON.stringify(Properties.PolicyDocument).replace(/\{"Ref":"AWS::Partition"\}/g, 'aws').length).toBeLessThan(6144);
    const last = Object.values(resourcesOf(template(), 'Custom::AmplifySecrets')).at(-1)!;
    expect(last.DependsOn).toContainEqual(expect.stringMatching(/^OperatorSourcesPolicy3/));
  });

  test('a secret by its name, whose ending nobody knows, can be read', () => {
    const { stack, operator, template } = create();
    operator.keepSecrets('Main', { secrets: { A: SecretSource.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(stack, 'Own', 'shop')) } });
    expect(arns(sourceRights(template())[0])[0]).toMatch(/:secret:shop-\?{6}$/);
  });

  test.each([['/shop/stripe', 'parameter/shop/stripe'], ['stripe', 'parameter/stripe']])('the ARN of parameter %s is %s', (name, arn) => {
    const { operator, template } = create();
    operator.keepSecrets('Main', { secrets: { A: SecretSource.fromSecureString(name) } });
    expect(arns(sourceRights(template())[0])).toEqual([`ssm::${arn}`]);
  });

  test('a parameter whose name is known at deployment has an ARN with one slash, with and without one at its beginning', () => {
    const { stack, operator, template } = create();
    operator.keepSecrets('Main', { secrets: { A: SecretSource.fromSecureString(new CfnParameter(stack, 'Name').valueAsString) } });
    const [{ Resource }] = sourceRights(template()) as any;
    const [start, [separator, { 'Fn::Split': [by, text] }]] = [Resource['Fn::Join'][1].slice(0, -1), Resource['Fn::Join'][1].at(-1)['Fn::Join']];
    expect(start.at(-1)).toBe(':');
    for (const name of ['/shop/stripe', 'stripe']) {
      const given = text['Fn::Join'][1].map((part: any) => part.Ref ? name : part).join('');
      expect(given.split(by).join(separator)).toBe(`parameter/${name.replace(/^\//, '')}`);
    }
  });

  test('every hour new values follow; what the schedule needs is in one parameter for each set, which goes before the secrets', () => {
    const { operator, template } = create();
    operator.keepSecrets('Main', { branchName: 'feature/"login"', secrets: { STRIPE } });
    operator.keepSecrets('Shared', { secrets: { STRIPE } });
    template().resourcePropertiesCountIs('AWS::Events::Rule', { ScheduleExpression: 'rate(1 hour)', Targets: [Match.objectLike({ Input: '{"refreshSecrets":true}' })] }, 1);
    const parameters = Object.values(resourcesOf(template(), 'AWS::SSM::Parameter'));
    expect(new Set(parameters.map(({ Properties }) => Properties.Name)).size).toBe(2);
    const [{ Properties: { Name, Value, Tier, Type }, DependsOn }] = parameters;
    const path = onlyResource(template(), 'AWS::Lambda::Function').Environment.Variables.SOURCES_PATH;
    expect(Name).toMatch(new RegExp(`^${path}/[A-Za-z0-9-]+$`));
    expect(path).toMatch(new RegExp(`^/cdk-web-platform/amplify/${APP_ID}/sources/[A-Za-z0-9-]+$`));
    expect([Tier, Type]).toEqual(['Intelligent-Tiering', 'String']);
    expect(DependsOn).toContainEqual(expect.stringMatching(/^OperatorMain/));
    const [logicalId] = Object.keys(resourcesOf(template(), 'Custom::AmplifySecrets'));
    expect(JSON.parse(Value['Fn::Join'][1].map((part: any) => part.Ref ? 'the-stack' : part).join(''))).toEqual({
      appId: APP_ID, branchName: 'feature/"login"', sources: [{ name: 'STRIPE', parameter: '/shop/stripe' }], owner: { stackId: 'the-stack', resource: logicalId },
    });
  });

  test('without secrets nothing is scheduled', () => {
    const { template } = create();
    template().resourceCountIs('AWS::Events::Rule', 0);
    template().resourceCountIs('AWS::IAM::ManagedPolicy', 1);
  });

  test('a name is kept once for a branch, and once for all', () => {
    const { operator } = create();
    operator.keepSecrets('Main', { branchName: 'main', secrets: { STRIPE } });
    operator.keepSecrets('Other', { branchName: 'other', secrets: { STRIPE } });
    operator.keepSecrets('Shared', { secrets: { STRIPE } });
    expect(refusal(() => operator.keepSecrets('Again', { branchName: 'main', secrets: { A: STRIPE, STRIPE } }))).toContain("STRIPE for branch 'main'");
    expect(refusal(() => operator.keepSecrets('AllAgain', { secrets: { STRIPE } }))).toContain('STRIPE for all branches');
  });
});

describe('variables', () => {
  test('the resource has what the branch has, and waits for it', () => {
    const { stack, operator, template } = create();
    const branch = new amplify.CfnBranch(stack, 'Branch', { appId: APP_ID, branchName: 'main' });
    operator.rememberVariables('Main', { branchName: 'main', variables: { URL: 'https://a', REGION: Aws.REGION }, startBuilds: true, executeAfter: [branch] });
    const [{ Properties, DependsOn }] = Object.values(resourcesOf(template(), 'Custom::AmplifyVariables'));
    expect(Properties).toMatchObject({ AppId: APP_ID, BranchName: 'main', Variables: { URL: 'https://a', REGION: { Ref: 'AWS::Region' } }, StartBuilds: true });
    expect(Properties).not.toHaveProperty('Secrets');
    expect(DependsOn).toEqual(expect.arrayContaining(['Branch', expect.stringMatching(/^OperatorRolePolicy/)]));
  });

  test('new values of its own and of shared secrets change it, also of those that are kept later, and not those of other branches', () => {
    const { operator, template } = create();
    operator.rememberVariables('Variables', { branchName: 'main', variables: {}, startBuilds: true, executeAfter: [] });
    operator.keepSecrets('Main', { branchName: 'main', secrets: { STRIPE } });
    operator.keepSecrets('Other', { branchName: 'other', secrets: { STRIPE } });
    operator.keepSecrets('Shared', { secrets: { STRIPE } });
    const attribute = (id: string) => ({ 'Fn::GetAtt': [expect.stringMatching(new RegExp(`^Operator${id}`)), 'Revision'] });
    expect(onlyResource(template(), 'Custom::AmplifyVariables').Secrets).toEqual([attribute('Main'), attribute('Shared')]);
  });
});

describe('rights', () => {
  test('reach the parameters of one app and its branches, and no wildcard stands alone', () => {
    const statements = ownRights(create().template());
    const parameters = [`ssm::parameter/amplify/${APP_ID}/*`, `ssm::parameter/amplify/shared/${APP_ID}/*`];
    const own = `ssm::parameter/cdk-web-platform/amplify/${APP_ID}/*`;
    const reach = Object.fromEntries(statements.flatMap(statement => [statement.Action].flat().map(action => [action, arns(statement)])));
    expect(reach).toEqual({
      'logs:CreateLogStream': expect.anything(),
      'logs:PutLogEvents': expect.anything(),
      'sqs:SendMessage': expect.anything(),
      'ssm:PutParameter': [...parameters, own],
      'ssm:AddTagsToResource': [...parameters, own],
      'ssm:ListTagsForResource': [...parameters, own],
      'ssm:GetParameters': [...parameters, own],
      'ssm:DeleteParameters': [...parameters, own],
      'ssm:GetParametersByPath': [...parameters, `ssm::parameter/amplify/shared/${APP_ID}`, own],
      'ssm:GetParameterHistory': [own],
      'amplify:GetApp': [`amplify::apps/${APP_ID}`],
      'amplify:ListBranches': [`amplify::apps/${APP_ID}`],
      'amplify:GetBranch': [`amplify::apps/${APP_ID}/branches/*`],
      'amplify:UpdateBranch': [`amplify::apps/${APP_ID}/branches/*`],
      'amplify:ListJobs': [`amplify::apps/${APP_ID}/branches/*`],
      'amplify:StartJob': [`amplify::apps/${APP_ID}/branches/*`],
      'cloudformation:DescribeStacks': ['<AWS::StackId>'],
    });
  });

  test('to delete branches and backends begin with a digit, so that production is none of them', () => {
    const statements = ownRights(create({ previewLifetime: Duration.days(7), previewBackends: true }).template());
    const [branches, stacks] = ['amplify:DeleteBranch', 'cloudformation:DeleteStack'].map(action => arns(statementFor(statements, action)[0]));
    const matches = (patterns: string[], arn: string) => patterns.some(pattern => new RegExp(`^${pattern.split('*').map(part => part.replace(/[.$?()]/g, '\\$&')).join('.*')}$`).test(arn));
    const branch = (name: string) => `amplify::apps/${APP_ID}/branches/${name}`;
    const stack = (name: string) => `cloudformation::stack/amplify-${APP_ID}-${name}-branch-0123456789/5a1b2c3d`;
    for (const number of [1, 9, 10, 4711]) expect([matches(branches, branch(`pr-${number}`)), matches(stacks, stack(`pr${number}`))]).toEqual([true, true]);
    for (const name of ['main', 'production', 'prod', 'preview', 'pr', 'pr-', 'pr-fix']) {
      expect([matches(branches, branch(name)), matches(stacks, stack(name.replace('-', '')))]).toEqual([false, false]);
    }
    expect(statementFor(statements, 'cloudformation:DescribeStacks').flatMap(arns)).toEqual(expect.arrayContaining(stacks));
  });

  test('to delete are there only for what is asked for', () => {
    const actions = (props: object) => ownRights(create(props).template()).flatMap(({ Action }) => Action).filter(action => /DeleteBranch|DeleteStack/.test(action));
    expect(actions({})).toEqual([]);
    expect(actions({ previewBackends: true })).toEqual([]);
    expect(actions({ previewLifetime: Duration.days(1) })).toEqual(['amplify:DeleteBranch']);
  });

  test.each(['aws-cn', 'aws-us-gov'])('name the partition of the stack: %s', partition => {
    const region = partition === 'aws-cn' ? 'cn-north-1' : 'us-gov-west-1';
    const { template } = create({}, new Stack(new App(), 'Stack', { env: { region, account: '111111111111' } }));
    expect(JSON.stringify(ownRights(template()))).not.toContain('arn:aws:');
  });
});

test('the end of a build is looked at once a branch is built by itself, and not before', () => {
  const remembering = (startBuilds: boolean[]) => {
    const { operator, template } = create();
    startBuilds.forEach((builds, index) => operator.rememberVariables(`Variables${index}`, { branchName: `b${index}`, variables: {}, startBuilds: builds, executeAfter: [] }));
    return template();
  };
  remembering([false]).resourceCountIs('AWS::Events::Rule', 0);
  const { EventPattern, Targets } = onlyResource(remembering([false, true, true]), 'AWS::Events::Rule');
  expect(EventPattern).toMatchObject({ source: ['aws.amplify'], detail: { appId: [APP_ID], jobStatus: ['SUCCEED', 'FAILED'] } });
  expect(Targets).toMatchObject([{ InputTransformer: { InputPathsMap: { 'detail-branchName': '$.detail.branchName' }, InputTemplate: '{"buildEnded":<detail-branchName>}' } }]);
});

describe('previews', () => {
  test('are looked after every day, with their lifetime', () => {
    const { template } = create({ previewLifetime: Duration.days(7), previewBackends: true });
    template().hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 day)', Targets: [Match.objectLike({ Input: '{"removePreviews":true}' })] });
    expect(onlyResource(template(), 'AWS::Lambda::Function').Environment.Variables).toMatchObject({ PREVIEW_LIFETIME_HOURS: '168', PREVIEW_BACKENDS: 'true' });
  });

  test('stay by default', () => {
    expect(onlyResource(create().template(), 'AWS::Lambda::Function').Environment.Variables).not.toHaveProperty('PREVIEW_LIFETIME_HOURS');
  });
});

test('an app of the same stack can be operated, and everything that is kept waits for the function only', () => {
  const stack = new Stack(new App(), 'Stack');
  const app = new amplify.CfnApp(stack, 'App', { name: 'shop' });
  const { operator, template } = create({ appId: app.attrAppId, previewLifetime: Duration.days(1), previewBackends: true }, stack);
  const kept = operator.keepSecrets('Main', { branchName: 'main', secrets: { STRIPE } });
  const branch = new amplify.CfnBranch(stack, 'Branch', { appId: app.attrAppId, branchName: 'main', environmentVariables: [{ name: 'SECRET_PARAMETERS', value: kept.parameterNames.join(',') }] });
  operator.rememberVariables('Variables', { branchName: 'main', variables: { A: '1' }, startBuilds: true, executeAfter: [branch] });
  // Template.fromStack() refuses circles.
  expect(JSON.stringify(ownRights(template()))).toContain('{"Fn::GetAtt":["App","AppId"]}');
  expect(onlyResource(template(), 'AWS::Lambda::Function').Environment.Variables.APP_ID).toEqual({ 'Fn::GetAtt': ['App', 'AppId'] });
});

test('two operators in one stack keep what they know apart', () => {
  const stack = new Stack(new App(), 'Stack');
  for (const id of ['One', 'Two']) new AmplifyOperator(stack, id, { appId: APP_ID }).keepSecrets('Main', { branchName: id, secrets: { STRIPE } });
  const paths = Object.values(resourcesOf(Template.fromStack(stack), 'AWS::Lambda::Function')).map(({ Properties }) => Properties.Environment.Variables.SOURCES_PATH);
  expect(new Set(paths).size).toBe(2);
});

test('in a nested stack the function asks for that one', () => {
  const nested = new NestedStack(new Stack(new App(), 'Parent'), 'Nested');
  new AmplifyOperator(nested, 'Operator', { appId: APP_ID }).keepSecrets('Main', { secrets: { STRIPE } });
  expect(statementFor(ownRights(Template.fromStack(nested)), 'cloudformation:DescribeStacks').flatMap(arns)).toEqual(['<AWS::StackId>']);
});

test('logical ids are a contract: another branch, app or source changes none', () => {
  const idsOf = (appId: string, branchName: string, source: SecretSource) => {
    const { operator, template } = create({ appId });
    operator.keepSecrets('Kept', { branchName, secrets: { A: source } });
    operator.rememberVariables('Variables', { branchName, variables: {}, startBuilds: false, executeAfter: [] });
    return Object.keys(template().toJSON().Resources);
  };
  expect(idsOf(APP_ID, 'main', STRIPE)).toEqual(idsOf('d1other', 'feature/x', SecretSource.fromSecureString('other')));
});

test('the profile decides how long the log is kept, and the key encrypts it', () => {
  const stack = new Stack(new App(), 'Stack');
  const encryptionKey = new kms.Key(stack, 'Key');
  const { template } = create({ profile: EnvironmentProfile.development(), encryptionKey }, stack);
  template().hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30, KmsKeyId: stack.resolve(encryptionKey.keyArn) });
  template().hasResourceProperties('AWS::Lambda::Function', { KmsKeyArn: stack.resolve(encryptionKey.keyArn), Timeout: 480 });
});

test.each([true, false])('cdk-nag finds nothing (app of the same stack: %s)', own => {
  const stack = new Stack(new App(), 'Stack');
  const appId = own ? new CfnResource(stack, 'App', { type: 'AWS::Amplify::App', properties: { Name: 'shop' } }).getAtt('AppId').toString() : APP_ID;
  const { operator } = create({ appId, previewLifetime: Duration.days(7), previewBackends: true, encryptionKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }) }, stack);
  operator.keepSecrets('Main', { branchName: 'main', secrets: { STRIPE, A: SecretSource.fromSecretsManager(secretIn(stack)) } });
  (stack.node.root as App).synth();
  const findings = new AwsSolutionsChecks().validateScope(stack).violations.filter(({ severity }) => severity === 'error');
  expect(findings.flatMap(({ ruleName, violatingResources }) => violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`))).toEqual([]);
});

describe('refused', () => {
  test.each<[string, Partial<Record<keyof AmplifyOperatorProps, unknown>>, string]>([
    ['no app', { appId: undefined }, 'the id of an Amplify app'],
    ['the name of an app', { appId: 'my-shop' }, 'the id of an Amplify app'],
    ['a profile that is a name', { profile: 'staging' }, 'an EnvironmentProfile'],
    ['a key that is an ARN', { encryptionKey: 'arn' }, 'a kms.IKey'],
    ['a lifetime that is a number', { previewLifetime: 7 }, 'a Duration'],
    ['a lifetime of an hour', { previewLifetime: Duration.hours(1) }, '86400 to 31536000'],
    ['a text for a boolean', { previewBackends: 'false' }, 'true, false'],
  ])('%s', (_, props, allowed) => {
    expect(refusal(() => create(wrong(props)))).toContain(allowed);
  });

  const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`A${index}`, STRIPE]));
  test.each<[string, Partial<Record<keyof KeepSecretsOptions, unknown>>, string]>([
    ['no secrets', { secrets: undefined }, 'sources of secrets by their names'],
    ['an empty list of secrets', { secrets: {} }, '1 to 50'],
    ['more secrets than one description holds', { secrets: many }, 'call keepSecrets() twice'],
    ['a list of secrets', { secrets: [STRIPE] }, 'an object of values by name'],
    ['a name that SSM does not take', { secrets: { 'A B': STRIPE } }, 'letters, digits and _ . -'],
    ['a value for a source', { secrets: { A: 'hunter2' } }, 'a SecretSource'],
    ['nothing for a source', { secrets: { A: undefined } }, 'a SecretSource'],
    ['an empty branch', { branchName: '', secrets: { STRIPE } }, 'the name of a branch'],
  ])('%s', (_, options, allowed) => {
    expect(refusal(() => create().operator.keepSecrets('Main', wrong(options)))).toContain(allowed);
  });

  test.each<[string, Partial<Record<keyof RememberVariablesOptions, unknown>>, string]>([
    ['no branch', { branchName: undefined }, 'the name of a branch'],
    ['no variables', { variables: undefined }, 'values by name'],
    ['a number for a variable', { variables: { PORT: 5432 } }, 'a text'],
    ['a text for a boolean', { startBuilds: 'yes' }, 'true, false'],
    ['one construct for a list', { executeAfter: 'branch' }, 'a list'],
  ])('%s', (_, options, allowed) => {
    const complete = { branchName: 'main', variables: {}, startBuilds: true, executeAfter: [], ...options };
    expect(refusal(() => create().operator.rememberVariables('Main', wrong(complete)))).toContain(allowed);
  });

  test.each<[string, () => unknown, string]>([
    ['a secret that is a name', () => SecretSource.fromSecretsManager(wrong('shop')), 'a secretsmanager.ISecret'],
    ['no secret', () => SecretSource.fromSecretsManager(wrong(undefined)), 'a secretsmanager.ISecret'],
    ['an empty field', () => SecretSource.fromSecretsManager(wrong({ secretArn: ARN }), ''), 'the name of a field'],
    ['no parameter', () => SecretSource.fromSecureString(wrong(undefined)), 'the name of a parameter'],
    ['the ARN of a parameter', () => SecretSource.fromSecureString('arn:aws:ssm:eu-central-1:1:parameter/a'), 'the name of a parameter'],
    ['a key that is an ARN', () => SecretSource.fromSecureString('/a', wrong('arn')), 'a kms.IKey'],
  ])('%s', (_, make, allowed) => {
    expect(refusal(make)).toContain(allowed);
  });
});

test('kept secrets can be made beside the operator too', () => {
  const { stack, operator, template } = create();
  const kept = new KeptSecrets(stack, 'Kept', { operator, branchName: 'main', secrets: { STRIPE } });
  expect(kept.node.path).toBe('Stack/Kept');
  template().resourceCountIs('Custom::AmplifySecrets', 1);
});
