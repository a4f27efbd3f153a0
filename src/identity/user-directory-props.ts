import type * as cognito from 'aws-cdk-lib/aws-cognito';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { SignInDomain } from './sign-in-domain';
import type { SignInProvider } from './sign-in-provider';
import { EnvironmentProfile } from '../environment';

/**
 * A Cognito user pool of this account and region that exists already. It is used as it is: nothing of it is changed or replaced. Clients and groups can
 * be added to it.
 */
export interface ExistingUserPool {
  /** Id of the pool, such as `eu-central-1_AbCdEf123`. */
  readonly userPoolId: string;
  /**
   * Host of its sign-in pages, such as `auth.example.com` or `shop.auth.eu-central-1.amazoncognito.com`.
   * @default - clients have no `loginUrl`
   */
  readonly domainName?: string;
  /**
   * Names of its identity providers, such as `Google`, that clients offer.
   * @default - none
   */
  readonly providerNames?: string[];
  /**
   * Its feature plan. On LITE, clients get neither a style for managed login nor the choice of a first factor.
   * @default - FeaturePlan.ESSENTIALS
   */
  readonly featurePlan?: cognito.FeaturePlan;
}

/** A group of users. */
export interface UserGroupOptions {
  /**
   * What the group is for, at most 2048 characters.
   * @default - nothing
   */
  readonly description?: string;
  /**
   * Which group's role counts for a user of several: that of the lowest number, 0 or more.
   * @default - none
   */
  readonly precedence?: number;
  /**
   * Role that an identity pool gives to the group's users.
   * @default - none
   */
  readonly role?: iam.IRole;
}

/** What users are, and how they sign in. */
export interface UserDirectoryOptions {
  /**
   * A user pool that exists already, instead of a new one. What only a new pool can be given is refused beside it. A pool that this block made before is
   * then removed from the stack, and deleted where the profile lets it go.
   * @default - a new pool
   */
  readonly existing?: ExistingUserPool;
  /**
   * Whose accounts users can sign in with, besides a password of their own.
   * @default - nobody's
   */
  readonly providers?: SignInProvider[];
  /**
   * Whether anybody can make an account. Without it an administrator does, and people with accounts of `providers` still come in by themselves.
   * @default - true, because most products want users, and an account that nobody put into a group has no rights
   */
  readonly selfSignUp?: boolean;
  /**
   * What Cognito can do, and costs per user who is active in a month: LITE, ESSENTIALS (managed login and passkeys) or PLUS (threat protection too).
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-sign-in-feature-plans.html
   * @default - FeaturePlan.ESSENTIALS, whose first 10,000 users a month are free; PLUS has no free users
   */
  readonly featurePlan?: cognito.FeaturePlan;
  /**
   * Whether users have a second factor: Mfa.OFF, OPTIONAL (who wants to) or REQUIRED. On a pool that has users, REQUIRED asks each of them to set one up.
   * Where it is OPTIONAL, managed login does not ask: the app offers it, with `AssociateSoftwareToken`, `VerifySoftwareToken` and `SetUserMFAPreference` of
   * Cognito's API. They take access tokens with `OAuthScope.COGNITO_ADMIN`, which is in `scopes` of a client only where a team puts it, and pages reach them
   * where their content security policy has `SignInClient.apiUrl`.
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
   * @default - Mfa.OPTIONAL, or OFF where there is no authenticatorApp
   */
  readonly mfa?: cognito.Mfa;
  /**
   * Whether codes of an authenticator app are a second factor. It is the only one here: text messages can be stolen, and a code by e-mail proves no
   * more than the recovery by e-mail does, which Cognito refuses beside it. Passkeys satisfy a required factor, and Cognito wants another one beside them.
   * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnMfaSettingsType.html
   * @default true
   */
  readonly authenticatorApp?: boolean;
  /**
   * Whether users can sign in with a passkey instead of a password. The device has to verify its user, so that a passkey counts as two factors. They are
   * bound to the name of `domain`: under another name users register new ones.
   * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_WebAuthnConfigurationType.html
   * @default - true where there is a domain, except on LITE
   */
  readonly passkeys?: boolean;
  /**
   * What Cognito does about passwords that are known to be stolen and about sign-ins that look wrong. It is part of PLUS only.
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-threat-protection.html
   * @default - StandardThreatProtectionMode.FULL_FUNCTION on PLUS, none elsewhere
   */
  readonly threatProtection?: cognito.StandardThreatProtectionMode;
  /**
   * What passwords have to be like; what is left out is as by default.
   * @default - 12 characters, with upper and lower case, digit and symbol, which is what auditors' rules ask for
   */
  readonly passwordPolicy?: cognito.PasswordPolicy;
  /**
   * Standard attributes of users besides the e-mail address, which is required and can be changed.
   *
   * Which are required and which can be changed is fixed when the pool is made: CloudFormation fails to change either on a pool that exists.
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
   * @default - the e-mail address only
   */
  readonly standardAttributes?: cognito.StandardAttributes;
  /**
   * Attributes of one's own by name, which tokens call `custom:<name>`: letters, digits, `_` and `-`, 1 to 20, at most 50 attributes.
   *
   * Some can be added later. Cognito neither changes nor removes one: CloudFormation fails.
   * @default - none
   */
  readonly customAttributes?: { [name: string]: cognito.ICustomAttribute };
  /**
   * Who sends codes and invitations. Cognito itself sends at most 50 e-mails a day, which is for development: use `UserPoolEmail.withSES()` for users.
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html
   * @default - Cognito
   */
  readonly email?: cognito.UserPoolEmail;
  /**
   * Whether the pool refuses deletion.
   * @default - the profile's
   */
  readonly deletionProtection?: boolean;
  /**
   * Whether alarms are made, one for each client.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}

/** Properties of a `UserDirectory`. */
export interface UserDirectoryProps extends UserDirectoryOptions {
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Where the sign-in pages are.
   * @default - there are none: users sign in on pages of the app, with a password, and neither passkeys nor providers work
   */
  readonly domain?: SignInDomain;
}
