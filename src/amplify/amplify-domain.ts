import { Token } from 'aws-cdk-lib';
import * as amplify from 'aws-cdk-lib/aws-amplify';
import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { Construct } from 'constructs';
import type { AmplifyApp } from './amplify-app';
import { EDGE_REGION } from '../environment/edge-region';
import { PlatformError } from '../errors';
import { checkGiven, checkKind, checkMap, checkText, display } from '../validate';

/** A domain for branches of an app. */
export interface AmplifyDomainOptions {
  /** Domain, such as `example.com`. A zone of Route 53 in the account gets its records from Amplify; elsewhere they are made by hand. */
  readonly domainName: string;
  /** Branches by what stands before the domain: `{ '': 'production', 'www': 'production', 'staging': 'staging' }`. Nothing stands for the domain itself. */
  readonly subdomains: { [prefix: string]: string };
  /**
   * Certificate of all these names, in us-east-1.
   * @default - Amplify makes one and renews it
   */
  readonly certificate?: acm.ICertificate;
}

/** Properties of an `AmplifyDomain`. */
export interface AmplifyDomainProps extends AmplifyDomainOptions {
  /** App of the branches. */
  readonly app: AmplifyApp;
}

/**
 * A domain under which branches of an Amplify app are served.
 *
 * The stack waits until the domain is verified: where its zone is not in the account, somebody has to make the record of `certificateRecord`
 * meanwhile, which Amplify's console shows under "Custom domains".
 *
 * @see https://docs.aws.amazon.com/amplify/latest/userguide/custom-domains.html
 */
export class AmplifyDomain extends Construct {
  /** The domain. */
  public readonly domainName: string;
  /** Record that proves whose domain it is, as `name type value`; empty where Amplify has made it. */
  public readonly certificateRecord: string;
  /** Addresses of the branches, in the order given. */
  public readonly urls: string[];
  /** The domain as CloudFormation has it, for what has no prop here. */
  public readonly domain: amplify.CfnDomain;

  constructor(scope: Construct, id: string, private readonly props: AmplifyDomainProps) {
    super(scope, id);
    validateAmplifyDomain(this, props);
    const { app, domainName, subdomains } = props;

    this.domain = this.createDomain();
    this.domainName = domainName;
    this.certificateRecord = this.domain.attrCertificateRecord;
    this.urls = Object.keys(subdomains).map(prefix => address(prefix, domainName));
    for (const branchName of Object.values(subdomains)) this.domain.node.addDependency(app._findBranch(branchName)!.branch);
  }

  /**
   * Address of a branch under this domain; the first one where it has several.
   *
   * @param branchName name of the branch
   */
  public urlOf(branchName: string): string | undefined {
    const found = Object.entries(this.props.subdomains).find(([, name]) => name === branchName);
    return found && address(found[0], this.domainName);
  }

  private createDomain(): amplify.CfnDomain {
    const { app, domainName, subdomains, certificate } = this.props;
    return new amplify.CfnDomain(this, 'Domain', {
      appId: app.appId,
      domainName,
      subDomainSettings: Object.entries(subdomains).map(([prefix, branchName]) => ({ prefix, branchName })),
      certificateSettings: certificate
        ? { certificateType: 'CUSTOM', customCertificateArn: certificate.certificateArn }
        : { certificateType: 'AMPLIFY_MANAGED' },
    });
  }
}

function address(prefix: string, domainName: string): string {
  return `https://${prefix === '' ? '' : `${prefix}.`}${domainName}`;
}

function validateAmplifyDomain(where: Construct, { app, domainName, subdomains, certificate }: AmplifyDomainProps): void {
  checkGiven(where, 'app', app, 'an AmplifyApp');
  checkGiven(where, 'domainName', domainName, 'a domain, such as example.com');
  checkText(where, 'domainName', domainName, /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])$/, 'a domain in lower case, such as example.com');
  checkGiven(where, 'subdomains', subdomains, "branches by prefix, such as { 'www': 'main' }");
  checkMap(where, 'subdomains', subdomains);
  checkKind(where, 'certificate', certificate, 'certificateArn', 'an acm.ICertificate in us-east-1');
  if (Object.keys(subdomains).length === 0) checkGiven(where, 'subdomains', undefined, "at least one branch, such as { 'www': 'main' }");
  for (const [prefix, branchName] of Object.entries(subdomains)) {
    checkText(where, 'subdomains', prefix, /^$|^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/, "letters, digits, hyphens and dots in lower case, or '' for the domain itself");
    checkBranch(where, app, prefix, branchName);
  }
  checkRegion(where, certificate);
}

function checkBranch(where: Construct, app: AmplifyApp, prefix: string, branchName: string): void {
  if (app._findBranch(branchName)) return;
  throw new PlatformError(where, {
    problem: 'a subdomain is for a branch that the app does not have.',
    got: `subdomains ${display(prefix)}: ${display(branchName)}`,
    allowed: app.branches.map(branch => branch.branchName).join(', ') || 'none: the app has no branches yet',
    fix: 'name one of these branches, or add the branch before the domain',
  });
}

/** An imported certificate tells its region in its ARN only; without one that is known, it may be any. */
function regionOf({ certificateArn, node, env }: acm.ICertificate): string | undefined {
  if (!Token.isUnresolved(certificateArn)) return certificateArn.split(':')[3];
  return node.defaultChild && env.region;
}

function checkRegion(where: Construct, certificate?: acm.ICertificate): void {
  const region = certificate && regionOf(certificate);
  if (region === undefined || Token.isUnresolved(region) || region === EDGE_REGION) return;
  throw new PlatformError(where, {
    problem: 'Amplify takes certificates of us-east-1 only.',
    got: `a certificate in ${region}`,
    allowed: `a certificate in ${EDGE_REGION}`,
    fix: 'leave certificate out, so that Amplify makes one, or give the one of a SiteCertificate',
  });
}
