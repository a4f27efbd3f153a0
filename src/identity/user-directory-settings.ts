import * as cognito from 'aws-cdk-lib/aws-cognito';
import type { UserDirectoryProps } from './user-directory-props';

/** What a new pool is made with where a team says nothing. */
export interface DirectorySettings {
  readonly featurePlan: cognito.FeaturePlan;
  readonly mfa: cognito.Mfa;
  readonly passkeys: boolean;
  readonly passwordPolicy: cognito.PasswordPolicy;
  readonly standardAttributes: cognito.StandardAttributes;
}

/** Props with the defaults filled in. */
export function directorySettings(props: UserDirectoryProps): DirectorySettings {
  const featurePlan = props.featurePlan ?? cognito.FeaturePlan.ESSENTIALS;
  return {
    featurePlan,
    mfa: props.mfa ?? (props.authenticatorApp === false ? cognito.Mfa.OFF : cognito.Mfa.OPTIONAL),
    passkeys: props.passkeys ?? (props.domain !== undefined && featurePlan !== cognito.FeaturePlan.LITE),
    passwordPolicy: {
      minLength: 12, requireUppercase: true, requireLowercase: true, requireDigits: true, requireSymbols: true, ...given(props.passwordPolicy),
    },
    standardAttributes: { ...props.standardAttributes, email: { required: true, mutable: true } },
  };
}

/** A user of plain JavaScript can give undefined, which must not take the place of a default. */
function given(policy: cognito.PasswordPolicy = {}): cognito.PasswordPolicy {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined));
}
