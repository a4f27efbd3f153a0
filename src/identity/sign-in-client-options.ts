import { Duration } from 'aws-cdk-lib';
import type * as cognito from 'aws-cdk-lib/aws-cognito';

/** What an app is let at. */
export interface SignInAccessOptions {
  /**
   * What tokens may be asked for. With `OAuthScope.COGNITO_ADMIN`, which is `aws.cognito.signin.user.admin`, the app can change its user's account: set up a
   * second factor, write attributes, delete the account. So can whoever steals the token.
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-public-server-side.html#user-pools-API-operations
   * @default - openid, email, profile
   */
  readonly scopes?: cognito.OAuthScope[];
  /**
   * Attributes of its user that the app can read, and that its ID tokens have.
   * @default - all; of a pool that exists already, what Cognito lets every client read
   */
  readonly readAttributes?: cognito.ClientAttributes;
  /**
   * Attributes that users of the app can write themselves: whoever signs up, and with `OAuthScope.COGNITO_ADMIN` afterwards. What is required of users and
   * what a provider's `attributeMapping` has must be among them.
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html#user-pool-settings-attribute-permissions-and-scopes
   * @default - the standard attributes and those that providers of a new pool map: any other of one's own is written by administrators only
   */
  readonly writeAttributes?: cognito.ClientAttributes;
}

/** An app that users sign in to. */
export interface SignInClientOptions extends SignInAccessOptions {
  /**
   * Where Cognito may send users back to after sign-in, 1 to 100, each exactly as the app asks for it: `https://www.example.com/callback`, an app's own
   * scheme such as `shop://signed-in`, or `http://localhost:3000/callback`.
   *
   * Write them from the domain's name, which is known, and not from the distribution's or load balancer's attributes: the site needs the client's id, and
   * the two would wait for each other.
   */
  readonly callbackUrls: string[];
  /**
   * Where Cognito may send users after sign-out, at most 100, of the same form.
   * @default - nowhere
   */
  readonly logoutUrls?: string[];
  /**
   * How long access tokens are valid, 5 minutes to a day. A service that checks their signature only takes them for so long after a sign-out.
   * @default Duration.hours(1)
   */
  readonly accessTokenValidity?: Duration;
  /**
   * How long ID tokens are valid, 5 minutes to a day.
   * @default Duration.hours(1)
   */
  readonly idTokenValidity?: Duration;
  /**
   * How long users stay signed in, an hour to 10 years.
   * @default Duration.days(30)
   */
  readonly refreshTokenValidity?: Duration;
}
