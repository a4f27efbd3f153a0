import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { IConstruct } from 'constructs';
import { EnvironmentOverrides } from './environment-overrides';
import { NatKind } from './nat-strategy';
import { PlatformError } from '../errors';
import { checkBoolean, checkInteger, checkKind, checkOneOf, checkOrder, checkText } from '../validate';

/** The retention steps of CloudWatch Logs, in days (`INFINITE` is not one: logs that nobody deletes are a cost nobody sees). */
export const LOG_RETENTION_DAYS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE);

/** Refuses values out of range and values that contradict each other. */
export function validateEnvironmentProfile(settings: Required<EnvironmentOverrides>): void {
  const where = `EnvironmentProfile ${settings.name}`;

  checkText('EnvironmentProfile', 'name', settings.name, /^[a-z][a-z0-9-]{0,31}$/, 'lower-case letters, digits and hyphens, 1 to 32 characters, a letter first');
  checkInteger(where, 'availabilityZones', settings.availabilityZones, 1, 3);
  checkInteger(where, 'databaseStorageGiB', settings.databaseStorageGiB, 20, 65536);
  checkInteger(where, 'databaseMaximumStorageGiB', settings.databaseMaximumStorageGiB, 20, 65536);
  checkOrder(where, 'databaseStorageGiB', settings.databaseStorageGiB, 'databaseMaximumStorageGiB', settings.databaseMaximumStorageGiB);
  checkInteger(where, 'databaseBackupDays', settings.databaseBackupDays, 1, 35);
  checkInteger(where, 'cacheReplicas', settings.cacheReplicas, 0, 5);
  checkInteger(where, 'cacheSnapshotDays', settings.cacheSnapshotDays, 0, 35);
  checkInteger(where, 'searchDataNodes', settings.searchDataNodes, 1, 80);
  checkInteger(where, 'minimumTasks', settings.minimumTasks, 0, 5000);
  checkInteger(where, 'maximumTasks', settings.maximumTasks, 1, 5000);
  checkOrder(where, 'minimumTasks', settings.minimumTasks, 'maximumTasks', settings.maximumTasks);
  checkInteger(where, 'spotShare', settings.spotShare, 0, 100);
  checkOneOf(where, 'logRetentionDays', settings.logRetentionDays, LOG_RETENTION_DAYS);
  checkKind(where, 'releaseStrategy', settings.releaseStrategy, 'startsBeside', 'a ReleaseStrategy, such as ReleaseStrategy.blueGreen()');
  checkOneOf(where, 'priceClass', settings.priceClass as string, PRICE_CLASSES);
  for (const [prop, value] of Object.entries(settings)) {
    if (BOOLEANS.has(prop)) checkBoolean(where, prop, value);
  }

  checkZones(where, settings);
  checkProtection(where, settings);
  checkExecuteCommand(where, settings.executeCommand, settings.readonlyRootFilesystem);
}

/** CloudFront's price classes, without loading its module. */
export const PRICE_CLASSES = ['PriceClass_100', 'PriceClass_200', 'PriceClass_All'];

const BOOLEANS = new Set([
  'flowLogs', 'accessLogs', 'containerInsights', 'databaseMultiAz', 'performanceInsights', 'searchDedicatedMasters', 'executeCommand',
  'readonlyRootFilesystem', 'firewall', 'alarms', 'customerManagedKey', 'deletionProtection',
]);

function checkZones(where: string, { availabilityZones, databaseMultiAz, natStrategy }: Required<EnvironmentOverrides>): void {
  if (availabilityZones < 2) {
    throw new PlatformError(where, {
      problem: `${databaseMultiAz ? 'a Multi-AZ database' : 'a load balancer and a database subnet group'} need at least two availability zones.`,
      got: `availabilityZones ${availabilityZones}, databaseMultiAz ${databaseMultiAz}`,
      allowed: 'availabilityZones 2 or 3',
      fix: 'set availabilityZones to 2',
    });
  }
  if (natStrategy.kind === NatKind.GATEWAYS && natStrategy.count > availabilityZones) {
    throw new PlatformError(where, {
      problem: 'there are more NAT gateways than availability zones.',
      got: `natStrategy ${natStrategy}, availabilityZones ${availabilityZones}`,
      allowed: `NatStrategy.gateways(1) to NatStrategy.gateways(${availabilityZones})`,
      fix: `use NatStrategy.gateways(${availabilityZones})`,
    });
  }
}

function checkProtection(where: string, { deletionProtection, removalPolicy, spotShare }: Required<EnvironmentOverrides>): void {
  checkOneOf(where, 'removalPolicy', removalPolicy, [RemovalPolicy.DESTROY, RemovalPolicy.SNAPSHOT, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE]);
  if (deletionProtection && removalPolicy === RemovalPolicy.DESTROY) {
    throw new PlatformError(where, {
      problem: 'deletion protection and a removal policy that destroys contradict each other.',
      got: 'deletionProtection true, removalPolicy destroy',
      allowed: 'deletionProtection true with SNAPSHOT, RETAIN or RETAIN_ON_UPDATE_OR_DELETE; or deletionProtection false',
      fix: 'override both together, or keep deletion protection and leave the removal policy out',
    });
  }
  if (deletionProtection && spotShare === 100) {
    throw new PlatformError(where, {
      problem: 'a protected environment cannot run all of its tasks on Fargate Spot, which AWS may take back at any time.',
      got: 'spotShare 100, deletionProtection true',
      allowed: 'spotShare 0 to 99',
      fix: 'keep a share on demand, such as spotShare 50',
    });
  }
}

/** Refuses ECS Exec where its agent could not write. */
export function checkExecuteCommand(where: IConstruct | string, executeCommand: boolean | undefined, readonlyRootFilesystem: boolean): void {
  if (!executeCommand || !readonlyRootFilesystem) return;
  throw new PlatformError(where, {
    problem: 'ECS Exec needs a writable root file system.',
    got: 'executeCommand true, readonlyRootFilesystem true',
    allowed: 'one of the two',
    fix: 'set readonlyRootFilesystem to false together with executeCommand',
  });
}
