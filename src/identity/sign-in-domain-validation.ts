import { Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { IConstruct } from 'constructs';
import type { CustomSignInDomainOptions, SignInDomain } from './sign-in-domain';
import { checkDomainNames, checkHostedZone } from '../edge/validate-domain';
import { EDGE_REGION } from '../environment/edge-region';
import { PlatformError } from '../errors';
import { checkGiven, checkKind, checkText, display } from '../validate';

const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const NAME = new RegExp(`^(${LABEL}\\.)+${LABEL}$`);
const PREFIX = new RegExp(`^${LABEL}$`);

/** @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html */
const RESERVED = ['aws', 'amazon', 'cognito'];

/** Refuses a domain that Cognito would refuse, or for which no record could be made. */
export function validateSignInDomain(where: IConstruct, domain: SignInDomain): void {
  if (domain._custom) return checkCustom(where, domain._custom);
  const form = 'lower-case letters, digits and hyphens, 1 to 63, with a letter or digit at both ends';
  const prefix = domain._prefix;
  checkGiven(where, 'domain', prefix, 'a prefix, or a domain with its certificate');
  checkText(where, 'prefix of the domain', prefix, PREFIX, form);
  const reserved = Token.isUnresolved(prefix) ? undefined : RESERVED.find(word => prefix!.includes(word));
  if (reserved === undefined) return;
  throw new PlatformError(where, {
    problem: `Cognito keeps prefixes with '${reserved}' in them to itself.`,
    got: `prefix of the domain ${display(prefix)}`,
    allowed: `${form}, without ${RESERVED.join(', ')}`,
    fix: `leave '${reserved}' out of the prefix`,
  });
}

function checkCustom(where: IConstruct, { domainName, certificate, hostedZone }: CustomSignInDomainOptions): void {
  checkGiven(where, 'domainName', domainName, 'a domain name, such as auth.example.com');
  checkText(where, 'domainName', domainName, NAME, 'a domain name in lower case, such as auth.example.com');
  checkGiven(where, 'certificate', certificate, 'an acm.ICertificate in us-east-1, such as the certificate of a SiteCertificate');
  checkKind(where, 'certificate', certificate, 'certificateArn', 'an acm.ICertificate, such as the certificate of a SiteCertificate');
  checkHostedZone(where, hostedZone);
  checkDomainNames(where, { props: 'domainName', names: [domainName], hostedZone });
  checkParent(where, domainName, hostedZone?.zoneName);
  checkCertificate(where, certificate);
}

/** The zone's own name is the site's, and what is above it has no record that could be relied on. */
function checkParent(where: IConstruct, domainName: string, zoneName: string | undefined): void {
  if (Token.isUnresolved(domainName)) return;
  const isZone = zoneName !== undefined && !Token.isUnresolved(zoneName) && zoneName.replace(/\.$/, '').toLowerCase() === domainName;
  if (!isZone && domainName.split('.').length > 2) return;
  throw new PlatformError(where, {
    problem: 'the domain of the sign-in pages is the parent domain itself; Cognito needs a name below one that has an A record.',
    got: `domainName '${domainName}'`,
    allowed: `a name below it, such as auth.${domainName}`,
    fix: `set domainName to auth.${domainName}`,
  });
}

function checkCertificate(where: IConstruct, certificate: acm.ICertificate): void {
  const { certificateArn } = certificate;
  // An imported certificate has the region of the stack that imports it, whatever its own.
  const isMadeHere = certificate instanceof acm.Certificate;
  const region = Token.isUnresolved(certificateArn) ? isMadeHere ? Stack.of(certificate).region : undefined : certificateArn.split(':')[3];
  if (region === undefined || Token.isUnresolved(region) || region === EDGE_REGION) return;
  throw new PlatformError(where, {
    problem: `the certificate of the sign-in pages is not in ${EDGE_REGION}, where Cognito looks for it.`,
    got: `certificate in ${display(region)}`,
    allowed: `a certificate in ${EDGE_REGION}`,
    fix: 'make it with a SiteCertificate, which puts it there whatever the region of the stack',
  });
}
