import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct, IDependable } from 'constructs';
import { allowForTopics } from '../encryption/topic-key';

/** A service of AWS that tells a topic of costs. */
export interface CostService {
  /** How it names itself to a topic and a key. */
  readonly principal: string;
  /** Beginning of the ids of statements, of letters and digits. */
  readonly statementId: string;
  /** Beginning of the ids of warnings. */
  readonly warningId: string;
  /** What publishes, as ARNs with wildcards. */
  readonly sourceArn: string;
}

/**
 * Lets a service publish on a topic for this account only, and use the topic's key. Where an imported topic or key cannot be changed, it says so.
 *
 * @returns what has to exist before the service is told of the topic
 */
export function allowCostService(where: Construct, topic: sns.ITopic, service: CostService): IDependable | undefined {
  const { principal, statementId, warningId, sourceArn } = service;
  const { statementAdded, policyDependable } = topic.addToResourcePolicy(new iam.PolicyStatement({
    sid: `${statementId}OfThisAccount`,
    principals: [new iam.ServicePrincipal(principal)],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(where).account }, ArnLike: { 'aws:SourceArn': sourceArn } },
  }));
  if (!statementAdded) {
    Annotations.of(where).addWarningV2(`cdk-web-platform:${warningId}TopicPolicy`,
      `The policy of an imported topic cannot be changed from here. The topic is not told of costs unless it lets ${principal} use sns:Publish.`);
  }
  allowKey(where, topic, service);
  return policyDependable;
}

function allowKey(where: Construct, topic: sns.ITopic, { principal, statementId, warningId }: CostService): void {
  const result = topic.masterKey?.addToResourcePolicy(allowForTopics(topic, { sid: statementId, principal }), true);
  if (!result || result.statementAdded) return;
  Annotations.of(where).addWarningV2(`cdk-web-platform:${warningId}KeyPolicy`,
    `The policy of an imported key cannot be changed from here. The topic is not told of costs unless it lets ${principal} use kms:Decrypt and kms:GenerateDataKey*.`);
}
