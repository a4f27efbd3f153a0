import { Fn } from 'aws-cdk-lib';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { SecretSource } from './secret-source';
import { checkBoolean, checkGiven, checkKind, checkText } from '../validate';

/** How a secret reaches the app. */
export interface SecureStringVariableOptions {
  /**
   * Whether the build reads it too. All branches are built by one role, and so are pull requests: the build of each of them may then read it.
   *
   * Where any branch, or pull requests, have a Gen 2 backend, that role may read all secrets anyway: AWS's policy for deploying backends lets it, and
   * this only says whether the build does. Who must not read a secret must not have a branch of the app that is built.
   * @default false - for the branch's server and its Gen 2 backend
   * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmplifyBackendDeployFullAccess.html
   */
  readonly availableAtBuild?: boolean;
}

/** How a secret of Secrets Manager reaches the app. */
export interface SecretVariableOptions extends SecureStringVariableOptions {
  /**
   * Field of the secret, where its value is JSON.
   * @default - the secret's whole value
   */
  readonly field?: string;
}

/**
 * Value of a variable that an app reads by its name.
 *
 * Values that are no secrets are variables of the Amplify branch: whoever may look at the branch sees them. Secrets are kept as encrypted
 * parameters where Amplify Gen 2 looks for them, and are in no template, log or variable.
 *
 * A secret that is taken away, or given a value of its own on a branch, is gone at once from its old place, where the server that is deployed still
 * looks for it when it starts: until the next build is deployed, a server that ends without a secret does so.
 */
export class BranchVariable {
  /**
   * A text, which may only be known at deployment, such as the name of a table.
   *
   * @param value up to 5,500 characters
   */
  public static value(value: string): BranchVariable {
    checkGiven('BranchVariable', 'value', value, 'a text');
    checkText('BranchVariable', 'value', value, /^[^]{0,5500}$/, 'a text of up to 5,500 characters');
    return new BranchVariable(() => value);
  }

  /**
   * What a parameter of Systems Manager says that is no SecureString, read anew with each deployment.
   *
   * @param parameterName such as `/shop/production/graphql-url`
   */
  public static ssmParameter(parameterName: string): BranchVariable {
    checkParameterName(parameterName);
    return new BranchVariable(scope => ssm.StringParameter.valueForStringParameter(scope, parameterName));
  }

  /**
   * Output of a stack of this account, read anew with each deployment that changes something else.
   *
   * @param stackName name of the stack, such as that of a Gen 2 backend
   * @param outputName name of the output
   * @param region region of the stack; that of the app where it is left out
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
   */
  public static stackOutput(stackName: string, outputName: string, region?: string): BranchVariable {
    checkGiven('BranchVariable', 'stackName', stackName, 'the name of a stack');
    checkText('BranchVariable', 'stackName', stackName, /^[A-Za-z][A-Za-z0-9-]*$/, 'the name of a stack');
    checkGiven('BranchVariable', 'outputName', outputName, 'the name of an output');
    checkText('BranchVariable', 'outputName', outputName, /^[A-Za-z0-9]+$/, 'the name of an output: letters and digits');
    return new BranchVariable(() => Fn.getStackOutput(stackName, outputName, region));
  }

  /** A secret of Secrets Manager. A new value follows within the hour. */
  public static secret(secret: secretsmanager.ISecret, options: SecretVariableOptions = {}): BranchVariable {
    checkBoolean('BranchVariable', 'availableAtBuild', options.availableAtBuild);
    return new BranchVariable(undefined, SecretSource.fromSecretsManager(secret, options.field), options.availableAtBuild);
  }

  /**
   * A SecureString of Systems Manager, encrypted with the account's own key `alias/aws/ssm`. A new value follows within the hour.
   *
   * @param parameterName such as `/shop/production/stripe-key`
   */
  public static secureString(parameterName: string, options: SecureStringVariableOptions = {}): BranchVariable {
    checkParameterName(parameterName);
    checkBoolean('BranchVariable', 'availableAtBuild', options.availableAtBuild);
    return new BranchVariable(undefined, SecretSource.fromSecureString(parameterName), options.availableAtBuild);
  }

  private constructor(
    private readonly text?: (scope: Construct) => string,
    /** @internal */
    public readonly _secret?: SecretSource,
    /** @internal */
    public readonly _availableAtBuild = false,
  ) {}

  /**
   * What the template says; undefined for a secret.
   * @internal
   */
  public _valueIn(scope: Construct): string | undefined {
    return this.text?.(scope);
  }
}

/** Refuses what a JavaScript user might give instead. */
export function checkVariable(where: Construct, prop: string, variable: BranchVariable): void {
  checkGiven(where, prop, variable, "a BranchVariable, such as BranchVariable.value('x')");
  checkKind(where, prop, variable, '_valueIn', "a BranchVariable, such as BranchVariable.value('x')");
}

function checkParameterName(parameterName: string): void {
  const form = 'the name of a parameter, such as /shop/production/graphql-url';
  checkGiven('BranchVariable', 'parameterName', parameterName, form);
  checkText('BranchVariable', 'parameterName', parameterName, /^[\w./-]+$/, form);
}
