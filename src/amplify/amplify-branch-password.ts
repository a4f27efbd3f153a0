import { Stack, Validations } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { EnvironmentProfile } from '../environment';

/** Name and password that browsers are asked for. CloudFormation reads them when it makes or changes a branch. */
export function createBranchPassword(scope: Construct, profile: EnvironmentProfile, encryptionKey?: kms.IKey): secretsmanager.Secret {
  const secret = new secretsmanager.Secret(scope, 'Password', {
    description: `Name and password for visitors of protected branches of ${scope.node.path}`,
    encryptionKey,
    removalPolicy: profile.removalPolicyWithoutSnapshot,
    generateSecretString: {
      secretStringTemplate: Stack.of(scope).toJsonString({ username: 'preview' }),
      generateStringKey: 'password',
      passwordLength: 24,
      excludePunctuation: true,
      // People read it to each other.
      excludeCharacters: '0O1Il',
    },
  });
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason: 'People share this password to look at a branch that is not public yet: a rotation nobody asked for would lock them all out. It opens no data.',
  });
  return secret;
}
