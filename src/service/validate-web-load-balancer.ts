import { isIPv4, isIPv6 } from 'net';
import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { WebLoadBalancerProps } from './web-load-balancer';
import { checkDomainName, checkDomainNames, checkHostedZone, isPrivate } from '../edge/validate-domain';
import { PlatformError } from '../errors';
import { checkBoolean, checkDuration, checkGiven, checkInteger, checkKind, checkList, display } from '../validate';

/** Refuses domains, certificates and address ranges that do not go together. */
export function validateWebLoadBalancer(where: IConstruct, props: WebLoadBalancerProps): void {
  checkGiven(where, 'vpc', props?.vpc, 'an ec2.IVpc');
  checkKind(where, 'vpc', props.vpc, 'vpcId', 'an ec2.IVpc');
  checkKind(where, 'profile', props.profile, 'accessLogs', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'certificate', props.certificate, 'certificateArn', 'an acm.ICertificate, such as Certificate.fromCertificateArn(…)');
  checkKind(where, 'firewall', props.firewall, 'webAclArn', 'an IWebFirewall, such as WebFirewall.fromWebAclArn(…)');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey');
  checkHostedZone(where, props.hostedZone);
  checkBoolean(where, 'internal', props.internal);
  checkBoolean(where, 'https', props.https);
  checkBoolean(where, 'redirectHttp', props.redirectHttp);
  checkBoolean(where, 'accessLogs', props.accessLogs);
  checkBoolean(where, 'deletionProtection', props.deletionProtection);
  checkBoolean(where, 'alarms', props.alarms);
  checkBoolean(where, 'firewallEnabled', props.firewallEnabled);
  checkInteger(where, 'accessLogRetentionDays', props.accessLogRetentionDays, 1, 3650);
  checkDuration(where, 'idleTimeout', props.idleTimeout, 1, 4000);
  checkList(where, 'alternativeDomainNames', props.alternativeDomainNames);
  checkAllowedCidrs(where, props);
  checkSubnets(where, props);
  checkDomains(where, props);
  checkHttps(where, props);
  checkFirewall(where, props);
}

function checkAllowedCidrs(where: IConstruct, { allowedCidrs, internal }: WebLoadBalancerProps): void {
  checkList(where, 'allowedCidrs', allowedCidrs);
  for (const cidr of allowedCidrs ?? []) checkCidr(where, cidr);
  if (allowedCidrs === undefined || allowedCidrs.length > 0 || internal) return;
  throw new PlatformError(where, {
    problem: 'allowedCidrs is empty, so nobody could connect.',
    got: 'allowedCidrs []',
    allowed: 'at least one range',
    fix: 'name the ranges, or leave allowedCidrs out to allow everybody',
  });
}

function checkCidr(where: IConstruct, cidr: string): void {
  if (Token.isUnresolved(cidr)) return;
  const [, address, prefix] = /^([^/]*)\/(\d{1,3})$/.exec(String(cidr)) ?? [];
  if (address !== undefined && (isIPv4(address) && Number(prefix) <= 32 || isIPv6(address) && Number(prefix) <= 128)) return;
  throw new PlatformError(where, {
    problem: 'allowedCidrs has something else than an address range.',
    got: `allowedCidrs ${display(cidr)}`,
    allowed: 'ranges such as 203.0.113.0/24 or 2001:db8::/32',
    fix: 'write an address, a slash and the number of leading bits; a single address ends in /32',
  });
}

function checkSubnets(where: IConstruct, props: WebLoadBalancerProps): void {
  const { vpc, internal } = props;
  if (!internal && vpc.publicSubnets.length === 0) {
    throw new PlatformError(where, {
      problem: 'the VPC has no public subnets, so nobody on the internet could reach the load balancer.',
      got: 'internal false, public subnets: 0',
      allowed: 'a VPC with public subnets, or internal true',
      fix: 'set internal to true, or give another VPC',
    });
  }
  if (!Token.isUnresolved(vpc.availabilityZones) && vpc.availabilityZones.length < 2) {
    throw new PlatformError(where, {
      problem: 'a load balancer needs subnets in two availability zones.',
      got: `a VPC in ${vpc.availabilityZones.length} availability zone`,
      allowed: '2 or more',
      fix: 'give a VPC with two availability zones or more',
    });
  }
  if (internal && !props.allowedCidrs) checkRangeIsKnown(where, props);
}

function checkRangeIsKnown(where: IConstruct, { vpc }: WebLoadBalancerProps): void {
  try {
    void vpc.vpcCidrBlock;
  } catch {
    throw new PlatformError(where, {
      problem: "the imported VPC does not know its address range, which an internal load balancer's clients come from.",
      got: 'internal true, allowedCidrs nothing, a VPC without vpcCidrBlock',
      allowed: 'allowedCidrs, or a VPC imported with vpcCidrBlock',
      fix: 'give allowedCidrs',
    });
  }
}

function checkDomains(where: IConstruct, { domainName, alternativeDomainNames = [], hostedZone }: WebLoadBalancerProps): void {
  const names = [domainName, ...alternativeDomainNames].filter(name => name !== undefined);
  for (const name of names) checkDomainName(where, 'domainName', name);
  if (domainName === undefined && (hostedZone || alternativeDomainNames.length > 0)) {
    throw new PlatformError(where, {
      problem: `${hostedZone ? 'a hosted zone' : 'alternative domain names'} without a domain name.`,
      got: `domainName ${display(domainName)}, alternativeDomainNames ${display(alternativeDomainNames)}`,
      allowed: 'domainName together with hostedZone',
      fix: 'set domainName to the name that users call',
    });
  }
  checkDomainNames(where, { props: 'domainName and alternativeDomainNames', names, hostedZone });
}

function checkFirewall(where: IConstruct, { firewall, firewallEnabled }: WebLoadBalancerProps): void {
  if (!firewall || firewallEnabled !== false) return;
  throw new PlatformError(where, {
    problem: 'a firewall is given and turned off.',
    got: `firewall ${firewall.node.path}, firewallEnabled false`,
    allowed: 'a firewall, or firewallEnabled false',
    fix: 'leave firewallEnabled out, or leave the firewall out',
  });
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
  if (https !== false && domainName && !certificate && isPrivate(hostedZone)) {
    throw new PlatformError(where, {
      problem: 'a certificate cannot be validated through a private zone, and the deployment would wait for it for hours.',
      got: `domainName ${domainName}, a private hosted zone, no certificate`,
      allowed: 'a private zone with a certificate, or with https false',
      fix: 'give the certificate, or set https to false',
    });
  }
}
