import { Aws, Fn, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { checkGiven, checkKind, checkText } from '../validate';
import type { DescribedSource } from './operator/secret-values';

/** Where the value of a secret comes from. The value is in no template. */
export class SecretSource {
  /**
   * A secret of Secrets Manager. One that is encrypted with a key of yours must know it (`Secret.fromSecretAttributes()` with `encryptionKey`).
   *
   * @param secret the secret
   * @param field field of it, where its value is JSON; the whole value without one
   */
  public static fromSecretsManager(secret: secretsmanager.ISecret, field?: string): SecretSource {
    checkGiven('SecretSource', 'secret', secret, 'a secretsmanager.ISecret');
    checkKind('SecretSource', 'secret', secret, 'secretArn', 'a secretsmanager.ISecret');
    checkText('SecretSource', 'field', field, /./, 'the name of a field of the secret');
    return new SecretSource(
      () => ({ secret: secret.secretArn, ...field === undefined ? {} : { field } }),
      () => [
        new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secret.secretFullArn ?? `${secret.secretArn}-??????`] }),
        ...mayDecrypt('secretsmanager', secret.encryptionKey, Stack.of(secret)),
      ],
    );
  }

  /**
   * A SecureString of Systems Manager in the same account and region.
   *
   * @param parameterName name, such as `/shop/production/stripe-key`
   * @param encryptionKey key of yours that it is encrypted with; none for the account's own `alias/aws/ssm`
   */
  public static fromSecureString(parameterName: string, encryptionKey?: kms.IKey): SecretSource {
    const form = 'the name of a parameter, such as /shop/production/stripe-key';
    checkGiven('SecretSource', 'parameterName', parameterName, form);
    checkText('SecretSource', 'parameterName', parameterName, /^[\w./-]+$/, form);
    checkKind('SecretSource', 'encryptionKey', encryptionKey, 'keyArn', 'a kms.IKey');
    return new SecretSource(
      () => ({ parameter: parameterName }),
      scope => [
        new iam.PolicyStatement({ actions: ['ssm:GetParameters'], resources: [parameterArn(scope, parameterName)] }),
        ...mayDecrypt('ssm', encryptionKey, Stack.of(scope)),
      ],
    );
  }

  private constructor(
    /** @internal */
    public readonly _description: () => Omit<DescribedSource, 'name'>,
    /**
     * What reading it takes.
     * @internal
     */
    public readonly _statements: (scope: Construct) => iam.PolicyStatement[],
  ) {}
}

function mayDecrypt(service: string, key: kms.IKey | undefined, { region }: Stack): iam.PolicyStatement[] {
  if (!key) return [];
  const conditions = { StringEquals: { 'kms:ViaService': `${service}.${region}.${Aws.URL_SUFFIX}` } };
  return [new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [key.keyArn], conditions })];
}

/** An ARN has the name without the slash that it may begin with, which nobody knows of a name that is known at deployment. */
function parameterArn(scope: Construct, parameterName: string): string {
  const stack = Stack.of(scope);
  const resource = `parameter/${parameterName}`;
  const path = Token.isUnresolved(parameterName) ? Fn.join('/', Fn.split('//', resource)) : resource.replace('//', '/');
  return `arn:${stack.partition}:ssm:${stack.region}:${stack.account}:${path}`;
}
