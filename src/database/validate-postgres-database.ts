import { Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { DatabaseCapacity } from './database-capacity';
import { DatabaseRecoveryPoint } from './database-recovery-point';
import { DatabaseSettings, databaseSettings, DEFAULT_PORT } from './database-settings';
import { PostgresDatabaseProps } from './postgres-database-props';
import { EnvironmentProfile } from '../environment';
import { LOG_RETENTION_DAYS } from '../environment/validate-environment-profile';
import { PlatformError } from '../errors';
import { checkBesideExisting, checkBoolean, checkGiven, checkInteger, checkOneOf, checkOrder, checkPort, checkText, display } from '../validate';

const BOOLEANS = ['proxy', 'multiAz', 'performanceInsights', 'deletionProtection', 'alarms'] as const;

/** Props that describe a database to be made, and so say nothing about one that exists. */
const OF_NEW_DATABASE = [
  'vpcSubnets', 'capacity', 'majorVersion', 'databaseName', 'port', 'multiAz', 'storageGiB', 'maximumStorageGiB', 'backupDays',
  'performanceInsights', 'deletionProtection', 'slowQueryLogThreshold', 'parameters', 'snapshotIdentifier', 'fromRecoveryPoint',
] as const;

/** Words that PostgreSQL reserves, and names that RDS keeps for itself. */
const RESERVED_NAMES = new Set((
  'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column '
  + 'concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp '
  + 'current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having '
  + 'ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not '
  + 'notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar some '
  + 'symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window with '
  + 'db rdsadmin template0 template1'
).split(' '));

/** Refuses what could never be deployed, or would not be what it looks like. Returns the props with every default in place. */
export function validatePostgresDatabase(where: IConstruct, props: PostgresDatabaseProps): DatabaseSettings {
  checkGiven(where, 'vpc', props?.vpc, 'an ec2.IVpc');
  if (!(props.vpc.isolatedSubnets && props.vpc.privateSubnets)) {
    refuse(where, 'vpc is no VPC.', `vpc ${typeof props.vpc}`, 'an ec2.IVpc', 'pass a Vpc, or network.vpc');
  }
  checkKinds(where, props);
  if (props.existing) checkExisting(where, props);

  const settings = databaseSettings(props);
  checkNames(where, settings);
  checkRecoveryPoint(where, props, settings);
  checkNumbers(where, settings);
  checkDurations(where, settings);
  checkRemoval(where, props, settings);
  checkSubnets(where, settings);
  checkParameters(where, settings);
  return settings;
}

function refuse(where: IConstruct, problem: string, got: string, allowed: string, fix: string): never {
  throw new PlatformError(where, { problem, got, allowed, fix });
}

function checkKinds(where: IConstruct, props: PostgresDatabaseProps): void {
  for (const prop of BOOLEANS) checkBoolean(where, prop, props[prop]);
  const kinds: [string, unknown, boolean, string][] = [
    ['profile', props.profile, props.profile instanceof EnvironmentProfile, 'EnvironmentProfile.development(), staging(), production()'],
    ['capacity', props.capacity, props.capacity instanceof DatabaseCapacity, 'DatabaseCapacity.instance(…) or DatabaseCapacity.serverless(…)'],
    ['slowQueryLogThreshold', props.slowQueryLogThreshold, props.slowQueryLogThreshold instanceof Duration, 'a Duration, such as Duration.seconds(1)'],
    ['rotateAfter', props.rotateAfter, props.rotateAfter instanceof Duration, 'a Duration, such as Duration.days(30)'],
    ['fromRecoveryPoint', props.fromRecoveryPoint, props.fromRecoveryPoint instanceof DatabaseRecoveryPoint,
      'DatabaseRecoveryPoint.snapshot(…), latest(…) or atTime(…)'],
    ['parameters', props.parameters, typeof props.parameters === 'object', 'an object of strings'],
    ['existing', props.existing, typeof props.existing === 'object', 'an ExistingDatabase'],
  ];
  for (const [prop, value, right, allowed] of kinds) {
    if (value === undefined || value === null || right) continue;
    refuse(where, `${prop} is of the wrong kind.`, `${prop} ${display(value)}`, allowed, `change ${prop} to the allowed kind, or leave it out`);
  }
}

function checkExisting(where: IConstruct, props: PostgresDatabaseProps): void {
  const existing = props.existing!;
  checkGiven(where, 'existing.host', existing.host, 'the host name of the database');
  checkGiven(where, 'existing.databaseName', existing.databaseName, 'the name of the database');
  checkGiven(where, 'existing.masterSecret', existing.masterSecret, 'a secret with username and password');
  checkGiven(where, 'existing.securityGroup', existing.securityGroup, 'the security group of the database');
  checkBesideExisting(where, 'database', props, OF_NEW_DATABASE,
    'existing alone, with proxy, rotateAfter, encryptionKey, handlerSubnets, alarms, logRetentionDays, removalPolicy');
  if (existing.instanceIdentifier !== undefined && existing.clusterIdentifier !== undefined) {
    refuse(where, 'a database is an instance or a cluster, not both.',
      `existing.instanceIdentifier ${display(existing.instanceIdentifier)}, existing.clusterIdentifier ${display(existing.clusterIdentifier)}`,
      'one of the two', 'for Aurora give clusterIdentifier, else instanceIdentifier');
  }
  if (props.proxy && existing.instanceIdentifier === undefined && existing.clusterIdentifier === undefined) {
    refuse(where, 'an RDS Proxy needs an RDS instance or an Aurora cluster behind it.', 'proxy true, existing without an identifier',
      'existing.instanceIdentifier or existing.clusterIdentifier', 'give the identifier, or set proxy to false');
  }
}

function checkNames(where: IConstruct, { databaseName, existing }: DatabaseSettings): void {
  if (existing) {
    checkText(where, 'existing.databaseName', databaseName, /^[A-Za-z_][A-Za-z0-9_$-]{0,49}$/,
      'letters, digits, underscores and hyphens, 1 to 50 characters, a letter first');
  } else {
    checkText(where, 'databaseName', databaseName, /^[a-z][a-z0-9_]{0,49}$/,
      'lower-case letters, digits and underscores, 1 to 50 characters, a letter first');
  }
  if (!Token.isUnresolved(databaseName) && (RESERVED_NAMES.has(databaseName) || databaseName.startsWith('pg_'))) {
    refuse(where, 'databaseName is a word that PostgreSQL or RDS keeps for itself.', `databaseName ${display(databaseName)}`,
      'any name that is not an SQL keyword and does not begin with pg_', `rename it, such as '${databaseName.replace(/^pg_/, '')}_data'`);
  }
}

function checkRecoveryPoint(where: IConstruct, props: PostgresDatabaseProps, { fromRecoveryPoint, capacity }: DatabaseSettings): void {
  if (props.fromRecoveryPoint && props.snapshotIdentifier !== undefined) {
    refuse(where, 'a database is made from one backup.', 'snapshotIdentifier together with fromRecoveryPoint', 'one of the two', 'leave snapshotIdentifier out');
  }
  fromRecoveryPoint?._validate(where, props.fromRecoveryPoint ? 'fromRecoveryPoint' : 'snapshotIdentifier');
  if (capacity.databaseClass !== undefined || fromRecoveryPoint?.source === undefined) return;
  refuse(where, 'Aurora does not restore from automated backups of an RDS instance, and replicates none of its own.', `${capacity} from automated backups`,
    'DatabaseRecoveryPoint.snapshot(…)', 'restore from a snapshot of the cluster, such as the copy that AWS Backup made');
}

function checkNumbers(where: IConstruct, settings: DatabaseSettings): void {
  const serverless = settings.capacity.databaseClass === undefined;
  checkPort(where, 'port', settings.port);
  if (settings.proxy && settings.port !== DEFAULT_PORT) {
    refuse(where, 'an RDS Proxy answers on 5432 only, so its database does too.', `proxy true, port ${settings.port}`, 'port 5432 with a proxy; any port without',
      'leave port out, or set proxy to false');
  }
  checkInteger(where, 'majorVersion', settings.majorVersion, 14, serverless ? 17 : 18);
  checkInteger(where, 'storageGiB', settings.storageGiB, 20, 65536);
  checkInteger(where, 'maximumStorageGiB', settings.maximumStorageGiB, 20, 65536);
  checkOrder(where, 'storageGiB', settings.storageGiB, 'maximumStorageGiB', settings.maximumStorageGiB);
  checkInteger(where, 'backupDays', settings.backupDays, 1, 35);
  checkOneOf(where, 'logRetentionDays', settings.logRetentionDays, LOG_RETENTION_DAYS);
}

function checkDurations(where: IConstruct, { rotateAfter, slowQueryLogThreshold }: DatabaseSettings): void {
  if (!rotateAfter.isUnresolved()) checkInteger(where, 'rotateAfter (in days)', rotateAfter.toDays({ integral: false }), 1, 999);
  if (!slowQueryLogThreshold.isUnresolved()) {
    checkInteger(where, 'slowQueryLogThreshold (in milliseconds)', slowQueryLogThreshold.toMilliseconds(), 1, 2147483647);
  }
}

function checkRemoval(where: IConstruct, props: PostgresDatabaseProps, { removalPolicy, deletionProtection }: DatabaseSettings): void {
  checkOneOf(where, 'removalPolicy', removalPolicy,
    [RemovalPolicy.DESTROY, RemovalPolicy.SNAPSHOT, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE]);
  if (props.existing || !deletionProtection || removalPolicy !== RemovalPolicy.DESTROY) return;
  refuse(where, 'deletion protection and a removal policy that destroys contradict each other.',
    'deletionProtection true, removalPolicy destroy', 'deletionProtection true with SNAPSHOT, RETAIN or RETAIN_ON_UPDATE_OR_DELETE; or deletionProtection false',
    'set deletionProtection to false as well, or leave removalPolicy out');
}

function checkSubnets(where: IConstruct, settings: DatabaseSettings): void {
  const { vpc } = settings;
  if (!settings.vpcSubnets.subnets && vpc.isolatedSubnets.length + vpc.privateSubnets.length === 0 && !settings.existing) {
    refuse(where, 'the VPC has no subnet in which a database could be closed off.', 'public subnets only', 'isolated or private subnets in two zones',
      'add isolated subnets to the VPC, or give vpcSubnets');
  }
  checkSelection(where, 'handlerSubnets', vpc, settings.handlerSubnets, 1);
  if (!settings.existing || settings.proxy) checkSelection(where, 'vpcSubnets', vpc, settings.vpcSubnets, 2);
}

function checkSelection(where: IConstruct, prop: string, vpc: ec2.IVpc, selection: ec2.SubnetSelection, zones: number): void {
  const selected = select(where, prop, vpc, selection);
  if (selected.hasPublic) {
    refuse(where, `${prop} are public subnets.`, `${selected.subnetIds.length} subnets, some of them public`, 'isolated or private subnets', `select other ${prop}, or leave it out`);
  }
  const found = new Set(selected.availabilityZones);
  // The zones of an environment-agnostic stack are tokens too, but different ones; a list that is a token has no length.
  const unknown = selected.isPendingLookup || Token.isUnresolved(selected.availabilityZones) || Token.isUnresolved(selected.subnetIds);
  if (unknown || (selected.subnetIds.length > 0 && found.size >= zones)) return;
  refuse(where, `${prop} lie in too few availability zones${zones > 1 ? ': a database subnet group needs two, Multi-AZ or not' : ''}.`,
    `${selected.subnetIds.length} subnets in ${found.size} zones`, `subnets in at least ${zones} zones`, `select other ${prop}, or add zones to the VPC`);
}

function select(where: IConstruct, prop: string, vpc: ec2.IVpc, selection: ec2.SubnetSelection): ec2.SelectedSubnets {
  try {
    return vpc.selectSubnets(selection);
  } catch (error) {
    return refuse(where, `${prop} select no subnet of the VPC.`, (error as Error).message, 'a selection that the VPC has', `change or leave out ${prop}`);
  }
}

function checkParameters(where: IConstruct, { parameters }: DatabaseSettings): void {
  for (const [name, value] of Object.entries(parameters)) {
    checkText(where, `parameters.${name}`, value, /^[^]*$/, 'a string');
  }
  const forceSsl = parameters['rds.force_ssl'];
  if (forceSsl === undefined || forceSsl === '1' || Token.isUnresolved(forceSsl)) return;
  refuse(where, 'a database that takes unencrypted connections is refused.', `parameters rds.force_ssl ${display(forceSsl)}`, '1', 'leave rds.force_ssl out');
}
