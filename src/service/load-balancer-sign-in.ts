import { Duration } from 'aws-cdk-lib';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as actions from 'aws-cdk-lib/aws-elasticloadbalancingv2-actions';
import { PlatformError } from '../errors';
import type { SignInClient, UserDirectory } from '../identity';
import { checkDuration, checkGiven, checkKind } from '../validate';

const WEEK = Duration.days(7);

/** What `LoadBalancerSignIn.users()` needs to know. */
export interface LoadBalancerSignInOptions {
  /** A server's client of the directory, with the callback URL `https://<name of the load balancer>/oauth2/idpresponse`. */
  readonly client: SignInClient;
  /**
   * How long somebody stays signed in, up to 7 days.
   * @default Duration.days(7)
   */
  readonly sessionTimeout?: Duration;
}

/**
 * Lets only users through to a service who signed in: the load balancer sends others to the sign-in pages, and tells the service in `x-amzn-oidc-data` who calls.
 * For pages that people visit; callers without a browser, and services behind CloudFront, verify tokens themselves.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
 */
export class LoadBalancerSignIn {
  /** Users of a directory with sign-in pages of its own. */
  public static users(directory: UserDirectory, options: LoadBalancerSignInOptions): LoadBalancerSignIn {
    const where = 'LoadBalancerSignIn.users';
    checkGiven(where, 'directory', directory, 'a UserDirectory');
    checkKind(where, 'directory', directory, 'addServerClient', 'a UserDirectory');
    checkGiven(where, 'client', options?.client, 'a SignInClient, such as directory.addServerClient(…)');
    checkKind(where, 'client', options.client, 'clientId', 'a SignInClient, such as directory.addServerClient(…)');
    checkDuration(where, 'sessionTimeout', options.sessionTimeout, 1, WEEK.toSeconds());
    if (directory.domain && options.client.clientSecret) return new LoadBalancerSignIn(directory, options);
    throw new PlatformError(where, {
      problem: directory.domain ? 'a load balancer signs in with a secret, which a browser\'s client does not have.' : 'the directory has no sign-in pages.',
      got: directory.domain ? `client ${options.client.node.path}` : `directory ${directory.node.path} without domain`,
      allowed: 'a directory with a domain, and a client of a server',
      fix: directory.domain ? 'make the client with addServerClient()' : "give the directory a domain, such as SignInDomain.prefix('shop')",
    });
  }

  private constructor(private readonly directory: UserDirectory, private readonly options: LoadBalancerSignInOptions) {}

  /**
   * The action with the sign-in before it.
   * @internal
   */
  public _before(next: elbv2.ListenerAction): elbv2.ListenerAction {
    return new actions.AuthenticateCognitoAction({
      userPool: this.directory.userPool,
      userPoolClient: this.options.client.client,
      userPoolDomain: this.directory.domain!,
      sessionTimeout: this.options.sessionTimeout,
      next,
    });
  }
}
