/* What tells of the bill of a hand-written app: neither budgets nor anomalies have an L2. */
import { Stack } from 'aws-cdk-lib';
import * as budgets from 'aws-cdk-lib/aws-budgets';
import * as ce from 'aws-cdk-lib/aws-ce';
import { Construct } from 'constructs';
import { allowService, Platform } from './foundation';
import { letPublish } from './monitoring';

export function watchCosts(scope: Construct, { key, monitoring: { topic } }: Platform, amount: number): void {
  const stack = Stack.of(scope);
  const mayPublish = (sid: string, service: string, of: string, resource: string, resourceName?: string) => {
    letPublish(topic, `${sid}OfThisAccount`, `${service}.amazonaws.com`, stack.formatArn({ service: of, region: '', resource, resourceName }));
    allowService(key, sid, `${service}.amazonaws.com`, ['kms:Decrypt', 'kms:GenerateDataKey*'],
      { ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': stack.formatArn({ service: 'sns', resource: '*' }) } });
  };
  mayPublish('Budgets', 'budgets', 'budgets', '*');
  mayPublish('CostAnomalies', 'costalerts', 'ce', 'anomalysubscription', '*');

  const policy = topic.node.findChild('Policy');
  const subscribers = [{ subscriptionType: 'EMAIL', address: 'ops@example.com' }, { subscriptionType: 'SNS', address: topic.topicArn }];
  const budget = new budgets.CfnBudget(scope, 'Budget', {
    budget: { budgetType: 'COST', timeUnit: 'MONTHLY', budgetLimit: { amount, unit: 'USD' } },
    notificationsWithSubscribers: [['ACTUAL', 80] as const, ['ACTUAL', 100] as const, ['FORECASTED', 100] as const].map(([notificationType, threshold]) => ({
      notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
      subscribers,
    })),
  });
  const monitor = new ce.CfnAnomalyMonitor(scope, 'CostAnomalies', {
    monitorName: `${stack.stackName}-CostAnomalies`, monitorType: 'DIMENSIONAL', monitorDimension: 'SERVICE',
  });
  const subscription = new ce.CfnAnomalySubscription(scope, 'CostAnomalySubscription', {
    subscriptionName: `${stack.stackName}-CostAnomalies`,
    frequency: 'IMMEDIATE',
    monitorArnList: [monitor.attrMonitorArn],
    subscribers: [{ type: 'SNS', address: topic.topicArn }],
    thresholdExpression: JSON.stringify({ Dimensions: { Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE', MatchOptions: ['GREATER_THAN_OR_EQUAL'], Values: ['10'] } }),
  });
  for (const part of [budget, subscription]) part.node.addDependency(policy);
}
