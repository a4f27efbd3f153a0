import type { DeliveryEnvironment, DeliveryImage, GithubDeliveryProps } from './github-delivery-props';
import { ScanSeverity } from './github-delivery-props';
import { HOUR_SECONDS } from './workflow-pieces';
import { planSmokeTests } from '../service/release/smoke-test-validation';

/** What the workflows depend on, with every default decided. */
export interface DeliveryPlan {
  readonly repository: string;
  readonly prefix: string;
  readonly roads: DeliveryRoad[];
  readonly images: PlannedImage[];
  readonly appDirectory: string;
  readonly nodeVersion: string;
  readonly installCommand: string;
  readonly cdkInstallCommand: string;
  readonly lintCommand?: string;
  readonly testCommand: string;
  readonly buildCommand?: string;
  readonly stopAt: string;
  readonly acceptedVulnerabilities: string;
  readonly templateChecks: boolean;
  readonly acceptedChecks: string;
  readonly approvalDays: number;
  readonly qualifier: string;
  readonly sessionSeconds: number;
}

/** Environments that one push goes through, one after the other. */
export interface DeliveryRoad {
  /** Name of its workflow's file and beginning of its releases' tags. */
  readonly name: string;
  readonly branches: string[];
  readonly environments: PlannedEnvironment[];
}

export interface PlannedEnvironment {
  readonly name: string;
  readonly stacks: string;
  readonly region: string;
  readonly url?: string;
  readonly smokeTests?: string;
  readonly approvers: string[];
}

export interface PlannedImage {
  readonly name: string;
  readonly directory: string;
  readonly dockerfile: string;
  readonly target: string;
  readonly architecture: 'arm64' | 'amd64';
}

/** Most severe first. */
const SEVERITIES = [ScanSeverity.CRITICAL, ScanSeverity.HIGH, ScanSeverity.MEDIUM, ScanSeverity.LOW];
const PRODUCTION_NAMES = ['production', 'prod', 'live'];

/** Whether somebody has to approve what goes to an environment. */
export function requiresApproval(environment: DeliveryEnvironment, environments: readonly DeliveryEnvironment[]): boolean {
  const isLast = environments.length > 1 && environments.at(-1) === environment;
  return environment.requiresApproval ?? (isLast || PRODUCTION_NAMES.includes(environment.name.toLowerCase()));
}

/** Branches whose pushes begin at an environment; none of one that the environment before it leads to. */
export function branchesOf(environment: DeliveryEnvironment, environments: readonly DeliveryEnvironment[]): string[] {
  return environment.branches ?? (environments[0] === environment ? ['main'] : []);
}

/** Everything decided. The props are validated already. */
export function planDelivery(props: GithubDeliveryProps): DeliveryPlan {
  const prefix = props.prefix ?? 'delivery';
  return {
    repository: props.repository,
    prefix,
    roads: planRoads(prefix, props),
    images: (props.images ?? []).map(planImage),
    appDirectory: props.appDirectory ?? '.',
    nodeVersion: props.nodeVersion ?? '24',
    installCommand: props.installCommand ?? 'npm ci',
    cdkInstallCommand: props.cdkInstallCommand ?? 'npm ci --ignore-scripts',
    lintCommand: props.lintCommand,
    testCommand: props.testCommand ?? 'npm test',
    buildCommand: props.buildCommand,
    stopAt: SEVERITIES.slice(0, SEVERITIES.indexOf(props.stopAtSeverity ?? ScanSeverity.HIGH) + 1).join(' '),
    acceptedVulnerabilities: Object.keys(props.acceptedVulnerabilities ?? {}).join(' '),
    templateChecks: props.templateChecks ?? true,
    acceptedChecks: Object.keys(props.acceptedChecks ?? {}).join(','),
    approvalDays: props.approvalDays ?? 7,
    qualifier: props.bootstrapQualifier ?? 'hnb659fds',
    sessionSeconds: props.sessionDuration?.toSeconds() ?? HOUR_SECONDS,
  };
}

function planRoads(prefix: string, { environments, region }: GithubDeliveryProps): DeliveryRoad[] {
  const roads: (DeliveryRoad & { environments: PlannedEnvironment[] })[] = [];
  for (const environment of environments) {
    const branches = branchesOf(environment, environments);
    // The first one has the delivery's own name, whatever its environment is called.
    if (branches.length > 0) roads.push({ name: roads.length === 0 ? prefix : `${prefix}-${environment.name.toLowerCase()}`, branches, environments: [] });
    roads.at(-1)!.environments.push({
      name: environment.name,
      stacks: environment.stacks.join(' '),
      region: environment.region ?? region,
      url: environment.url?.replace(/\/$/, ''),
      smokeTests: environment.smokeTests && JSON.stringify(planSmokeTests(environment.smokeTests)),
      approvers: environment.approvers ?? [],
    });
  }
  return roads;
}

function planImage({ name, directory, dockerfile, target, cpuArchitecture }: DeliveryImage): PlannedImage {
  return {
    name,
    directory: directory ?? '.',
    dockerfile: dockerfile ?? 'Dockerfile',
    target: target ?? '',
    // Kept by CDK as ECS says it: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
    architecture: cpuArchitecture?._cpuArchitecture === 'X86_64' ? 'amd64' : 'arm64',
  };
}
