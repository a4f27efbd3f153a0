import { IResource, Stack, Token } from 'aws-cdk-lib';
import type * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as rds from 'aws-cdk-lib/aws-rds';
import { IConstruct } from 'constructs';
import type { WorkingHoursProps } from './working-hours';
import { DAYS, minutesOf } from './working-hours-times';
import { PlatformError } from '../errors';
import { checkBoolean, checkDuration, checkGiven, checkInteger, checkKind, checkKnown, checkList, checkOneOf, checkText, display } from '../validate';

/** Names of the scheduled actions of a service. */
export const BEGIN_ACTION = 'WorkingHoursBegin';
export const END_ACTION = 'WorkingHoursEnd';

/** How long Scheduler tries again. A late stop must not meet the next start. */
export const RETRY_MINUTES = 60;
const SHORTEST_DAY = 60;
const DEFAULT_LEAD_MINUTES = 20;
const TIME = /^([01][0-9]|2[0-3]):[0-5][0-9]$/;

/** Refuses hours that production would have, that do not exist, or in which nothing would sleep. */
export function validateWorkingHours(where: IConstruct, props: WorkingHoursProps): void {
  checkProfile(where, props?.profile);
  checkTimeZone(where, props.timeZone);
  checkHours(where, props);
  checkDays(where, props.days);
  checkBoolean(where, 'alarms', props.alarms);
  checkSomething(where, props);
  checkServices(where, props.services ?? []);
  checkDatabases(where, props.databases ?? []);
  checkNight(where, props);
  checkAlarms(where, props.silencedAlarms ?? []);
}

/** What scales the service, which has its minimum and maximum. */
export function scalableTarget(service: ecs.ScalableTaskCount): appscaling.CfnScalableTarget | undefined {
  return service.node.tryFindChild('Target')?.node.defaultChild as appscaling.CfnScalableTarget | undefined;
}

function checkProfile(where: IConstruct, profile: WorkingHoursProps['profile']): void {
  checkGiven(where, 'profile', profile, 'an EnvironmentProfile, such as EnvironmentProfile.development()');
  checkKind(where, 'profile', profile, 'deletionProtection', 'an EnvironmentProfile, such as EnvironmentProfile.development()');
  if (!profile.deletionProtection) return;
  throw new PlatformError(where, {
    problem: 'an environment that is protected from deletion is not for working hours only.',
    got: `profile ${profile.name}, with deletionProtection`,
    allowed: 'a profile without deletionProtection, such as development or staging',
    fix: 'leave WorkingHours out of this environment',
  });
}

function checkTimeZone(where: IConstruct, timeZone: string): void {
  const allowed = "a name of the IANA's time zone database, such as 'Europe/Berlin' or 'UTC'";
  checkGiven(where, 'timeZone', timeZone, allowed);
  checkText(where, 'timeZone', timeZone, /^[A-Z][A-Za-z0-9_+/-]*$/, allowed);
  if (Token.isUnresolved(timeZone)) return;
  const rightCase = Intl.supportedValuesOf('timeZone').find(known => known.toLowerCase() === timeZone.toLowerCase()) ?? timeZone;
  if (isTimeZone(timeZone) && rightCase === timeZone) return;
  throw new PlatformError(where, {
    problem: 'timeZone does not exist.',
    got: `timeZone ${display(timeZone)}`,
    allowed,
    fix: rightCase === timeZone ? 'look the name up at https://en.wikipedia.org/wiki/List_of_tz_database_time_zones' : `write '${rightCase}'`,
  });
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}

function checkHours(where: IConstruct, { begin = '08:00', end = '19:00' }: WorkingHoursProps): void {
  for (const [prop, time] of [['begin', begin], ['end', end]]) {
    checkKnown(where, prop, time);
    checkText(where, prop, time, TIME, "hours and minutes from '00:00' to '23:59'");
    checkGiven(where, prop, time, "hours and minutes from '00:00' to '23:59'");
  }
  if (minutesOf(end) - minutesOf(begin) >= SHORTEST_DAY) return;
  throw new PlatformError(where, {
    problem: 'begin is not an hour or more before end.',
    got: `begin ${begin}, end ${end}`,
    allowed: 'begin at least an hour before end, on the same day',
    fix: 'move one of them',
  });
}

function checkDays(where: IConstruct, days: string[] | undefined): void {
  checkList(where, 'days', days);
  checkKnown(where, 'days', days);
  if (days === undefined) return;
  for (const [index, day] of days.entries()) {
    checkGiven(where, `days[${index}]`, day, DAYS.join(', '));
    checkKnown(where, `days[${index}]`, day);
    checkOneOf(where, `days[${index}]`, day, DAYS);
  }
  checkOnce(where, 'days', days);
  if (days.length > 0) return;
  throw new PlatformError(where, {
    problem: 'there is no day on which anything would come back.',
    got: 'days []',
    allowed: `one or more of ${DAYS.join(', ')}`,
    fix: 'give a day, or leave days out',
  });
}

function checkSomething(where: IConstruct, { services, databases, silencedAlarms }: WorkingHoursProps): void {
  for (const [prop, list] of Object.entries({ services, databases, silencedAlarms })) checkList(where, prop, list);
  if ((services?.length ?? 0) + (databases?.length ?? 0) > 0) return;
  throw new PlatformError(where, {
    problem: 'there is nothing that would sleep.',
    got: 'no services, no databases',
    allowed: 'services, databases, or both',
    fix: 'give services: [api.scaling], or databases: [database.instance!]',
  });
}

/** Refuses what is no scaling of a service, or is in working hours already. */
export function checkService(where: IConstruct, prop: string, service: ecs.ScalableTaskCount): void {
  const allowed = 'the scaling of a service, such as api.scaling';
  checkGiven(where, prop, service, allowed);
  for (const member of ['scaleOnSchedule', 'node']) checkKind(where, prop, service, member, allowed);
  checkScaling(where, prop, service);
}

/** Refuses what is no alarm, or one that Scheduler does not reach from here. */
export function checkAlarm(where: IConstruct, prop: string, alarm: cloudwatch.IAlarm): void {
  checkGiven(where, prop, alarm, 'a cloudwatch.IAlarm');
  checkKind(where, prop, alarm, 'alarmName', 'a cloudwatch.IAlarm');
  checkRegion(where, prop, alarm);
}

function checkServices(where: IConstruct, services: ecs.ScalableTaskCount[]): void {
  services.forEach((service, index) => checkService(where, `services[${index}]`, service));
  checkOnce(where, 'services', services);
}

function checkScaling(where: IConstruct, prop: string, service: ecs.ScalableTaskCount): void {
  const target = scalableTarget(service);
  const actions = (Stack.of(service).resolve(target?.scheduledActions) ?? []) as { readonly scheduledActionName: string }[];
  const asleep = actions.some(({ scheduledActionName }) => scheduledActionName === END_ACTION);
  if (target && !asleep) return;
  throw new PlatformError(where, {
    problem: asleep ? 'a service has working hours already.' : 'the scaling of a service has no minimum and maximum to come back to.',
    got: `${prop} ${service.node.path}`,
    allowed: asleep ? 'each service in one WorkingHours' : 'what autoScaleTaskCount() of an ECS service returns, such as api.scaling',
    fix: asleep ? 'remove it from one of them' : 'give the scaling that the service made',
  });
}

function checkDatabases(where: IConstruct, databases: rds.IDatabaseInstance[]): void {
  const allowed = 'an rds.IDatabaseInstance, such as the instance of a PostgresDatabase, which has none on Aurora';
  for (const [index, database] of databases.entries()) {
    checkGiven(where, `databases[${index}]`, database, allowed);
    checkKind(where, `databases[${index}]`, database, 'instanceIdentifier', allowed);
    checkKind(where, `databases[${index}]`, database, 'node', allowed);
    checkRegion(where, `databases[${index}]`, database);
    checkStoppable(where, index, database);
  }
  checkOnce(where, 'databases', databases);
}

/** @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html */
function checkStoppable(where: IConstruct, index: number, database: rds.IDatabaseInstance): void {
  const resource = (database.node.defaultChild ?? {}) as Partial<rds.CfnDBInstance>;
  const { sourceDbInstanceIdentifier, sourceDbClusterIdentifier, dbClusterIdentifier } = resource;
  if (!sourceDbInstanceIdentifier && !sourceDbClusterIdentifier && !dbClusterIdentifier) return;
  throw new PlatformError(where, {
    problem: `RDS cannot stop ${dbClusterIdentifier ? 'a single instance of a cluster' : 'a read replica'}.`,
    got: `databases[${index}] ${database.node.path}`,
    allowed: 'instances that are no replica, have no replica and are not of Aurora',
    fix: 'leave it out',
  });
}

/** Scheduler calls its own region. */
function checkRegion(where: IConstruct, prop: string, { env, node }: IResource): void {
  const { region } = Stack.of(where);
  if (Token.isUnresolved(region) || Token.isUnresolved(env.region) || env.region === region) return;
  throw new PlatformError(where, {
    problem: `${prop} is in another region, where a schedule of this one does nothing.`,
    got: `${prop} ${node.path} in ${env.region}`,
    allowed: `what is in ${region}`,
    fix: `make WorkingHours in a stack in ${env.region}`,
  });
}

/** Between the stop and the next start there has to be time for the last attempt to stop. */
function checkNight(where: IConstruct, { databases = [], begin = '08:00', end = '19:00', databaseLeadTime }: WorkingHoursProps): void {
  checkDuration(where, 'databaseLeadTime', databaseLeadTime, 300, 7200);
  const lead = databaseLeadTime?.toMinutes({ integral: false }) ?? DEFAULT_LEAD_MINUTES;
  checkInteger(where, 'databaseLeadTime (minutes)', lead, 5, 120);
  const night = 24 * 60 - (minutesOf(end) - minutesOf(begin)) - 2 * lead;
  if (databases.length === 0 || night >= RETRY_MINUTES) return;
  throw new PlatformError(where, {
    problem: 'the night is too short to stop a database and start it again.',
    got: `begin ${begin}, end ${end}, databaseLeadTime ${lead} minutes: ${night} minutes between stop and start`,
    allowed: `${RETRY_MINUTES} minutes or more`,
    fix: 'shorten the hours or databaseLeadTime, or leave databases out',
  });
}

function checkAlarms(where: IConstruct, alarms: cloudwatch.IAlarm[]): void {
  alarms.forEach((alarm, index) => checkAlarm(where, `silencedAlarms[${index}]`, alarm));
  checkOnce(where, 'silencedAlarms', alarms);
}

function checkOnce(where: IConstruct, prop: string, values: readonly unknown[]): void {
  const index = values.findIndex((value, position) => values.indexOf(value) !== position);
  if (index < 0) return;
  throw new PlatformError(where, {
    problem: `${prop} has something twice.`,
    got: `${prop}[${index}] and ${prop}[${values.indexOf(values[index])}] the same`,
    allowed: 'each once',
    fix: `remove ${prop}[${index}]`,
  });
}
