import { Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as config from 'aws-cdk-lib/aws-config';
import * as events from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import type { AccountSecurity } from './account-security';
import { validateConfigRules } from './config-rules-validation';
import { isIn, MANAGED_RULES, ManagedRule } from './managed-rules';
import { stackWideName } from '../edge/account-wide-name';
import { EnvironmentProfile } from '../environment';
import type { IWatched, WatchedEvents } from '../observability';

/** Tag of the resources that rules look at. */
export interface ConfigScopeTag {
  /** Key of the tag. */
  readonly key: string;
  /** Value of the tag. */
  readonly value: string;
}

/** Properties of `ConfigRules`. */
export interface ConfigRulesProps {
  /**
   * What differs between environments: rules that the profile does not satisfy, such as Multi-AZ in development, are left out.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * The AccountSecurity that makes AWS Config's recorder, which rules have to wait for.
   * @default - the account has a recorder already; without one, deployment fails
   */
  readonly accountSecurity?: AccountSecurity;
  /**
   * Whether the rules are one conformance pack, with a score of its own, instead of single rules. Changing it makes all of them anew.
   * @default false
   */
  readonly conformancePack?: boolean;
  /**
   * Tag of the resources that are looked at, such as those of one environment among several in the account. Rules that run once a day know no tags and are
   * left out, and so is the one on default security groups, which have none.
   * @default - all resources of the account and region
   */
  readonly scopeTag?: ConfigScopeTag;
  /**
   * Names of rules to leave out, such as `rds-multi-az-support`.
   * @default - none
   */
  readonly excludedRules?: string[];
  /**
   * Whether people are told of what becomes noncompliant.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}

/** AWS Config takes 128 characters, of which the longest rule needs 44 with its hyphen. */
const LONGEST_PREFIX = 80;

/** All in an app, to find those that would look at the same resources. */
const MADE = Symbol.for('cdk-web-platform.configRules');

/**
 * Managed rules of AWS Config for what the blocks of this library make: each is satisfied by their own templates, so that what becomes noncompliant was
 * changed by hand, or made beside the library.
 *
 * AWS Config records CloudFront in us-east-1 only: the rules for distributions are made in a stack that is known to be there.
 *
 * Each evaluation costs 0.001 USD, besides what the recorder writes down. Resources of IAM are not looked at.
 */
export class ConfigRules extends Construct implements IWatched {
  /** Names of the rules that are deployed, as on their pages in AWS's documentation, such as `rds-storage-encrypted`. */
  public readonly ruleNames: string[];
  /** The rules; empty where they are a conformance pack. */
  public readonly rules: config.CfnConfigRule[] = [];
  /** The rules in one, where they are a conformance pack. */
  public readonly conformancePack?: config.CfnConformancePack;
  /** Tag of the resources that are looked at; undefined where all are. */
  public readonly scopeTag?: ConfigScopeTag;
  /** Empty: noncompliance is an event. */
  public readonly alarms: cloudwatch.Alarm[] = [];
  /** What becomes noncompliant. */
  public readonly events?: WatchedEvents[];

  private readonly prefix: string;

  constructor(scope: Construct, id: string, private readonly props: ConfigRulesProps = {}) {
    super(scope, id);
    const others = madeIn(this);
    validateConfigRules(this, props, others);
    others.push(this);
    const profile = props.profile ?? EnvironmentProfile.production();
    this.scopeTag = props.scopeTag;
    this.prefix = stackWideName(this, LONGEST_PREFIX);

    const chosen = this.choose(profile);
    this.ruleNames = chosen.map(({ name }) => name);
    if (props.conformancePack) this.conformancePack = this.createConformancePack(chosen);
    else this.rules.push(...chosen.map(rule => this.createRule(rule)));
    this.waitForRecorder();
    this.events = props.alarms ?? profile.alarms ? [this.createNoncompliance()] : [];
  }

  /** None: AWS Config has no metric of compliance. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return [];
  }

  private choose(profile: EnvironmentProfile): ManagedRule[] {
    const { excludedRules = [] } = this.props;
    const { region } = Stack.of(this);
    return MANAGED_RULES.filter(rule =>
      isIn(rule, region) && (rule.when?.(profile) ?? true) && !excludedRules.includes(rule.name) && (!this.scopeTag || knowsTags(rule)));
  }

  private createRule(rule: ManagedRule): config.CfnConfigRule {
    return new config.CfnConfigRule(this, rule.name, {
      configRuleName: this.nameOf(rule),
      inputParameters: rule.parameters,
      scope: this.scopeOf(rule),
      source: { owner: 'AWS', sourceIdentifier: rule.identifier },
    });
  }

  /** @see https://docs.aws.amazon.com/config/latest/developerguide/custom-conformance-pack.html */
  private createConformancePack(rules: ManagedRule[]): config.CfnConformancePack {
    const resources = rules.map(rule => [logicalId(rule), {
      Type: 'AWS::Config::ConfigRule',
      Properties: {
        ConfigRuleName: this.nameOf(rule),
        InputParameters: rule.parameters,
        Scope: inTemplate(this.scopeOf(rule)),
        Source: { Owner: 'AWS', SourceIdentifier: rule.identifier },
      },
    }]);
    return new config.CfnConformancePack(this, 'ConformancePack', {
      conformancePackName: this.prefix,
      // JSON is YAML too.
      templateBody: JSON.stringify({ Resources: Object.fromEntries(resources) }),
    });
  }

  private scopeOf({ resourceType }: ManagedRule): config.CfnConfigRule.ScopeProperty | undefined {
    if (this.scopeTag) return { tagKey: this.scopeTag.key, tagValue: this.scopeTag.value };
    return resourceType ? { complianceResourceTypes: [resourceType] } : undefined;
  }

  private nameOf({ name }: ManagedRule): string {
    return `${this.prefix}-${name}`;
  }

  private waitForRecorder(): void {
    const { configRecorder, configDelivery } = this.props.accountSecurity ?? {};
    for (const rule of [...this.rules, ...this.conformancePack ? [this.conformancePack] : []]) {
      if (configRecorder) rule.node.addDependency(configRecorder);
      if (configDelivery) rule.node.addDependency(configDelivery);
    }
  }

  /** By the beginning of their names: a pack adds to the end, and all names together would be too long for a pattern. */
  private createNoncompliance(): WatchedEvents {
    const rule = new events.Rule(this, 'Noncompliance', {
      description: 'What a rule of AWS Config finds noncompliant',
      eventPattern: {
        source: ['aws.config'],
        detailType: ['Config Rules Compliance Change'],
        detail: {
          messageType: ['ComplianceChangeNotification'],
          configRuleName: [{ prefix: `${this.prefix}-` }],
          newEvaluationResult: { complianceType: ['NON_COMPLIANT'] },
        },
      },
    });
    const field = (name: string) => events.EventField.fromPath(`$.detail.${name}`);
    return {
      rule,
      meaning: 'A resource does not satisfy a rule any more. First: see in its timeline in AWS Config what was changed and when, look for who did it in CloudTrail, and deploy '
        + 'its stack anew.',
      about: `${field('configRuleName')}: ${field('resourceType')} ${field('resourceId')}`,
    };
  }
}

function madeIn(where: Construct): ConfigRules[] {
  const root = where.node.root as { [MADE]?: ConfigRules[] };
  return root[MADE] ??= [];
}

function knowsTags({ resourceType, untagged }: ManagedRule): boolean {
  return resourceType !== undefined && !untagged;
}

function logicalId({ name }: ManagedRule): string {
  return name.split('-').map(word => word[0].toUpperCase() + word.slice(1)).join('');
}

/** Properties as a template has them. */
function inTemplate(properties: object | undefined): object | undefined {
  return properties && Object.fromEntries(Object.entries(properties).map(([name, value]) => [name[0].toUpperCase() + name.slice(1), value]));
}
