import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';

/** Whose account is asked, and where. */
export interface AwsOptions {
  readonly profile?: string;
  readonly region?: string;
}

/** Settings for every client: the profile's, unless the options or the environment say otherwise. */
export function clientSettings({ profile, region }: AwsOptions): { profile?: string; region?: string; credentials?: AwsCredentialIdentityProvider } {
  return { ...profile === undefined ? {} : { profile }, ...region === undefined ? {} : { region } };
}
