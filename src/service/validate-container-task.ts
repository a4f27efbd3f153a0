import { Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { ContainerOptions } from './container-options';
import { checkFargateSize } from './fargate-size';
import { Sidecar } from './sidecar';
import { TaskPlacement } from './task-placement';
import { EnvironmentProfile } from '../environment';
import { LOG_RETENTION_DAYS } from '../environment/validate-environment-profile';
import { PlatformError } from '../errors';
import { checkBoolean, checkGiven, checkInteger, checkOneOf, checkPort, checkText, display } from '../validate';

/** Name of the container that does the work. */
export const MAIN_CONTAINER = 'app';

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Refuses what Fargate would refuse, or would accept and fail with at night. */
export function validateContainerTask(where: IConstruct, props: ContainerOptions & TaskPlacement, mainPort?: number): void {
  checkGiven(where, 'cluster', props.cluster, 'an ecs.ICluster, such as a ServiceCluster');
  checkGiven(where, 'image', props.image, "an ecs.ContainerImage, such as registry.image('v1')");
  const profile = props.profile ?? EnvironmentProfile.production();

  checkFargateSize(where, props.cpu ?? profile.cpu, props.memoryLimitMiB ?? profile.memoryLimitMiB);
  checkInteger(where, 'ephemeralStorageGiB', props.ephemeralStorageGiB, 21, 200);
  checkOneOf(where, 'logRetentionDays', props.logRetentionDays, LOG_RETENTION_DAYS);
  checkInteger(where, 'spotShare', props.spotShare, 0, 100);
  checkBoolean(where, 'readonlyRootFilesystem', props.readonlyRootFilesystem);
  checkBoolean(where, 'alarms', props.alarms);
  checkInteger(where, 'stopTimeout (seconds)', props.stopTimeout?.toSeconds(), 1, 120);
  checkSpotShare(where, props.spotShare ?? profile.spotShare, profile);
  checkVariables(where, 'environment', props.environment, props.secrets);
  checkRequiredVariables(where, props);
  checkSidecars(where, props.sidecars ?? [], mainPort);
  checkVolumes(where, 'volumes', props.volumes);
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
  where: IConstruct, prop: string, environment: { [name: string]: string } = {}, secrets: { [name: string]: ecs.Secret } = {},
): void {
  for (const name of [...Object.keys(environment), ...Object.keys(secrets)]) {
    checkText(where, `${prop} variable name`, name, VARIABLE_NAME, 'letters, digits, underscores, dots and hyphens, a letter or underscore first');
  }
  for (const [name, value] of Object.entries(environment)) {
    checkText(where, `${prop}.${name}`, value ?? '(nothing)', typeof value === 'string' ? /[^]*/ : /$^/, 'a string; numbers and booleans are written as strings');
  }
  const twice = Object.keys(environment).filter(name => name in secrets);
  if (twice.length === 0) return;
  throw new PlatformError(where, {
    problem: `${twice.join(', ')} ${twice.length > 1 ? 'are' : 'is'} given both in plain text and as a secret.`,
    got: `${prop} and secrets: ${twice.join(', ')}`,
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

function checkSidecars(where: IConstruct, sidecars: Sidecar[], mainPort?: number): void {
  const names = new Set([MAIN_CONTAINER]);
  const ports = new Map<number, string>(mainPort === undefined ? [] : [[mainPort, MAIN_CONTAINER]]);
  for (const sidecar of sidecars) {
    checkText(where, 'sidecar name', sidecar.name, /^[A-Za-z0-9_-]{1,255}$/, 'letters, digits, hyphens and underscores, at most 255');
    const prop = `sidecar ${sidecar.name}`;
    checkGiven(where, `${prop} image`, sidecar.image, 'an ecs.ContainerImage');
    if (names.has(sidecar.name)) {
      throw new PlatformError(where, {
        problem: `two containers of the task are named '${sidecar.name}'.`,
        got: `sidecars [${sidecars.map(each => each.name).join(', ')}]`,
        allowed: `unique names, other than '${MAIN_CONTAINER}', which is the main container's`,
        fix: 'rename one of them',
      });
    }
    names.add(sidecar.name);
    checkVariables(where, `${prop} environment`, sidecar.environment, sidecar.secrets);
    checkVolumes(where, `${prop} volumes`, sidecar.volumes);
    checkInteger(where, `${prop} stopTimeout (seconds)`, sidecar.stopTimeout?.toSeconds(), 1, 120);
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
  for (const [name, path] of Object.entries(volumes)) {
    checkText(where, `${prop} name`, name, /^[A-Za-z0-9_-]{1,255}$/, 'letters, digits, hyphens and underscores');
    checkText(where, `${prop}.${name}`, path, /^\/.+/, 'an absolute path, such as /data');
  }
}
