import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { MonitoringProps } from './monitoring';
import { EDGE_REGION } from '../environment/edge-region';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkKind, checkList, checkText } from '../validate';

const EMAIL = /^[^\s@<>()[\]\\,;:"]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/i;

/** Refuses addresses that cannot be written to, or would be written to twice. */
export function validateMonitoring(where: IConstruct, props: MonitoringProps): void {
  checkBoolean(where, 'alarms', props.alarms);
  checkKind(where, 'profile', props.profile, 'alarms', 'an EnvironmentProfile');
  checkKind(where, 'topic', props.topic, 'topicArn', 'an sns.ITopic');
  checkKind(where, 'edgeTopic', props.edgeTopic, 'topicArn', 'an sns.ITopic');
  checkKind(where, 'criticalTopic', props.criticalTopic, 'topicArn', 'an sns.ITopic');
  checkEdgeRegion(where, props);
  checkText(where, 'runbookUrl', props.runbookUrl, /^https:\/\/\S{1,200}[^\s/]$/, 'an address that begins with https:// and has no slash at its end, up to 209 characters');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey');
  checkText(where, 'dashboardName', props.dashboardName, /^[A-Za-z0-9_-]{1,255}$/, 'letters, digits, hyphens and underscores, 1 to 255 characters');
  checkKind(where, 'watched', props.watched, 'map', 'a list of blocks');
  for (const block of props.watched ?? []) checkKind(where, 'watched', block, 'dashboardWidgets', 'blocks that implement IWatched');
  checkKind(where, 'emails', props.emails, 'map', 'a list of addresses');
  for (const email of props.emails ?? []) checkText(where, 'emails', email, EMAIL, 'an address such as ops@example.com');
  checkDuplicates(where, props.emails ?? []);
  checkList(where, 'routes', props.routes);
  for (const route of props.routes ?? []) {
    checkGiven(where, 'routes', route, 'AlertRoute.pagerDuty(), AlertRoute.slack() or AlertRoute.https()');
    checkKind(where, 'routes', route, '_bind', 'AlertRoute.pagerDuty(), AlertRoute.slack() or AlertRoute.https()');
    route._validate(where);
  }
}

function checkEdgeRegion(where: IConstruct, { edgeTopic }: MonitoringProps): void {
  if (!edgeTopic || Token.isUnresolved(edgeTopic.env.region) || edgeTopic.env.region === EDGE_REGION) return;
  throw new PlatformError(where, {
    problem: 'an alarm can only be published in its own region.',
    got: `edgeTopic in ${edgeTopic.env.region}`,
    allowed: 'an sns.ITopic in us-east-1',
    fix: 'give a topic in us-east-1, or leave edgeTopic out',
  });
}

function checkDuplicates(where: IConstruct, emails: string[]): void {
  const known = emails.filter(email => !Token.isUnresolved(email)).map(email => email.toLowerCase());
  const duplicate = known.find((email, index) => known.indexOf(email) !== index);
  if (duplicate === undefined) return;
  throw new PlatformError(where, {
    problem: 'an address is given twice.',
    got: `emails with ${duplicate} more than once`,
    allowed: 'each address once',
    fix: `remove one ${duplicate}`,
  });
}
