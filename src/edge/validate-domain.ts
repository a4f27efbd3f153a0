import { Token } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { checkKind, checkText, display } from '../validate';

const DOMAIN = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** Names of a block, as its props call them. */
export interface DomainNames {
  /** Names of the props that have them, for messages. */
  readonly props: string;
  readonly names: string[];
  readonly hostedZone?: route53.IHostedZone;
}

/** Refuses a name that is none. */
export function checkDomainName(where: IConstruct, prop: string, name: string | undefined): void {
  checkText(where, prop, name, DOMAIN, 'a domain name, such as api.example.com');
}

/** Refuses what is no zone. */
export function checkHostedZone(where: IConstruct, hostedZone: unknown): void {
  checkKind(where, 'hostedZone', hostedZone, 'hostedZoneId', 'a route53.IHostedZone, such as HostedZone.fromHostedZoneAttributes(…)');
}

/** Refuses names twice and names outside of the zone, for which neither a record nor a certificate could be made. */
export function checkDomainNames(where: IConstruct, { props, names, hostedZone }: DomainNames): void {
  const known = names.filter(name => !Token.isUnresolved(name));
  checkUnique(where, props, known, names);
  const zoneName = hostedZone && zoneNameOf(where, hostedZone);
  if (zoneName === undefined || Token.isUnresolved(zoneName)) return;
  const outside = known.find(name => !isInside(name, zoneName));
  if (outside === undefined) return;
  throw new PlatformError(where, {
    problem: 'the domain is not inside the hosted zone.',
    got: `domain ${outside}, zone ${zoneName}`,
    allowed: `${zoneName} or a name that ends in .${zoneName}`,
    fix: 'give the zone that the domain is in, or another domain',
  });
}

/** Whether a certificate can be validated through the zone. An imported zone does not say whether it is private. */
export function isPrivate(hostedZone: route53.IHostedZone | undefined): boolean {
  return hostedZone instanceof route53.PrivateHostedZone;
}

function checkUnique(where: IConstruct, props: string, known: string[], names: string[]): void {
  const spellings = known.map(name => name.toLowerCase());
  const twice = spellings.find((name, index) => spellings.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new PlatformError(where, {
    problem: `${twice} is named twice.`,
    got: `${props} ${display(names)}`,
    allowed: 'each name once',
    fix: `leave it out of ${props.split(' ').pop()}`,
  });
}

function zoneNameOf(where: IConstruct, hostedZone: route53.IHostedZone): string {
  try {
    return hostedZone.zoneName;
  } catch {
    throw new PlatformError(where, {
      problem: 'the hosted zone does not know its name.',
      got: 'a zone from HostedZone.fromHostedZoneId()',
      allowed: 'a zone with its name',
      fix: 'import it with HostedZone.fromHostedZoneAttributes({ hostedZoneId, zoneName })',
    });
  }
}

function isInside(name: string, zoneName: string): boolean {
  const zone = zoneName.replace(/\.$/, '').toLowerCase();
  return name.toLowerCase() === zone || name.toLowerCase().endsWith(`.${zone}`);
}
