import { Token } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import type { AliasRecordsProps } from './alias-records';
import { reachableZone } from './reachable-zone';

/** Makes the records below a construct. Their ids come from the names, so that a name which is removed moves no other record. */
export function createAliasRecords(scope: Construct, { hostedZone, domainNames, target, ipv6 }: AliasRecordsProps): route53.RecordSet[] {
  const zone = reachableZone(scope, hostedZone);
  const alias = route53.RecordTarget.fromAlias(target);
  const overIpv4 = domainNames.map((name, index) => new route53.ARecord(scope, recordId('Record', name, index), { ...named(zone, name), target: alias }));
  if (!(ipv6 ?? target instanceof targets.CloudFrontTarget)) return overIpv4;
  return [
    ...overIpv4,
    ...domainNames.map((name, index) => new route53.AaaaRecord(scope, recordId('Ipv6Record', name, index), { ...named(zone, name), target: alias })),
  ];
}

function recordId(prefix: string, name: string, index: number): string {
  if (index === 0) return prefix;
  return `${prefix} ${Token.isUnresolved(name) ? index : name.toLowerCase()}`;
}

/** With its final dot a name is taken as it is. Without it the zone's would be appended where that is a token or in another case. */
function named(zone: route53.IHostedZone, name: string): { zone: route53.IHostedZone; recordName: string } {
  return { zone, recordName: `${name}.` };
}
