import { Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { IConstruct } from 'constructs';
import { rootStack } from './across-stacks';
import type { SiteCertificateProps } from './site-certificate';
import { EdgePlace } from './us-east-1';
import { checkDomainName, checkDomainNames, checkHostedZone, isPrivate } from './validate-domain';
import { EDGE_REGION } from '../environment/edge-region';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkKind, checkList, checkOneOf, display } from '../validate';

/** What ACM takes as the first name: it becomes the certificate's common name. */
const LONGEST_FIRST_NAME = 64;

/**
 * Refuses names, zones and certificates that would let the deployment wait for a validation that never comes, or that CloudFront refuses.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
 */
export function validateSiteCertificate(where: IConstruct, props: SiteCertificateProps): void {
  checkGiven(where, 'domainName', props?.domainName, 'a domain name, such as example.com');
  checkKind(where, 'profile', props.profile, 'alarms', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'certificate', props.certificate, 'certificateArn', 'an acm.ICertificate, such as Certificate.fromCertificateArn(…)');
  checkKind(where, 'keyAlgorithm', props.keyAlgorithm, 'name', 'an acm.KeyAlgorithm');
  checkOneOf(where, 'keyAlgorithm', props.keyAlgorithm?.name, ['RSA_2048', 'EC_prime256v1']);
  checkHostedZone(where, props.hostedZone);
  checkBoolean(where, 'alarms', props.alarms);
  checkNames(where, props);
  EdgePlace.check(where, `a certificate for ${props.domainName}`);
  if (props.certificate) checkRegion(where, props);
  else checkZone(where, props);
}

function checkNames(where: IConstruct, { domainName, subjectAlternativeNames, hostedZone }: SiteCertificateProps): void {
  checkList(where, 'subjectAlternativeNames', subjectAlternativeNames);
  const names = [domainName, ...subjectAlternativeNames ?? []];
  for (const name of names) {
    checkGiven(where, 'subjectAlternativeNames', name, 'a domain name, such as www.example.com');
    checkDomainName(where, 'domainName', name);
  }
  checkDomainNames(where, { props: 'domainName and subjectAlternativeNames', names, hostedZone });
  if (Token.isUnresolved(domainName) || domainName.length <= LONGEST_FIRST_NAME) return;
  throw new PlatformError(where, {
    problem: 'the first name of a certificate is too long for ACM.',
    got: `domainName of ${domainName.length} characters`,
    allowed: `at most ${LONGEST_FIRST_NAME} characters`,
    fix: 'put a shorter name first, and this one into subjectAlternativeNames',
  });
}

function checkRegion(where: IConstruct, { certificate, keyAlgorithm }: SiteCertificateProps): void {
  if (keyAlgorithm) {
    throw new PlatformError(where, {
      problem: 'keyAlgorithm would shape a new certificate, but one is given.',
      got: `certificate and keyAlgorithm ${keyAlgorithm.name}`,
      allowed: 'certificate, or keyAlgorithm',
      fix: 'leave keyAlgorithm out',
    });
  }
  const region = regionOf(certificate!);
  if (region === undefined || region === EDGE_REGION) return;
  throw new PlatformError(where, {
    problem: `CloudFront takes certificates from ${EDGE_REGION} only.`,
    got: `a certificate in ${region}: ${display(certificate!.certificateArn)}`,
    allowed: `a certificate in ${EDGE_REGION}`,
    fix: `give hostedZone instead, so that a certificate is made there, or request one in ${EDGE_REGION}`,
  });
}

/** A known ARN says it, and of a certificate that is made its stack does. An imported one by an ARN that is only known at deployment can be anywhere. */
function regionOf(certificate: acm.ICertificate): string | undefined {
  if (!Token.isUnresolved(certificate.certificateArn)) return String(certificate.certificateArn).split(':')[3];
  const { region } = rootStack(certificate);
  return certificate instanceof acm.Certificate && !Token.isUnresolved(region) ? region : undefined;
}

function checkZone(where: IConstruct, { domainName, hostedZone }: SiteCertificateProps): void {
  if (!hostedZone || isPrivate(hostedZone)) {
    throw new PlatformError(where, {
      problem: `a certificate ${hostedZone ? 'cannot be validated through a private zone' : 'is validated through a zone'}, and the deployment would wait for hours.`,
      got: `domainName ${display(domainName)}, ${hostedZone ? 'a private' : 'no'} hostedZone, no certificate`,
      allowed: 'a public hostedZone, or certificate',
      fix: 'give the public zone of the domain, or a certificate that exists already',
    });
  }
  const home = rootStack(where);
  const apart = !Token.isUnresolved(home.region) && home.region !== EDGE_REGION;
  if (!apart || !Token.isUnresolved(hostedZone.hostedZoneId) || rootStack(hostedZone) !== home) return;
  throw new PlatformError(where, {
    problem: `the certificate is made in ${EDGE_REGION} before this stack, and its zone in this stack: each would wait for the other.`,
    got: `${hostedZone.node.path} and ${where.node.path} in ${home.node.path}, in ${home.region}`,
    allowed: 'a zone of another stack, or an imported one',
    fix: `make ${hostedZone.node.path} in a stack of its own, which outlives its sites, and pass it in`,
  });
}
