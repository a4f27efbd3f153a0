import { Aws, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct } from 'constructs';
import { SitePasswordFunction } from './site-password-function';
import { validateSitePassword } from './site-password-validation';
import { accountWideName } from '../edge/account-wide-name';
import { EnvironmentProfile } from '../environment';
import { createHelperFunction } from '../helper-function';
import { createVisitorPassword } from '../visitor-password';

/** Twice the patience of the function, with requests that nobody answers, and time to answer CloudFormation. */
const HANDLER_TIMEOUT = Duration.minutes(6);
const REFRESH_HOURS = 1;
/** So that one refresh that fails for good, or comes late, is made up for by the next. */
const LOOK_BACK_HOURS = 3;

/** Properties of a `SitePassword`. */
export interface SitePasswordProps {
  /**
   * Secret with the fields `username` and `password`, for one that exists already. One that is encrypted with a key of yours must know
   * it (`Secret.fromSecretAttributes()` with `encryptionKey`).
   * @default - one with a generated password
   */
  readonly secret?: secretsmanager.ISecret;
  /**
   * Name that goes with the generated password.
   * @default - preview
   */
  readonly username?: string;
  /**
   * Something that is different whenever the secret's value was changed on purpose, such as a number: the deployment then hands the new
   * value to the edge.
   * @default - a new value reaches the edge within an hour
   */
  readonly version?: string;
  /**
   * How long the log is kept, and what happens to the secret when it is removed.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * Key for the generated secret, the log and the function's configuration.
   * @default - AWS's own
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * A name and a password that a browser asks for before it shows a site that is not public yet.
 *
 * They are in a secret, never in the template. A function puts the SHA-256 of the `Authorization` header that goes with them into a
 * CloudFront KeyValueStore, under the key `basic-auth`, where the function at the edge compares. While the key is missing nobody gets in.
 *
 * A new value of the secret reaches the edge within an hour; at once when `version` changes, or when `function` is invoked with
 * `{"refresh": true}`. An older value that is made current again needs one of these two.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions.html
 */
export class SitePassword extends Construct {
  /** Store for the function at the edge. */
  public readonly keyValueStore: cloudfront.IKeyValueStore;
  /** Secret with the fields `username` and `password`. */
  public readonly secret: secretsmanager.ISecret;
  /** What was created once the edge knows the password. */
  public readonly ready: IConstruct;
  /** What hands the password to the edge; invoke it with `{"refresh": true}` after a change of the secret. */
  public readonly function: lambda.IFunction;

  constructor(scope: Construct, id: string, private readonly props: SitePasswordProps = {}) {
    super(scope, id);
    validateSitePassword(this, props);

    const profile = props.profile ?? EnvironmentProfile.production();
    this.secret = props.secret ?? this.createSecret(profile);
    this.keyValueStore = this.createStore();
    const handler = this.createHandler(profile);
    this.function = handler;
    this.ready = this.createResource(handler);
    this.createSchedule(handler);
  }

  private createSecret(profile: EnvironmentProfile): secretsmanager.Secret {
    const { username, encryptionKey } = this.props;
    return createVisitorPassword(this, 'Secret', { description: `Name and password for visitors of ${this.node.path}`, username, profile, encryptionKey });
  }

  /** Stores of all regions share one list of names. */
  private createStore(): cloudfront.KeyValueStore {
    return new cloudfront.KeyValueStore(this, 'Store', {
      keyValueStoreName: accountWideName(this, 64),
      comment: 'Hash of the password of a site that is not public yet',
    });
  }

  private createHandler(profile: EnvironmentProfile): lambda.Function {
    return createHelperFunction(this, SitePasswordFunction, {
      statements: this.statements(),
      logRetentionDays: profile.logRetentionDays,
      removalPolicy: profile.removalPolicyWithoutSnapshot,
      encryptionKey: this.props.encryptionKey,
      description: 'Hands the password of the site to the edge',
      memorySize: 256,
      timeout: HANDLER_TIMEOUT,
      environment: { SECRET_ARN: this.secret.secretArn, STORE_ARN: this.keyValueStore.keyValueStoreArn },
    });
  }

  private statements(): iam.PolicyStatement[] {
    const { secretArn, secretFullArn, encryptionKey } = this.secret;
    const { region, stackId } = Stack.of(this);
    const decrypt = encryptionKey && new iam.PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: [encryptionKey.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.${Aws.URL_SUFFIX}` } },
    });
    return [
      new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretFullArn ?? `${secretArn}-??????`] }),
      new iam.PolicyStatement({
        actions: ['cloudfront-keyvaluestore:DescribeKeyValueStore', 'cloudfront-keyvaluestore:PutKey'],
        resources: [this.keyValueStore.keyValueStoreArn],
      }),
      new iam.PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [stackId] }),
      ...decrypt ? [decrypt] : [],
    ];
  }

  private createResource(handler: lambda.Function): CustomResource {
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::SitePassword',
      serviceToken: handler.functionArn,
      serviceTimeout: HANDLER_TIMEOUT.plus(Duration.minutes(1)),
      properties: { SecretArn: this.secret.secretArn, StoreArn: this.keyValueStore.keyValueStoreArn, Version: this.props.version },
    });
    resource.node.addDependency(this.node.findChild('Role'));
    return resource;
  }

  /** Secrets Manager tells of a new value only through a trail, which an account may not have. */
  private createSchedule(handler: lambda.Function): void {
    const event = events.RuleTargetInput.fromObject({ refresh: true, changedWithinHours: LOOK_BACK_HOURS });
    const rule = new events.Rule(this, 'Refresh', {
      description: 'Hands a new password of the site to the edge',
      schedule: events.Schedule.rate(Duration.hours(REFRESH_HOURS)),
      targets: [new targets.LambdaFunction(handler, { event })],
    });
    rule.node.addDependency(this.ready);
  }
}
