import { randomInt } from 'crypto';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { answerCall } from './deployments-calls';
import { LoadBalancers } from './deployments-load-balancer';
import { DeploymentOptions, ServiceRecord, ServiceRevision, ServiceSettings } from './deployments-model';
import { News } from './deployments-news';
import { Controller, ServiceDeployment } from './deployments-run';
import { ServiceProgram, Tasks } from './deployments-tasks';
import { describeTimeline, Timeline, TimelineEntry } from './deployments-timeline';
import type { Emulator } from './emulator';
import { isNamed, Traffic } from './traffic';

/** What is known of one service. */
export interface DeployedServiceState {
  readonly timeline: Timeline;
  readonly revisions: ServiceRevision[];
  readonly deployments: ServiceDeployment[];
  settings: ServiceSettings;
  /** The revision that serves: that of the last deployment that succeeded. */
  live?: ServiceRevision;
}

/** What the adapter asks for. */
interface DeploymentRequest extends Partial<ServiceSettings> {
  readonly service: ServiceRecord;
  readonly created?: boolean;
  /** Whether the end is waited for, as CloudFormation does. */
  readonly wait?: boolean;
}

/** Stands in for the deployment controller of ECS. */
export class Deployments {
  public readonly options: DeploymentOptions = { secondsPerMinute: 1, hooksOnCreation: true, mergeHookDetails: true, deployAfterOwnRollback: true };
  public readonly services = new Map<string, DeployedServiceState>();
  private connection?: { readonly emulator: Emulator; readonly tasks: Tasks; readonly news: News; readonly controller: Omit<Controller, 'timeline'> };

  constructor(private readonly traffic: Traffic) {}

  public connect(emulator: Emulator): void {
    const settings = emulator.clientSettings;
    const loadBalancers = new LoadBalancers(new ElasticLoadBalancingV2Client(settings));
    const tasks = new Tasks(emulator, this.traffic, loadBalancers);
    const news = new News(emulator);
    this.connection = {
      emulator,
      tasks,
      news,
      controller: {
        options: this.options,
        tasks,
        loadBalancers,
        // A hook that did not answer is never called again unseen.
        lambda: new LambdaClient({ ...settings, maxAttempts: 1 }),
        cloudwatch: new CloudWatchClient(settings),
        tell: (deployment, state, reason) => news.tell(deployment, state, reason),
        tellHook: (deployment, execution) => news.tellHook(deployment, execution),
      },
    };
  }

  /**
   * Says what runs for a service; without it, a deployment goes through all its stages with no process behind it.
   * @param service its name, its logical id or how that begins, or an expression for its name
   */
  public run(service: string | RegExp, program: ServiceProgram): void {
    this.connected.tasks.add(service, program);
  }

  /** A service's deployments so far, the newest last. */
  public of(service: string): readonly ServiceDeployment[] {
    return this.find(service).deployments;
  }

  public last(service: string): ServiceDeployment {
    const last = this.of(service).at(-1);
    if (!last) throw new Error(`${service} was never deployed`);
    return last;
  }

  /** All that happened in a service's deployments, or in one of them. */
  public timeline(service: string, deployment?: ServiceDeployment): readonly TimelineEntry[] {
    return this.find(service).timeline.entries.filter((entry) => !deployment || entry.deployment === deployment.id);
  }

  /** The timeline as lines to read. */
  public describe(service: string, deployment?: ServiceDeployment): string {
    return describeTimeline(this.timeline(service, deployment));
  }

  /** Waits until a service is not being deployed any more; answers its last deployment. */
  public async settled(service: string): Promise<ServiceDeployment> {
    const last = this.last(service);
    await last.ended;
    await this.connected.news.told();
    return last === this.last(service) ? last : this.settled(service);
  }

  public async stop(): Promise<void> {
    this.connection?.news.close();
    [...this.services.values()].forEach(({ deployments }) => deployments.at(-1)?.stop('ABORT'));
    await this.connection?.tasks.stop();
    await this.traffic.stop();
  }

  /** Answers the adapter (adapter/deployments.py). */
  public async answer(method: string, kind: string, id: string, body: string): Promise<object> {
    if (!this.connection) return { status: 'SUCCESSFUL' };
    if (kind === 'deployment-calls') return answerCall(this.services, id, JSON.parse(body));
    if (method === 'DELETE') return this.forget(id);
    if (method === 'PUT') return this.configure(id, JSON.parse(body));
    return this.deploy(JSON.parse(body));
  }

  private async deploy(request: DeploymentRequest): Promise<object> {
    const { service } = request;
    const state = this.stateOf(service.serviceArn, request);
    await this.traffic.serve(service.serviceName, state.settings.loadBalancers);
    if (request.wait && !this.options.deployAfterOwnRollback && wentBackTo(service.taskDefinition, state)) return { status: 'SUCCESSFUL' };

    const deployment = await this.begin(state, service);
    const last = request.wait ? await lastOf(deployment) : deployment;
    await this.connected.news.told();
    return { status: last.status, reason: last.statusReason };
  }

  private async begin(state: DeployedServiceState, service: ServiceRecord): Promise<ServiceDeployment> {
    const revision = await this.revision(service);
    let underWay = state.deployments.at(-1);
    while (underWay && !underWay.canBeStopped) {
      await underWay.ended;
      underWay = state.deployments.at(-1) === underWay ? undefined : state.deployments.at(-1);
    }
    // From here on, nothing is waited for: what serves now must still serve when the deployment begins.
    const target: ServiceRevision = { ...revision, targetGroups: nextTargetGroups(state) };
    const controller: Controller = { ...this.connected.controller, timeline: state.timeline };
    const deployment = new ServiceDeployment(controller, target, state.live, state.settings, underWay);
    state.revisions.push(target);
    state.deployments.push(deployment);
    underWay?.supersede(deployment);
    void deployment.run();
    void deployment.ended.then(() => {
      if (deployment.status === 'SUCCESSFUL') state.live = target;
    });
    return deployment;
  }

  private async revision(service: ServiceRecord): Promise<Omit<ServiceRevision, 'targetGroups'>> {
    const { emulator } = this.connected;
    const number = Array.from({ length: 19 }, (_, index) => index === 0 ? randomInt(1, 10) : randomInt(10)).join('');
    const ecs = new ECSClient(emulator.clientSettings);
    const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: service.taskDefinition }));
    const images = await Promise.all(taskDefinition!.containerDefinitions!.map(async ({ name, image }) =>
      ({ containerName: name!, image: image!, imageDigest: await digestOf(emulator, image!) })));
    return {
      arn: `${service.serviceArn.replace(':service/', ':service-revision/')}/${number}`,
      createdAt: new Date(),
      service,
      taskDefinition: taskDefinition!.taskDefinitionArn!,
      images,
    };
  }

  private configure(serviceArn: string, settings: Partial<ServiceSettings>): object {
    const state = this.services.get(serviceArn);
    if (state) state.settings = { ...state.settings, ...settings };
    return {};
  }

  private async forget(serviceArn: string): Promise<object> {
    const state = this.services.get(serviceArn);
    this.services.delete(serviceArn);
    state?.deployments.at(-1)?.stop('ABORT');
    await state?.deployments.at(-1)?.ended;
    await Promise.all(state?.revisions.map(({ task }) => task?.stop()) ?? []);
    await this.traffic.forget(serviceArn.split('/').at(-1)!);
    return {};
  }

  private stateOf(serviceArn: string, { configuration, loadBalancers, created }: DeploymentRequest): DeployedServiceState {
    const known = created ? undefined : this.services.get(serviceArn);
    const state = known ?? { timeline: new Timeline(), revisions: [], deployments: [], settings: { configuration: {}, loadBalancers: [] } };
    const { settings: before } = state;
    state.settings = { configuration: configuration ?? before.configuration, loadBalancers: loadBalancers ?? before.loadBalancers };
    this.services.set(serviceArn, state);
    return state;
  }

  private find(service: string): DeployedServiceState {
    const names = [...this.services.keys()];
    const found = names.filter((arn) => isNamed(arn.split('/').at(-1)!, service));
    if (found.length !== 1) {
      throw new Error(`${found.length} services are called ${service}; there are: ${names.map((arn) => arn.split('/').at(-1))}`);
    }
    return this.services.get(found[0])!;
  }

  private get connected() {
    if (!this.connection) {
      throw new Error('no emulator is connected');
    }
    return this.connection;
  }
}

/** The one that took over last. */
async function lastOf(deployment: ServiceDeployment): Promise<ServiceDeployment> {
  await deployment.ended;
  return deployment.supersededBy ? lastOf(deployment.supersededBy) : deployment;
}

/** The other ones than those of the tasks that serve, unless the service rolls. */
function nextTargetGroups({ settings: { configuration, loadBalancers }, live }: DeployedServiceState): string[] {
  const rolls = (configuration.Strategy ?? 'ROLLING') === 'ROLLING';
  return loadBalancers.map(({ TargetGroupArn, AdvancedConfiguration: advanced }, index) =>
    !rolls && advanced && live?.targetGroups[index] === TargetGroupArn ? advanced.AlternateTargetGroupArn : TargetGroupArn);
}

function wentBackTo(taskDefinition: string, { deployments, live }: DeployedServiceState): boolean {
  return deployments.at(-1)?.status === 'ROLLBACK_SUCCESSFUL' && live?.taskDefinition === taskDefinition;
}

async function digestOf(emulator: Emulator, image: string): Promise<string | undefined> {
  const [name, digest] = image.split('@');
  if (digest || !name.includes('.dkr.ecr.')) return digest;
  const [repositoryName, imageTag = 'latest'] = name.slice(name.indexOf('/') + 1).split(':');
  const described = new ECRClient(emulator.clientSettings).send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag }] }));
  return described.then(({ imageDetails }) => imageDetails?.[0]?.imageDigest, () => undefined);
}
