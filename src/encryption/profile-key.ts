import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
// Through the index, which loads the key's module only where a key is made.
import { EncryptionKey } from './index';
import type { EnvironmentProfile } from '../environment';

/** The one key of a pattern, where its profile asks for one of the stack's own rather than AWS's. */
export function createProfileKey(scope: Construct, profile: EnvironmentProfile): kms.IKey | undefined {
  return profile.customerManagedKey ? new EncryptionKey(scope, 'EncryptionKey', { profile }).key : undefined;
}
