import { RemovalPolicy, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { checkNodeType } from './cache-node-types';
import type { RedisCacheProps } from './redis-cache-props';
import { EnvironmentProfile } from '../environment';
import { LOG_RETENTION_DAYS } from '../environment/validate-environment-profile';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkInteger, checkKind, checkKnown, checkOneOf, checkPort, checkText, display } from '../validate';

const MAXMEMORY_POLICIES = [
  'volatile-lru', 'allkeys-lru', 'volatile-lfu', 'allkeys-lfu', 'volatile-random', 'allkeys-random', 'volatile-ttl', 'noeviction',
];
const TIME = '([01]\\d|2[0-3]):[0-5]\\d';
const DAY = '(mon|tue|wed|thu|fri|sat|sun)';

/** Props that mean nothing to a serverless cache. */
const NODES_ONLY: (keyof RedisCacheProps)[] = ['port', 'maxmemoryPolicy', 'parameters', 'maintenanceWindow', 'logRetentionDays'];

/** Refuses sizes that do not exist, values out of range and props that do not go together. */
export function validateRedisCache(where: IConstruct, props: RedisCacheProps): void {
  checkGiven(where, 'vpc', props?.vpc, 'an ec2.IVpc');
  checkKinds(where, props);
  checkBoolean(where, 'alarms', props.alarms);
  checkInteger(where, 'snapshotDays', props.snapshotDays, 0, 35);
  checkKnown(where, 'passwordGeneration', props.passwordGeneration);
  checkInteger(where, 'passwordGeneration', props.passwordGeneration, 1, 999);
  checkText(where, 'snapshotWindow', props.snapshotWindow, new RegExp(`^${TIME}-${TIME}$`), 'hh:mm-hh:mm in UTC, such as 03:00-04:00');
  checkKnown(where, 'snapshotWindow', props.snapshotWindow);
  checkWindowLength(where, props.snapshotWindow);
  checkOneOf(where, 'removalPolicy', props.removalPolicy, Object.values(RemovalPolicy));

  if (props.capacity?.isServerless) {
    checkServerless(where, props);
  } else {
    checkNodes(where, props);
  }
  checkSubnets(where, props);
}

function checkKinds(where: IConstruct, props: RedisCacheProps): void {
  checkKind(where, 'vpc', props.vpc, 'vpcId', 'an ec2.IVpc');
  checkKind(where, 'profile', props.profile, 'cacheNodeType', 'an EnvironmentProfile');
  checkKind(where, 'engine', props.engine, 'parameterGroupFamily', 'CacheEngine.valkey() or CacheEngine.redisOss()');
  checkKind(where, 'capacity', props.capacity, 'isServerless', 'CacheCapacity.nodes() or CacheCapacity.serverless()');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey');
}

function checkNodes(where: IConstruct, props: RedisCacheProps): void {
  const profile = props.profile ?? EnvironmentProfile.production();
  const { nodeType, replicas } = props.capacity?.nodeOptions ?? {};
  checkNodeType(where, nodeType ?? profile.cacheNodeType);
  checkKnown(where, 'replicas', replicas);
  checkInteger(where, 'replicas', replicas, 0, 5);
  checkPort(where, 'port', props.port);
  checkOneOf(where, 'maxmemoryPolicy', props.maxmemoryPolicy, MAXMEMORY_POLICIES);
  checkOneOf(where, 'logRetentionDays', props.logRetentionDays, LOG_RETENTION_DAYS);
  checkText(where, 'maintenanceWindow', props.maintenanceWindow, new RegExp(`^${DAY}:${TIME}-${DAY}:${TIME}$`), 'ddd:hh:mm-ddd:hh:mm in UTC, such as sun:04:30-sun:05:30');
  checkParameters(where, props.parameters);
}

function checkServerless(where: IConstruct, props: RedisCacheProps): void {
  const { maximumStorageGB, maximumEcpuPerSecond } = props.capacity!.serverlessOptions;
  checkKnown(where, 'maximumStorageGB', maximumStorageGB);
  checkInteger(where, 'maximumStorageGB', maximumStorageGB, 1, 5000);
  checkKnown(where, 'maximumEcpuPerSecond', maximumEcpuPerSecond);
  checkInteger(where, 'maximumEcpuPerSecond', maximumEcpuPerSecond, 1000, 15_000_000);

  const surplus = NODES_ONLY.find(prop => props[prop] !== undefined);
  if (!surplus) return;
  throw new PlatformError(where, {
    problem: `a serverless cache has no ${surplus} to set.`,
    got: `${surplus} ${display(props[surplus])}, CacheCapacity.serverless()`,
    allowed: `${surplus} with CacheCapacity.nodes()`,
    fix: `leave ${surplus} out, or choose CacheCapacity.nodes()`,
  });
}

function checkParameters(where: IConstruct, parameters: { [name: string]: string } | undefined): void {
  checkKind(where, 'parameters', parameters, 'constructor', 'an object of names and values');
  for (const [name, value] of Object.entries(parameters ?? {})) {
    checkText(where, 'parameters', name, /^[a-z][a-z0-9-]*$/, 'names of engine parameters, such as timeout');
    checkText(where, `parameters['${name}']`, value, /./, 'a text that is not empty');
  }
  if (parameters?.['maxmemory-policy'] === undefined) return;
  throw new PlatformError(where, {
    problem: 'maxmemory-policy has a prop of its own.',
    got: `parameters['maxmemory-policy'] ${display(parameters['maxmemory-policy'])}`,
    allowed: 'maxmemoryPolicy',
    fix: 'move the value to maxmemoryPolicy',
  });
}

function checkWindowLength(where: IConstruct, window: string | undefined): void {
  if (window === undefined) return;
  const [from, to] = window.split('-').map(time => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
  const minutes = (to - from + 24 * 60) % (24 * 60);
  if (minutes >= 60) return;
  throw new PlatformError(where, {
    problem: 'snapshotWindow is too short.',
    got: `snapshotWindow ${display(window)}, ${minutes} minutes`,
    allowed: 'at least 60 minutes',
    fix: 'make the window an hour long, such as 03:00-04:00',
  });
}

/** Isolated subnets where there are any: a cache calls nobody. */
export function cacheSubnets({ vpc, vpcSubnets }: RedisCacheProps): ec2.SubnetSelection {
  return vpcSubnets ?? { subnetType: vpc.isolatedSubnets.length > 0 ? ec2.SubnetType.PRIVATE_ISOLATED : ec2.SubnetType.PRIVATE_WITH_EGRESS };
}

function checkSubnets(where: IConstruct, props: RedisCacheProps): void {
  const zones = selectedZones(props);
  if (zones === undefined || zones.length === 0) {
    throw new PlatformError(where, {
      problem: 'the VPC has no subnets for the cache.',
      got: props.vpcSubnets ? `vpcSubnets ${display(props.vpcSubnets)}` : 'a VPC without isolated or private subnets',
      allowed: 'a selection that finds subnets',
      fix: 'give a VPC with isolated subnets, or choose others with vpcSubnets',
    });
  }
  const profile = props.profile ?? EnvironmentProfile.production();
  const replicas = props.capacity?.nodeOptions.replicas ?? profile.cacheReplicas;
  const needsTwo = props.capacity?.isServerless || replicas > 0;
  if (!needsTwo || zones.some(zone => Token.isUnresolved(zone)) || new Set(zones).size > 1) return;
  throw new PlatformError(where, {
    problem: `${props.capacity?.isServerless ? 'a serverless cache' : 'a cache with replicas'} needs subnets in at least two availability zones.`,
    got: `subnets in ${zones[0]} only`,
    allowed: 'subnets in two or more zones',
    fix: 'choose subnets in two zones, or CacheCapacity.nodes({ replicas: 0 })',
  });
}

/** Undefined where CDK's own selection fails. */
function selectedZones(props: RedisCacheProps): string[] | undefined {
  try {
    return props.vpc.selectSubnets(cacheSubnets(props)).availabilityZones;
  } catch {
    return undefined;
  }
}
