import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { AppTable, PostgresDatabase } from '../../src/database';
import { EnvironmentProfile } from '../../src/environment';
import { Recovery, RecoveryProps } from '../../src/recovery';
import { AppBucket } from '../../src/storage';

export const ACCOUNT = '111111111111';
export const HOME = 'eu-central-1';
export const ELSEWHERE = 'eu-west-1';
export const DEVELOPMENT = EnvironmentProfile.development();
export const STAGING = EnvironmentProfile.staging();
export const PRODUCTION = EnvironmentProfile.production();

/** A VPC without a NAT gateway, which is quick to synthesize. */
export function vpcOf(stack: Stack): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'], privateSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
  });
}

export interface Blocks {
  readonly stack: Stack;
  readonly database: PostgresDatabase;
  readonly bucket: AppBucket;
  readonly table: AppTable;
}

export function blocks(profile = PRODUCTION, env: { account?: string; region?: string } = { account: ACCOUNT, region: HOME }): Blocks {
  const stack = new Stack(new App(), 'Arcade', { env });
  return {
    stack,
    database: new PostgresDatabase(stack, 'Database', { profile, vpc: vpcOf(stack) }),
    bucket: new AppBucket(stack, 'Uploads', { profile }),
    table: new AppTable(stack, 'Sessions', { profile }),
  };
}

type Props = Partial<RecoveryProps> | ((made: Blocks) => Partial<RecoveryProps>);

/** An app with one of each, all of them backed up. */
export function create(props: Props = {}, profile = PRODUCTION, env?: { account?: string; region?: string }) {
  const made = blocks(profile, env);
  const given = typeof props === 'function' ? props(made) : props;
  const recovery = new Recovery(made.stack, 'Recovery', {
    profile, databases: [made.database], buckets: [made.bucket], tables: [made.table], ...given,
  });
  const elsewhere = () => made.stack.node.root.node.findChild(`Arcade-recovery-${given.recoveryRegion}`) as Stack;
  return { ...made, recovery, elsewhere, template: () => Template.fromStack(made.stack), templateElsewhere: () => Template.fromStack(elsewhere()) };
}

/** The one resource of a type whose logical id matches. */
export function find(template: Template, type: string, id = /^/) {
  const found = Object.entries(template.findResources(type)).filter(([logicalId]) => id.test(logicalId));
  if (found.length !== 1) throw new Error(`${found.length} of ${type} match ${id}`);
  return found[0][1];
}
