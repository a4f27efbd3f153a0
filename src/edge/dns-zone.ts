import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { AliasOptions, AliasRecords } from './alias-records';
import { createQueryLogs } from './dns-query-logs';
import { EdgePlace } from './us-east-1';
import { checkDomainName } from './validate-domain';
import { EnvironmentProfile } from '../environment';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkKind, checkKnown, display } from '../validate';

/**
 * Names by which certificate authorities know Amazon. ACM asks for one of them; AWS names all four.
 * @see https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html
 */
const AMAZON_AUTHORITIES = ['amazon.com', 'amazontrust.com', 'awstrust.com', 'amazonaws.com'];

/** Properties of a `DnsZone`. */
export interface DnsZoneProps {
  /** Name of the zone, such as `example.com`. */
  readonly zoneName: string;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Whether Amazon alone may issue certificates for the domain and everything below it, by a CAA record. Leave it out where another authority,
   * such as Let's Encrypt, issues any of them: it would refuse from then on.
   * @default false
   */
  readonly amazonCertificatesOnly?: boolean;
  /**
   * Whether DNS queries are logged, in a log group in us-east-1, for the days of the profile. Each answer that is not from a resolver's cache is one entry.
   * @default false
   */
  readonly queryLogs?: boolean;
  /**
   * Key that encrypts the query logs; it must let CloudWatch Logs use it, as an `EncryptionKey` does. No key works in another region: outside of us-east-1
   * the stack beside this one gets an `EncryptionKey` of its own (1 USD a month).
   * @default - the key of CloudWatch Logs
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * A public hosted zone (0.50 USD a month). Nothing in it resolves before the domain's registrar, or the zone above, names its `nameServers`.
 *
 * Give it a stack of its own, in any region: it outlives what it points to, and a `SiteCertificate` outside of us-east-1 is made before the stack
 * of its site, so that the zone has to be there earlier.
 */
export class DnsZone extends Construct {
  /** The zone. It stays when it is removed from the stack, where the profile keeps data. */
  public readonly hostedZone: route53.PublicHostedZone;
  /** The four name servers that the registrar, or the zone above, has to name. */
  public readonly nameServers: string[];

  constructor(scope: Construct, id: string, props: DnsZoneProps) {
    super(scope, id);
    validateDnsZone(this, props);
    const profile = props.profile ?? EnvironmentProfile.production();

    this.hostedZone = new route53.PublicHostedZone(this, 'HostedZone', { zoneName: props.zoneName });
    this.hostedZone.applyRemovalPolicy(profile.removalPolicyWithoutSnapshot);
    this.nameServers = this.hostedZone.hostedZoneNameServers!;
    if (props.amazonCertificatesOnly) this.allowAmazonOnly();
    if (props.queryLogs) createQueryLogs(this, this.hostedZone.node.defaultChild as route53.CfnHostedZone, profile, props.encryptionKey);
  }

  /**
   * Adds records of names that stand for a distribution, a load balancer or the like.
   *
   * @param id id of the records, unique in this zone
   */
  public addAlias(id: string, options: AliasOptions): AliasRecords {
    return new AliasRecords(this, id, { ...options, hostedZone: this.hostedZone });
  }

  private allowAmazonOnly(): void {
    new route53.CaaRecord(this, 'CertificateAuthorities', {
      zone: this.hostedZone,
      comment: 'Who may issue certificates',
      values: AMAZON_AUTHORITIES.map(value => ({ flag: 0, tag: route53.CaaTag.ISSUE, value })),
    });
  }
}

function validateDnsZone(where: Construct, props: DnsZoneProps): void {
  checkGiven(where, 'zoneName', props?.zoneName, 'a domain name, such as example.com');
  checkKnown(where, 'zoneName', props.zoneName);
  checkDomainName(where, 'zoneName', props.zoneName);
  checkKind(where, 'profile', props.profile, 'removalPolicy', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkBoolean(where, 'amazonCertificatesOnly', props.amazonCertificatesOnly);
  checkBoolean(where, 'queryLogs', props.queryLogs);
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey');
  if (props.queryLogs) EdgePlace.check(where, `query logs of ${props.zoneName}`);
  if (!props.zoneName.startsWith('*')) return;
  throw new PlatformError(where, {
    problem: 'a zone has a name, and wildcards are for records in it.',
    got: `zoneName ${display(props.zoneName)}`,
    allowed: props.zoneName.slice(2),
    fix: `set zoneName to ${props.zoneName.slice(2)}`,
  });
}
