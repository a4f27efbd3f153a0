import { Duration, Names, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { EVENT_SOURCE, RELEASE_STEP_FAILED } from './release-event';
import { ReleaseOperatorFunction } from './release-operator-function';
import { acknowledgeReading, acknowledgeStopping, mayFind, mayFollowRotations, mayRead, mayStop, mayTell } from './release-operator-rights';
import { findServiceResource, validateReleaseOperator, validateWatch } from './release-operator-validation';
import { EnvironmentProfile } from '../../environment';
import { createHelperFunction } from '../../helper-function';

/** Properties of a `ReleaseOperator`. */
export interface ReleaseOperatorProps {
  /** Cluster of the services whose releases are looked after. */
  readonly cluster: ecs.ICluster;
  /**
   * Where people are told of releases of any service of the cluster that failed, were rolled back, or wait for a person.
   * A standard topic: nobody can subscribe to a FIFO one by mail.
   * @default - nobody is told
   */
  readonly topic?: sns.ITopic;
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * How many days the log is kept.
   * @default - the profile's `logRetentionDays`
   */
  readonly logRetentionDays?: number;
  /**
   * Key that encrypts the function's log, its environment and the events that it failed on. Where it also encrypts the topic,
   * the function may use it to publish.
   * @default - keys that AWS owns
   */
  readonly encryptionKey?: kms.IKey;
}

/** How the releases of one service are looked after. */
export interface WatchedReleaseOptions {
  /**
   * After how long a deployment that has not settled is rolled back, 5 minutes to 60 days. Longer than everything that a release does by design:
   * its migration, its tests, its steps and its bake time together. Time spent waiting for a person does not count.
   * Looked at every five minutes.
   * @default Duration.minutes(30)
   */
  readonly timeout?: Duration;
  /**
   * Secrets that the tasks read when they start. After each rotation the service is deployed anew, once, by its own release strategy;
   * a rotation in the middle of a release waits for its end. Both the old and the new login must be valid meanwhile,
   * as they are where a rotation alternates between two users.
   * @default - none
   */
  readonly rotatedSecrets?: secretsmanager.ISecret[];
}

const INTERVAL = Duration.minutes(5);
const DEFAULT_TIMEOUT = Duration.minutes(30);

/**
 * Looks after the releases of a cluster's services from outside: tells people of those that fail, are rolled back or wait for a person;
 * rolls back those that do not settle; and replaces tasks whose secrets were rotated.
 *
 * Nothing that a first deployment needs refers to a service: a service exists for CloudFormation only when its first deployment has settled,
 * and until then nobody would be told and nothing would be ended.
 */
export class ReleaseOperator extends Construct {
  /** The function behind all of it. */
  public readonly function: lambda.IFunction;

  private readonly role: iam.IRole;
  private readonly watched = new Set<ecs.IBaseService>();
  private readonly stacks = new Set<string>();
  private readonly restarted = new Set<ecs.IBaseService>();
  private readonly secrets = new Set<secretsmanager.ISecret>();

  constructor(scope: Construct, id: string, private readonly props: ReleaseOperatorProps) {
    super(scope, id);
    validateReleaseOperator(this, props);

    const handler = this.createFunction();
    this.function = handler;
    this.role = handler.role!;
    if (props.topic) this.createNewsRule();
  }

  /**
   * Ends deployments of a service that do not settle, and follows the rotation of its secrets.
   *
   * @param service a service of the cluster, with ECS's own deployments (not CodeDeploy's)
   */
  public watch(service: ecs.IBaseService, options: WatchedReleaseOptions = {}): void {
    validateWatch(this, { service, options, cluster: this.props.cluster, isWatched: this.watched.has(service) });
    this.watched.add(service);

    const secrets = options.rotatedSecrets ?? [];
    const rule = new events.Rule(this, `Check${Names.nodeUniqueId(service.node)}`, {
      description: 'Looks for a deployment that does not settle, and for secrets that were rotated',
      schedule: events.Schedule.rate(INTERVAL),
      targets: [new targets.LambdaFunction(this.function, {
        event: events.RuleTargetInput.fromObject({
          check: {
            cluster: this.props.cluster.clusterName,
            ...this.whereabouts(service),
            timeoutMinutes: (options.timeout ?? DEFAULT_TIMEOUT).toMinutes({ integral: false }),
            secrets: secrets.map(({ secretArn }) => secretArn),
          },
        }),
      })],
    });
    rule.node.addDependency(this.stopPolicy());
    if (secrets.length > 0) this.followRotations(service, secrets);
  }

  private createFunction(): lambda.Function {
    const { cluster, topic, encryptionKey, logRetentionDays } = this.props;
    const profile = this.props.profile ?? EnvironmentProfile.production();
    const handler = createHelperFunction(this, ReleaseOperatorFunction, {
      statements: [mayRead(this, cluster), ...topic ? mayTell(this, topic, encryptionKey) : []],
      logRetentionDays: logRetentionDays ?? profile.logRetentionDays,
      removalPolicy: profile.removalPolicyWithoutSnapshot,
      encryptionKey,
      description: 'Looks after the releases of an ECS cluster',
      memorySize: 256,
      timeout: Duration.minutes(2),
      environment: topic && { TOPIC_ARN: topic.topicArn },
    });
    acknowledgeReading(this.node.findChild('Role'), cluster);
    return handler;
  }

  private createNewsRule(): void {
    const { clusterArn, clusterName } = this.props.cluster;
    const ofCluster = events.Match.prefix(Stack.of(this).formatArn({ service: 'ecs', resource: 'service', resourceName: `${clusterName}/` }));
    const rule = new events.Rule(this, 'News', {
      description: 'Releases that fail, are rolled back, or wait for a person',
      eventPattern: { source: ['aws.ecs', EVENT_SOURCE] },
      targets: [new targets.LambdaFunction(this.function)],
    });
    // One rule in place of three, because a stack has 500 resources. The L2 has no word for it.
    (rule.node.defaultChild as events.CfnRule).addPropertyOverride('EventPattern.$or', [
      {
        'detail-type': ['ECS Deployment State Change'],
        'resources': ofCluster,
        // A rollback begins with an event of progress. The names that ECS's logs have for rollbacks are not documented as events yet.
        'detail': { eventName: ['SERVICE_DEPLOYMENT_FAILED', 'SERVICE_DEPLOYMENT_IN_PROGRESS', { prefix: 'SERVICE_DEPLOYMENT_ROLLBACK' }] },
      },
      { 'detail-type': [RELEASE_STEP_FAILED], 'resources': ofCluster },
      { 'detail-type': ['ECS Hook State Change'], 'detail': { eventName: ['HOOK_AWAITING_ACTION'], clusterArn: [clusterArn] } },
    ]);
  }

  /** How the function finds the service: by the template, which does not wait for it, or by the name of one that exists. */
  private whereabouts(service: ecs.IBaseService): { [name: string]: string } {
    const resource = findServiceResource(service);
    if (!resource) return { service: service.serviceName };
    const { stackId } = Stack.of(service);
    if (this.stacks.size === 0) this.stopPolicy().addStatements(mayFind(this.stacks));
    this.stacks.add(stackId);
    return { stack: stackId, resource: resource.logicalId };
  }

  /** Apart from the function's first policy, so that who only tells may not stop. */
  private stopPolicy(): iam.ManagedPolicy {
    const existing = this.node.tryFindChild('StopPolicy');
    if (existing) return existing as iam.ManagedPolicy;
    const policy = new iam.ManagedPolicy(this, 'StopPolicy', { roles: [this.role], statements: [mayStop(this, this.props.cluster)] });
    acknowledgeStopping(policy, this.props.cluster);
    return policy;
  }

  /** A policy of its own: it waits for the services, which the function must not. */
  private followRotations(service: ecs.IBaseService, secrets: secretsmanager.ISecret[]): void {
    this.restarted.add(service);
    for (const secret of secrets) this.secrets.add(secret);
    if (this.node.tryFindChild('RestartPolicy')) return;
    new iam.ManagedPolicy(this, 'RestartPolicy', { roles: [this.role], statements: mayFollowRotations(this.restarted, this.secrets) });
  }
}
