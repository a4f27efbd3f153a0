import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { createAliasRecords } from './create-alias-records';
import { checkDomainName, checkDomainNames, checkHostedZone } from './validate-domain';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkKind, checkList, display } from '../validate';

/** Names, and what they stand for. */
export interface AliasOptions {
  /** Names, at least one; each is the zone's own or below it. */
  readonly domainNames: string[];
  /** What the names stand for, such as `new CloudFrontTarget(distribution)`. */
  readonly target: route53.IAliasRecordTarget;
  /**
   * Whether the target is reached over IPv6 too, so that each name gets an AAAA record beside its A record.
   * @default - true for CloudFront; otherwise false, as a load balancer answers over IPv4 only unless it is made for both
   */
  readonly ipv6?: boolean;
}

/** Properties of `AliasRecords`. */
export interface AliasRecordsProps extends AliasOptions {
  /** Zone of the names. */
  readonly hostedZone: route53.IHostedZone;
}

/** Records of names that stand for a distribution, a load balancer or the like. Alias records cost nothing and may be at the zone's own name. */
export class AliasRecords extends Construct {
  /** The records: the A records of all names, then their AAAA records. */
  public readonly records: route53.RecordSet[];

  constructor(scope: Construct, id: string, props: AliasRecordsProps) {
    super(scope, id);
    validateAliasRecords(this, props);
    this.records = createAliasRecords(this, props);
  }
}

function validateAliasRecords(where: Construct, props: AliasRecordsProps): void {
  checkGiven(where, 'hostedZone', props?.hostedZone, 'a route53.IHostedZone');
  checkHostedZone(where, props.hostedZone);
  checkGiven(where, 'target', props.target, 'a route53.IAliasRecordTarget, such as new CloudFrontTarget(distribution)');
  checkKind(where, 'target', props.target, 'bind', 'a route53.IAliasRecordTarget, such as new CloudFrontTarget(distribution)');
  checkBoolean(where, 'ipv6', props.ipv6);
  checkGiven(where, 'domainNames', props.domainNames, 'a list of names');
  checkList(where, 'domainNames', props.domainNames);
  for (const name of props.domainNames) {
    checkGiven(where, 'domainNames', name, 'a domain name, such as api.example.com');
    checkDomainName(where, 'domainNames', name);
  }
  checkDomainNames(where, { props: 'domainNames', names: props.domainNames, hostedZone: props.hostedZone });
  if (props.domainNames.length > 0) return;
  throw new PlatformError(where, {
    problem: 'no name is given.',
    got: `domainNames ${display(props.domainNames)}`,
    allowed: 'at least one name',
    fix: 'name what the records are for, or make no AliasRecords',
  });
}
