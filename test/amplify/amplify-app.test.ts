import { Duration, NestedStack, Stack, Stage, App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { parse } from 'yaml';
import { addApp, appOf, branchOf, github, newStack, only, secretOf, statementsOf, value, variablesOf, VIRGINIA } from './amplify-fixtures';
import { AmplifyApp, AmplifyBuildSize, AmplifyFramework, AmplifyPlatform, AmplifyRepository, AmplifyRule, BranchBackend, EnvironmentProfile, Monitoring } from '../../src';

const OWN = { backend: BranchBackend.own() };

describe('the repository', () => {
  test('GitHub is connected with a reference to the token, which is nowhere in the template', () => {
    const stack = newStack();
    addApp(stack, { repository: AmplifyRepository.github('acme/shop', { accessToken: secretOf(stack, 'github'), field: 'token' }) });
    const { Repository, AccessToken, OauthToken } = appOf(Template.fromStack(stack));
    expect(Repository).toBe('https://github.com/acme/shop');
    expect(JSON.stringify(AccessToken)).toMatch(/\{\{resolve:secretsmanager:.*:secret:github:SecretString:token::\}\}/);
    expect(OauthToken).toBeUndefined();
  });

  test.each([
    ['gitlab.com', AmplifyRepository.gitLab], ['bitbucket.org', AmplifyRepository.bitbucket],
  ])('%s is connected with an OAuth token', (host, factory) => {
    const stack = newStack();
    addApp(stack, { repository: factory('acme/shop', { accessToken: secretOf(stack, 'token') }) });
    const { Repository, AccessToken, OauthToken } = appOf(Template.fromStack(stack));
    expect(Repository).toBe(`https://${host}/acme/shop`);
    expect(JSON.stringify(OauthToken)).toContain('{{resolve:secretsmanager:');
    expect(AccessToken).toBeUndefined();
  });

  test('an app without one is uploaded by hand', () => {
    const stack = newStack();
    addApp(stack, { repository: undefined }).addBranch('main');
    const app = appOf(Template.fromStack(stack));
    expect(Object.keys(app)).not.toEqual(expect.arrayContaining(['Repository']));
    expect(app.AccessToken).toBeUndefined();
  });
});

describe('the app', () => {
  test('a server is Amplify\'s own compute, with its name for the framework', () => {
    const stack = newStack();
    addApp(stack).addBranch('main');
    const template = Template.fromStack(stack);
    expect(appOf(template).Platform).toBe('WEB_COMPUTE');
    expect(branchOf(template, 'main').Framework).toBe('Next.js - SSR');
  });

  test('a static site has no server, no role for one and no log', () => {
    const stack = newStack();
    const branch = addApp(stack, { framework: AmplifyFramework.vite() }).addBranch('main');
    const template = Template.fromStack(stack);
    expect(appOf(template).Platform).toBe('WEB');
    expect(branchOf(template, 'main').ComputeRoleArn).toBeUndefined();
    expect(branch.computeRole).toBeUndefined();
    template.resourcePropertiesCountIs('AWS::Logs::LogGroup', { LogGroupName: Match.anyValue() }, 0);
    expect(statementsOf(template, /ServiceRole/)).toEqual([]);
  });

  test('a label and a platform of the team\'s own are used', () => {
    const stack = newStack();
    addApp(stack, { framework: AmplifyFramework.custom({ platform: AmplifyPlatform.SSR, label: 'Remix' }) }).addBranch('main');
    expect(branchOf(Template.fromStack(stack), 'main').Framework).toBe('Remix');
  });

  test('its name tells two apps of an account apart, or is the team\'s', () => {
    const stack = newStack(undefined, 'Shop');
    addApp(stack, {}, 'One');
    addApp(stack, { appName: 'shop' }, 'Two');
    const names = Object.values(Template.fromStack(stack).findResources('AWS::Amplify::App')).map(({ Properties }) => Properties.Name);
    expect(names).toEqual([expect.stringMatching(/^Shop-One-App-[0-9a-f]{8}$|^Shop-One-[0-9a-f]{8}$/), 'shop']);
  });

  test('a folder of a repository of several is told to Amplify, the build spec and the headers', () => {
    const stack = newStack();
    addApp(stack, { appRoot: 'apps/web' }).addBranch('main');
    const app = appOf(Template.fromStack(stack));
    expect(variablesOf(app).AMPLIFY_MONOREPO_APP_ROOT).toBe('apps/web');
    expect(parse(app.BuildSpec).applications[0].appRoot).toBe('apps/web');
    expect(parse(app.CustomHeaders).applications[0].appRoot).toBe('apps/web');
  });

  test('it always has a variable, as Amplify takes no last one away', () => {
    const stack = newStack();
    addApp(stack);
    expect(variablesOf(appOf(Template.fromStack(stack)))).toEqual({ AMPLIFY_DIFF_DEPLOY: 'false' });
  });

  test('sizes, cookies and rules are passed on in the order given', () => {
    const stack = newStack();
    addApp(stack, {
      buildSize: AmplifyBuildSize.LARGE_16GB,
      cookiesInCacheKey: true,
      rules: [AmplifyRule.redirect('/old', '/new', { country: 'DE' }), AmplifyRule.singlePageApp()],
    });
    const app = appOf(Template.fromStack(stack));
    expect(app.JobConfig).toEqual({ BuildComputeType: 'LARGE_16GB' });
    expect(app.CacheConfig).toEqual({ Type: 'AMPLIFY_MANAGED' });
    expect(app.CustomRules).toEqual([
      { Source: '/old', Target: '/new', Status: '302', Condition: '<DE>' },
      { Source: expect.any(String), Target: '/index.html', Status: '200' },
    ]);
  });

  test('defaults say what the console would keep otherwise', () => {
    const stack = newStack();
    addApp(stack);
    const app = appOf(Template.fromStack(stack));
    expect(app).toMatchObject({
      CacheConfig: { Type: 'AMPLIFY_MANAGED_NO_COOKIES' }, BasicAuthConfig: { EnableBasicAuth: false }, EnableBranchAutoDeletion: false,
    });
    expect(app.JobConfig).toBeUndefined();
  });

  test('the build spec knows branches that were added last', () => {
    const stack = newStack();
    const app = addApp(stack, { preBuildCommands: ['echo before'], postBuildCommands: ['echo after'] });
    app.addBranch('main', OWN);
    app.addBranch('feature/login', { backend: BranchBackend.sharedWith('main') });
    const spec = appOf(Template.fromStack(stack)).BuildSpec;
    expect(spec).toContain('generate outputs --branch main');
    const { backend, frontend } = parse(spec);
    expect(backend.phases.preBuild.commands[0]).toContain('main, feature/login');
    expect(frontend.phases.preBuild.commands.at(-1)).toBe('echo before');
    expect(frontend.phases.postBuild.commands).toEqual(['echo after']);
  });

  test('a build spec of the team\'s own is taken as it is', () => {
    const stack = newStack();
    addApp(stack, { buildSpec: 'version: 1\n' }).addBranch('main');
    expect(appOf(Template.fromStack(stack)).BuildSpec).toBe('version: 1\n');
  });

  test('what has no prop is changed on the resources', () => {
    const stack = newStack();
    const app = addApp(stack);
    app.app.addPropertyOverride('EnableBranchAutoDeletion', true);
    app.addBranch('main').branch.addPropertyOverride('Ttl', '30');
    const template = Template.fromStack(stack);
    expect(appOf(template).EnableBranchAutoDeletion).toBe(true);
    expect(branchOf(template, 'main').Ttl).toBe('30');
  });

  test('a branch is found by its name', () => {
    const app = addApp(newStack());
    const main = app.addBranch('main');
    expect(app.branch('main')).toBe(main);
    expect(app.branches).toEqual([main]);
    expect(() => app.branch('mian')).toThrow(/'mian'[^]*allowed: main/);
    expect(() => addApp(newStack()).branch('main')).toThrow(/no branch was added yet/);
  });
});

describe('the service role', () => {
  const policies = (stack: Stack) => JSON.stringify(only(Template.fromStack(stack), 'AWS::IAM::Role', /ServiceRole/).ManagedPolicyArns ?? []);

  test('Amplify may take it for apps of this account only', () => {
    const stack = newStack();
    addApp(stack);
    const [statement] = only(Template.fromStack(stack), 'AWS::IAM::Role', /ServiceRole/).AssumeRolePolicyDocument.Statement;
    expect(statement.Principal).toEqual({ Service: 'amplify.amazonaws.com' });
    expect(statement.Condition.StringEquals).toEqual({ 'aws:SourceAccount': { Ref: 'AWS::AccountId' } });
    expect(JSON.stringify(statement.Condition.ArnLike['aws:SourceArn'])).toMatch(/:amplify:.*:apps\/\*/);
  });

  test.each<[string, BranchBackend[], boolean]>([
    ['no', [BranchBackend.none()], false], ['their own', [BranchBackend.own()], true], ['shared', [BranchBackend.own(), BranchBackend.sharedWith('b0')], true],
  ])('with %s backends of branches, it may deploy: %j', (_kind, backends, deploys) => {
    const stack = newStack();
    const app = addApp(stack);
    backends.forEach((backend, index) => app.addBranch(`b${index}`, { backend }));
    expect(policies(stack).includes('AmplifyBackendDeployFullAccess')).toBe(deploys);
    expect(policies(stack).split('AmplifyBackendDeployFullAccess').length - 1).toBe(deploys ? 1 : 0);
  });

  test.each<[BranchBackend, boolean]>([[BranchBackend.own(), true], [BranchBackend.none(), false]])('pull requests with a backend of their own are deployed with it too: %j', (backend, deploys) => {
    const stack = newStack();
    addApp(stack, { pullRequestPreviews: { backend } }).addBranch('develop');
    expect(policies(stack).includes('AmplifyBackendDeployFullAccess')).toBe(deploys);
  });

  test('a server\'s log is written with it, and no log can be read', () => {
    const stack = newStack();
    addApp(stack);
    const statements = statementsOf(Template.fromStack(stack), /ServiceRole/);
    expect(statements.map(({ Action }) => Action).flat()).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogGroups']);
    expect(JSON.stringify(statements[0].Resource)).toContain(':log-group:/aws/amplify/*');
  });

  test('a given role is used and not changed', () => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Given', { assumedBy: new iam.ServicePrincipal('amplify.amazonaws.com') });
    const app = addApp(stack, { serviceRole: role });
    app.addBranch('main', OWN);
    const template = Template.fromStack(stack);
    expect(app.serviceRole).toBe(role);
    expect(appOf(template).IAMServiceRole).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Given/), 'Arn'] });
    expect(only(template, 'AWS::IAM::Role', /^Given/).ManagedPolicyArns).toBeUndefined();
    expect(statementsOf(template, /^Given/)).toEqual([]);
    expect(Object.keys(template.findResources('AWS::IAM::Role')).filter(id => /ServiceRole/.test(id))).toEqual([]);
  });
});

describe('the server\'s log', () => {
  test('has an end, the environment\'s, and the key that is given', () => {
    const stack = newStack();
    addApp(stack, { profile: EnvironmentProfile.production().with({ logRetentionDays: 7 }), encryptionKey: new kms.Key(stack, 'Key') });
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: { 'Fn::Join': ['', ['/aws/amplify/', Match.anyValue()]] },
      RetentionInDays: 7,
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
    });
  });
});

describe('everywhere', () => {
  const everything = (stack: Stack, id: string) => {
    const app = addApp(stack, { variables: { AWS_REGION: value(stack.region) }, pullRequestPreviews: { lifetime: Duration.days(3) } }, id);
    app.addBranch('main', { ...OWN, passwordProtected: true });
    app.addBranch('staging', { backend: BranchBackend.sharedWith('main') });
    app.addDomain('Domain', { domainName: 'example.com', subdomains: { www: 'main' } });
    return app;
  };

  test.each([
    ['anywhere', undefined], ['in one place', VIRGINIA], ['in China', { account: '1'.repeat(12), region: 'cn-north-1' }], ['in GovCloud', { account: '1'.repeat(12), region: 'us-gov-west-1' }],
  ])('two apps in one stack synthesize %s', (_where, env) => {
    const stack = newStack(env);
    everything(stack, 'One');
    everything(stack, 'Two');
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Amplify::App', 2);
    template.resourceCountIs('AWS::Amplify::Branch', 4);
    expect(JSON.stringify(template.toJSON())).not.toContain('arn:aws:');
  });

  test('in a stage, and in a stack within a stack', () => {
    const stage = new Stage(new App({ context: { 'aws:cdk:disable-asset-staging': true } }), 'Prod', { env: VIRGINIA });
    const stack = new Stack(stage, 'Web');
    const nested = new NestedStack(stack, 'Nested');
    everything(stack, 'App');
    everything(nested, 'App');
    stage.synth();
    Template.fromStack(stack).resourceCountIs('AWS::Amplify::App', 1);
    Template.fromStack(nested).resourceCountIs('AWS::Amplify::App', 1);
  });
});

describe('watching', () => {
  test('alarms are on shares of requests above 1 %, quiet where few fail, and on slow answers', () => {
    const stack = newStack();
    const app = addApp(stack, { latencyThreshold: Duration.millis(1500) });
    const template = Template.fromStack(stack);
    expect(app.alarms).toHaveLength(3);
    for (const [id, metric] of [['ServerErrors', '5xxErrors'], ['ClientErrors', '4xxErrors']]) {
      const alarm = only(template, 'AWS::CloudWatch::Alarm', new RegExp(id));
      expect(alarm).toMatchObject({ Threshold: 1, ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching' });
      const [expression, ...metrics] = alarm.Metrics;
      expect(metrics.map(({ MetricStat: { Metric: { Namespace, MetricName, Dimensions } } }: any) => [Namespace, MetricName, Dimensions])).toEqual([
        ['AWS/AmplifyHosting', metric, [{ Name: 'App', Value: { 'Fn::GetAtt': [expect.any(String), 'AppId'] } }]],
        ['AWS/AmplifyHosting', 'Requests', [{ Name: 'App', Value: { 'Fn::GetAtt': [expect.any(String), 'AppId'] } }]],
      ]);
      expect(expression.Expression).toBe(`IF(FILL(${metrics[0].Id}, 0) < 5, 0, 100 * ${metrics[0].Id} / ${metrics[1].Id})`);
    }
    expect(only(template, 'AWS::CloudWatch::Alarm', /Latency/)).toMatchObject({ Threshold: 1.5, ExtendedStatistic: 'p95', MetricName: 'Latency' });
  });

  test('people are told of failed builds, and of others where they want to be', () => {
    const told = [false, true].map(notifyOfSuccess => {
      const app = addApp(newStack(), { notifyOfSuccess });
      return app.events!.map(({ rule, meaning }) => [Stack.of(app).resolve((rule.node.defaultChild as CfnRule).eventPattern), meaning]);
    });
    const [[[failed, meaning]]] = told;
    expect(meaning).toMatch(/failed.*First: /);
    expect(failed).toEqual({
      'source': ['aws.amplify'],
      'detail-type': ['Amplify Deployment Status Change'],
      'detail': { appId: [{ 'Fn::GetAtt': [expect.any(String), 'AppId'] }], jobStatus: ['FAILED'] },
    });
    expect(told.map(events => events.map(([pattern]) => pattern.detail.jobStatus))).toEqual([[['FAILED']], [['FAILED'], ['SUCCEED']]]);
  });

  test.each<[string, object, number]>([
    ['the profile has them off', { profile: EnvironmentProfile.development() }, 0],
    ['they are off here', { alarms: false }, 0],
    ['they are on here', { profile: EnvironmentProfile.development(), alarms: true }, 3],
  ])('where %s', (_where, props, count) => {
    const stack = newStack();
    const app = addApp(stack, props);
    expect(app.alarms).toHaveLength(count);
    expect(app.events?.length).toBe(count > 0 ? 1 : undefined);
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Alarm', count);
  });

  test('a Monitoring publishes alarms and failed builds, and draws a row', () => {
    const stack = newStack();
    new Monitoring(stack, 'Monitoring', { watched: [addApp(stack)] });
    const template = Template.fromStack(stack);
    for (const { Properties } of Object.values(template.findResources('AWS::CloudWatch::Alarm'))) expect(Properties.AlarmActions).toHaveLength(1);
    expect(only(template, 'AWS::Events::Rule', /Builds/).Targets).toHaveLength(1);
    expect(JSON.stringify(only(template, 'AWS::CloudWatch::Dashboard'))).toContain('AWS/AmplifyHosting');
  });

  test('a metric of the app can be had for an alarm of the team\'s own', () => {
    const app = addApp(newStack());
    expect(app.metric('BytesDownloaded')).toMatchObject({ namespace: 'AWS/AmplifyHosting', metricName: 'BytesDownloaded', statistic: 'Sum' });
    expect(app.metric('Latency', 'p99').statistic).toBe('p99');
  });
});

test('no props at all are refused', () => {
  expect(() => new AmplifyApp(newStack(), 'App', undefined as never)).toThrow(/framework is missing/);
});

test('the same repository can be given to two apps', () => {
  const stack = newStack();
  const repository = github(stack);
  addApp(stack, { repository }, 'One');
  addApp(stack, { repository }, 'Two');
  Template.fromStack(stack).resourceCountIs('AWS::Amplify::App', 2);
});
