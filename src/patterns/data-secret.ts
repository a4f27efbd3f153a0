import { Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/**
 * The address of a data store as a container has it. One of another stack is taken by its ARN: CDK would name the role that reads it in the policy of its key,
 * and the two stacks would need each other.
 */
export function addressFrom(scope: Construct, secret: secretsmanager.ISecret): ecs.Secret {
  if (Stack.of(secret) === Stack.of(scope)) return ecs.Secret.fromSecretsManager(secret, 'url');
  const id = `Secret${secret.node.addr}`;
  const known = scope.node.tryFindChild(id) as secretsmanager.ISecret | undefined;
  const reference = known ?? secretsmanager.Secret.fromSecretCompleteArn(scope, id, secret.secretArn);
  return ecs.Secret.fromSecretsManager(reference, 'url');
}

/** Lets a task read a secret of another stack with its key, by a policy of the task's role. */
export function allowKeyElsewhere({ taskDefinition }: { readonly taskDefinition: ecs.FargateTaskDefinition }, secret: secretsmanager.ISecret): void {
  if (Stack.of(secret) === Stack.of(taskDefinition)) return;
  secret.encryptionKey?.grantDecrypt(taskDefinition.obtainExecutionRole());
}
