import { Stack, Validations } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { EnvironmentProfile } from './environment';

/** What a generated password is for. */
export interface VisitorPasswordOptions {
  readonly description: string;
  readonly username?: string;
  readonly profile: EnvironmentProfile;
  readonly encryptionKey?: kms.IKey;
}

/** A name and a generated password that people are asked for before they see what is not public yet, in the fields `username` and `password`. */
export function createVisitorPassword(scope: Construct, id: string, options: VisitorPasswordOptions): secretsmanager.Secret {
  const { description, username = 'preview', profile, encryptionKey } = options;
  const secret = new secretsmanager.Secret(scope, id, {
    description,
    encryptionKey,
    removalPolicy: profile.removalPolicyWithoutSnapshot,
    generateSecretString: {
      secretStringTemplate: Stack.of(scope).toJsonString({ username }),
      generateStringKey: 'password',
      passwordLength: 24,
      excludePunctuation: true,
      // People read it to each other.
      excludeCharacters: '0O1Il',
    },
  });
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason: 'People share this password to look at what is not public yet: a rotation nobody asked for would lock them all out. It opens no data, '
      + 'and whoever wants another has only to put a new value into the secret.',
  });
  return secret;
}
