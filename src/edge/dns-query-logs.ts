import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { logGroupArn } from './log-group-arn';
import { EdgePlace } from './us-east-1';
import { EnvironmentProfile } from '../environment';

/**
 * Has a zone log its queries. Route 53 writes to log groups in us-east-1 only, and checks when logging is turned on whether it may.
 *
 * @see https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateQueryLoggingConfig.html
 */
export function createQueryLogs(zone: Construct, hostedZone: route53.CfnHostedZone, profile: EnvironmentProfile, encryptionKey?: kms.IKey): void {
  const place = EdgePlace.before(zone);
  const logGroup = new logs.LogGroup(place.scope, 'QueryLogs', {
    retention: profile.logRetentionDays,
    encryptionKey: place.key(encryptionKey, profile),
    removalPolicy: profile.removalPolicyWithoutSnapshot,
  });
  const stack = Stack.of(logGroup);
  const arn = logGroupArn(logGroup);
  const rights = new logs.ResourcePolicy(place.scope, 'QueryLogsPolicy', {
    policyStatements: [new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('route53.amazonaws.com')],
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [`${arn}:*`],
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnLike: { 'aws:SourceArn': stack.formatArn({ service: 'route53', region: '', account: '', resource: 'hostedzone', resourceName: '*' }) },
      },
    })],
  });
  hostedZone.queryLoggingConfig = { cloudWatchLogsLogGroupArn: place.carry(logGroup, 'Arn', arn) };
  if (place.scope === zone) hostedZone.node.addDependency(rights);
}
