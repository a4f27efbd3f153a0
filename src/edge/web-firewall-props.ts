import { Size } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { FirewallPlacement } from './firewall-placement';
import { RateLimit } from './firewall-rate-limit';
import { FirewallRule } from './firewall-rule';
import { ManagedRules } from './managed-rules';
import { EnvironmentProfile } from '../environment';

/** Properties of a `WebFirewall`. */
export interface WebFirewallProps {
  /** What it stands before. */
  readonly placement: FirewallPlacement;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Groups of rules that AWS keeps current. They are asked last.
   * @default - ManagedRules.recommended()
   */
  readonly managedRules?: ManagedRules[];
  /**
   * How many requests one address may send; at most 10 limits.
   * @default - RateLimit.perIp(): 2,000 requests in five minutes
   */
  readonly rateLimits?: RateLimit[];
  /**
   * Address ranges that pass all rules, such as an office's. They are asked first.
   * @default - none
   */
  readonly allowedAddresses?: string[];
  /**
   * Address ranges that are blocked.
   * @default - none
   */
  readonly blockedAddresses?: string[];
  /**
   * Countries that requests may come from, as two letters each (ISO 3166). All others are blocked.
   * @default - all
   */
  readonly allowedCountries?: string[];
  /**
   * Countries that requests may not come from, as two letters each (ISO 3166).
   * @default - none
   */
  readonly blockedCountries?: string[];
  /**
   * Size above which a body is blocked, with 413. AWS WAF cannot tell sizes beyond what it inspects, so this is at most `inspectedBodySize`.
   * @default - bodies of any size come through
   */
  readonly maximumBodySize?: Size;
  /**
   * How much of a body is inspected. Before CloudFront 16, 32, 48 or 64 KiB; AWS charges for requests above 16. Before a load balancer it is always 8 KiB.
   * @default - 16 KiB before CloudFront, 8 KiB before load balancers
   */
  readonly inspectedBodySize?: Size;
  /**
   * Rules of a team's own, asked in this order: after lists, countries and rate limits and before the managed groups.
   * Rules and rate limits that match a label are asked after the managed groups, which give the labels. At most 100.
   * @default - none
   */
  readonly rules?: FirewallRule[];
  /**
   * Whether nothing is blocked and everything counted, to try a firewall on real traffic before it stands in its way.
   * @default false
   */
  readonly countOnly?: boolean;
  /**
   * Whether requests are logged. Where the profile keeps data, the log group stays when this is turned off. Delete it before turning
   * logs on again in the same stack: the group's name is the same then, because AWS WAF prescribes how it begins.
   * @default - the profile's `accessLogs`
   */
  readonly logs?: boolean;
  /**
   * Whether requests are logged that no rule found anything in. That is nearly all of the traffic, at 0.50 USD a GB.
   * @default false
   */
  readonly logAllRequests?: boolean;
  /**
   * Headers besides `authorization` and `cookie` whose values are kept out of logs and samples, such as `x-api-key`.
   * @default - none
   */
  readonly redactedHeaders?: string[];
  /**
   * Key that encrypts the logs; it must let CloudWatch Logs use it, as an `EncryptionKey` does. No key works in another region: where the firewall lives
   * in a stack beside this one, that stack gets an `EncryptionKey` of its own (1 USD a month).
   * @default - the key of CloudWatch Logs
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Web ACL capacity units that its rules may need, 1,500 to 5,000. AWS charges for requests to a web ACL that needs more than 1,500.
   * @default 1500
   */
  readonly maximumCapacity?: number;
  /**
   * Whether alarms are made.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}
