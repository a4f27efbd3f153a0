import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { WebLoadBalancerProps } from './web-load-balancer';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkInteger, checkText, display } from '../validate';

const DOMAIN = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const CIDR = /^((\d{1,3}\.){3}\d{1,3}\/([0-9]|[12][0-9]|3[0-2])|[0-9a-f:]+\/([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))$/i;

/** Refuses domains, certificates and address ranges that do not go together. */
export function validateWebLoadBalancer(where: IConstruct, props: WebLoadBalancerProps): void {
  checkGiven(where, 'vpc', props.vpc, 'an ec2.IVpc');
  checkBoolean(where, 'internal', props.internal);
  checkBoolean(where, 'https', props.https);
  checkBoolean(where, 'accessLogs', props.accessLogs);
  checkBoolean(where, 'deletionProtection', props.deletionProtection);
  checkBoolean(where, 'alarms', props.alarms);
  checkInteger(where, 'accessLogRetentionDays', props.accessLogRetentionDays, 1, 3650);
  checkInteger(where, 'idleTimeout (seconds)', props.idleTimeout?.toSeconds(), 1, 4000);
  for (const cidr of props.allowedCidrs ?? []) checkText(where, 'allowedCidrs', cidr, CIDR, 'a range such as 203.0.113.0/24 or 2001:db8::/32');
  checkAllowedCidrs(where, props);
  checkDomains(where, props);
  checkHttps(where, props);
}

function checkAllowedCidrs(where: IConstruct, { allowedCidrs }: WebLoadBalancerProps): void {
  if (allowedCidrs === undefined || allowedCidrs.length > 0) return;
  throw new PlatformError(where, {
    problem: 'allowedCidrs is empty, so nobody could connect.',
    got: 'allowedCidrs []',
    allowed: 'at least one range',
    fix: 'name the ranges, or leave allowedCidrs out to allow everybody',
  });
}

function checkDomains(where: IConstruct, { domainName, alternativeDomainNames = [], hostedZone }: WebLoadBalancerProps): void {
  const names = [domainName, ...alternativeDomainNames].filter(name => name !== undefined);
  for (const name of names) checkText(where, 'domainName', name, DOMAIN, 'a domain name, such as api.example.com');
  if (domainName === undefined && (hostedZone || alternativeDomainNames.length > 0)) {
    throw new PlatformError(where, {
      problem: `${hostedZone ? 'a hosted zone' : 'alternative domain names'} without a domain name.`,
      got: `domainName ${display(domainName)}, alternativeDomainNames ${display(alternativeDomainNames)}`,
      allowed: 'domainName together with hostedZone',
      fix: 'set domainName to the name that users call',
    });
  }
  const zoneName = hostedZone?.zoneName;
  if (zoneName === undefined || Token.isUnresolved(zoneName)) return;
  const outside = names.find(name => !Token.isUnresolved(name) && !isInside(name, zoneName));
  if (outside === undefined) return;
  throw new PlatformError(where, {
    problem: 'the domain is not inside the hosted zone.',
    got: `domain ${outside}, zone ${zoneName}`,
    allowed: `${zoneName} or a name that ends in .${zoneName}`,
    fix: 'give the zone that the domain is in, or another domain',
  });
}

function isInside(name: string, zoneName: string): boolean {
  const zone = zoneName.replace(/\.$/, '').toLowerCase();
  return name.toLowerCase() === zone || name.toLowerCase().endsWith(`.${zone}`);
}

function checkHttps(where: IConstruct, { certificate, domainName, hostedZone, https }: WebLoadBalancerProps): void {
  if (https === false && certificate) {
    throw new PlatformError(where, {
      problem: 'a certificate is given and HTTPS is turned off.',
      got: 'certificate given, https false',
      allowed: 'a certificate with HTTPS, or neither',
      fix: 'leave https out, or leave the certificate out',
    });
  }
  if (https === true && !certificate && !domainName) {
    throw new PlatformError(where, {
      problem: 'HTTPS is asked for without a certificate or a domain to make one for.',
      got: 'https true, no certificate, no domainName',
      allowed: 'https with a certificate, or with domainName and hostedZone',
      fix: 'give domainName and hostedZone, or a certificate',
    });
  }
  if (https !== false && domainName && !certificate && !hostedZone) {
    throw new PlatformError(where, {
      problem: 'a domain without a hosted zone needs its certificate.',
      got: `domainName ${domainName}, no hostedZone, no certificate`,
      allowed: 'domainName with hostedZone, or with a certificate',
      fix: 'give hostedZone so that a certificate can be made and validated, or give the certificate',
    });
  }
}
