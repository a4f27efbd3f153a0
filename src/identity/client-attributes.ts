import * as cognito from 'aws-cdk-lib/aws-cognito';
import { customAttributes, mappedAttributes, STANDARD_ATTRIBUTES } from './user-attributes';
import type { UserDirectoryProps } from './user-directory-props';

/**
 * What users may write of themselves where nobody says otherwise. Without a list Cognito would let them write custom attributes as well, from the first
 * sign-up on: https://github.com/aws/aws-cdk/issues/30608
 */
export function writableAttributes(props: UserDirectoryProps): cognito.ClientAttributes {
  return standardAttributes().withCustomAttributes(...mappedAttributes(props).filter(name => name.startsWith('custom:')));
}

/** All attributes; of a pool that exists already, whose custom ones are not known here, what Cognito lets clients read by itself. */
export function readableAttributes(props: UserDirectoryProps): cognito.ClientAttributes | undefined {
  if (props.existing) return undefined;
  const verified = { emailVerified: true, phoneNumberVerified: true };
  return standardAttributes().withStandardAttributes(verified).withCustomAttributes(...customAttributes(props));
}

function standardAttributes(): cognito.ClientAttributes {
  const all = Object.fromEntries(Object.keys(STANDARD_ATTRIBUTES).map(property => [property, true]));
  return new cognito.ClientAttributes().withStandardAttributes(all);
}
