import { Stack } from 'aws-cdk-lib';
import * as ce from 'aws-cdk-lib/aws-ce';
import { IConstruct } from 'constructs';
import type { CostAnomalyMonitorProps } from './cost-anomaly-monitor';
import { checkAmount, checkEmails, checkOneTag, checkSubscribers } from './cost-checks';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkKind, checkText } from '../validate';

const MAXIMUM_EMAILS = 10;
const MONITOR_ARN = /^arn:aws[-a-z0-9]*:ce::[0-9]{12}:anomalymonitor\/[-a-zA-Z0-9]+$/;

/** Refuses monitors that tell nobody, or look at what is not decided. */
export function validateCostAnomalyMonitor(where: IConstruct, props: CostAnomalyMonitorProps): void {
  checkEmails(where, 'AWS', props?.emails, MAXIMUM_EMAILS);
  checkKind(where, 'topic', props?.topic, 'topicArn', 'an sns.ITopic');
  checkSubscribers(where, props ?? {});
  checkBoolean(where, 'weekly', props.weekly);
  checkWeekly(where, props);
  for (const prop of ['minimumAmount', 'minimumPercentage'] as const) checkAmount(where, prop, props[prop] ?? 1, 1e12);
  checkExisting(where, props);
  checkOneTag(where, props.tags, 'a monitor looks at one tag.', 'monitor');
  checkText(where, 'linkedAccount', props.linkedAccount, /^[0-9]{12}$/, 'an account id of 12 digits');
  checkOneScope(where, props);
  checkOnlyOne(where, props);
}

function checkWeekly(where: IConstruct, { weekly, emails = [] }: CostAnomalyMonitorProps): void {
  if (!weekly || emails.length > 0) return;
  throw new PlatformError(where, {
    problem: 'a topic is told at once, and there are no addresses that could get a summary.',
    got: 'weekly true, no emails',
    allowed: 'weekly with emails',
    fix: 'give emails, or leave weekly out',
  });
}

function checkExisting(where: IConstruct, { existing }: CostAnomalyMonitorProps): void {
  checkKind(where, 'existing', existing, 'monitorArn', "an object such as { monitorArn: 'arn:aws:ce::111111111111:anomalymonitor/0a1b2c3d' }");
  if (!existing) return;
  checkGiven(where, 'existing.monitorArn', existing.monitorArn, 'the ARN of an anomaly monitor');
  checkText(where, 'existing.monitorArn', existing.monitorArn, MONITOR_ARN, 'an ARN such as arn:aws:ce::111111111111:anomalymonitor/0a1b2c3d');
}

function checkOneScope(where: IConstruct, props: CostAnomalyMonitorProps): void {
  const given = (['existing', 'tags', 'linkedAccount'] as const).filter(prop => props[prop] !== undefined);
  if (given.length <= 1) return;
  throw new PlatformError(where, {
    problem: 'a monitor looks at one kind of costs.',
    got: given.join(', '),
    allowed: 'one of existing, tags and linkedAccount, or none',
    fix: `keep one of ${given.join(' and ')}`,
  });
}

/** Another stack may be of another account. */
function checkOnlyOne(where: IConstruct, { existing, tags, linkedAccount }: CostAnomalyMonitorProps): void {
  if (existing || tags || linkedAccount !== undefined) return;
  const other = Stack.of(where).node.findAll().find(each => each instanceof ce.CfnAnomalyMonitor && each.monitorType === 'DIMENSIONAL');
  if (!other) return;
  throw new PlatformError(where, {
    problem: 'an account may have one monitor by service, and this stack has one already.',
    got: `${other.node.path}, and this one`,
    allowed: 'one; others with existing, tags or linkedAccount',
    fix: 'give existing: { monitorArn } of the first, or put all addresses there',
  });
}
