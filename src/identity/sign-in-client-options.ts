import { Duration } from 'aws-cdk-lib';
import type * as cognito from 'aws-cdk-lib/aws-cognito';

/** An app that users sign in to. */
export interface SignInClientOptions {
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
   * What tokens may be asked for.
   * @default - openid, email, profile
   */
  readonly scopes?: cognito.OAuthScope[];
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
