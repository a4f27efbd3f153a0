import { Duration, Fn, Lazy, Size } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { documentedCapacity, regional, ruleOf, rulesOf, stackIn } from './firewall-fixtures';
import { FirewallAction } from '../../src/edge/firewall-action';
import { FirewallMatch } from '../../src/edge/firewall-match';
import { RateLimit } from '../../src/edge/firewall-rate-limit';
import { FirewallRule } from '../../src/edge/firewall-rule';
import { ManagedRules } from '../../src/edge/managed-rules';
import type { WebFirewallProps } from '../../src/edge/web-firewall-props';

/** The statement that a match becomes. */
function statementOf(match: FirewallMatch): any {
  return ruleOf(regional({ rules: [FirewallRule.count('Own', match)] }).stack, 'Own').Statement;
}

function capacityOf(match: FirewallMatch): number {
  return regional({ rules: [FirewallRule.count('Own', match)], managedRules: [], rateLimits: [] }).firewall.capacity;
}

const { path } = FirewallMatch;

describe('which requests a rule is about', () => {
  test('a path is compared after encoding, detours and case have been resolved', () => {
    expect(statementOf(path().startsWith('/Admin'))).toEqual({
      ByteMatchStatement: {
        FieldToMatch: { UriPath: {} },
        PositionalConstraint: 'STARTS_WITH',
        SearchString: '/admin',
        TextTransformations: [{ Priority: 0, Type: 'URL_DECODE' }, { Priority: 1, Type: 'NORMALIZE_PATH' }, { Priority: 2, Type: 'LOWERCASE' }],
      },
    });
  });

  test.each<[string, FirewallMatch, object, string[]]>([
    ['query', FirewallMatch.query().contains('A'), { QueryString: {} }, ['URL_DECODE', 'LOWERCASE']],
    ['parameter', FirewallMatch.queryParameter('q').contains('A'), { SingleQueryArgument: { Name: 'q' } }, ['URL_DECODE', 'LOWERCASE']],
    ['header', FirewallMatch.header('User-Agent').contains('A'), { SingleHeader: { Name: 'User-Agent' } }, ['LOWERCASE']],
    ['cookie', FirewallMatch.cookie('beta').contains('A'), {
      Cookies: { MatchPattern: { IncludedCookies: ['beta'] }, MatchScope: 'VALUE', OversizeHandling: 'CONTINUE' },
    }, ['LOWERCASE']],
    ['body', FirewallMatch.body().contains('A'), { Body: { OversizeHandling: 'CONTINUE' } }, ['LOWERCASE']],
  ])('a %s', (_, match, field, types) => {
    expect(statementOf(match).ByteMatchStatement).toEqual({
      FieldToMatch: field, PositionalConstraint: 'CONTAINS', SearchString: 'a', TextTransformations: types.map((Type, Priority) => ({ Type, Priority })),
    });
  });

  test('a regular expression keeps its case, and so does what it is compared with', () => {
    expect(statementOf(path().matchesRegex('^/[A-Z]+$')).RegexMatchStatement).toEqual({
      FieldToMatch: { UriPath: {} }, RegexString: '^/[A-Z]+$', TextTransformations: [{ Priority: 0, Type: 'URL_DECODE' }, { Priority: 1, Type: 'NORMALIZE_PATH' }],
    });
  });

  test('a text that is only known at deployment is left as it is', () => {
    const match = FirewallMatch.header('x-origin').isExactly(Fn.importValue('Secret'));
    expect(statementOf(match).ByteMatchStatement).toMatchObject({
      SearchString: { 'Fn::ImportValue': 'Secret' }, TextTransformations: [{ Priority: 0, Type: 'NONE' }],
    });
    expect(capacityOf(match)).toBe(2);
  });

  test('a body that is too large to be measured is larger than any size', () => {
    expect(statementOf(FirewallMatch.body().isLargerThan(Size.kibibytes(4)))).toMatchObject({
      SizeConstraintStatement: { FieldToMatch: { Body: { OversizeHandling: 'MATCH' } }, ComparisonOperator: 'GT', Size: 4096 },
    });
    expect(statementOf(FirewallMatch.query().isLargerThan(Size.bytes(100)))).toMatchObject({
      SizeConstraintStatement: { FieldToMatch: { QueryString: {} }, Size: 100 },
    });
  });

  test('one method, or one of several', () => {
    expect(statementOf(FirewallMatch.method('PUT')).ByteMatchStatement).toMatchObject({ SearchString: 'PUT', PositionalConstraint: 'EXACTLY', FieldToMatch: { Method: {} } });
    expect(statementOf(FirewallMatch.method('PUT', 'DELETE')).OrStatement.Statements).toHaveLength(2);
  });

  test('all, any and none of several, as deep as one likes', () => {
    const a = path().startsWith('/a');
    const b = FirewallMatch.country('DE');
    expect(Object.keys(statementOf(FirewallMatch.allOf(a, b)))).toEqual(['AndStatement']);
    expect(Object.keys(statementOf(FirewallMatch.anyOf(a, b)))).toEqual(['OrStatement']);
    expect(statementOf(FirewallMatch.noneOf(a, b)).NotStatement.Statement.OrStatement.Statements).toHaveLength(2);
    expect(statementOf(FirewallMatch.noneOf(b))).toEqual({ NotStatement: { Statement: { GeoMatchStatement: { CountryCodes: ['DE'] } } } });
    expect(statementOf(FirewallMatch.allOf(b))).toEqual({ GeoMatchStatement: { CountryCodes: ['DE'] } });
    expect(capacityOf(FirewallMatch.allOf(FirewallMatch.noneOf(a), FirewallMatch.anyOf(a, b)))).toBe(65);
  });

  test('two address lists of one rule, and lists of rules of similar names, are not mixed up', () => {
    const range = (n: number) => FirewallMatch.addresses(`192.0.${n}.0/24`);
    const { stack } = regional({
      rules: [FirewallRule.block('A', FirewallMatch.anyOf(range(1), range(2))), FirewallRule.block('A2', range(3)), FirewallRule.block('A-2', range(4))],
    });
    const lists = Object.values(Template.fromStack(stack).findResources('AWS::WAFv2::IPSet')).map(({ Properties }) => Properties.Addresses[0]);
    expect(lists.sort()).toEqual(['192.0.1.0/24', '192.0.2.0/24', '192.0.3.0/24', '192.0.4.0/24']);
  });

  test('one match can be used in several rules', () => {
    const office = FirewallMatch.addresses('192.0.2.0/24', '2001:db8::/32');
    const { stack, firewall } = regional({
      rules: [FirewallRule.count('A', office), FirewallRule.count('B', office)],
      rateLimits: [RateLimit.perIp({ onlyWhere: FirewallMatch.noneOf(office) })],
      managedRules: [ManagedRules.common().onlyWhere(FirewallMatch.noneOf(office))],
    });
    Template.fromStack(stack).resourceCountIs('AWS::WAFv2::IPSet', 8);
    expect(firewall.capacity).toBe(2 + 2 + (2 + 2) + (700 + 2));
  });

  test('what matches a label comes after the managed groups, which give it', () => {
    const label = FirewallMatch.label('awswaf:managed:aws:core-rule-set:SizeRestrictions_Body');
    const { stack } = regional({
      rules: [
        FirewallRule.block('Uploads', FirewallMatch.allOf(label, FirewallMatch.noneOf(path().startsWith('/upload')))),
        FirewallRule.block('Not', FirewallMatch.noneOf(label)),
        FirewallRule.block('Plain', path().startsWith('/a')),
      ],
      rateLimits: [RateLimit.perIp({ name: 'Labelled', onlyWhere: label })],
    });
    const order = rulesOf(stack).map(({ Name }) => Name);
    const last = order.indexOf('AWS-AWSManagedRulesCommonRuleSet');
    expect(order.slice(last + 1)).toEqual(['Labelled', 'Uploads', 'Not']);
    expect(order.indexOf('Plain')).toBeLessThan(last);
  });
});

describe('what happens to them', () => {
  test.each<[string, FirewallRule, object]>([
    ['blocked', FirewallRule.block('Own', path().startsWith('/a')), { Block: {} }],
    ['blocked with a code', FirewallRule.block('Own', path().startsWith('/a'), { responseCode: 404 }), { Block: { CustomResponse: { ResponseCode: 404 } } }],
    ['allowed', FirewallRule.allow('Own', path().startsWith('/a')), { Allow: {} }],
    ['counted', FirewallRule.count('Own', path().startsWith('/a')), { Count: {} }],
    ['challenged', FirewallRule.challenge('Own', path().startsWith('/a')), { Challenge: {} }],
    ['given a puzzle', FirewallRule.captcha('Own', path().startsWith('/a')), { Captcha: {} }],
  ])('%s', (_, rule, action) => {
    const made = ruleOf(regional({ rules: [rule] }).stack, 'Own');
    expect(made.Action).toEqual(action);
    expect(made.OverrideAction).toBeUndefined();
  });

  test('a limit for a path counts what begins with it', () => {
    const { stack } = regional({ rateLimits: [RateLimit.perPath('/api/login/', { limit: 100, window: Duration.minutes(1), action: FirewallAction.captcha() })] });
    expect(ruleOf(stack, 'RateLimit-api-login')).toMatchObject({
      Action: { Captcha: {} },
      Statement: { RateBasedStatement: { Limit: 100, EvaluationWindowSec: 60, ScopeDownStatement: { ByteMatchStatement: { SearchString: '/api/login/' } } } },
    });
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'))).toContain('CaptchaRequests');
  });

  test('paths that differ only in their signs need names', () => {
    const one = RateLimit.perPath('/a-b', { limit: 10 });
    expect(() => regional({ rateLimits: [one, RateLimit.perPath('/a/b', { limit: 10 })] })).toThrow(/two rules have one name[^]*RateLimit-a-b/);
    expect(rulesOf(regional({ rateLimits: [one, RateLimit.perPath('/a/b', { limit: 10, name: 'Other' })] }).stack)).toHaveLength(6);
  });

  test('a group can count some rules, block them again, see some requests only and stay at a version', () => {
    const group = ManagedRules.common().counting('GenericRFI_BODY', 'SizeRestrictions_BODY').enforcing('SizeRestrictions_BODY')
      .onlyWhere(path().startsWith('/api')).withVersion('Version_1.15');
    const { stack, firewall } = regional({ managedRules: [group] });
    expect(ruleOf(stack, 'AWS-AWSManagedRulesCommonRuleSet').Statement.ManagedRuleGroupStatement).toMatchObject({
      Version: 'Version_1.15',
      RuleActionOverrides: [{ Name: 'GenericRFI_BODY', ActionToUse: { Count: {} } }],
      ScopeDownStatement: { ByteMatchStatement: { SearchString: '/api' } },
    });
    expect(firewall.capacity).toBe(2 + 700 + 32);
    const strict = regional({ managedRules: [ManagedRules.common().enforcing('SizeRestrictions_BODY')] }).stack;
    expect(ruleOf(strict, 'AWS-AWSManagedRulesCommonRuleSet').Statement.ManagedRuleGroupStatement.RuleActionOverrides).toBeUndefined();
  });

  test('changing a group leaves the one it was made from as it was', () => {
    const group = ManagedRules.sqlInjection();
    group.countingAll().counting('SQLi_BODY').withVersion('Version_2.0');
    expect(ruleOf(regional({ managedRules: [group] }).stack, 'AWS-AWSManagedRulesSQLiRuleSet')).toMatchObject({
      OverrideAction: { None: {} }, Statement: { ManagedRuleGroupStatement: { Name: 'AWSManagedRulesSQLiRuleSet', VendorName: 'AWS' } },
    });
  });

  test('any other group can be had by its name and capacity', () => {
    const { stack, firewall } = regional({ managedRules: [ManagedRules.of('AWS', 'AWSManagedRulesLinuxRuleSet', 200)] });
    expect(ruleOf(stack, 'AWS-AWSManagedRulesLinuxRuleSet').Statement.ManagedRuleGroupStatement).toEqual({ VendorName: 'AWS', Name: 'AWSManagedRulesLinuxRuleSet' });
    expect(firewall.capacity).toBe(202);
  });
});

describe('capacity', () => {
  // https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-list.html
  test.each<[string, FirewallMatch, number]>([
    ['text at the beginning of a path, three transformations', path().startsWith('/a'), 32],
    ['text at its end', path().endsWith('/a'), 32],
    ['the whole path', path().isExactly('/a'), 32],
    ['text within a path', path().contains('a'), 40],
    ['text within a query, two transformations', FirewallMatch.query().contains('a'), 30],
    ['text within a parameter', FirewallMatch.queryParameter('q').contains('a'), 30],
    ['a header, one transformation', FirewallMatch.header('h').isExactly('a'), 12],
    ['a cookie', FirewallMatch.cookie('c').startsWith('a'), 12],
    ['text within a body', FirewallMatch.body().contains('a'), 20],
    ['a regular expression on a path, two transformations', path().matchesRegex('a'), 23],
    ['a regular expression on a header, none', FirewallMatch.header('h').matchesRegex('a'), 3],
    ['a size', FirewallMatch.body().isLargerThan(Size.kibibytes(1)), 1],
    ['a method', FirewallMatch.method('PUT'), 2],
    ['three methods', FirewallMatch.method('PUT', 'POST', 'PATCH'), 6],
    ['countries', FirewallMatch.country('DE', 'FR', 'IT'), 1],
    ['IPv4 addresses', FirewallMatch.addresses('192.0.2.0/24', '198.51.100.0/24'), 1],
    ['both kinds of addresses', FirewallMatch.addresses('192.0.2.0/24', '2001:db8::/32'), 2],
    ['a label', FirewallMatch.label('a:b'), 1],
  ])('%s', (_, match, units) => {
    expect(capacityOf(match)).toBe(units);
    expect(documentedCapacity(statementOf(match))).toBe(units);
  });

  const paths = (count: number) => Array.from({ length: count }, (_, n) => FirewallRule.block(`R${n}`, path().startsWith(`/${n}`)));

  test('above 1,500 it is refused with the sum and its parts, and taken where the team says so', () => {
    expect(regional({ rules: paths(11) }).firewall.capacity).toBe(1479);
    expect(() => regional({ rules: paths(12) })).toThrow(
      /need 1511 web ACL[^]*AWS-AWSManagedRulesCommonRuleSet 700 \+ AWS-AWSManagedRules[^]* \+ RateLimit 2 = 1511\n {2}allowed: at most 1500\n {2}fix: .*maximumCapacity to 1511/,
    );
    expect(regional({ rules: paths(12), maximumCapacity: 1511 }).firewall.capacity).toBe(1511);
  });

  test('above 5,000 no prop helps', () => {
    const groups = Array.from({ length: 4 }, (_, n) => ManagedRules.of('Vendor', `Group${n}`, 1300));
    expect(() => regional({ managedRules: groups, maximumCapacity: 5000 })).toThrow(/need 5202[^]*AWS takes no web ACL above 5000/);
  });
});

describe('what is refused', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['a rule without a name', () => FirewallRule.block(undefined as never, path().startsWith('/a')), /FirewallRule: name is missing/],
    ['a name with a space', () => FirewallRule.block('a b', path().startsWith('/a')), /name is not well-formed/],
    ['a name of AWS WAF\'s', () => FirewallRule.block('ALL', path().startsWith('/a')), /other than All/],
    ['a name that is only known at deployment', () => FirewallRule.block(Fn.ref('N'), path().startsWith('/a')), /name is only known at deployment/],
    ['a part that is compared with nothing', () => FirewallRule.block('A', path() as never), /FirewallRule A: match is not what it should be/],
    ['a rule about nothing', () => FirewallRule.block('A', undefined as never), /match is missing/],
    ['an unknown answer', () => FirewallRule.block('A', path().startsWith('/a'), { responseCode: 418 }), /responseCode has a value that does not exist/],
    ['no text', () => path().startsWith(''), /text is not well-formed/],
    ['nothing for a text', () => path().startsWith(undefined as never), /text is missing/],
    ['a number for a text', () => path().startsWith(42 as never), /text is not well-formed/],
    ['a text of more than 200 bytes', () => path().contains('ä'.repeat(101)), /length of the text in bytes/],
    ['a long expression', () => path().matchesRegex('a'.repeat(513)), /expression is not well-formed/],
    ['no expression', () => path().matchesRegex(undefined as never), /expression is missing/],
    ['no size', () => path().isLargerThan(undefined as never), /size is missing/],
    ['a number for a size', () => path().isLargerThan(8 as never), /size is not what it should be/],
    ['a size that is only known at deployment', () => path().isLargerThan(Size.kibibytes(Lazy.number({ produce: () => 8 }))), /size is only known at deployment/],
    ['a method in small letters', () => FirewallMatch.method('put'), /a method is not well-formed/],
    ['no method', () => FirewallMatch.method(), /there are no matches/],
    ['a country that is none', () => FirewallMatch.country('EU'), /FirewallMatch: countries has something else/],
    ['no country', () => FirewallMatch.country(), /there are no countries/],
    ['an address that is none', () => FirewallMatch.addresses('192.0.2.1'), /FirewallMatch: addresses has something else/],
    ['no address', () => FirewallMatch.addresses(), /there are no addresses/],
    ['a label that is none', () => FirewallMatch.label('a b'), /a label is not well-formed/],
    ['no header', () => FirewallMatch.header(''), /the name of a header is not well-formed/],
    ['a header of 65 letters', () => FirewallMatch.header('h'.repeat(65)), /the length of the name of a header/],
    ['nothing to combine', () => FirewallMatch.allOf(), /there are no matches/],
    ['a text among matches', () => FirewallMatch.anyOf('/a' as never, path().startsWith('/a')), /matches is not what it should be/],
    ['nothing among matches', () => FirewallMatch.noneOf(undefined as never), /matches is missing/],
    ['a limit below 10', () => RateLimit.perIp({ limit: 9 }), /limit is not a whole number from 10/],
    ['no limit for a path', () => RateLimit.perPath('/a', {} as never), /limit is missing/],
    ['no options for a path', () => RateLimit.perPath('/a', undefined as never), /limit is missing/],
    ['no path', () => RateLimit.perPath(undefined as never, { limit: 10 }), /path is missing/],
    ['a path that does not begin with a slash', () => RateLimit.perPath('login', { limit: 10 }), /path is not well-formed/],
    ['a path with a wildcard', () => RateLimit.perPath('/login*', { limit: 10 }), /without query and wildcards/],
    ['all paths', () => RateLimit.perPath('/', { limit: 10 }), /path is not well-formed/],
    ['a window that AWS WAF has not', () => RateLimit.perIp({ window: Duration.minutes(3) }), /allowed: 60, 120, 300, 600/],
    ['a window that is too long', () => RateLimit.perIp({ window: Duration.hours(1) }), /window/],
    ['a window as a number', () => RateLimit.perIp({ window: 300 as never }), /window is not what it should be/],
    ['a limit that allows', () => RateLimit.perIp({ action: FirewallAction.allow() }), /above a rate limit cannot be allowed/],
    ['an action as text', () => RateLimit.perIp({ action: 'block' as never }), /action is not what it should be/],
    ['a limit for a part', () => RateLimit.perIp({ onlyWhere: path() as never }), /onlyWhere is not what it should be/],
    ['a limit with a bad name', () => RateLimit.perIp({ name: 'a b' }), /RateLimit: name is not well-formed/],
    ['a group without its capacity', () => ManagedRules.of('AWS', 'X', undefined as never), /capacity is missing/],
    ['a group of no capacity', () => ManagedRules.of('AWS', 'X', 0), /capacity is not a whole number/],
    ['a group without a vendor', () => ManagedRules.of('', 'X', 1), /vendorName is not well-formed/],
    ['a group with a bad name', () => ManagedRules.of('AWS', 'a b', 1), /name is not well-formed/],
    ['a counted rule that is none', () => ManagedRules.common().counting('a b'), /the name of a rule is not well-formed/],
    ['an enforced rule that is none', () => ManagedRules.common().enforcing(undefined as never), /the name of a rule is missing/],
    ['a group for a part', () => ManagedRules.common().onlyWhere(path() as never), /match is not what it should be/],
    ['a version that is none', () => ManagedRules.common().withVersion(''), /version is not well-formed/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ name: 'PlatformError' }));
  });
});

describe('any combination', () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const cidr = fc.oneof(
    fc.ipV4().map(address => `${address}/32`),
    fc.ipV6().map(address => `${address}/128`),
    fc.constant(Fn.importValue('Range')),
  );
  const field = fc.oneof(
    fc.constant(path()), fc.constant(FirewallMatch.query()), fc.constant(FirewallMatch.body()),
    word.map(name => FirewallMatch.header(name)), word.map(name => FirewallMatch.cookie(name)), word.map(name => FirewallMatch.queryParameter(name)),
  );
  const { match } = fc.letrec<{ match: FirewallMatch; leaf: FirewallMatch }>(tie => ({
    leaf: fc.oneof(
      fc.tuple(field, word, fc.constantFrom('startsWith' as const, 'endsWith' as const, 'contains' as const, 'isExactly' as const, 'matchesRegex' as const))
        .map(([part, text, comparison]) => part[comparison](text)),
      fc.tuple(field, fc.integer({ min: 1, max: 9000 })).map(([part, bytes]) => part.isLargerThan(Size.bytes(bytes))),
      fc.uniqueArray(fc.constantFrom('GET', 'PUT', 'POST'), { minLength: 1 }).map(methods => FirewallMatch.method(...methods)),
      fc.uniqueArray(fc.constantFrom('DE', 'FR', 'US'), { minLength: 1 }).map(codes => FirewallMatch.country(...codes)),
      fc.array(cidr, { minLength: 1, maxLength: 4 }).map(cidrs => FirewallMatch.addresses(...cidrs)),
      word.map(key => FirewallMatch.label(key)),
    ),
    match: fc.oneof(
      { maxDepth: 2 },
      tie('leaf'),
      fc.tuple(fc.constantFrom('allOf' as const, 'anyOf' as const, 'noneOf' as const), fc.array(tie('match'), { minLength: 1, maxLength: 3 }))
        .map(([join, matches]) => FirewallMatch[join](...matches)),
    ),
  }));
  const named = fc.uniqueArray(word, { maxLength: 4 });
  const actions = ['block', 'allow', 'count', 'challenge', 'captcha'] as const;
  const groups = [...ManagedRules.recommended(), ManagedRules.anonymousIps()];
  const props: fc.Arbitrary<Partial<WebFirewallProps>> = fc.record({
    managedRules: fc.subarray(groups),
    rateLimits: named.chain(names => fc.tuple(...names.map(name => fc.option(match, { nil: undefined })
      .map(onlyWhere => RateLimit.perIp({ name: `Limit-${name}`, onlyWhere }))))),
    rules: named.chain(names => fc.tuple(...names.map(name => fc.tuple(match, fc.constantFrom(...actions))
      .map(([about, action]) => FirewallRule[action](`Own-${name}`, about))))),
    allowedAddresses: fc.array(cidr, { maxLength: 4 }),
    blockedAddresses: fc.array(cidr, { maxLength: 4 }),
    blockedCountries: fc.subarray(['DE', 'FR']),
    maximumBodySize: fc.integer({ min: 1, max: 8192 }).map(bytes => Size.bytes(bytes)),
    countOnly: fc.boolean(),
    logs: fc.boolean(),
    alarms: fc.boolean(),
  }, { requiredKeys: [] });

  test('has unique names and priorities in order, one action each, and needs as many units as its parts', () => {
    fc.assert(fc.property(props, given => {
      const { stack, firewall } = regional({ ...given, maximumCapacity: 5000 }, stackIn());
      const rules = rulesOf(stack);
      const priorities = rules.map(({ Priority }) => Priority);
      expect(new Set(rules.map(({ Name }) => Name)).size).toBe(rules.length);
      expect([...new Set(priorities)].sort((a, b) => a - b)).toEqual(priorities);
      for (const rule of rules) expect(Object.keys(rule.Action ?? rule.OverrideAction)).toHaveLength(1);
      expect(firewall.capacity).toBe(rules.reduce((sum, { Statement }) => sum + documentedCapacity(Statement), 0));
      if (given.countOnly) expect(JSON.stringify(rules)).not.toContain('"Block"');
    }), { numRuns: 150 });
  }, 60_000);
});
