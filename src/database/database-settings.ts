import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { DatabaseCapacity } from './database-capacity';
import { DatabaseRecoveryPoint } from './database-recovery-point';
import { PostgresDatabaseProps } from './postgres-database-props';
import { EnvironmentProfile } from '../environment';

export const DEFAULT_PORT = 5432;

/** Props with every default in place. */
export interface DatabaseSettings extends PostgresDatabaseProps {
  readonly profile: EnvironmentProfile;
  readonly vpcSubnets: ec2.SubnetSelection;
  readonly handlerSubnets: ec2.SubnetSelection;
  readonly capacity: DatabaseCapacity;
  readonly majorVersion: number;
  readonly databaseName: string;
  readonly port: number;
  readonly proxy: boolean;
  readonly multiAz: boolean;
  readonly storageGiB: number;
  readonly maximumStorageGiB: number;
  readonly backupDays: number;
  readonly performanceInsights: boolean;
  readonly logRetentionDays: number;
  readonly deletionProtection: boolean;
  readonly removalPolicy: RemovalPolicy;
  readonly alarms: boolean;
  readonly slowQueryLogThreshold: Duration;
  readonly parameters: { [key: string]: string };
  readonly rotateAfter: Duration;
}

/** Own prop, else the profile's value, else the block's default. */
export function databaseSettings(props: PostgresDatabaseProps): DatabaseSettings {
  const profile = props.profile ?? EnvironmentProfile.production();
  const { vpc } = props;
  const vpcSubnets = props.vpcSubnets ?? {
    subnetType: vpc.isolatedSubnets.length > 0 ? ec2.SubnetType.PRIVATE_ISOLATED : ec2.SubnetType.PRIVATE_WITH_EGRESS,
  };
  const privateSubnets = vpc.privateSubnets.length > 0 ? { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } : vpcSubnets;
  return {
    ...props,
    profile,
    vpcSubnets,
    handlerSubnets: props.handlerSubnets ?? privateSubnets,
    capacity: props.capacity ?? DatabaseCapacity.instance(profile.databaseClass),
    majorVersion: props.majorVersion ?? 17,
    databaseName: props.existing?.databaseName ?? props.databaseName ?? 'app',
    port: props.existing?.port ?? props.port ?? DEFAULT_PORT,
    proxy: props.proxy ?? false,
    multiAz: props.multiAz ?? profile.databaseMultiAz,
    storageGiB: props.storageGiB ?? profile.databaseStorageGiB,
    maximumStorageGiB: props.maximumStorageGiB ?? Math.max(profile.databaseMaximumStorageGiB, props.storageGiB ?? 0),
    backupDays: props.backupDays ?? profile.databaseBackupDays,
    performanceInsights: props.performanceInsights ?? profile.performanceInsights,
    logRetentionDays: props.logRetentionDays ?? profile.logRetentionDays,
    deletionProtection: props.deletionProtection ?? profile.deletionProtection,
    removalPolicy: props.removalPolicy ?? profile.removalPolicy,
    alarms: props.alarms ?? profile.alarms,
    slowQueryLogThreshold: props.slowQueryLogThreshold ?? Duration.seconds(1),
    parameters: props.parameters ?? {},
    rotateAfter: props.rotateAfter ?? Duration.days(30),
    fromRecoveryPoint: props.fromRecoveryPoint
      ?? (props.snapshotIdentifier === undefined ? undefined : DatabaseRecoveryPoint.snapshot(props.snapshotIdentifier)),
  };
}
