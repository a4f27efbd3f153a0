import {
  DescribeServiceDeploymentsCommand, DescribeServiceRevisionsCommand, ECSClient, ListServiceDeploymentsCommand, ServiceDeploymentBrief,
  StopServiceDeploymentCommand, UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { ONGOING, parseArn } from '../../src/service/release/release-operator-deployments';
import { AwsOptions, clientSettings } from '../aws/clients';
import { choose, deployedResources } from '../aws/deployed-stack';
import { isConfirmed } from '../confirm';
import { Refusal } from '../outcome';
import { Terminal } from '../terminal';

export interface RollbackOptions extends AwsOptions {
  readonly stack: string;
  readonly service?: string;
  readonly to?: string;
  readonly yes?: boolean;
  readonly wait: boolean;
}

/** A service, and a deployment of it. */
interface Service {
  readonly arn: string;
  readonly cluster: string;
  readonly ecs: ECSClient;
}

const WHERE = 'cdk-web-platform rollback';
const WAIT_MILLISECONDS = Number(process.env.CDK_WEB_PLATFORM_POLL_MILLISECONDS ?? '5000');
const NEXT = 'CloudFormation does not know of it: revert the commit too, or the next deployment that changes the service brings the newer release back.';

/**
 * Takes a service back with ECS's own deployments, as docs/releases.md has it: a version that served was migrated, so its way back runs no migration,
 * and it is tested and watched as every release is.
 */
export async function rollback(options: RollbackOptions, terminal: Terminal): Promise<void> {
  const services = (await deployedResources(options.stack, options, WHERE)).filter(({ type }) => type === 'AWS::ECS::Service');
  const { physicalId } = choose(services, ({ logicalId, physicalId: arn }) => `${logicalId} (${arn.split('/').at(-1)})`, options.service, 'service', WHERE);
  const service = { arn: physicalId, cluster: parseArn(physicalId).cluster, ecs: new ECSClient(clientSettings(options)) };
  const history = await deploymentsOf(service);
  const ongoing = history.find(({ status }) => ONGOING.includes(status!));
  return ongoing ? stop(service, ongoing, options, terminal) : goBack(service, history, options, terminal);
}

/** A release that is under way has its old version beside it still: its way back takes seconds. */
async function stop(service: Service, ongoing: ServiceDeploymentBrief, options: RollbackOptions, terminal: Terminal): Promise<void> {
  const { serviceDeploymentArn: arn, status } = ongoing;
  if (options.to !== undefined) throw new Refusal(`A release is under way (${arn}).`, 'leave --to out to roll it back, or wait for its end');
  if (!['PENDING', 'IN_PROGRESS'].includes(status!)) throw new Refusal(`The release that is under way goes back already (${status}).`, 'wait for its end');
  if (!await isConfirmed(`A release of ${service.arn} is under way. Roll it back?`, options.yes, terminal, WHERE)) return terminal.progress('Nothing was done.');
  await service.ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn: arn, stopType: 'ROLLBACK' }));
  const end = options.wait ? await settled(service, arn!, ['ROLLBACK_SUCCESSFUL', 'STOPPED'], terminal) : 'ROLLBACK_REQUESTED';
  terminal.result(`The release is rolled back (${end}).`, { service: service.arn, stopped: arn, status: end });
}

async function goBack(service: Service, history: ServiceDeploymentBrief[], options: RollbackOptions, terminal: Terminal): Promise<void> {
  const [current, previous] = await releasesOf(service, history);
  const target = options.to ?? previous;
  if (target === undefined || current === undefined) {
    throw new Refusal('There is no release before this one: ECS lists those of the last 90 days.', 'name one that is still registered: --to <family:revision>');
  }
  const to = shortName(target);
  if (to === shortName(current)) throw new Refusal(`${to} is what serves already.`, 'name another one: --to <family:revision>');
  if (!await isConfirmed(`Take ${service.arn} from ${shortName(current)} back to ${to}?`, options.yes, terminal, WHERE)) return terminal.progress('Nothing was done.');

  const begun = new Set(history.map(({ serviceDeploymentArn }) => serviceDeploymentArn));
  await deploy(service, target);
  const deployment = await terminal.step(`releasing ${to}`, () => begins(service, begun));
  const end = options.wait ? await settled(service, deployment, ['SUCCESSFUL'], terminal) : 'IN_PROGRESS';
  terminal.result(`${to} serves${options.wait ? '' : ' soon'}. ${NEXT}`, { service: service.arn, from: shortName(current), to, deployment, status: end });
}

async function deploy(service: Service, target: string): Promise<void> {
  try {
    await service.ecs.send(new UpdateServiceCommand({ cluster: service.cluster, service: service.arn, taskDefinition: target }));
  } catch (error) {
    if (!/inactive/i.test((error as Error).message)) throw error;
    throw new Refusal(`${shortName(target)} was deregistered, and ECS releases no such task definition.`, 'deploy the commit of that release again, or name one that is still registered: --to <family:revision>');
  }
}

/** Task definitions of the releases that succeeded, the newest first, each once in a row. */
async function releasesOf({ ecs }: Service, history: ServiceDeploymentBrief[]): Promise<string[]> {
  const revisions = history.filter(({ status }) => status === 'SUCCESSFUL').flatMap(({ targetServiceRevisionArn: arn }) => arn ?? []).slice(0, 20);
  if (revisions.length === 0) return [];
  const { serviceRevisions = [] } = await ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: revisions }));
  const releases = revisions.flatMap(arn => serviceRevisions.find(({ serviceRevisionArn }) => serviceRevisionArn === arn)?.taskDefinition ?? []);
  return releases.filter((release, index) => release !== releases[index - 1]);
}

async function deploymentsOf({ arn, cluster, ecs }: Service): Promise<ServiceDeploymentBrief[]> {
  const { serviceDeployments = [] } = await ecs.send(new ListServiceDeploymentsCommand({ cluster, service: arn, maxResults: 100 }));
  return serviceDeployments.sort((one, other) => Number(other.createdAt) - Number(one.createdAt));
}

async function begins(service: Service, begun: ReadonlySet<string | undefined>): Promise<string> {
  for (;;) {
    const deployment = (await deploymentsOf(service)).find(({ serviceDeploymentArn }) => !begun.has(serviceDeploymentArn));
    if (deployment) return deployment.serviceDeploymentArn!;
    await pause();
  }
}

async function settled({ ecs }: Service, arn: string, good: string[], terminal: Terminal): Promise<string> {
  let last = '';
  for (;;) {
    const { serviceDeployments: [deployment] = [] } = await ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }));
    const { status = '', lifecycleStage: stage = '', statusReason: reason = '' } = deployment ?? {};
    if (`${status} ${stage}` !== last) terminal.progress(`  ${status} ${stage}`.trimEnd());
    last = `${status} ${stage}`;
    if (good.includes(status)) return status;
    if (!ONGOING.includes(status)) throw new Refusal(`The deployment ended as ${status}. ${reason}`, `look at ${arn} in the console of ECS`);
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, WAIT_MILLISECONDS));
}

/** `family:revision` of an ARN. */
function shortName(taskDefinition: string): string {
  return taskDefinition.split('/').at(-1)!;
}
