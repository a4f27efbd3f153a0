import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { AddressLists } from './firewall-addresses';
import { checkFirewallName, checkMatch } from './firewall-checks';
import { FirewallMatch } from './firewall-match';
import { checkGiven, checkInteger, checkText } from '../validate';

/** What a copy of a group can change. */
interface ManagedRulesSettings {
  readonly counted: string[];
  readonly countsAll?: boolean;
  readonly onlyWhere?: FirewallMatch;
  readonly version?: string;
}

/**
 * A group of rules that AWS, or somebody on its marketplace, writes and keeps current. AWS's own groups here cost no more than any rule.
 *
 * @see https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
 */
export class ManagedRules {
  /** The groups that a firewall has unless it is told otherwise: address reputation, known bad inputs, SQL injection and the common rules; 1,125 units. */
  public static recommended(): ManagedRules[] {
    return [ManagedRules.ipReputation(), ManagedRules.knownBadInputs(), ManagedRules.sqlInjection(), ManagedRules.common()];
  }

  /**
   * What most web applications have to fear: cross-site scripting, file inclusion, access to instance metadata, bad robots; 700 units.
   *
   * Its rule SizeRestrictions_BODY, which blocks every body above 8 KB, only counts: uploads and ordinary APIs send more.
   * `enforcing('SizeRestrictions_BODY')` has it block.
   */
  public static common(): ManagedRules {
    return aws('AWSManagedRulesCommonRuleSet', 700).counting('SizeRestrictions_BODY');
  }

  /** Requests that are known to exploit something, such as Log4j's JNDI look-ups; 200 units. */
  public static knownBadInputs(): ManagedRules {
    return aws('AWSManagedRulesKnownBadInputsRuleSet', 200);
  }

  /** SQL injection; 200 units. */
  public static sqlInjection(): ManagedRules {
    return aws('AWSManagedRulesSQLiRuleSet', 200);
  }

  /** Addresses that Amazon knows for bots and attacks; 25 units. */
  public static ipReputation(): ManagedRules {
    return aws('AWSManagedRulesAmazonIpReputationList', 25);
  }

  /** VPNs, proxies, Tor and hosting providers; 50 units. It blocks people who protect their privacy, and other companies' servers that call an API. */
  public static anonymousIps(): ManagedRules {
    return aws('AWSManagedRulesAnonymousIpList', 50);
  }

  /**
   * Any other group.
   *
   * @param vendorName such as `AWS`
   * @param name name of the group, such as `AWSManagedRulesLinuxRuleSet`
   * @param capacity units that its page states
   */
  public static of(vendorName: string, name: string, capacity: number): ManagedRules {
    checkFirewallName('ManagedRules.of', 'vendorName', vendorName);
    checkFirewallName('ManagedRules.of', 'name', name);
    checkGiven('ManagedRules.of', 'capacity', capacity, '1 to 5000');
    checkInteger('ManagedRules.of', 'capacity', capacity, 1, 5000);
    return new ManagedRules(vendorName, name, capacity, { counted: [] });
  }

  private constructor(
    private readonly vendorName: string,
    private readonly groupName: string,
    private readonly ownCapacity: number,
    private readonly settings: ManagedRulesSettings,
  ) {}

  /** Name of the rule, in metrics and logs. */
  public get name(): string {
    return `${this.vendorName}-${this.groupName}`.slice(0, 128);
  }

  /**
   * The group with rules that only count. Counted requests carry the rule's label, which a rule of one's own can match.
   *
   * @param ruleNames names of rules as the group's page spells them
   */
  public counting(...ruleNames: string[]): ManagedRules {
    for (const name of ruleNames) checkFirewallName(this.name, 'the name of a rule', name);
    return this.with({ counted: [...new Set([...this.settings.counted, ...ruleNames])] });
  }

  /**
   * The group with rules that block again, such as SizeRestrictions_BODY of the common rules.
   *
   * @param ruleNames names of rules as the group's page spells them
   */
  public enforcing(...ruleNames: string[]): ManagedRules {
    for (const name of ruleNames) checkFirewallName(this.name, 'the name of a rule', name);
    return this.with({ counted: this.settings.counted.filter(name => !ruleNames.includes(name)) });
  }

  /** The group with all rules counting, to try it before it blocks. */
  public countingAll(): ManagedRules {
    return this.with({ countsAll: true });
  }

  /**
   * The group for some requests only.
   *
   * @param match which requests it inspects; what it costs is added to the group's capacity
   */
  public onlyWhere(match: FirewallMatch): ManagedRules {
    checkMatch(this.name, 'match', match);
    return this.with({ onlyWhere: match });
  }

  /**
   * The group in one version. It then changes no more, and AWS announces when the version expires.
   *
   * @param version such as `Version_1.15`
   */
  public withVersion(version: string): ManagedRules {
    checkGiven(this.name, 'version', version, 'a version, such as Version_1.15');
    checkText(this.name, 'version', version, /^[\w#:.\-/]{1,64}$/, 'a version, such as Version_1.15');
    return this.with({ version });
  }

  /** @internal */
  public get _capacity(): number {
    return this.ownCapacity + (this.settings.onlyWhere?._capacity ?? 0);
  }

  /** @internal */
  public get _countsAll(): boolean {
    return this.settings.countsAll ?? false;
  }

  /** @internal */
  public _render(lists: AddressLists): wafv2.CfnWebACL.StatementProperty {
    const { counted, onlyWhere, version } = this.settings;
    return {
      managedRuleGroupStatement: {
        vendorName: this.vendorName,
        name: this.groupName,
        version,
        scopeDownStatement: onlyWhere?._render(lists),
        ruleActionOverrides: counted.length === 0 ? undefined : counted.map(name => ({ name, actionToUse: { count: {} } })),
      },
    };
  }

  private with(changes: Partial<ManagedRulesSettings>): ManagedRules {
    return new ManagedRules(this.vendorName, this.groupName, this.ownCapacity, { ...this.settings, ...changes });
  }
}

function aws(name: string, capacity: number): ManagedRules {
  return ManagedRules.of('AWS', name, capacity);
}
