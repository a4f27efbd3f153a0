import { Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { EncryptionKey } from './encryption-key';
import { EnvironmentProfile } from '../environment';

const ID = 'EdgeEncryptionKey';

/**
 * The one key of a stack in another region, for what is encrypted at home by a key that does not work there. It is made when it is first needed.
 *
 * @param stack the stack in the other region
 * @param home the key at home; without it, what is elsewhere gets none either
 */
export function keyBeside(stack: Stack, home: kms.IKey | undefined, profile: EnvironmentProfile): kms.IKey | undefined {
  if (!home) return undefined;
  const made = stack.node.tryFindChild(ID) as EncryptionKey | undefined;
  // What it encrypts, logs and messages, is in no snapshot.
  return (made ?? new EncryptionKey(stack, ID, { profile, removalPolicy: profile.removalPolicyWithoutSnapshot })).key;
}
