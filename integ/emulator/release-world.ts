import * as http from 'http';
import { CloudWatchClient, SetAlarmStateCommand, StateValue } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient, paginateListTasks, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { EventBridgeClient, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { AivpLifecycle, SERVICE } from './aivp-lifecycle';
import type { ServiceDeployment } from './deployments-run';
import { Emulator } from './emulator';
import { listen } from './process';
import type { ContinuousRequests } from './traffic-requests';

/** What a function answered, and whether it threw. */
export interface FunctionAnswer {
  readonly failed: boolean;
  readonly body: { readonly [name: string]: unknown };
}

/** examples/aivp's production, with the eyes and hands of an operator. */
export class ReleaseWorld {
  public static async create(emulator: Emulator): Promise<ReleaseWorld> {
    const world = new ReleaseWorld(emulator, await AivpLifecycle.begin(emulator));
    await world.lifecycle.prepareAccount();
    return world;
  }

  /** What reached the alert topic, the newest last. */
  public readonly messages: string[] = [];
  private readonly inbox = http.createServer((request, response) => void this.receive(request, response));

  private constructor(public readonly emulator: Emulator, public readonly lifecycle: AivpLifecycle) {}

  public get deployments() {
    return this.emulator.dataPlane.deployments;
  }

  public get lastDeployment(): ServiceDeployment {
    return this.deployments.last(SERVICE);
  }

  /** Reads what the alert topic sends from now on. */
  public async subscribe(): Promise<void> {
    const port = await listen(this.inbox);
    const topic = await this.resource('AWS::SNS::Topic', 'ApiMonitoring');
    await new SNSClient(this.emulator.clientSettings).send(new SubscribeCommand({ TopicArn: topic, Protocol: 'http', Endpoint: `http://127.0.0.1:${port}/` }));
  }

  public async stop(): Promise<void> {
    this.inbox.closeAllConnections();
    this.inbox.close();
  }

  /** The physical id of the one resource of a type whose logical id begins so. */
  public async resource(type: string, logicalId: string): Promise<string> {
    const ofType = (await this.lifecycle.resources()).filter(({ ResourceType }) => ResourceType === type);
    const found = ofType.filter(({ LogicalResourceId }) => LogicalResourceId!.startsWith(logicalId));
    if (found.length !== 1) throw new Error(`${found.length} of ${type} ${logicalId}: ${ofType.map(({ LogicalResourceId }) => LogicalResourceId)}`);
    return found[0].PhysicalResourceId!;
  }

  /** How many migrations have been run so far, counted by their tasks. */
  public async migrations(): Promise<number> {
    const family = (await this.migrationTaskDefinition()).split('/').at(-1)!.split(':')[0];
    const cluster = await this.resource('AWS::ECS::Cluster', 'ApiCluster');
    let count = 0;
    for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
      for await (const page of paginateListTasks({ client: new ECSClient(this.emulator.clientSettings) }, { cluster, family, desiredStatus })) {
        count += page.taskArns?.length ?? 0;
      }
    }
    return count;
  }

  public migrationTaskDefinition(): Promise<string> {
    return this.resource('AWS::ECS::TaskDefinition', 'ApiServiceMigrations');
  }

  /** Requests of users, all the time while something happens. */
  public async underTraffic<T>(path: string, action: () => Promise<T>): Promise<{ readonly result: T; readonly requests: ContinuousRequests }> {
    const requests = await this.emulator.dataPlane.traffic.continuously(SERVICE, path, { everyMilliseconds: 50 });
    try {
      const result = await action();
      return { result, requests };
    } finally {
      await requests.stop();
    }
  }

  /** Waits until the service's newest deployment, begun after `before`, is where it is meant to be. */
  public async reaches(stage: string, before: number): Promise<ServiceDeployment> {
    for (let attempt = 0; attempt < 1200; attempt++) {
      const all = this.deployments.of(SERVICE);
      if (all.length > before && all.at(-1)!.stage === stage) return all.at(-1)!;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    throw new Error(`no deployment reached ${stage} within a minute\n${this.deployments.describe(SERVICE)}`);
  }

  public async setAlarm(logicalId: string, state: StateValue): Promise<void> {
    const name = await this.resource('AWS::CloudWatch::Alarm', logicalId);
    await new CloudWatchClient(this.emulator.clientSettings).send(new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason: 'a drill' }));
  }

  /** Calls a deployed function, as ECS, a schedule or a person would. */
  public async invoke(logicalId: string, event: object): Promise<FunctionAnswer> {
    const answer = await new LambdaClient({ ...this.emulator.clientSettings, maxAttempts: 1 }).send(new InvokeCommand({
      FunctionName: await this.resource('AWS::Lambda::Function', logicalId), Payload: JSON.stringify(event),
    }));
    return { failed: answer.FunctionError !== undefined, body: JSON.parse(Buffer.from(answer.Payload!).toString() || 'null') };
  }

  /** The check that the operator's schedule would make now. */
  public async check(): Promise<FunctionAnswer> {
    const rule = await this.resource('AWS::Events::Rule', 'ApiReleaseOperatorCheck');
    const { Targets } = await new EventBridgeClient(this.emulator.clientSettings).send(new ListTargetsByRuleCommand({ Rule: rule.split('/').at(-1)! }));
    return this.invoke('ApiReleaseOperator', JSON.parse(Targets![0].Input!));
  }

  /** Whether the target group whose logical id begins so has the tasks that serve. */
  public async isLive(logicalId: string): Promise<boolean> {
    const group = await this.resource('AWS::ElasticLoadBalancingV2::TargetGroup', logicalId);
    return this.lastDeployment.target.targetGroups.includes(group);
  }

  public async rotateApplicationLogin(): Promise<void> {
    const secret = await this.resource('AWS::SecretsManager::Secret', 'ApiDatabaseApplicationSecret');
    await new SecretsManagerClient(this.emulator.clientSettings).send(new RotateSecretCommand({ SecretId: secret }));
  }

  /** Which roles of the application have sessions. */
  public async applicationSessions(): Promise<string[]> {
    const rows = await this.lifecycle.query("SELECT DISTINCT usename FROM pg_stat_activity WHERE usename ~ '^app_[ab]$' ORDER BY 1");
    return rows.map(({ usename }) => `${usename}`);
  }

  /** A new deployment that nobody asked CloudFormation for. */
  public async forceDeployment(): Promise<void> {
    const { serviceArn, clusterArn } = this.lastDeployment.target.service;
    await new ECSClient(this.emulator.clientSettings).send(
      new UpdateServiceCommand({ cluster: clusterArn, service: serviceArn, forceNewDeployment: true }));
  }

  /** The hook of the deployed service at a stage, as its template has it. */
  public hookAt(stage: string): { readonly HookDetails?: unknown } {
    const hooks = this.lastDeployment.settings.configuration.LifecycleHooks ?? [];
    return hooks.find(({ LifecycleStages }) => (LifecycleStages as readonly string[]).includes(stage))!;
  }

  /** All lines of the log group whose logical id begins so. */
  public async log(logicalId: string): Promise<string> {
    const group = await this.resource('AWS::Logs::LogGroup', logicalId);
    const { events } = await new CloudWatchLogsClient(this.emulator.clientSettings).send(
      new FilterLogEventsCommand({ logGroupName: group, limit: 10_000 }));
    return (events ?? []).map(({ message }) => message).join('\n');
  }

  private async receive(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.end();
    const message = JSON.parse(body);
    if (message.Type === 'SubscriptionConfirmation') await fetch(message.SubscribeURL);
    else this.messages.push(`${message.Subject}\n${message.Message}`);
  }
}
