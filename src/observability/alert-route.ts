import { SecretValue, Stack } from 'aws-cdk-lib';
import * as chatbot from 'aws-cdk-lib/aws-chatbot';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct, IConstruct } from 'constructs';
import { accountWideName } from '../edge/account-wide-name';
import { partitionOf } from '../environment/partition';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkKind, checkText } from '../validate';

/** Options of a route. */
export interface AlertRouteOptions {
  /**
   * Whether only critical alarms go this way. Everything goes the other ways anyway.
   * @default - true for a pager, false for a chat
   */
  readonly criticalOnly?: boolean;
}

/** A way by which people are told of alarms, beside e-mail. */
export abstract class AlertRoute {
  /**
   * Calls the on-call through PagerDuty, which confirms the subscription by itself. Each alarm's end resolves its incident.
   *
   * @param integrationUrl address of the "Amazon CloudWatch" integration of a PagerDuty service, such as `SecretValue.secretsManager('shop/pagerduty')`.
   * Whoever knows it can call your on-call, so it is a secret: CloudFormation reads it from Secrets Manager when it deploys and the template only has its
   * name. SNS shows it to those who may list subscriptions. Of another region's alarms it is read there, by the same name: replicate the secret.
   */
  public static pagerDuty(integrationUrl: SecretValue, options: AlertRouteOptions = {}): AlertRoute {
    return new HttpsRoute('PagerDuty', integrationUrl, options);
  }

  /**
   * Calls a receiver of your own, or of another service, by HTTPS. It gets SNS's own messages, and has to confirm the subscription.
   *
   * @param url address of the receiver, such as `SecretValue.secretsManager('shop/incidents-url')`
   */
  public static https(url: SecretValue, options: AlertRouteOptions = {}): AlertRoute {
    return new HttpsRoute('Https', url, options);
  }

  /**
   * Writes into a Slack channel through Amazon Q Developer in chat applications. A person authorizes the workspace in its console once; into a private
   * channel its app has to be invited. The channel's role has no permissions: it shows alarms, and nobody can run commands from it.
   *
   * @param workspaceId id of the workspace, such as `T0123ABCD`
   * @param channelId id of the channel, such as `C0123ABCD`
   * @see https://docs.aws.amazon.com/chatbot/latest/adminguide/slack-setup.html
   */
  public static slack(workspaceId: string, channelId: string, options: AlertRouteOptions = {}): AlertRoute {
    return new SlackRoute(workspaceId, channelId, options);
  }

  /** @internal */
  public readonly _criticalOnly: boolean;
  /** @internal */
  public readonly _kind: string;
  /**
   * Whether it reaches topics of another region too.
   * @internal
   */
  public abstract readonly _crossesRegions: boolean;

  /** @internal */
  protected constructor(kind: string, private readonly options: AlertRouteOptions, criticalOnly: boolean) {
    this._kind = kind;
    this._criticalOnly = options?.criticalOnly ?? criticalOnly;
  }

  /** @internal */
  public _validate(where: IConstruct): void {
    checkBoolean(where, 'criticalOnly', this.options?.criticalOnly);
  }

  /** @internal */
  public abstract _bind(scope: Construct, id: string, topic: sns.ITopic): void;
}

class HttpsRoute extends AlertRoute {
  public readonly _crossesRegions = true;

  constructor(kind: string, private readonly url: SecretValue, options: AlertRouteOptions) {
    super(kind, options, kind === 'PagerDuty');
  }

  public _validate(where: IConstruct): void {
    super._validate(where);
    checkGiven(where, 'url', this.url, "a SecretValue, such as SecretValue.secretsManager('shop/pagerduty')");
    checkKind(where, 'url', this.url, 'unsafeUnwrap', "a SecretValue, such as SecretValue.secretsManager('shop/pagerduty')");
    const endpoint = this.url.unsafeUnwrap();
    checkText(where, 'url', endpoint, /^https:\/\/\S{1,2000}$/, 'an address that begins with https://');
    if (!String(Stack.of(where).resolve(endpoint)).startsWith('{{resolve:ssm-secure:')) return;
    throw new PlatformError(where, {
      problem: 'CloudFormation reads no secure strings of Parameter Store into subscriptions.',
      got: 'a url by SecretValue.ssmSecure()',
      allowed: 'SecretValue.secretsManager()',
      fix: 'put the url into Secrets Manager',
    });
  }

  public _bind(scope: Construct, id: string, topic: sns.ITopic): void {
    new sns.Subscription(scope, id, { topic, protocol: sns.SubscriptionProtocol.HTTPS, endpoint: this.url.unsafeUnwrap() });
  }
}

class SlackRoute extends AlertRoute {
  public readonly _crossesRegions = false;

  constructor(private readonly workspaceId: string, private readonly channelId: string, options: AlertRouteOptions) {
    super('Slack', options, false);
  }

  public _validate(where: IConstruct): void {
    super._validate(where);
    checkGiven(where, 'workspaceId', this.workspaceId, 'the id of a Slack workspace, such as T0123ABCD');
    checkText(where, 'workspaceId', this.workspaceId, /^[0-9A-Z]{1,255}$/, 'the id of a Slack workspace, such as T0123ABCD');
    checkGiven(where, 'channelId', this.channelId, 'the id of a channel, such as C0123ABCD');
    checkText(where, 'channelId', this.channelId, /^[0-9A-Za-z]{1,255}$/, 'the id of a channel, such as C0123ABCD');
    const { region } = Stack.of(where);
    const partition = partitionOf(region);
    if (partition === 'aws') return;
    throw new PlatformError(where, {
      problem: `Amazon Q Developer in chat applications does not exist in the partition ${partition}.`,
      got: `AlertRoute.slack() in ${region}`,
      allowed: 'regions of the partition aws',
      fix: 'use AlertRoute.https() or e-mail here',
    });
  }

  public _bind(scope: Construct, id: string, topic: sns.ITopic): void {
    const slack = new Construct(scope, id);
    new chatbot.SlackChannelConfiguration(slack, 'Channel', {
      slackChannelConfigurationName: accountWideName(slack, 128),
      slackWorkspaceId: this.workspaceId,
      slackChannelId: this.channelId,
      notificationTopics: [topic],
      // Without any, AdministratorAccess is the limit: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-chatbot-slackchannelconfiguration.html
      guardrailPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('CloudWatchReadOnlyAccess')],
    });
  }
}
