import { Aws, Lazy, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { IConstruct } from 'constructs';
import { acknowledgeWildcards } from '../../acknowledge';

/*
 * What the operator's function may do. ECS asks for the service beside each of its deployments and revisions:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 */

const READ = ['service', 'service-deployment', 'service-revision'];
const STOPPED = ['service', 'service-deployment'];

/** What happens to the services of one cluster. */
export function mayRead(where: IConstruct, cluster: ecs.ICluster): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['ecs:ListServiceDeployments', 'ecs:DescribeServiceDeployments', 'ecs:DescribeServiceRevisions'],
    resources: READ.map(type => arnsOfCluster(where, type, cluster)),
  });
}

/** A deployment is stopped by an id that ECS has just made, and a first one of a service that CloudFormation does not know yet. */
export function mayStop(where: IConstruct, cluster: ecs.ICluster): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ['ecs:StopServiceDeployment'], resources: STOPPED.map(type => arnsOfCluster(where, type, cluster)) });
}

/** The services of templates by their physical ids. */
export function mayFind(stacks: Set<string>): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ['cloudformation:DescribeStackResource'], resources: Lazy.list({ produce: () => [...stacks] }) });
}

/** Exactly the services that are deployed anew, and exactly their secrets: when they were rotated, not what is in them. */
export function mayFollowRotations(services: Set<ecs.IBaseService>, secrets: Set<secretsmanager.ISecret>): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      actions: ['ecs:DescribeServices', 'ecs:UpdateService'],
      resources: Lazy.list({ produce: () => [...services].map(({ serviceArn }) => serviceArn) }),
    }),
    new iam.PolicyStatement({
      actions: ['secretsmanager:DescribeSecret'],
      // A secret that is known by its name alone has six random characters at the end of its ARN.
      resources: Lazy.list({ produce: () => [...secrets].map(({ secretArn, secretFullArn }) => secretFullArn ?? `${secretArn}-??????`) }),
    }),
  ];
}

/** Publishes to one topic, with its key through SNS only. */
export function mayTell(where: IConstruct, topic: sns.ITopic, encryptionKey?: kms.IKey): iam.PolicyStatement[] {
  const keys = [...new Set([topic.masterKey, encryptionKey])].filter(key => key !== undefined);
  const publish = new iam.PolicyStatement({ actions: ['sns:Publish'], resources: [topic.topicArn] });
  if (keys.length === 0) return [publish];
  return [publish, new iam.PolicyStatement({
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: keys.map(({ keyArn }) => keyArn),
    conditions: { StringEquals: { 'kms:ViaService': `sns.${Stack.of(where).region}.${Aws.URL_SUFFIX}` } },
  })];
}

/** Tells auditors why reading knows only the cluster. */
export function acknowledgeReading(role: IConstruct, cluster: ecs.ICluster): void {
  acknowledgeWildcards(role, READ.map(type => arnsOfCluster(role, type, cluster)),
    'Reads, and only in one cluster. ECS makes the ids of deployments and revisions with each release, and a service whose first release fails is one that '
    + 'CloudFormation cannot name yet: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment-permissions.html');
}

/** Tells auditors why stopping knows only the cluster. */
export function acknowledgeStopping(policy: IConstruct, cluster: ecs.ICluster): void {
  acknowledgeWildcards(policy, STOPPED.map(type => arnsOfCluster(policy, type, cluster)),
    'Stops deployments, and only in one cluster. ECS makes their ids with each release, and the first release of a service must be stopped while '
    + 'CloudFormation cannot name the service yet: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html');
}

function arnsOfCluster(where: IConstruct, resource: string, cluster: ecs.ICluster): string {
  return Stack.of(where).formatArn({ service: 'ecs', resource, resourceName: `${cluster.clusterName}/*` });
}
