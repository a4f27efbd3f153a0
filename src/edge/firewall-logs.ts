import { Aws, Fn, Names } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { logGroupArn } from './log-group-arn';
import { EnvironmentProfile } from '../environment';

/** What a log entry must have been through to be kept: any action but plain allowing. */
const NOTEWORTHY = ['BLOCK', 'COUNT', 'CAPTCHA', 'CHALLENGE', 'EXCLUDED_AS_COUNT'];

/** How a firewall logs. */
export interface FirewallLogSettings {
  readonly profile: EnvironmentProfile;
  readonly allRequests: boolean;
  readonly redactedHeaders: string[];
  readonly encryptionKey?: kms.IKey;
}

/**
 * Has a web ACL log to a group of its own. AWS lets the delivery service write to the group when logging is turned on.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
 */
export function logRequests(scope: Construct, webAcl: wafv2.CfnWebACL, settings: FirewallLogSettings): logs.LogGroup {
  const logGroup = createLogGroup(scope, settings);
  new wafv2.CfnLoggingConfiguration(scope, 'Logging', {
    resourceArn: webAcl.attrArn,
    logDestinationConfigs: [logGroupArn(logGroup)],
    redactedFields: settings.redactedHeaders.map(header => ({ singleHeader: { Name: header } })),
    loggingFilter: settings.allRequests ? undefined : keepNoteworthy(),
  });
  return logGroup;
}

/**
 * AWS WAF writes to groups of this prefix only. The end of the stack's id keeps a group that outlived its stack from blocking the next one.
 *
 * @see https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
 */
function createLogGroup(scope: Construct, { profile, encryptionKey }: FirewallLogSettings): logs.LogGroup {
  const stack = Fn.select(4, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))));
  return new logs.LogGroup(scope, 'Log', {
    logGroupName: `aws-waf-logs-${Names.uniqueResourceName(scope, { maxLength: 128, separator: '-' })}-${stack}`,
    retention: profile.logRetentionDays,
    encryptionKey,
    removalPolicy: profile.removalPolicyWithoutSnapshot,
  });
}

// CDK passes this object on as it is, so its keys are CloudFormation's.
function keepNoteworthy(): object {
  return {
    DefaultBehavior: 'DROP',
    Filters: [{
      Behavior: 'KEEP',
      Requirement: 'MEETS_ANY',
      Conditions: NOTEWORTHY.map(Action => ({ ActionCondition: { Action } })),
    }],
  };
}
