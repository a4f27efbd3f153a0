import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge';
import { EnvironmentProfile } from '../environment';

/** Amplify would make the group itself, and keep all logs for ever. */
export function createServerLog(scope: Construct, appId: string, profile: EnvironmentProfile, encryptionKey?: kms.IKey): logs.LogGroup {
  return new logs.LogGroup(scope, 'Log', {
    logGroupName: `/aws/amplify/${appId}`,
    retention: profile.logRetentionDays,
    encryptionKey,
    removalPolicy: profile.removalPolicyWithoutSnapshot,
  });
}

/**
 * What the service role needs for the server's log. The app's id is not known before the app, which needs the role.
 *
 * @see https://docs.aws.amazon.com/amplify/latest/userguide/ssr-supported-features.html#ssr-cloudwatch-logs
 */
export function serverLogStatements(role: Construct): iam.PolicyStatement[] {
  const { partition, region, account } = Stack.of(role);
  const all = `arn:${partition}:logs:${region}:${account}:log-group:*`;
  const groups = `arn:${partition}:logs:${region}:${account}:log-group:/aws/amplify/*`;
  acknowledgeWildcards(role, [groups], 'Logs of Amplify apps only; the id of this one is not known before its role.');
  acknowledgeWildcards(role, [all], 'Amplify looks for its group in the list of all groups, and AWS gives no right to a part of the list: no log can be read with it.');
  return [
    new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [groups] }),
    new iam.PolicyStatement({ actions: ['logs:DescribeLogGroups'], resources: [all] }),
  ];
}
