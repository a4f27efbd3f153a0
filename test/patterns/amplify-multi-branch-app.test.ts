import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { parse } from 'yaml';
import { addPattern, everything } from './amplify-multi-branch-app-fixtures';
import { AmplifyFramework, AmplifyMultiBranchApp, AmplifyMultiBranchAppProps, AmplifyStage, BranchBackend, BranchVariable, EnvironmentProfile, Monitoring } from '../../src';
import { appOf, branchOf, newStack, only, refusal, value, variablesOf, VIRGINIA } from '../amplify/amplify-fixtures';

function template(props: Partial<AmplifyMultiBranchAppProps> = {}, stack: Stack = newStack()): Template {
  addPattern(stack, props);
  return Template.fromStack(stack);
}

const protectedBranches = (found: Template) => Object.values(found.findResources('AWS::Amplify::Branch'))
  .filter(({ Properties }) => Properties.BasicAuthConfig.EnableBasicAuth).map(({ Properties }) => Properties.BranchName);

test('it makes no resource itself', () => {
  const stack = newStack();
  const pattern = addPattern(stack, everything(stack));
  expect(pattern.node.children.map(({ node }) => node.id)).toEqual(['EncryptionKey', 'App', 'SmokeTests', 'Monitoring', 'Budget']);
});

describe('branches', () => {
  test('may stand before the one whose backend they share, and each has its own', () => {
    const branches = { staging: { backend: BranchBackend.sharedWith('main') }, main: { backend: BranchBackend.own(), variables: { A: value('1') } } };
    const found = template({ branches, requires: ['A'] });
    const other = template({ branches: Object.fromEntries(Object.entries(branches).reverse()), requires: ['A'] });
    expect(variablesOf(branchOf(found, 'staging')).A).toBe('1');
    expect(appOf(found).BuildSpec).toBe(appOf(other).BuildSpec);
  });

  test('can be added later, with what the others have', () => {
    const stack = newStack();
    const pattern = addPattern(stack, { nonProductionPassword: true, smokeTests: [{ path: '/' }], branches: { main: { backend: BranchBackend.own(), variables: { A: value('1') } } } });
    pattern.addBranch('demo', { backend: BranchBackend.sharedWith('main') });
    pattern.addBranch('live', { stage: AmplifyStage.PRODUCTION });
    const found = Template.fromStack(stack);
    expect(variablesOf(branchOf(found, 'demo')).A).toBe('1');
    expect(protectedBranches(found)).toEqual(['demo']);
    expect(parse(appOf(found).BuildSpec).backend.phases.preBuild.commands[0]).toContain('main, demo, live');
    expect(tested(found)).toEqual(['main', 'live']);
  });

  test('all that is wrong with them is found before anything is made', () => {
    const mistakes: [Partial<AmplifyMultiBranchAppProps>, RegExp][] = [
      [{ branches: undefined }, /branches is missing/],
      [{ branches: {} }, /branches is missing/],
      [{ branches: ['main'] as never }, /branches is not an object/],
      [{ branches: { main: undefined as never } }, /branches main is missing/],
      [{ branches: { main: 'own' as never } }, /branches main is not an object/],
      [{ branches: { '': {} } }, /branchName/],
      [{ branches: { main: { stage: 'LIVE' as never } } }, /stage of main/],
      [{ branches: { main: {}, b: {} }, requires: ['A', 'B'], variables: { A: value('1') } }, /branch main lacks a variable that is required: B/],
      [{ branches: { a: { backend: BranchBackend.sharedWith('b') }, b: { backend: BranchBackend.sharedWith('a') } } }, /a -> b -> a/],
      [{ branches: { a: { backend: BranchBackend.sharedWith('b') }, b: {} } }, /a -> b/],
      [{ branches: Object.fromEntries([...Array(51).keys()].map(index => [`b${index}`, {}])) }, /51 branches/],
      [{ framework: AmplifyFramework.vite(), branches: { main: { variables: { KEY: BranchVariable.secureString('/k') } } } }, /secrets KEY/],
      [{ nonProductionPassword: 'yes' as never }, /nonProductionPassword is not a boolean/],
      [{ smokeTests: '/' as never }, /smokeTests is not a list/],
      [{ alertEmails: 'a@example.com' as never }, /alertEmails is not a list/],
      [{ alertTopic: 'arn' as never }, /alertTopic is not/],
      [{ monitoring: 'all' as never }, /monitoring is not/],
      [{ monitoring: { watch: 1 } as never, alertEmails: [] }, /alertEmails would shape a new monitoring/],
      [{ smokeTests: [{ path: '/' }], branches: { main: { passwordProtected: true } } }, /smoke tests know no password/],
      [{ smokeTests: [{ path: '/' }], nonProductionPassword: true, branches: { staging: {}, qa: {} } }, /smoke tests know no password[^]*staging, qa/],
      [{ appRoot: '/' }, /appRoot/],
    ];
    for (const [props, message] of mistakes) {
      const stack = newStack();
      expect(refusal(() => addPattern(stack, props))).toMatch(message);
      expect(stack.node.findChild('Web').node.children).toEqual([]);
    }
    expect(() => new AmplifyMultiBranchApp(newStack(), 'Web', undefined as never)).toThrow(/branches is missing/);
  });

  test('what its parts refuse, it refuses', () => {
    expect(refusal(() => addPattern(newStack(), { domain: { domainName: 'example.com', subdomains: { www: 'mian' } } }))).toMatch(/'mian'/);
    expect(refusal(() => addPattern(newStack(), { monthlyBudget: -1 }))).toMatch(/monthlyLimit/);
    expect(refusal(() => addPattern(newStack(), { smokeTests: [] }))).toMatch(/tests/);
  });
});

describe('passwords', () => {
  test('are asked for on all branches but production\'s, or as a branch says', () => {
    const closed = { stage: AmplifyStage.PRODUCTION, passwordProtected: true };
    const branches = { main: {}, staging: {}, beta: { stage: AmplifyStage.BETA }, open: { passwordProtected: false }, closed };
    expect(protectedBranches(template({ branches, nonProductionPassword: true }))).toEqual(['staging', 'beta', 'closed']);
    expect(protectedBranches(template({ branches }))).toEqual(['closed']);
  });
});

describe('addresses', () => {
  test('are those of the domain where a branch has one', () => {
    const stack = newStack();
    const pattern = addPattern(stack, { branches: { main: {}, staging: {} }, domain: { domainName: 'example.com', subdomains: { www: 'main' } } });
    expect(pattern.urlOf('main')).toBe('https://www.example.com');
    expect(pattern.urlOf('staging')).toBe(pattern.branch('staging').url);
    expect(() => pattern.urlOf('mian')).toThrow(/no such branch/);
    expect(pattern.domain!.domainName).toBe('example.com');
  });
});

function tested(found: Template): string[] {
  const rules = Object.entries(found.findResources('AWS::Events::Rule')).filter(([id]) => /Deployments/.test(id));
  return rules.map(([, { Properties: { EventPattern, Targets } }]) => {
    expect(JSON.stringify(Targets)).toContain('SmokeTests');
    return EventPattern.detail.branchName[0];
  });
}

describe('smoke tests', () => {
  test('ask each branch without a password after its deployments, at its own address', () => {
    const found = template({
      branches: { main: {}, qa: {}, staging: { passwordProtected: true } }, smokeTests: [{ path: '/login' }], domain: { domainName: 'example.com', subdomains: { '': 'main' } },
    });
    expect(tested(found)).toEqual(['main', 'qa']);
    const [main, qa] = ['main', 'qa'].map(name => JSON.stringify(only(found, 'AWS::Events::Rule', new RegExp(`Branch${name}Deployments`)).Targets[0].Input));
    expect(main).toContain('https://example.com');
    expect(qa).toContain('https://qa.');
  });

  test('a failed one raises an alarm that is published', () => {
    const found = template({ smokeTests: [{ path: '/' }] });
    expect(only(found, 'AWS::CloudWatch::Alarm', /SmokeTests/).AlarmActions).toHaveLength(1);
  });
});

describe('watching', () => {
  test('alarms, failed builds and the budget go to one topic, which tells people', () => {
    const found = template({ monthlyBudget: 50, alertEmails: ['operations@example.com'] });
    const [topic] = Object.keys(found.findResources('AWS::SNS::Topic'));
    for (const { Properties } of Object.values(found.findResources('AWS::CloudWatch::Alarm'))) expect(Properties.AlarmActions).toEqual([{ Ref: topic }]);
    expect(only(found, 'AWS::Events::Rule', /Builds/).Targets[0].Arn).toEqual({ Ref: topic });
    expect(only(found, 'AWS::SNS::Subscription')).toMatchObject({ Protocol: 'email', Endpoint: 'operations@example.com' });
    const { Budget, NotificationsWithSubscribers } = only(found, 'AWS::Budgets::Budget');
    expect(Budget).toMatchObject({ BudgetLimit: { Amount: 50, Unit: 'USD' }, CostFilters: { Service: ['AWS Amplify'] } });
    for (const { Subscribers } of NotificationsWithSubscribers) expect(Subscribers).toEqual([{ SubscriptionType: 'SNS', Address: { Ref: topic } }]);
  });

  test('there is no budget where nobody says how much', () => {
    template().resourceCountIs('AWS::Budgets::Budget', 0);
  });

  test('a given Monitoring, and a given topic, are used', () => {
    const stack = newStack();
    const monitoring = new Monitoring(stack, 'Given');
    expect(addPattern(stack, { monitoring }).monitoring).toBe(monitoring);
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    const other = newStack();
    const alertTopic = new sns.Topic(other, 'Given');
    template({ alertTopic }, other).resourceCountIs('AWS::SNS::Topic', 1);
  });

  test('where the profile has no alarms there are none, unless they are asked for, and then people are told', () => {
    const profile = EnvironmentProfile.development();
    template({ profile, alertEmails: ['a@example.com'] }).resourceCountIs('AWS::CloudWatch::Alarm', 0);
    const stack = newStack();
    const found = template({ profile, alarms: true, alertEmails: ['a@example.com'], smokeTests: [{ path: '/' }] }, stack);
    found.resourceCountIs('AWS::CloudWatch::Alarm', 4);
    found.resourceCountIs('AWS::SNS::Subscription', 1);
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('silentAlarms'));
  });
});

describe('keys', () => {
  test('production has one of its own for logs, messages and the password; a given one takes its place', () => {
    template({ branches: { staging: { passwordProtected: true } } }).resourceCountIs('AWS::KMS::Key', 1);
    template({ profile: EnvironmentProfile.development() }).resourceCountIs('AWS::KMS::Key', 0);
    const stack = newStack();
    const encryptionKey = new kms.Key(stack, 'Given');
    const found = template({ encryptionKey, branches: { staging: { passwordProtected: true } } }, stack);
    found.resourceCountIs('AWS::KMS::Key', 1);
    const given = { 'Fn::GetAtt': [expect.stringMatching(/^Given/), 'Arn'] };
    for (const { Properties } of Object.values(found.findResources('AWS::Logs::LogGroup'))) expect(Properties.KmsKeyId).toEqual(given);
    expect(only(found, 'AWS::SecretsManager::Secret').KmsKeyId).toEqual(given);
  });
});

describe('everything at once', () => {
  test.each([
    ['anywhere', undefined], ['in one place', VIRGINIA], ['in China', { account: '1'.repeat(12), region: 'cn-north-1' }], ['in GovCloud', { account: '1'.repeat(12), region: 'us-gov-west-1' }],
  ])('synthesizes twice in a stack %s, in each environment', (_where, env) => {
    for (const profile of [EnvironmentProfile.development(), EnvironmentProfile.production()]) {
      const stack = newStack(env);
      const props = { ...everything(stack), profile };
      addPattern(stack, props, 'One');
      addPattern(stack, props, 'Two');
      Template.fromStack(stack).resourceCountIs('AWS::Amplify::App', 2);
    }
  });

  test('no value of a secret, and no token, is in the template', () => {
    const stack = newStack();
    const text = JSON.stringify(template(everything(stack), stack).toJSON());
    expect(text.match(/resolve:(secretsmanager|ssm-secure):[^}]*/g)!.filter(reference => !/Password|secretsmanager:arn|secretsmanager:"/.test(reference))).toEqual([]);
  });
});

describe('what changes in place', () => {
  /*
   * Logical ids are a public contract: a changed one replaces a branch that people work with, its password, its log or the app itself.
   * Whoever changes this table changes running systems.
   */
  const CONTRACT = {
    WebAppC92FD1F5: 'AWS::Amplify::App',
    WebAppBranchmainBranch094FF132: 'AWS::Amplify::Branch',
    WebAppBranchproductionBranch01208CF4: 'AWS::Amplify::Branch',
    WebAppBranchstagingBranch67C37EC8: 'AWS::Amplify::Branch',
    WebAppDomain3A5273E1: 'AWS::Amplify::Domain',
    WebAppPasswordC167E424: 'AWS::SecretsManager::Secret',
    WebAppLog30F63EEB: 'AWS::Logs::LogGroup',
    WebEncryptionKeyC2E63131: 'AWS::KMS::Key',
    WebAppOperatorSharedSecretsA7B68C04: 'Custom::AmplifySecrets',
    WebAppOperatorSecretsmainA0D0207D: 'Custom::AmplifySecrets',
    WebAppOperatorSecretsproduction1C5C7DD0: 'Custom::AmplifySecrets',
    WebAppOperatorSecretsstagingBBA61C28: 'Custom::AmplifySecrets',
    WebAppOperatorVariablesmainB33918E5: 'Custom::AmplifyVariables',
    WebAppOperatorVariablesproductionE50548CC: 'Custom::AmplifyVariables',
    WebAppOperatorVariablesstagingA3C141B0: 'Custom::AmplifyVariables',
  };
  const types = new Set(Object.values(CONTRACT));
  const ids = (change: Partial<AmplifyMultiBranchAppProps> = {}) => {
    const stack = newStack();
    const resources: { [id: string]: { Type: string } } = template({ ...everything(stack), ...change }, stack).toJSON().Resources;
    const found = Object.entries(resources).filter(([id, { Type }]) => types.has(Type) && !/(Operator|SmokeTests)Log/.test(id));
    return Object.fromEntries(found.map(([id, { Type }]) => [id, Type]));
  };

  test('logical ids of what keeps state stay as they are', () => {
    expect(ids()).toEqual(CONTRACT);
  });

  test.each<[string, Partial<AmplifyMultiBranchAppProps>]>([
    ['the name', { appName: 'shop' }],
    ['the folder', { appRoot: 'apps/web' }],
    ['the framework', { framework: AmplifyFramework.nuxt() }],
    ['headers and rules', { customHeaders: [], rules: [] }],
    ['commands', { preBuildCommands: [], postBuildCommands: [], buildSmokeTest: undefined }],
    ['previews', { pullRequestPreviews: undefined }],
    ['the lifetime of previews', { pullRequestPreviews: { variables: { GRAPHQL_URL: value('x') }, lifetime: Duration.days(1) } }],
    ['alarms', { alarms: false, notifyOfSuccess: false, smokeTests: undefined, monthlyBudget: undefined }],
    ['the domain\'s name', { domain: { domainName: 'example.org', subdomains: { '': 'main' } } }],
  ])('%s changes none of them', (_what, change) => {
    expect(ids(change)).toEqual(CONTRACT);
  });

  test('a branch that is removed takes away its own only, and one that is added changes no other', () => {
    const { branches } = everything(newStack());
    const { production, ...rest } = branches!;
    const without = ids({ branches: rest, domain: undefined, smokeTests: undefined });
    expect(without).toEqual(Object.fromEntries(Object.entries(CONTRACT).filter(([id]) => !/production|Domain/.test(id))));
    expect(ids({ branches: { ...branches, demo: { backend: BranchBackend.sharedWith('main') } } })).toMatchObject(CONTRACT);
  });
});
