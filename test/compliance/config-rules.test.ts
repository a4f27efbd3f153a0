import { App, Environment, Stack, Tags, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import * as fc from 'fast-check';
import { AccountSecurity, AccountService, ConfigRules, ConfigRulesProps, EnvironmentProfile, Monitoring } from '../../src';
import { MANAGED_RULES } from '../../src/compliance/managed-rules';
import { PlatformError } from '../../src/errors';

const VIRGINIA: Environment = { account: '111111111111', region: 'us-east-1' };
const FRANKFURT: Environment = { account: '111111111111', region: 'eu-central-1' };
const TAG = { key: 'Environment', value: 'production' };

const stackIn = (env?: Environment, app = new App(), id = 'Stack') => new Stack(app, id, { env });
const wrong = <T>(value: unknown) => value as T;

function make(props: ConfigRulesProps = {}, stack = stackIn(VIRGINIA)) {
  const rules = new ConfigRules(stack, 'Rules', props);
  return { stack, rules, get template() { return Template.fromStack(stack); } };
}

const identifiersIn = (template: Template) =>
  Object.values(template.findResources('AWS::Config::ConfigRule')).map(({ Properties }) => Properties.Source.SourceIdentifier);

function only(template: Template, type: string): any {
  const found = Object.values(template.findResources(type));
  expect(found).toHaveLength(1);
  return found[0].Properties;
}

test('in us-east-1 production has every rule, each for its type of resource, or for the account once a day', () => {
  const { rules, template } = make();
  expect(identifiersIn(template).sort()).toEqual(MANAGED_RULES.map(({ identifier }) => identifier).sort());
  expect(rules.ruleNames).toEqual(MANAGED_RULES.map(({ name }) => name));
  expect(rules.rules).toHaveLength(MANAGED_RULES.length);
  template.hasResourceProperties('AWS::Config::ConfigRule', {
    ConfigRuleName: Match.stringLikeRegexp('^Stack-Rules-[0-9a-f]{8}-rds-storage-encrypted$'),
    Scope: { ComplianceResourceTypes: ['AWS::RDS::DBInstance'] },
    Source: { Owner: 'AWS', SourceIdentifier: 'RDS_STORAGE_ENCRYPTED' },
  });
  const daily = Object.values(template.findResources('AWS::Config::ConfigRule')).find(({ Properties }) => Properties.Source.SourceIdentifier === 'VPC_FLOW_LOGS_ENABLED')!;
  expect(daily.Properties.Scope).toBeUndefined();
});

test('values of rules are texts, as AWS Config wants them', () => {
  const { template } = make();
  template.hasResourceProperties('AWS::Config::ConfigRule', { InputParameters: { authorizedTcpPorts: '80,443' } });
  template.hasResourceProperties('AWS::Config::ConfigRule', { InputParameters: { backupRetentionMinimum: '7' } });
});

test.each<[string, Environment | undefined, RegExp]>([
  ['elsewhere AWS Config sees no distributions', FRANKFURT, /CLOUDFRONT/],
  ['where the region is not known, it may be elsewhere', undefined, /CLOUDFRONT/],
  ['China has no rules for containers', { region: 'cn-north-1' }, /CLOUDFRONT|ECS|ELASTICACHE|OPENSEARCH|ECR|USING_CMK|WAFV2|LAMBDA/],
  ['GovCloud has fewer', { region: 'us-gov-west-1' }, /CLOUDFRONT|ECS|ELASTICACHE|OPENSEARCH|ECR|USING_CMK|WAFV2|MINOR_VERSION|LEVEL_PUBLIC|SUBNET/],
])('%s', (_, env, absent) => {
  const expected = MANAGED_RULES.map(({ identifier }) => identifier).filter(identifier => !absent.test(identifier));
  expect(identifiersIn(make({}, stackIn(env)).template).sort()).toEqual(expected.sort());
});

test('an environment is not asked for what its profile does without', () => {
  const { ruleNames } = make({ profile: EnvironmentProfile.development() }).rules;
  for (const name of ['rds-multi-az-support', 'rds-instance-deletion-protection-enabled', 'elb-deletion-protection-enabled', 'vpc-flow-logs-enabled',
    'secretsmanager-using-cmk', 'cloudfront-associated-with-waf']) expect(ruleNames).not.toContain(name);
  expect(ruleNames).toEqual(expect.arrayContaining(['rds-storage-encrypted', 's3-bucket-ssl-requests-only', 'vpc-default-security-group-closed']));
  const single = EnvironmentProfile.production().with({ databaseMultiAz: false });
  expect(make({ profile: single }).rules.ruleNames).not.toContain('rds-multi-az-support');
});

test('rules are left out by name', () => {
  const { ruleNames } = make({ excludedRules: ['rds-multi-az-support', 'elb-logging-enabled'] }).rules;
  expect(ruleNames).toHaveLength(MANAGED_RULES.length - 2);
  expect(ruleNames).not.toContain('rds-multi-az-support');
});

describe('one environment among several in an account', () => {
  test('is known by its tag; what runs once a day knows no tags and would look at all of them', () => {
    const { template, rules } = make({ scopeTag: TAG });
    for (const { Properties } of Object.values(template.findResources('AWS::Config::ConfigRule'))) {
      expect(Properties.Scope).toEqual({ TagKey: 'Environment', TagValue: 'production' });
    }
    expect(rules.ruleNames).not.toContain('vpc-flow-logs-enabled');
    expect(rules.ruleNames).not.toContain('vpc-default-security-group-closed');
    expect(rules.ruleNames).toContain('rds-storage-encrypted');
  });

  test('has rules beside those of another one, with names of their own', () => {
    const { stack } = make({ scopeTag: TAG });
    new ConfigRules(stack, 'Staging', { scopeTag: { ...TAG, value: 'staging' } });
    const names = Object.values(Template.fromStack(stack).findResources('AWS::Config::ConfigRule')).map(({ Properties }) => Properties.ConfigRuleName);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('a conformance pack', () => {
  const packed = (props: ConfigRulesProps = {}) => {
    const { template, rules } = make({ ...props, conformancePack: true });
    const { TemplateBody: body, ConformancePackName: name } = only(template, 'AWS::Config::ConformancePack');
    const resources: { [id: string]: any } = JSON.parse(body).Resources;
    return { template, rules, body, name, resources };
  };

  test.each([{}, { scopeTag: TAG }])('has the very same rules: %j', props => {
    const { template, resources } = packed(props);
    template.resourceCountIs('AWS::Config::ConfigRule', 0);
    const single = Object.values(make(props).template.findResources('AWS::Config::ConfigRule')).map(({ Properties }) => Properties);
    expect(Object.values(resources).map(({ Properties }) => Properties)).toEqual(single);
  });

  test('is within the limits of AWS Config: 51,200 bytes, 130 rules, names of letters, digits and hyphens', () => {
    const { body, name, resources, rules } = packed();
    expect(Buffer.byteLength(body)).toBeLessThan(51_200);
    expect(Object.keys(resources).length).toBeLessThanOrEqual(130);
    expect(name).toMatch(/^[A-Za-z][-A-Za-z0-9]{0,255}$/);
    for (const id of Object.keys(resources)) expect(id).toMatch(/^[A-Za-z0-9]+$/);
    expect(rules.rules).toEqual([]);
    expect(rules.conformancePack).toBeDefined();
  });
});

test('names are within 128 characters, whatever the construct is called', () => {
  fc.assert(fc.property(fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,120}$/), id => {
    const stack = stackIn(VIRGINIA, new App(), 'A-stack-with-a-name-that-is-rather-long-and-goes-on-for-a-while');
    const { rules } = new ConfigRules(stack, id);
    for (const { configRuleName } of rules) expect(configRuleName).toMatch(/^[A-Za-z][\w-]{0,127}$/);
  }), { numRuns: 20 });
});

describe('rules wait for the recorder', () => {
  const withRecorder = (props: ConfigRulesProps = {}) => {
    const stack = stackIn(FRANKFURT);
    const accountSecurity = new AccountSecurity(stack, 'Account', { configRecorder: AccountService.NEW });
    return make({ ...props, accountSecurity }, stack).template;
  };
  const waits = [expect.stringMatching(/ConfigDelivery/), expect.stringMatching(/ConfigRecorder/)];

  test('that is made in their stack', () => {
    for (const { DependsOn } of Object.values(withRecorder().findResources('AWS::Config::ConfigRule'))) expect(DependsOn).toEqual(waits);
    const [pack] = Object.values(withRecorder({ conformancePack: true }).findResources('AWS::Config::ConformancePack'));
    expect(pack.DependsOn).toEqual(waits);
  });

  test('or in another one, which is deployed first', () => {
    const app = new App();
    const [account, rules] = ['Account', 'Rules'].map(id => stackIn(FRANKFURT, app, id));
    make({ accountSecurity: new AccountSecurity(account, 'Account', { configRecorder: AccountService.NEW }) }, rules);
    Template.fromStack(rules);
    expect(rules.dependencies.map(({ node }) => node.path)).toEqual([account.node.path]);
  });

  test('of their own region', () => {
    const app = new App();
    const accountSecurity = new AccountSecurity(stackIn(FRANKFURT, app, 'Account'), 'Account', { configRecorder: AccountService.NEW });
    expect(() => make({ accountSecurity }, stackIn(VIRGINIA, app, 'Rules'))).toThrow('rules see only what is recorded in their own account and region');
  });

  test('and not for one that is not made', () => {
    const stack = stackIn();
    const accountSecurity = new AccountSecurity(stack, 'Account', { configRecorder: AccountService.EXISTING });
    expect(() => make({ accountSecurity }, stack)).toThrow('makes no recorder');
  });
});

describe('people are told of what becomes noncompliant', () => {
  test('by these rules, also where a pack adds to their names', () => {
    const { template, rules } = make();
    const { EventPattern } = only(template, 'AWS::Events::Rule');
    const [{ prefix }] = EventPattern.detail.configRuleName;
    expect(EventPattern).toEqual({
      'source': ['aws.config'],
      'detail-type': ['Config Rules Compliance Change'],
      'detail': {
        messageType: ['ComplianceChangeNotification'], configRuleName: [{ prefix }], newEvaluationResult: { complianceType: ['NON_COMPLIANT'] },
      },
    });
    for (const { configRuleName } of rules.rules) expect(configRuleName!.startsWith(prefix)).toBe(true);
  });

  test('with rule and resource', () => {
    const { stack, rules } = make();
    new Monitoring(stack, 'Monitoring', { watched: [rules] });
    const [{ InputTransformer }] = only(Template.fromStack(stack), 'AWS::Events::Rule').Targets;
    expect(Object.values(InputTransformer.InputPathsMap)).toEqual(expect.arrayContaining(['$.detail.configRuleName', '$.detail.resourceType', '$.detail.resourceId']));
  });

  test('not where alarms are off', () => {
    make({ alarms: false }).template.resourceCountIs('AWS::Events::Rule', 0);
    make({ profile: EnvironmentProfile.development() }).template.resourceCountIs('AWS::Events::Rule', 0);
  });
});

describe('nothing is evaluated twice', () => {
  test('in a stack', () => {
    const { stack } = make();
    expect(() => new ConfigRules(stack, 'Second')).toThrow(/Stack\/Rules and this one, both for the whole account/);
    expect(stack.node.findChild('Second').node.children).toEqual([]);
    make({ scopeTag: TAG }, stackIn());
  });

  test('in two stacks of one account and region', () => {
    const app = new App();
    make({ scopeTag: TAG }, stackIn(FRANKFURT, app, 'One'));
    expect(() => make({ scopeTag: TAG }, stackIn(FRANKFURT, app, 'Two'))).toThrow(/both for Environment=production/);
    expect(() => make({ scopeTag: TAG }, stackIn(VIRGINIA, app, 'Three'))).not.toThrow();
    expect(() => make({}, stackIn(undefined, app, 'Four'))).not.toThrow();
  });
});

test('auditors find nothing', () => {
  const { stack, rules } = make();
  Tags.of(stack).add('Environment', 'production');
  new Monitoring(stack, 'Monitoring', { watched: [rules] });
  Template.fromStack(stack);
  expect(new AwsSolutionsChecks().validateScope(stack).violations.filter(({ severity }) => severity === 'error')).toEqual([]);
});

test.each<[string, ConfigRulesProps, string]>([
  ['a rule that does not exist', { excludedRules: ['RDS_MULTI_AZ_SUPPORT'] }, 'excludedRules[0] has a value that does not exist'],
  ['rules as text', { excludedRules: wrong('rds-multi-az-support') }, 'excludedRules is not a list'],
  ['rules that are only known later', { excludedRules: Token.asList({ Ref: 'Rules' }) }, 'excludedRules is only known at deployment'],
  ['every rule', { excludedRules: MANAGED_RULES.map(({ name }) => name) }, 'every rule is excluded'],
  ['a tag as text', { scopeTag: wrong('production') }, 'scopeTag is not what it should be'],
  ['a tag without value', { scopeTag: wrong({ key: 'Environment' }) }, 'scopeTag.value is missing'],
  ['a tag without letters', { scopeTag: { key: '', value: 'x' } }, 'scopeTag.key is not well-formed'],
  ['a tag that is only known later', { scopeTag: { key: 'Environment', value: Token.asString({ Ref: 'Name' }) } }, 'scopeTag.value is only known at deployment'],
  ['an account that is none', { accountSecurity: wrong('account') }, 'accountSecurity is not what it should be'],
  ['a pack as text', { conformancePack: wrong('yes') }, 'conformancePack is not a boolean'],
  ['a profile by name', { profile: wrong('production') }, 'profile is not what it should be'],
])('refused: %s', (_, props, message) => {
  const stack = stackIn();
  expect(() => new ConfigRules(stack, 'Rules', props)).toThrow(PlatformError);
  expect(() => new ConfigRules(stack, 'Again', props)).toThrow(message);
  expect(stack.node.findChild('Again').node.children).toEqual([]);
});
