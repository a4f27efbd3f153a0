import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { ContainerOptions } from './container-options';
import { checkFargateSize } from './fargate-size';
import { Sidecar } from './sidecar';
import { TaskPlacement } from './task-placement';
import { EnvironmentProfile } from '../environment';
import { LOG_RETENTION_DAYS } from '../environment/validate-environment-profile';
import { PlatformError } from '../errors';
import {
  checkBoolean, checkDuration, checkGiven, checkInteger, checkKind, checkKnown, checkList, checkMap, checkOneOf, checkPort, checkText, display,
} from '../validate';

/** Name of the container that does the work. */
export const MAIN_CONTAINER = 'app';

/** Name of the volume that is mounted as `/tmp` when the root file system is read-only. */
export const TEMPORARY_VOLUME = 'app-tmp';

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Refuses what Fargate would refuse, or would accept and fail with at night. */
export function validateContainerTask(where: IConstruct, props: ContainerOptions & TaskPlacement, mainPort?: number): void {
  checkKinds(where, props);
  checkSubnets(where, props);
  const profile = props.profile ?? EnvironmentProfile.production();

  checkFargateSize(where, props.cpu ?? profile.cpu, props.memoryLimitMiB ?? profile.memoryLimitMiB);
  checkInteger(where, 'ephemeralStorageGiB', props.ephemeralStorageGiB, 21, 200);
  checkOneOf(where, 'logRetentionDays', props.logRetentionDays, LOG_RETENTION_DAYS);
  checkInteger(where, 'spotShare', props.spotShare, 0, 100);
  checkBoolean(where, 'readonlyRootFilesystem', props.readonlyRootFilesystem);
  checkBoolean(where, 'alarms', props.alarms);
  checkDuration(where, 'stopTimeout', props.stopTimeout, 1, 120);
  checkKnown(where, 'spotShare', props.spotShare);
  checkSpotShare(where, props.spotShare ?? profile.spotShare, profile);
  checkVariables(where, '', props.environment, props.secrets);
  checkRequiredVariables(where, props);
  checkSidecars(where, props.sidecars ?? [], props.memoryLimitMiB ?? profile.memoryLimitMiB, mainPort);
  checkVolumes(where, 'volumes', props.volumes);
}

function checkKinds(where: IConstruct, props: ContainerOptions & TaskPlacement): void {
  checkGiven(where, 'cluster', props?.cluster, 'an ecs.ICluster, such as a ServiceCluster');
  checkKind(where, 'cluster', props.cluster, 'clusterArn', 'an ecs.ICluster, such as a ServiceCluster');
  checkImage(where, 'image', props.image);
  checkKind(where, 'profile', props.profile, 'minimumTasks', 'an EnvironmentProfile, such as EnvironmentProfile.staging()');
  checkKind(where, 'encryptionKey', props.encryptionKey, 'keyArn', 'a kms.IKey');
  checkKind(where, 'cpuArchitecture', props.cpuArchitecture, '_cpuArchitecture', 'ecs.CpuArchitecture.ARM64 or ecs.CpuArchitecture.X86_64');
  checkMap(where, 'vpcSubnets', props.vpcSubnets);
  checkList(where, 'command', props.command);
  checkList(where, 'requiredVariables', props.requiredVariables);
  checkList(where, 'sidecars', props.sidecars);
}

function checkImage(where: IConstruct, prop: string, image: ecs.ContainerImage): void {
  const allowed = "an ecs.ContainerImage, such as registry.image('v1')";
  checkGiven(where, prop, image, allowed);
  checkKind(where, prop, image, 'bind', allowed);
}

/** Tasks get no public address, so in a public subnet they could not even pull their image. */
function checkSubnets(where: IConstruct, { cluster, vpcSubnets }: ContainerOptions & TaskPlacement): void {
  const vpc = vpcOf(where, cluster);
  if (vpcSubnets || vpc.privateSubnets.length + vpc.isolatedSubnets.length > 0) return;
  throw new PlatformError(where, {
    problem: 'the VPC has no private subnets for the tasks.',
    got: `public subnets: ${vpc.publicSubnets.length}, private or isolated ones: 0`,
    allowed: 'a VPC with private or isolated subnets',
    fix: 'give a cluster in a VPC with private subnets, or name subnets in vpcSubnets',
  });
}

function vpcOf(where: IConstruct, cluster: ecs.ICluster): ec2.IVpc {
  try {
    return cluster.vpc;
  } catch {
    throw new PlatformError(where, {
      problem: 'the cluster does not know its VPC.',
      got: 'a cluster from Cluster.fromClusterArn()',
      allowed: 'a cluster with its VPC',
      fix: 'import it with Cluster.fromClusterAttributes({ clusterName, vpc })',
    });
  }
}

function checkSpotShare(where: IConstruct, spotShare: number, profile: EnvironmentProfile): void {
  if (!profile.deletionProtection || spotShare !== 100) return;
  throw new PlatformError(where, {
    problem: `a protected environment (${profile.name}) cannot run all of its tasks on Fargate Spot, which AWS may take back at any time.`,
    got: 'spotShare 100',
    allowed: '0 to 99',
    fix: 'keep a share on demand, such as spotShare 50',
  });
}

function checkVariables(
  where: IConstruct, owner: string, environment: { [name: string]: string } = {}, secrets: { [name: string]: ecs.Secret } = {},
): void {
  checkMap(where, `${owner}environment`, environment);
  checkMap(where, `${owner}secrets`, secrets);
  for (const name of [...Object.keys(environment), ...Object.keys(secrets)]) {
    checkText(where, `${owner}variable name`, name, VARIABLE_NAME, 'letters, digits, underscores, dots and hyphens, a letter or underscore first');
  }
  for (const [name, value] of Object.entries(environment)) {
    checkText(where, `${owner}environment.${name}`, value ?? '(nothing)', typeof value === 'string' ? /[^]*/ : /$^/, 'a string; numbers and booleans are written as strings');
  }
  for (const [name, secret] of Object.entries(secrets)) {
    checkKind(where, `${owner}secrets.${name}`, secret ?? 'nothing', 'arn', 'an ecs.Secret, such as ecs.Secret.fromSecretsManager(secret)');
  }
  const twice = Object.keys(environment).filter(name => Object.keys(secrets).includes(name));
  if (twice.length === 0) return;
  throw new PlatformError(where, {
    problem: `${twice.join(', ')} ${twice.length > 1 ? 'are' : 'is'} given both in plain text and as a secret.`,
    got: `${owner}environment and secrets: ${twice.join(', ')}`,
    allowed: 'each variable once',
    fix: 'remove the plain one',
  });
}

function checkRequiredVariables(where: IConstruct, { requiredVariables = [], environment = {}, secrets = {} }: ContainerOptions): void {
  const missing = requiredVariables.filter(name => environment[name] === undefined && secrets[name] === undefined);
  if (missing.length === 0) return;
  throw new PlatformError(where, {
    problem: `${missing.length === 1 ? 'a required variable is' : 'required variables are'} missing: ${missing.join(', ')}.`,
    got: `environment [${Object.keys(environment).join(', ')}], secrets [${Object.keys(secrets).join(', ')}]`,
    allowed: `all of ${requiredVariables.join(', ')}`,
    fix: `add ${missing.join(', ')} to secrets or environment`,
  });
}

function checkSidecars(where: IConstruct, sidecars: Sidecar[], taskMemory: number, mainPort?: number): void {
  const names = new Set([MAIN_CONTAINER]);
  const ports = new Map<number, string>(mainPort === undefined ? [] : [[mainPort, MAIN_CONTAINER]]);
  for (const sidecar of sidecars) {
    checkKind(where, 'sidecars', sidecar ?? 'null', 'image', "entries such as { name: 'proxy', image }");
    checkGiven(where, 'sidecar name', sidecar.name, 'letters, digits, hyphens and underscores, at most 255');
    checkText(where, 'sidecar name', sidecar.name, /^[A-Za-z0-9_-]{1,255}$/, 'letters, digits, hyphens and underscores, at most 255');
    const prop = `sidecar ${sidecar.name}`;
    checkImage(where, `${prop} image`, sidecar.image);
    if (names.has(sidecar.name)) {
      throw new PlatformError(where, {
        problem: `two containers of the task are named '${sidecar.name}'.`,
        got: `sidecars [${sidecars.map(each => each.name).join(', ')}]`,
        allowed: `unique names, other than '${MAIN_CONTAINER}', which is the main container's`,
        fix: 'rename one of them',
      });
    }
    names.add(sidecar.name);
    checkVariables(where, `${prop} `, sidecar.environment, sidecar.secrets);
    checkVolumes(where, `${prop} volumes`, sidecar.volumes);
    checkDuration(where, `${prop} stopTimeout`, sidecar.stopTimeout, 1, 120);
    checkInteger(where, `${prop} memoryLimitMiB`, sidecar.memoryLimitMiB, 6, Token.isUnresolved(taskMemory) ? 122_880 : taskMemory);
    checkBoolean(where, `${prop} essential`, sidecar.essential);
    checkBoolean(where, `${prop} readonlyRootFilesystem`, sidecar.readonlyRootFilesystem);
    checkList(where, `${prop} command`, sidecar.command);
    checkList(where, `${prop} ports`, sidecar.ports);
    checkHealthCheck(where, prop, sidecar.healthCheckCommand);
    checkOneOf(where, `${prop} mainWaitsFor`, sidecar.mainWaitsFor, Object.values(ecs.ContainerDependencyCondition));
    checkOrder(where, sidecar);
    for (const port of sidecar.ports ?? []) {
      checkPort(where, `${prop} port`, port);
      checkFreePort(where, prop, port, ports);
      ports.set(port, sidecar.name);
    }
  }
}

function checkFreePort(where: IConstruct, prop: string, port: number, ports: Map<number, string>): void {
  const owner = ports.get(port);
  if (owner === undefined || Token.isUnresolved(port)) return;
  throw new PlatformError(where, {
    problem: `port ${port} is used twice in the task.`,
    got: `${prop} port ${port}, container ${owner} port ${port}`,
    allowed: 'each port once: the containers of a task share one network address',
    fix: 'let one of them listen on another port',
  });
}

function checkHealthCheck(where: IConstruct, prop: string, command?: string[]): void {
  checkList(where, `${prop} healthCheckCommand`, command);
  if (command?.length !== 0) return;
  throw new PlatformError(where, {
    problem: `the health check of ${prop} has no command.`,
    got: 'healthCheckCommand []',
    allowed: "a command, such as ['CMD-SHELL', 'pg_isready']",
    fix: 'give a command, or leave healthCheckCommand out',
  });
}

function checkOrder(where: IConstruct, { name, mainWaitsFor, essential = true, healthCheckCommand }: Sidecar): void {
  const needsEnd = mainWaitsFor === ecs.ContainerDependencyCondition.COMPLETE || mainWaitsFor === ecs.ContainerDependencyCondition.SUCCESS;
  const needsHealth = mainWaitsFor === ecs.ContainerDependencyCondition.HEALTHY;
  if (!(needsEnd && essential) && !(needsHealth && !healthCheckCommand)) return;
  throw new PlatformError(where, {
    problem: needsEnd ? `the main container waits for '${name}' to end, but the task ends with it.` : `the main container waits for '${name}' to be healthy, but nothing tells its health.`,
    got: `sidecar ${name}: mainWaitsFor ${mainWaitsFor}, essential ${essential}, healthCheckCommand ${display(healthCheckCommand)}`,
    allowed: 'COMPLETE and SUCCESS with essential false; HEALTHY with a healthCheckCommand',
    fix: needsEnd ? 'set essential to false' : 'give a healthCheckCommand',
  });
}

function checkVolumes(where: IConstruct, prop: string, volumes: { [name: string]: string } = {}): void {
  checkMap(where, prop, volumes);
  for (const [name, path] of Object.entries(volumes)) {
    checkText(where, `${prop} name`, name, /^[A-Za-z0-9_-]{1,255}$/, 'letters, digits, hyphens and underscores');
    checkText(where, `${prop}.${name}`, path, /^\/.+/, 'an absolute path, such as /data');
  }
  const paths = Object.values(volumes);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice === undefined) return;
  throw new PlatformError(where, {
    problem: `two volumes are mounted at ${twice}.`,
    got: `${prop} ${display(volumes)}`,
    allowed: 'each path once in a container',
    fix: 'mount one of them elsewhere',
  });
}
