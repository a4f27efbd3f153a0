import { IConstruct } from 'constructs';
import type { WebServiceProps } from './web-service';
import { EnvironmentProfile } from '../environment';
import { PlatformError } from '../errors';
import { checkKind } from '../validate';

/** Refuses a sign-in that no release, or no connection, could have. */
export function validateLoadBalancerSignIn(where: IConstruct, { signIn, loadBalancer, release, profile }: WebServiceProps): void {
  checkKind(where, 'signIn', signIn, '_before', 'a LoadBalancerSignIn, such as LoadBalancerSignIn.users(…)');
  if (!signIn) return;
  if (!loadBalancer.certificate) {
    throw new PlatformError(where, {
      problem: 'a load balancer asks users to sign in over HTTPS only.', got: 'signIn, and a load balancer without certificate', allowed: 'signIn with HTTPS', fix: 'give the load balancer a domain',
    });
  }
  const { startsBeside } = release ?? (profile ?? EnvironmentProfile.production()).releaseStrategy;
  if (!startsBeside) return;
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html
  throw new PlatformError(where, {
    problem: 'ECS fails to start a new version beside the old one where the load balancer asks users to sign in.',
    got: 'signIn, and a release that starts the new version beside the old one',
    allowed: 'signIn with ReleaseStrategy.rolling(); or a service that verifies tokens itself',
    fix: 'give a new service release: ReleaseStrategy.rolling(), or leave signIn out and read AUTH_ISSUER, AUTH_JWKS_URI and AUTH_CLIENT_ID',
  });
}
