import type * as cognito from 'aws-cdk-lib/aws-cognito';
import type { UserDirectoryProps } from './user-directory-props';
import { directorySettings } from './user-directory-settings';

/** What Cognito calls the standard attributes, which every pool has and for which CDK has names of its own. */
export const STANDARD_ATTRIBUTES: { readonly [property in keyof cognito.StandardAttributes]-?: string } = {
  address: 'address',
  birthdate: 'birthdate',
  email: 'email',
  familyName: 'family_name',
  fullname: 'name',
  gender: 'gender',
  givenName: 'given_name',
  lastUpdateTime: 'updated_at',
  locale: 'locale',
  middleName: 'middle_name',
  nickname: 'nickname',
  phoneNumber: 'phone_number',
  preferredUsername: 'preferred_username',
  profilePage: 'profile',
  profilePicture: 'picture',
  timezone: 'zoneinfo',
  website: 'website',
};

/** Standard attributes of a new pool without which nobody can be its user. */
export function requiredAttributes(props: UserDirectoryProps): string[] {
  return given(props).filter(([, { required }]) => required).map(([name]) => name);
}

/** Attributes of a new pool that are written once. */
export function fixedAttributes(props: UserDirectoryProps): string[] {
  const custom = Object.entries(props.customAttributes ?? {}).filter(([, attribute]) => !attribute.bind().mutable);
  return [...given(props).filter(([, { mutable }]) => mutable === false).map(([name]) => name), ...custom.map(([name]) => `custom:${name}`)];
}

/** The custom attributes of a new pool, as tokens call them. */
export function customAttributes(props: UserDirectoryProps): string[] {
  return Object.keys(props.customAttributes ?? {}).map(name => `custom:${name}`);
}

/** Attributes that Cognito writes at each sign-in with a provider, as the client that the user signs in to; it verifies by itself. */
export function mappedAttributes({ providers = [] }: UserDirectoryProps): string[] {
  const mapped = new Set(providers.flatMap(({ _mapping }) => Object.keys(_mapping)));
  return [...mapped].filter(name => name.startsWith('custom:') || Object.values(STANDARD_ATTRIBUTES).includes(name));
}

function given(props: UserDirectoryProps): [string, cognito.StandardAttribute][] {
  const attributes = Object.entries(directorySettings(props).standardAttributes).filter(([, attribute]) => attribute);
  return attributes.map(([property, attribute]) => [STANDARD_ATTRIBUTES[property as keyof cognito.StandardAttributes], attribute]);
}
