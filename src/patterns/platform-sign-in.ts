import { Construct } from 'constructs';
import type { PlatformDomain, PlatformSignInOptions } from './production-web-platform-props';
import { SiteCertificate } from '../edge';
import { EnvironmentProfile } from '../environment';
import { SignInClient, SignInDomain, UserDirectory } from '../identity';
import { Monitoring } from '../observability';

interface SignInSurroundings {
  readonly profile: EnvironmentProfile;
  readonly monitoring: Monitoring;
  /** Name of the site; undefined where there is no site, or no name. */
  readonly siteDomain?: PlatformDomain;
}

/** Users of a platform, and its site as they sign in to it. */
export interface PlatformSignIn {
  readonly users: UserDirectory;
  readonly certificate?: SiteCertificate;
  readonly client?: SignInClient;
}

/** Makes the directory and its client, below the platform. */
export function createSignIn(scope: Construct, options: PlatformSignInOptions, surroundings: SignInSurroundings): PlatformSignIn {
  const { callbackPath = '/callback', logoutPath = '/', directory, scopes, readAttributes, writeAttributes, ...settings } = options;
  const { profile, monitoring, siteDomain } = surroundings;
  const certificate = directory || settings.domain || settings.existing || !siteDomain ? undefined : createCertificate(scope, siteDomain, profile);
  const domain = settings.domain ?? (certificate && SignInDomain.custom({ ...signInNames(siteDomain!), certificate: certificate.certificate }));
  const users = directory ?? new UserDirectory(scope, 'Users', { ...settings, profile, domain });
  // Back to the site's name, which is known, and not to its distribution, which waits for the client's id.
  const address = siteDomain && `https://${siteDomain.domainName}`;
  const client = address === undefined ? undefined : users.addBrowserClient('Site', {
    callbackUrls: [`${address}${callbackPath}`], logoutUrls: [`${address}${logoutPath}`], scopes, readAttributes, writeAttributes,
  });
  if (certificate) monitoring.watch(certificate);
  if (!directory) monitoring.watch(users);
  return { users, certificate, client };
}

function createCertificate(scope: Construct, siteDomain: PlatformDomain, profile: EnvironmentProfile): SiteCertificate {
  return new SiteCertificate(scope, 'SignInCertificate', { ...signInNames(siteDomain), profile });
}

function signInNames({ domainName, hostedZone }: PlatformDomain) {
  return { domainName: `auth.${domainName}`, hostedZone };
}
