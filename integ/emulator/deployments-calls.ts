/* The calls of ECS's API on service deployments and revisions. Times are seconds, as in ECS's protocol. */
import type { DeployedServiceState } from './deployments';
import { HookExecution } from './deployments-hooks';
import { ServiceRevision } from './deployments-model';
import { revisionSummary } from './deployments-news';
import type { ServiceDeployment } from './deployments-run';

type Services = ReadonlyMap<string, DeployedServiceState>;
type Request = { readonly [member: string]: any };

/** An error as AWS names it. */
class CallError extends Error {
  constructor(public readonly code: string, message: string) {
    super(message);
  }
}

const CALLS: { readonly [action: string]: (services: Services, request: Request) => object } = {
  ListServiceDeployments: (services, { service, cluster = 'default', status = [], createdAt = {}, maxResults = 20 }) => {
    const arn = [...services.keys()].find((one) => one === service || one.endsWith(`/${cluster.split('/').at(-1)}/${service}`));
    if (!arn) throw new CallError('ServiceNotFoundException', 'Service not found.');
    const { after = 0, before = Infinity } = createdAt;
    const wanted = services.get(arn)!.deployments.filter((deployment) =>
      (status.length === 0 || status.includes(deployment.status))
      && seconds(deployment.createdAt)! > after && seconds(deployment.createdAt)! < before);
    return { serviceDeployments: wanted.reverse().slice(0, maxResults).map(brief) };
  },
  DescribeServiceDeployments: (services, { serviceDeploymentArns = [] }) =>
    found('serviceDeployments', serviceDeploymentArns, (arn) => deploymentOf(services, arn), describeDeployment),
  DescribeServiceRevisions: (services, { serviceRevisionArns = [] }) => {
    const revisions = [...services.values()].flatMap((state) => state.revisions.map((revision) => ({ revision, state })));
    return found('serviceRevisions', serviceRevisionArns, (arn) => revisions.find(({ revision }) => revision.arn === arn),
      ({ revision, state }) => describeRevision(revision, state));
  },
  StopServiceDeployment: (services, { serviceDeploymentArn, stopType = 'ROLLBACK' }) => {
    const deployment = existing(services, serviceDeploymentArn);
    if (deployment.finishedAt || !deployment.stop(stopType)) {
      throw new CallError('ConflictException', 'The service deployment is not in a state in which it can be stopped.');
    }
    return { serviceDeploymentArn };
  },
  ContinueServiceDeployment: (services, { serviceDeploymentArn, hookId, action = 'CONTINUE' }) => {
    if (!existing(services, serviceDeploymentArn).continueHook(hookId, action)) {
      throw new CallError('InvalidParameterException', `The lifecycle hook ${hookId} is not awaiting an action.`);
    }
    return { serviceDeploymentArn };
  },
};

/** Answers a call, or an error's name and message. */
export function answerCall(services: Services, action: string, request: Request): object {
  try {
    return CALLS[action](services, request);
  } catch (error) {
    if (error instanceof CallError) return { error: error.code, message: error.message };
    throw error;
  }
}

function found<T>(member: string, arns: readonly string[], find: (arn: string) => T | undefined, describe: (one: T) => object): object {
  const missing = arns.filter((arn) => !find(arn));
  return {
    [member]: arns.filter((arn) => find(arn)).map((arn) => describe(find(arn)!)),
    failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
  };
}

function deploymentOf(services: Services, arn: string): ServiceDeployment | undefined {
  return [...services.values()].flatMap(({ deployments }) => deployments).find((deployment) => deployment.arn === arn);
}

function existing(services: Services, arn: string): ServiceDeployment {
  const deployment = deploymentOf(services, arn);
  if (!deployment) throw new CallError('ServiceDeploymentNotFoundException', `The service deployment ${arn} was not found.`);
  return deployment;
}

function brief(deployment: ServiceDeployment): object {
  const { arn, target, createdAt, finishedAt, status, statusReason } = deployment;
  return {
    serviceDeploymentArn: arn,
    serviceArn: target.service.serviceArn,
    clusterArn: target.service.clusterArn,
    createdAt: seconds(createdAt),
    startedAt: seconds(createdAt),
    finishedAt: seconds(finishedAt),
    targetServiceRevisionArn: target.arn,
    status,
    statusReason: statusReason || undefined,
  };
}

function describeDeployment(deployment: ServiceDeployment): object {
  const { source, target, weights, settings: { configuration }, stage, finishedAt, status, rollback, alarms, hooks } = deployment;
  const { targetServiceRevisionArn, ...rest } = brief(deployment) as Request;
  const weighed = (revision: ServiceRevision, part: (percent: number) => number) => ({
    ...revisionSummary(revision),
    requestedTestTrafficWeight: part(weights.test ?? 0),
    requestedProductionTrafficWeight: part(weights.production ?? 0),
  });
  return {
    ...rest,
    updatedAt: seconds(finishedAt ?? new Date()),
    stoppedAt: status === 'STOPPED' ? seconds(finishedAt) : undefined,
    sourceServiceRevisions: source ? [weighed(source, (percent) => 100 - percent)] : [],
    targetServiceRevision: weighed(target, (percent) => percent),
    lifecycleStage: stage,
    lifecycleHookDetails: hooks.filter((hook) => hook.stage === stage).map(describeHook),
    deploymentConfiguration: decapitalize(configuration),
    rollback: rollback && { ...rollback, startedAt: seconds(rollback.startedAt) },
    alarms: { status: alarms.status, alarmNames: alarms.names, triggeredAlarmNames: alarms.triggered },
  };
}

function describeHook({ hookId, targetType, targetArn, status, expiresAt, timeoutAction }: HookExecution): object {
  return { hookId, targetType, targetArn, status, expiresAt: seconds(expiresAt), timeoutAction };
}

function describeRevision(revision: ServiceRevision, { settings }: DeployedServiceState): object {
  const { arn, createdAt, service, taskDefinition, images, targetGroups } = revision;
  const { serviceArn, clusterArn, launchType, platformVersion, capacityProviderStrategy, networkConfiguration, serviceRegistries } = service;
  return {
    serviceRevisionArn: arn,
    serviceArn,
    clusterArn,
    taskDefinition,
    launchType,
    platformVersion: platformVersion || undefined,
    capacityProviderStrategy,
    networkConfiguration,
    serviceRegistries,
    loadBalancers: service.loadBalancers,
    containerImages: images,
    createdAt: seconds(createdAt),
    resolvedConfiguration: {
      loadBalancers: targetGroups.map((targetGroupArn, index) => ({
        targetGroupArn,
        productionListenerRule: settings.loadBalancers[index]?.AdvancedConfiguration?.ProductionListenerRule,
      })),
    },
  };
}

function seconds(date: Date | undefined): number | undefined {
  return date && date.getTime() / 1000;
}

/** CloudFormation's words as the API spells them. */
function decapitalize(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decapitalize);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) =>
    [name[0].toLowerCase() + name.slice(1), name === 'HookDetails' ? inner : decapitalize(inner)]));
}
