import { IConstruct } from 'constructs';
import type { DesktopReleasesProps } from './desktop-releases-props';
import { validateChannels, validateTagPrefix } from './validate-desktop-release-workflow';
import { checkDomainName, checkDomainNames, checkHostedZone } from '../edge/validate-domain';
import { PlatformError } from '../errors';
import { GithubRoleOptions } from '../registry';
import { validateGithubRole } from '../registry/github-role';
import { checkKind, checkText, display } from '../validate';

/** Refuses what could not be deployed, or not be published to. */
export function validateDesktopReleases(where: IConstruct, props: DesktopReleasesProps): void {
  checkKind(where, 'profile', props.profile, 'priceClass', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey, such as that of an EncryptionKey');
  checkKind(where, 'oldVersions', props.oldVersions, '_newest', 'OldVersions.keepAll() or OldVersions.keepNewest(20)');
  checkText(where, 'webAclArn', props.webAclArn, /^arn:[^:]+:wafv2:[^:]+:\d{12}:global\/webacl\/.+$/,
    'the ARN of a web ACL for CloudFront, such as webAclArn of a WebFirewall');
  validateChannels(where, props.channels);
  validateTagPrefix(where, props.tagPrefix);
  validateNames(where, props);
  if (props.github !== undefined) validateGithubRole(where, githubOptions(props.github, props.tagPrefix));
}

/** The workflow runs at tags, so that is what the role is for where nothing is said. */
export function githubOptions(github: GithubRoleOptions, tagPrefix: string = 'v'): GithubRoleOptions {
  const named = [...github?.tags ?? [], ...github?.environments ?? []].length > 0 || github?.branches !== undefined;
  return named ? github : { ...github, tags: [`${tagPrefix}*`] };
}

function validateNames(where: IConstruct, { domainName, hostedZone, certificate }: DesktopReleasesProps): void {
  checkHostedZone(where, hostedZone);
  checkKind(where, 'certificate', certificate, 'certificateArn', 'an acm.ICertificate, such as Certificate.fromCertificateArn(…)');
  checkDomainName(where, 'domainName', domainName);
  if (domainName !== undefined) checkDomainNames(where, { props: 'domainName', names: [domainName], hostedZone });
  if (domainName === undefined ? !hostedZone && !certificate : hostedZone ?? certificate) return;
  throw new PlatformError(where, {
    problem: domainName === undefined ? 'a zone or a certificate is given, and no name to use it for.' : 'a name of its own needs a certificate.',
    got: `domainName ${display(domainName)}, ${hostedZone ? 'a' : 'no'} hostedZone, ${certificate ? 'a' : 'no'} certificate`,
    allowed: 'domainName with hostedZone or certificate or both, or none of the three',
    fix: domainName === undefined ? 'give domainName' : 'give hostedZone, so that certificate and records are made, or certificate',
  });
}
