import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import type { ReleaseOperatorProps, WatchedReleaseOptions } from './release-operator';
import { LOG_RETENTION_DAYS } from '../../environment/validate-environment-profile';
import { PlatformError } from '../../errors';
import { checkDuration, checkGiven, checkKind, checkList, checkOneOf, display } from '../../validate';

/** More than the slowest release takes by design: a pause of 14 days, then 33 steps and a bake time of a day each. */
const LONGEST_SECONDS = 60 * 86_400;

/** A call of `watch()`. */
export interface Watch {
  readonly service: ecs.IBaseService;
  readonly options: WatchedReleaseOptions;
  /** Cluster of the operator. */
  readonly cluster: ecs.ICluster;
  readonly isWatched: boolean;
}

/** Refuses an operator that could not work. */
export function validateReleaseOperator(where: IConstruct, props: ReleaseOperatorProps): void {
  checkGiven(where, 'cluster', props?.cluster, 'an ecs.ICluster');
  checkKind(where, 'cluster', props.cluster, 'clusterArn', 'an ecs.ICluster');
  checkKind(where, 'topic', props.topic, 'topicArn', 'an sns.ITopic');
  checkKind(where, 'profile', props.profile, 'logRetentionDays', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkOneOf(where, 'logRetentionDays', props.logRetentionDays, LOG_RETENTION_DAYS);
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey');
  if (!props.topic?.fifo) return;
  throw new PlatformError(where, {
    problem: 'a FIFO topic reaches no mailbox and no chat.',
    got: `topic ${props.topic.node.path}, which is FIFO`,
    allowed: 'a standard topic',
    fix: 'make the topic without fifo',
  });
}

/** Refuses a service that the operator could not look after. */
export function validateWatch(where: IConstruct, { service, options, cluster, isWatched }: Watch): void {
  checkGiven(where, 'service', service, 'an ECS service, such as an ecs.FargateService');
  checkKind(where, 'service', service, 'serviceArn', 'an ECS service, such as an ecs.FargateService');
  checkDuration(where, 'timeout', options.timeout, 300, LONGEST_SECONDS);
  checkList(where, 'rotatedSecrets', options.rotatedSecrets);
  for (const [index, secret] of (options.rotatedSecrets ?? []).entries()) {
    checkGiven(where, `rotatedSecrets[${index}]`, secret, 'a secretsmanager.ISecret');
    checkKind(where, `rotatedSecrets[${index}]`, secret, 'secretArn', 'a secretsmanager.ISecret');
  }
  if (isWatched) {
    throw new PlatformError(where, {
      problem: 'the service is watched already, and two checks would differ in what they stop.',
      got: `service ${display(service.node.path)} twice`,
      allowed: 'each service once',
      fix: 'call watch() once, with all options',
    });
  }
  checkCluster(where, service, cluster);
}

/** Of two clusters it is certain that they differ when both names are known, or when both are made by this app. */
function checkCluster(where: IConstruct, { node, cluster: other }: ecs.IBaseService, cluster: ecs.ICluster): void {
  const names = [cluster.clusterName, other.clusterName];
  const differs = names.some(name => Token.isUnresolved(name)) ? cluster !== other && isMade(cluster) && isMade(other) : names[0] !== names[1];
  if (!differs) return;
  throw new PlatformError(where, {
    problem: 'the service runs in another cluster.',
    got: `service ${display(node.path)} in cluster ${display(other.node.path)}`,
    allowed: `services of cluster ${display(cluster.node.path)}`,
    fix: 'make a ReleaseOperator for each cluster',
  });
}

function isMade(cluster: ecs.ICluster): boolean {
  return cluster.node.findAll().some(child => CfnResource.isCfnResource(child) && child.cfnResourceType === 'AWS::ECS::Cluster');
}

/** The service as CloudFormation has it; nothing where the service is not of this app. */
export function findServiceResource(service: ecs.IBaseService): CfnResource | undefined {
  return service.node.findAll().find((child): child is CfnResource =>
    CfnResource.isCfnResource(child) && child.cfnResourceType === 'AWS::ECS::Service' && Stack.of(child) === Stack.of(service));
}
