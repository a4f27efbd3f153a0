import { App, CfnParameter, Fn, Lazy, NestedStack, Size, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { ACCOUNT, cloudFront, edgeOf, regional, ruleOf, rulesOf, stackIn, webAclOf } from './firewall-fixtures';
import { FirewallMatch } from '../../src/edge/firewall-match';
import { FirewallPlacement } from '../../src/edge/firewall-placement';
import { RateLimit } from '../../src/edge/firewall-rate-limit';
import { FirewallRule } from '../../src/edge/firewall-rule';
import { ManagedRules } from '../../src/edge/managed-rules';
import { WebFirewall } from '../../src/edge/web-firewall';
import { EnvironmentProfile } from '../../src/environment';
import { Monitoring } from '../../src/observability';

const WEB_ACL = 'AWS::WAFv2::WebACL';
const REGIONAL_ARN = `arn:aws:wafv2:eu-central-1:${ACCOUNT}:regional/webacl/own/0a1b2c3d-1111-2222-3333-444455556666`;
const GLOBAL_ARN = REGIONAL_ARN.replace('eu-central-1', 'us-east-1').replace('regional', 'global');

function loadBalancerIn(stack: Stack, id: string = 'LoadBalancer'): elbv2.ApplicationLoadBalancer {
  const vpc = ec2.Vpc.fromVpcAttributes(stack, `${id}Vpc`, {
    vpcId: 'vpc-1', availabilityZones: ['a', 'b'], publicSubnetIds: ['subnet-1', 'subnet-2'],
  });
  return new elbv2.ApplicationLoadBalancer(stack, id, { vpc });
}

describe('what it does unless told otherwise', () => {
  test('four managed groups and one limit for each address, within the price of 1,500 units', () => {
    const { stack, firewall } = regional();
    expect(rulesOf(stack).map(({ Name, Priority }) => [Name, Priority])).toEqual([
      ['RateLimit', 1000],
      ['AWS-AWSManagedRulesAmazonIpReputationList', 5000],
      ['AWS-AWSManagedRulesKnownBadInputsRuleSet', 5010],
      ['AWS-AWSManagedRulesSQLiRuleSet', 5020],
      ['AWS-AWSManagedRulesCommonRuleSet', 5030],
    ]);
    expect(firewall.capacity).toBe(1127);
  });

  test('all that no rule blocks comes through', () => {
    expect(webAclOf(regional().stack).DefaultAction).toEqual({ Allow: {} });
  });

  test('the common rules only count bodies above 8 KB, and block all else that they find', () => {
    expect(ruleOf(regional().stack, 'AWS-AWSManagedRulesCommonRuleSet')).toMatchObject({
      OverrideAction: { None: {} },
      Statement: { ManagedRuleGroupStatement: { RuleActionOverrides: [{ Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } }] } },
    });
  });

  test('Log4j look-ups are blocked', () => {
    const group = ruleOf(regional().stack, 'AWS-AWSManagedRulesKnownBadInputsRuleSet');
    expect(group.OverrideAction).toEqual({ None: {} });
    expect(group.Statement.ManagedRuleGroupStatement).toEqual({ VendorName: 'AWS', Name: 'AWSManagedRulesKnownBadInputsRuleSet' });
  });

  test('one address may send 2,000 requests in five minutes and is then told with 429', () => {
    expect(ruleOf(regional().stack, 'RateLimit')).toMatchObject({
      Action: { Block: { CustomResponse: { ResponseCode: 429 } } },
      Statement: { RateBasedStatement: { Limit: 2000, EvaluationWindowSec: 300, AggregateKeyType: 'IP' } },
    });
  });

  test('each rule has metrics and samples under its own name', () => {
    for (const rule of rulesOf(regional().stack)) {
      expect(rule.VisibilityConfig).toEqual({ MetricName: rule.Name, CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true });
    }
  });
});

describe('lists, countries and sizes', () => {
  test('IPv4 and IPv6 ranges are in lists of their own, and either lets a request through', () => {
    const { stack } = regional({ allowedAddresses: ['198.51.100.0/24', '2001:db8::/32', '192.0.2.1/32'] });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::WAFv2::IPSet', 2);
    template.hasResourceProperties('AWS::WAFv2::IPSet', { IPAddressVersion: 'IPV4', Scope: 'REGIONAL', Addresses: ['198.51.100.0/24', '192.0.2.1/32'] });
    template.hasResourceProperties('AWS::WAFv2::IPSet', { IPAddressVersion: 'IPV6', Scope: 'REGIONAL', Addresses: ['2001:db8::/32'] });
    const rule = ruleOf(stack, 'AllowedAddresses');
    expect(rule.Action).toEqual({ Allow: {} });
    expect(rule.Statement.OrStatement.Statements).toHaveLength(2);
  });

  test('allowed addresses are asked before blocked ones, and those before all else', () => {
    const { stack } = regional({ allowedAddresses: ['192.0.2.1/32'], blockedAddresses: ['192.0.2.0/24'], blockedCountries: ['KP'] });
    const [allowed, blocked, countries] = rulesOf(stack);
    expect(allowed).toMatchObject({ Name: 'AllowedAddresses', Priority: 100, Action: { Allow: {} } });
    expect(blocked).toMatchObject({ Name: 'BlockedAddresses', Priority: 200, Action: { Block: {} } });
    expect(countries).toMatchObject({ Name: 'Countries', Priority: 300, Action: { Block: {} }, Statement: { GeoMatchStatement: { CountryCodes: ['KP'] } } });
    expect(blocked.Statement.IPSetReferenceStatement).toBeDefined();
  });

  test('with allowed countries, all others are blocked', () => {
    const { stack } = regional({ allowedCountries: ['DE', 'AT'] });
    expect(ruleOf(stack, 'Countries')).toMatchObject({
      Action: { Block: {} },
      Statement: { NotStatement: { Statement: { GeoMatchStatement: { CountryCodes: ['DE', 'AT'] } } } },
    });
  });

  test('empty lists make no rule', () => {
    const { stack } = regional({ allowedAddresses: [], blockedAddresses: [], blockedCountries: [], rules: [] });
    expect(rulesOf(stack)).toHaveLength(5);
    Template.fromStack(stack).resourceCountIs('AWS::WAFv2::IPSet', 0);
  });

  test('a range that is only known at deployment is taken for IPv4, also a whole list of them', () => {
    const stack = stackIn();
    const list = new CfnParameter(stack, 'Ranges', { type: 'CommaDelimitedList' });
    const one = new CfnParameter(stack, 'Range');
    const { firewall } = regional({ allowedAddresses: list.valueAsList, blockedAddresses: [one.valueAsString, Fn.join('', [one.valueAsString, '/32'])] }, stack);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::WAFv2::IPSet', { IPAddressVersion: 'IPV4', Addresses: { Ref: 'Ranges' } });
    template.hasResourceProperties('AWS::WAFv2::IPSet', {
      IPAddressVersion: 'IPV4', Addresses: [{ Ref: 'Range' }, { 'Fn::Join': ['', [{ Ref: 'Range' }, '/32']] }],
    });
    expect(firewall.capacity).toBe(1129);
  });

  test('a body above the maximum is blocked with 413, also one too large to be measured', () => {
    const { stack } = regional({ maximumBodySize: Size.kibibytes(8) });
    expect(ruleOf(stack, 'BodySize')).toMatchObject({
      Priority: 4000,
      Action: { Block: { CustomResponse: { ResponseCode: 413 } } },
      Statement: { SizeConstraintStatement: { ComparisonOperator: 'GT', Size: 8192, FieldToMatch: { Body: { OversizeHandling: 'MATCH' } } } },
    });
    expect(webAclOf(stack).AssociationConfig).toBeUndefined();
  });

  test('before CloudFront more of a body can be inspected, and so limited', () => {
    const { stack } = cloudFront({ inspectedBodySize: Size.kibibytes(64), maximumBodySize: Size.kibibytes(50) }, stackIn('us-east-1'));
    expect(webAclOf(stack).AssociationConfig).toEqual({ RequestBody: { CLOUDFRONT: { DefaultSizeInspectionLimit: 'KB_64' } } });
    expect(ruleOf(stack, 'BodySize').Statement.SizeConstraintStatement.Size).toBe(51200);
  });
});

describe('trying it', () => {
  const everything = {
    blockedAddresses: ['192.0.2.0/24'],
    allowedAddresses: ['198.51.100.0/24'],
    allowedCountries: ['DE'],
    maximumBodySize: Size.kibibytes(4),
    rateLimits: [RateLimit.perIp(), RateLimit.perPath('/login', { limit: 100 })],
    rules: [
      FirewallRule.block('Block', FirewallMatch.path().startsWith('/a')),
      FirewallRule.challenge('Challenge', FirewallMatch.path().startsWith('/b')),
      FirewallRule.captcha('Captcha', FirewallMatch.path().startsWith('/c')),
      FirewallRule.allow('Allow', FirewallMatch.path().startsWith('/d')),
    ],
  };

  test('nothing is blocked and all that would be is counted', () => {
    const rules = rulesOf(regional({ ...everything, countOnly: true }).stack);
    const actions = Object.fromEntries(rules.map(({ Name, Action, OverrideAction }) => [Name, Object.keys(Action ?? OverrideAction)[0]]));
    const { AllowedAddresses, Allow, ...others } = actions;
    expect([AllowedAddresses, Allow]).toEqual(['Allow', 'Allow']);
    expect(new Set(Object.values(others))).toEqual(new Set(['Count']));
    expect(Object.keys(others)).toHaveLength(12);
  });

  test('turning it to blocking changes neither names nor priorities', () => {
    const outline = (countOnly: boolean) => rulesOf(regional({ ...everything, countOnly }).stack)
      .map(({ Name, Priority, Statement }) => [Name, Priority, Statement]);
    expect(outline(true)).toEqual(outline(false));
  });

  test('one group alone can count', () => {
    const { stack } = regional({ managedRules: [...ManagedRules.recommended(), ManagedRules.anonymousIps().countingAll()] });
    expect(ruleOf(stack, 'AWS-AWSManagedRulesAnonymousIpList')).toMatchObject({ OverrideAction: { Count: {} }, Priority: 5040 });
    expect(ruleOf(stack, 'AWS-AWSManagedRulesSQLiRuleSet').OverrideAction).toEqual({ None: {} });
  });
});

describe('logs', () => {
  test('what a rule found something in is logged, without the values of authorization and cookie', () => {
    const { stack } = regional();
    Template.fromStack(stack).hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
      ResourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FirewallWebAcl'), 'Arn'] },
      RedactedFields: [{ SingleHeader: { Name: 'authorization' } }, { SingleHeader: { Name: 'cookie' } }],
      LoggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [{
          Behavior: 'KEEP',
          Requirement: 'MEETS_ANY',
          Conditions: ['BLOCK', 'COUNT', 'CAPTCHA', 'CHALLENGE', 'EXCLUDED_AS_COUNT'].map(Action => ({ ActionCondition: { Action } })),
        }],
      },
    });
  });

  test('samples do not show them either, nor a header that the team names', () => {
    const { stack } = regional({ redactedHeaders: ['X-Api-Key', 'Authorization'] });
    expect(webAclOf(stack).DataProtectionConfig).toEqual({
      DataProtections: [{ Action: 'SUBSTITUTION', Field: { FieldType: 'SINGLE_HEADER', FieldKeys: ['authorization', 'cookie', 'x-api-key'] } }],
    });
    Template.fromStack(stack).hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
      RedactedFields: ['authorization', 'cookie', 'x-api-key'].map(Name => ({ SingleHeader: { Name } })),
    });
  });

  test('the group has the prefix that AWS wants, a name that no other stack has, and an ARN without an asterisk', () => {
    const { stack } = regional();
    const template = Template.fromStack(stack);
    const [[id, group]] = Object.entries(template.findResources('AWS::Logs::LogGroup'));
    const [, [prefix, suffix]] = group.Properties.LogGroupName['Fn::Join'];
    expect(prefix).toMatch(/^aws-waf-logs-Shop-Firewall-[0-9A-F]{8}-$/);
    expect(JSON.stringify(suffix)).toContain('AWS::StackId');
    template.hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
      LogDestinationConfigs: [{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:logs:eu-central-1:${ACCOUNT}:log-group:`, { Ref: id }]] }],
    });
  });

  test('it is kept as long, encrypted and left behind as the environment says', () => {
    const stack = stackIn('eu-central-1');
    const profile = EnvironmentProfile.production().with({ logRetentionDays: 365 });
    const encryptionKey = new kms.Key(stack, 'Key');
    const { firewall } = regional({ profile, encryptionKey }, stack);
    Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 365, KmsKeyId: Match.anyValue() },
      DeletionPolicy: 'RetainExceptOnCreate',
    });
    expect(firewall.logGroup).toBeDefined();
  });

  test('all requests are logged where asked for', () => {
    const { stack } = regional({ logAllRequests: true });
    Template.fromStack(stack).hasResourceProperties('AWS::WAFv2::LoggingConfiguration', { LoggingFilter: Match.absent() });
  });

  test('development has no logs and no alarms, unless asked for', () => {
    const quiet = regional({ profile: EnvironmentProfile.development() });
    Template.fromStack(quiet.stack).resourceCountIs('AWS::Logs::LogGroup', 0);
    Template.fromStack(quiet.stack).resourceCountIs('AWS::WAFv2::LoggingConfiguration', 0);
    expect([quiet.firewall.logGroup, quiet.firewall.alarms]).toEqual([undefined, []]);
    const asked = regional({ profile: EnvironmentProfile.development(), logs: true, alarms: true });
    Template.fromStack(asked.stack).resourceCountIs('AWS::WAFv2::LoggingConfiguration', 1);
    expect(asked.firewall.alarms).toHaveLength(2);
  });

  test('without a profile it is production', () => {
    const stack = stackIn('eu-central-1');
    const firewall = new WebFirewall(stack, 'Firewall', { placement: FirewallPlacement.regional() });
    Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'RetainExceptOnCreate' });
    expect(firewall.alarms).toHaveLength(2);
  });
});

describe('before CloudFront', () => {
  test('it lives in us-east-1 with its lists and logs, and its ARN is carried to the stack that uses it', () => {
    const { stack, firewall } = cloudFront({ blockedAddresses: ['192.0.2.0/24'] });
    const edge = Template.fromStack(edgeOf(stack));
    expect(edgeOf(stack).region).toBe('us-east-1');
    edge.hasResourceProperties(WEB_ACL, { Scope: 'CLOUDFRONT' });
    edge.hasResourceProperties('AWS::WAFv2::IPSet', { Scope: 'CLOUDFRONT' });
    edge.resourceCountIs('AWS::Logs::LogGroup', 1);
    Template.fromStack(stack).resourceCountIs(WEB_ACL, 0);
    expect(JSON.stringify(stack.resolve(firewall.webAclArn))).toContain('Fn::GetStackOutput');
  });

  test('its alarms are in us-east-1 too, without the dimension that only regional firewalls have', () => {
    const { stack, firewall } = cloudFront();
    expect(firewall.alarms.map(alarm => Stack.of(alarm).region)).toEqual(['us-east-1', 'us-east-1']);
    const alarms = Template.fromStack(edgeOf(stack, 'edge-alarms'));
    alarms.resourceCountIs('AWS::CloudWatch::Alarm', 2);
    expect(JSON.stringify(alarms.toJSON())).not.toContain('"Name":"Region"');
  });

  test('logs that are encrypted at home are encrypted there too, by one key for all firewalls, as no key works in another region', () => {
    const stack = stackIn('eu-central-1');
    const encryptionKey = new kms.Key(stack, 'Key');
    cloudFront({ encryptionKey }, stack);
    cloudFront({ encryptionKey }, stack, 'Other');

    const beside = Template.fromStack(edgeOf(stack));
    const [key, ...others] = Object.keys(beside.findResources('AWS::KMS::Key'));
    expect(others).toEqual([]);
    beside.resourcePropertiesCountIs('AWS::Logs::LogGroup', { KmsKeyId: { 'Fn::GetAtt': [key, 'Arn'] } }, 2);
    expect(Object.values(beside.findResources('AWS::KMS::Key'))[0]).toMatchObject({ DeletionPolicy: 'Delete' });
    expect(JSON.stringify(beside.findResources('AWS::KMS::Key'))).toContain('logs.us-east-1.');
    Template.fromStack(edgeOf(stack, 'edge-alarms')).resourceCountIs('AWS::KMS::Key', 0);
  });

  test('the key outlives its stack where the logs do', () => {
    const stack = stackIn('eu-central-1');
    cloudFront({ encryptionKey: new kms.Key(stack, 'Key'), profile: EnvironmentProfile.production() }, stack);
    const beside = Template.fromStack(edgeOf(stack));
    for (const type of ['AWS::KMS::Key', 'AWS::Logs::LogGroup']) {
      expect(Object.values(beside.findResources(type))).toEqual([expect.objectContaining({ DeletionPolicy: 'RetainExceptOnCreate' })]);
    }
  });

  test.each([
    ['without a key', () => ({})],
    ['without logs', (stack: Stack) => ({ logs: false, encryptionKey: new kms.Key(stack, 'Key') })],
  ])('%s there is no key to pay for', (_, propsFor) => {
    const stack = stackIn('eu-central-1');
    cloudFront({ ...propsFor(stack) }, stack);
    Template.fromStack(edgeOf(stack)).resourceCountIs('AWS::KMS::Key', 0);
  });

  test.each([['in us-east-1', 'us-east-1'], ['without a region', undefined]])('a stack %s has all of it itself', (_, region) => {
    const stack = stackIn(region);
    const { firewall } = cloudFront({ encryptionKey: new kms.Key(stack, 'Key') }, stack);
    const template = Template.fromStack(stack);
    template.hasResourceProperties(WEB_ACL, { Scope: 'CLOUDFRONT' });
    template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: Match.anyValue() });
    template.resourceCountIs('AWS::CloudWatch::Alarm', 2);
    expect(stack.resolve(firewall.webAclArn)).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^FirewallWebAcl/), 'Arn'] });
  });

  test('a nested stack gets its ARN too', () => {
    const stack = stackIn('eu-central-1');
    const nested = new NestedStack(stack, 'Nested');
    const firewall = new WebFirewall(nested, 'Firewall', { placement: FirewallPlacement.cloudFront() });
    Template.fromStack(edgeOf(stack)).resourceCountIs(WEB_ACL, 1);
    expect(JSON.stringify(nested.resolve(firewall.webAclArn))).toContain('Fn::GetStackOutput');
  });

  test('its metrics are its own, though another stack has a nested one of the same name', () => {
    const names = ['Shop', 'Shop-branch'].map(stackName => {
      const stack = new Stack(new App(), 'Shop', { stackName, env: { account: ACCOUNT, region: 'eu-central-1' } });
      new WebFirewall(new NestedStack(stack, 'Nested'), 'Firewall', { placement: FirewallPlacement.cloudFront(), alarms: false });
      return webAclOf(edgeOf(stack)).VisibilityConfig.MetricName as string;
    });
    for (const name of names) expect(name).toMatch(/^[\w-]{1,128}$/);
    expect(new Set(names).size).toBe(2);
  });

  test('it cannot protect a load balancer', () => {
    const { stack, firewall } = cloudFront();
    expect(() => firewall.protect(loadBalancerIn(stack))).toThrow(/a firewall for CloudFront cannot protect a load balancer[^]*got: placement CLOUDFRONT/);
  });
});

describe('before load balancers', () => {
  test('it is associated with each of them', () => {
    const { stack, firewall } = regional();
    firewall.protect(loadBalancerIn(stack, 'One'));
    firewall.protect(loadBalancerIn(stack, 'Two'));
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 2);
    template.hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
      ResourceArn: { Ref: Match.stringLikeRegexp('^One') }, WebACLArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FirewallWebAcl'), 'Arn'] },
    });
  });

  test('a load balancer of another stack waits for the firewall', () => {
    const app = new App({ analyticsReporting: false });
    const { stack, firewall } = regional({}, stackIn('eu-central-1', app));
    const other = new Stack(app, 'Api', { env: { account: ACCOUNT, region: 'eu-central-1' } });
    firewall.protect(loadBalancerIn(other));
    Template.fromStack(other).resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
    expect(other.dependencies).toEqual([stack]);
  });

  test('a second firewall, a network load balancer and one of another region are refused', () => {
    const { stack, firewall } = regional();
    const loadBalancer = loadBalancerIn(stack);
    firewall.protect(loadBalancer);
    expect(() => firewall.protect(loadBalancer)).toThrow(/has a firewall already/);
    expect(() => firewall.protect(undefined as never)).toThrow(/loadBalancer is missing/);
    expect(() => firewall.protect('lb' as never)).toThrow(/loadBalancer is not what it should be/);
    const network = elbv2.NetworkLoadBalancer.fromNetworkLoadBalancerAttributes(stack, 'Network', {
      loadBalancerArn: `arn:aws:elasticloadbalancing:eu-central-1:${ACCOUNT}:loadbalancer/net/n/1`,
    });
    expect(() => firewall.protect(network as never)).toThrow(/loadBalancer is not well-formed/);
    const elsewhere = new Stack(stack.node.root as App, 'Elsewhere', { env: { account: ACCOUNT, region: 'us-west-2' } });
    expect(() => firewall.protect(loadBalancerIn(elsewhere))).toThrow(/of its own region only[^]*eu-central-1[^]*us-west-2/);
  });

  test('in another partition, all is in that partition', () => {
    const { stack, firewall } = regional({ allowedAddresses: ['192.0.2.0/24'] }, stackIn('us-gov-west-1'));
    firewall.protect(loadBalancerIn(stack));
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('arn:aws:');
  });

  test('a stack without account and region has all of it', () => {
    const { stack, firewall } = regional({ allowedAddresses: ['192.0.2.0/24'] }, stackIn());
    firewall.protect(loadBalancerIn(stack));
    const template = Template.fromStack(stack);
    template.hasResourceProperties(WEB_ACL, { Scope: 'REGIONAL' });
    expect(JSON.stringify(template.findResources('AWS::CloudWatch::Alarm'))).toContain('{"Name":"Region","Value":{"Ref":"AWS::Region"}}');
  });
});

describe('a web ACL of the team', () => {
  test('a regional one protects load balancers of its region', () => {
    const stack = stackIn('eu-central-1');
    WebFirewall.fromWebAclArn(stack, 'Own', REGIONAL_ARN).protect(loadBalancerIn(stack));
    Template.fromStack(stack).hasResourceProperties('AWS::WAFv2::WebACLAssociation', { WebACLArn: REGIONAL_ARN });
    const elsewhere = stackIn('us-west-2');
    expect(() => WebFirewall.fromWebAclArn(elsewhere, 'Own', REGIONAL_ARN).protect(loadBalancerIn(elsewhere))).toThrow(/of its own region only/);
  });

  test('a global one protects none', () => {
    const stack = stackIn('us-east-1');
    const own = WebFirewall.fromWebAclArn(stack, 'Own', GLOBAL_ARN);
    expect(own.webAclArn).toBe(GLOBAL_ARN);
    expect(() => own.protect(loadBalancerIn(stack))).toThrow(/cannot protect a load balancer[^]*:global\//);
  });

  test('an ARN that is only known at deployment is believed', () => {
    const stack = stackIn();
    WebFirewall.fromWebAclArn(stack, 'Own', Fn.importValue('acl')).protect(loadBalancerIn(stack));
    Template.fromStack(stack).hasResourceProperties('AWS::WAFv2::WebACLAssociation', { WebACLArn: { 'Fn::ImportValue': 'acl' } });
  });

  test.each([[undefined], ['my-acl'], [REGIONAL_ARN.replace('webacl', 'ipset')], [42]])('%p is no ARN of one', arn => {
    expect(() => WebFirewall.fromWebAclArn(stackIn(), 'Own', arn as never)).toThrow(/webAclArn is (missing|not well-formed)/);
  });
});

describe('what is watched', () => {
  test('a firewall that blocks one in five, and addresses above their limits', () => {
    const { stack } = regional({ rateLimits: [RateLimit.perIp(), RateLimit.perPath('/login', { limit: 100 })] });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: 20,
      EvaluationPeriods: 3,
      TreatMissingData: 'notBreaching',
      Metrics: Match.arrayWith([Match.objectLike({
        Id: 'blocked',
        MetricStat: Match.objectLike({
          Stat: 'Sum',
          Period: 300,
          Metric: {
            Namespace: 'AWS/WAFV2',
            MetricName: 'BlockedRequests',
            Dimensions: [
              { Name: 'Region', Value: 'eu-central-1' }, { Name: 'Rule', Value: 'ALL' }, { Name: 'WebACL', Value: webAclOf(stack).VisibilityConfig.MetricName },
            ],
          },
        }),
      })]),
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: 1000,
      Metrics: Match.arrayWith([Match.objectLike({ Expression: 'FILL(limit0, 0) + FILL(limit1, 0)' })]),
    });
  });

  test('while it is tried, the limits are watched by what they count', () => {
    const { stack } = regional({ countOnly: true });
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([Match.objectLike({ Id: 'limit0', MetricStat: Match.objectLike({ Metric: Match.objectLike({ MetricName: 'CountedRequests' }) }) })]),
    });
  });

  test('without limits there is no alarm for them', () => {
    expect(regional({ rateLimits: [] }).firewall.alarms.map(({ node }) => node.id)).toEqual(['BlockedShare']);
  });

  test('the row is 24 wide, looks into the region of the web ACL and is drawn by a Monitoring', () => {
    const { stack, firewall } = regional();
    new Monitoring(stack, 'Monitoring', { watched: [firewall], alarms: true });
    const widgets = firewall.dashboardWidgets();
    expect(widgets.reduce((width, widget) => width + widget.width, 0)).toBe(24);
    expect(JSON.stringify(stack.resolve(widgets.map(widget => widget.toJson())))).toContain('{AWS/WAFV2,Region,Rule,WebACL} WebACL=');
    const global = cloudFront();
    const json = JSON.stringify(global.stack.resolve(global.firewall.dashboardWidgets().map(widget => widget.toJson())));
    expect(json).toContain('{AWS/WAFV2,Rule,WebACL} WebACL=');
    expect(json).toContain('"region":"us-east-1"');
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });

  test('metrics can be had for all of it and for one rule', () => {
    const { firewall } = regional();
    expect(firewall.metricBlockedRequests().dimensions).toMatchObject({ Rule: 'ALL' });
    expect(firewall.metricBlockedRequests('RateLimit').dimensions).toMatchObject({ Rule: 'RateLimit' });
    expect(firewall.metricCountedRequests().metricName).toBe('CountedRequests');
    expect(firewall.metricCountedRequests('Admin').dimensions).toMatchObject({ Rule: 'Admin' });
  });
});

describe('what stays as it is', () => {
  test('logical ids of the web ACL and its logs, whatever the rules', () => {
    const ids = (props: Parameters<typeof regional>[0]) => {
      const template = Template.fromStack(regional(props).stack);
      return [WEB_ACL, 'AWS::Logs::LogGroup', 'AWS::WAFv2::LoggingConfiguration'].flatMap(type => Object.keys(template.findResources(type)));
    };
    expect(ids({ rules: [FirewallRule.count('A', FirewallMatch.method('PUT'))], blockedAddresses: ['192.0.2.0/24'], countOnly: true, managedRules: [] }))
      .toEqual(ids({}));
    expect(ids({})).toEqual([expect.stringMatching(/^FirewallWebAcl/), expect.stringMatching(/^FirewallLog/), expect.stringMatching(/^FirewallLogging/)]);
  });

  test('priorities of the rules there were, when one is added at the end of each list', () => {
    const limits = [RateLimit.perIp()];
    const rules = [FirewallRule.count('A', FirewallMatch.method('PUT'))];
    const priorities = (props: Parameters<typeof regional>[0]) => Object.fromEntries(
      rulesOf(regional(props).stack).map(({ Name, Priority }) => [Name, Priority]),
    );
    const before = priorities({ rateLimits: limits, rules });
    expect(priorities({
      allowedAddresses: ['192.0.2.0/24'],
      blockedCountries: ['KP'],
      maximumBodySize: Size.kibibytes(1),
      rateLimits: [...limits, RateLimit.perPath('/login', { limit: 10 })],
      rules: [...rules, FirewallRule.count('B', FirewallMatch.method('PUT')), FirewallRule.count('C', FirewallMatch.label('a:b'))],
      managedRules: [...ManagedRules.recommended(), ManagedRules.anonymousIps()],
    })).toMatchObject(before);
  });

  test('two firewalls in one stack share no name', () => {
    const stack = stackIn('us-east-1');
    regional({ allowedAddresses: ['192.0.2.0/24'] }, stack, 'One');
    cloudFront({ allowedAddresses: ['192.0.2.0/24'] }, stack, 'Two');
    const template = Template.fromStack(stack);
    const names = Object.values(template.findResources(WEB_ACL)).map(({ Properties }) => Properties.VisibilityConfig.MetricName);
    const groups = Object.values(template.findResources('AWS::Logs::LogGroup')).map(({ Properties }) => JSON.stringify(Properties.LogGroupName));
    expect([new Set(names).size, new Set(groups).size]).toEqual([2, 2]);
  });
});

describe('what is refused, before any resource is made', () => {
  const token = Lazy.number({ produce: () => 8192 });

  test.each<[string, object, RegExp]>([
    ['no placement', { placement: undefined }, /placement is missing/],
    ['a placement as text', { placement: 'regional' }, /placement is not what it should be/],
    ['a text for a switch', { countOnly: 'false' }, /countOnly is not a boolean/],
    ['a switch that is only known at deployment', { logs: Lazy.any({ produce: () => true }) }, /logs is only known at deployment/],
    ['a group as text', { managedRules: ['AWSManagedRulesCommonRuleSet'] }, /managedRules is not what it should be/],
    ['one group outside of a list', { managedRules: ManagedRules.common() }, /managedRules is not a list/],
    ['a hole in a list', { rules: [undefined] }, /rules is missing/],
    ['a rule where a limit belongs', { rateLimits: [FirewallRule.count('A', FirewallMatch.method('PUT'))] }, /rateLimits is not what it should be/],
    ['eleven limits', { rateLimits: Array.from({ length: 11 }, (_, n) => RateLimit.perPath(`/${n}`, { limit: 10 })) }, /the number of rateLimits[^]*0 to 10/],
    ['a hundred and one rules', { rules: Array.from({ length: 101 }, (_, n) => FirewallRule.count(`R${n}`, FirewallMatch.label('a'))) }, /the number of rules[^]*0 to 100/],
    ['an address without its length', { allowedAddresses: ['192.0.2.1'] }, /allowedAddresses has something else than an address range[^]*192\.0\.2\.1'/],
    ['everybody', { blockedAddresses: ['0.0.0.0/0'] }, /blockedAddresses has something else[^]*1 leading bit or more/],
    ['a length that IPv4 has not', { blockedAddresses: ['192.0.2.1/33'] }, /something else than an address range/],
    ['a length that IPv6 has not', { blockedAddresses: ['2001:db8::/129'] }, /something else than an address range/],
    ['a host name', { allowedAddresses: ['example.com/32'] }, /something else than an address range/],
    ['addresses as one text', { allowedAddresses: '192.0.2.0/24' }, /allowedAddresses is not a list/],
    ['more addresses than a list holds', { allowedAddresses: Array.from({ length: 10_001 }, (_, n) => `10.${Math.floor(n / 256)}.${n % 256}.0/24`) }, /10001 ranges of one kind/],
    ['UK, which is GB', { allowedCountries: ['UK'] }, /allowedCountries has something else than the code of a country[^]*GB for the United Kingdom/],
    ['a hole among countries', { blockedCountries: [undefined] }, /blockedCountries has something else/],
    ['no allowed country', { allowedCountries: [] }, /everybody would be blocked/],
    ['both kinds of countries', { allowedCountries: ['DE'], blockedCountries: ['FR'] }, /both allowed and blocked/],
    ['a size as a number', { maximumBodySize: 8192 }, /maximumBodySize is not what it should be/],
    ['a size that is only known at deployment', { maximumBodySize: Size.bytes(token) }, /maximumBodySize is only known at deployment/],
    ['a size of nothing', { maximumBodySize: Size.bytes(0) }, /maximumBodySize \(bytes\)/],
    ['a body larger than a load balancer has inspected', { maximumBodySize: Size.kibibytes(9) }, /cannot tell sizes beyond[^]*9216 bytes, inspected 8192[^]*fix: lower maximumBodySize, or limit/],
    ['a body larger than CloudFront has inspected', { placement: FirewallPlacement.cloudFront(), maximumBodySize: Size.kibibytes(17) }, /raise inspectedBodySize/],
    ['another inspection at a load balancer', { inspectedBodySize: Size.kibibytes(16) }, /in other sizes[^]*allowed: 8 KiB/],
    ['an inspection in between', { placement: FirewallPlacement.cloudFront(), inspectedBodySize: Size.bytes(20_000) }, /allowed: 16, 32, 48, 64 KiB/],
    ['a header that is none', { redactedHeaders: ['x api key'] }, /redactedHeaders is not well-formed/],
    ['a hole among headers', { redactedHeaders: [undefined] }, /redactedHeaders is missing/],
    ['one header outside of a list', { redactedHeaders: 'x-api-key' }, /redactedHeaders is not a list/],
    ['a key that is none', { encryptionKey: 'alias/key' }, /encryptionKey is not what it should be/],
    ['a profile that is none', { profile: 'production' }, /profile is not what it should be/],
    ['less capacity than is free', { maximumCapacity: 1000 }, /maximumCapacity[^]*1500 to 5000/],
    ['two rules of one name', { rules: [FirewallRule.count('RateLimit', FirewallMatch.method('PUT'))] }, /two rules have one name[^]*RateLimit, twice/],
  ])('%s', (_, props, message) => {
    const stack = stackIn('eu-central-1');
    expect(() => regional(props, stack)).toThrow(message);
    expect(stack.node.findChild('Firewall').node.children).toEqual([]);
    expect(stack.node.root.node.children).toEqual([stack]);
  });

  test('no props at all', () => {
    expect(() => new WebFirewall(stackIn(), 'Firewall', undefined as never)).toThrow(/placement is missing/);
  });
});
