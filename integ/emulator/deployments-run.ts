/*
 * One deployment of a service, stage by stage, as ECS documents it:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
 */
import { randomBytes } from 'crypto';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { DeploymentAlarms } from './deployments-alarms';
import { ExecutionDetails, HookExecution, HookRun } from './deployments-hooks';
import { Interruption, sleep } from './deployments-interruption';
import { LoadBalancers } from './deployments-load-balancer';
import { DeploymentOptions, DeploymentStatus, LifecycleStage, ServiceRevision, ServiceSettings } from './deployments-model';
import { State } from './deployments-news';
import { Tasks } from './deployments-tasks';
import { Timeline } from './deployments-timeline';

/** What a deployment works with. */
export interface Controller {
  readonly options: DeploymentOptions;
  readonly tasks: Tasks;
  readonly loadBalancers: LoadBalancers;
  readonly lambda: LambdaClient;
  readonly cloudwatch: CloudWatchClient;
  readonly timeline: Timeline;
  /** The deployment has begun, or ended, or goes back: the emulator's own record and the event bus follow. */
  tell(deployment: ServiceDeployment, state: State, reason: string): void;
  tellHook(deployment: ServiceDeployment, execution: HookExecution): void;
}

/** Ends a deployment without a rollback that anybody is told of. */
class Stopped extends Error {}

/** Percent of the traffic that the target revision gets, by the kind of traffic. */
type Percents = { [kind in 'test' | 'production']?: number };

/** A deployment, from its first stage to its end. Everything public may be read at any time. */
export class ServiceDeployment {
  public readonly id = randomBytes(16).toString('base64url').slice(0, 21);
  public readonly arn: string;
  public readonly createdAt = new Date();
  public readonly hooks: HookExecution[] = [];
  public readonly alarms: DeploymentAlarms;
  public readonly ended: Promise<void>;
  /** Percent of the traffic that the target revision was given. */
  public readonly weights: Percents = {};
  public status: DeploymentStatus = 'PENDING';
  public statusReason = '';
  public stage?: LifecycleStage;
  public finishedAt?: Date;
  public rollback?: { readonly reason: string; readonly startedAt: Date; readonly serviceRevisionArn: string };
  public supersededBy?: ServiceDeployment;
  /** Not once it goes back, or cleans up. */
  public canBeStopped = true;
  private interruption = new Interruption();
  private runs: HookRun[] = [];
  private readonly hookTimes: number[] = [];
  private end?: () => void;

  constructor(
    private readonly controller: Controller,
    public readonly target: ServiceRevision,
    public readonly source: ServiceRevision | undefined,
    public readonly settings: ServiceSettings,
    private readonly supersedes?: ServiceDeployment,
  ) {
    this.arn = `${target.service.serviceArn.replace(':service/', ':service-deployment/')}/${this.id}`;
    this.alarms = new DeploymentAlarms(settings.configuration, controller.cloudwatch);
    this.ended = new Promise((resolve) => this.end = resolve);
  }

  public get isRolling(): boolean {
    return (this.settings.configuration.Strategy ?? 'ROLLING') === 'ROLLING';
  }

  /** All that hooks took, from their first call to their end; hooks of one stage run side by side and count once. */
  public get hookMilliseconds(): number {
    return Math.round(this.hookTimes.reduce((sum, one) => sum + one, 0));
  }

  /** What hooks took without the pauses that they asked for between two calls. */
  public get hookWorkMilliseconds(): number {
    return this.hooks.flatMap(({ invocations }) => invocations).reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  }

  public async run(): Promise<void> {
    try {
      await this.begin();
      await (this.isRolling ? this.roll() : this.shift());
      await this.complete();
    } catch (error) {
      await this.fail(error as Error).catch((reason) => this.failForGood(reason));
    }
    this.alarms.end();
    this.stage = undefined;
    this.finishedAt = new Date();
    this.log('ended', this.status, this.finishedAt.getTime() - this.createdAt.getTime());
    this.end!();
  }

  /** @returns whether there was something to stop */
  public stop(type: 'ROLLBACK' | 'ABORT'): boolean {
    const error = type === 'ROLLBACK'
      ? new Error('Service deployment rolled back because StopServiceDeployment was called')
      : new Stopped('StopServiceDeployment was called');
    return this.interrupt(error);
  }

  public supersede(next: ServiceDeployment): void {
    this.supersededBy = next;
    this.interrupt(new Stopped(`superseded by service deployment ${next.id}`));
  }

  /** @returns whether a pause with this id was waiting */
  public continueHook(hookId: string, action: 'CONTINUE' | 'ROLLBACK'): boolean {
    const run = this.runs.find(({ execution }) => execution.hookId === hookId && execution.status === 'AWAITING_ACTION');
    run?.continueWith(action);
    return run !== undefined;
  }

  private interrupt(error: Error): boolean {
    if (!this.canBeStopped) return false;
    this.interruption.interrupt(error);
    return true;
  }

  private async begin(): Promise<void> {
    this.status = 'IN_PROGRESS';
    this.log('began', { taskDefinition: nameOf(this.target.taskDefinition), from: this.source && nameOf(this.source.taskDefinition) });
    this.controller.tell(this, 'IN_PROGRESS', '');
    await this.supersedes?.ended;
    const on = await this.alarms.begin();
    if (on.length > 0) this.log('alarms ignored', on);
  }

  private async roll(): Promise<void> {
    this.alarms.watch((names) => this.raiseAlarm(names));
    await this.scaleUp();
    this.interruption.check();
    await this.source?.task?.drain();
    await this.bake();
  }

  private async shift(): Promise<void> {
    await this.controller.loadBalancers.check(this.settings.loadBalancers);
    if (this.supersedes) await this.pass('RECONCILE_SERVICE', { test: 100, production: 100 });
    await this.pass('PRE_SCALE_UP');
    await this.scaleUp();
    await this.pass('POST_SCALE_UP');
    await this.pass('TEST_TRAFFIC_SHIFT', { test: 100 }, () => this.weigh('test', 100));
    await this.pass('POST_TEST_TRAFFIC_SHIFT');
    for (const { percent, minutes } of this.steps()) {
      await this.pass('PRE_PRODUCTION_TRAFFIC_SHIFT', { production: this.weights.production ?? 0 });
      this.alarms.watch((names) => this.raiseAlarm(names));
      await this.pass('PRODUCTION_TRAFFIC_SHIFT', { production: percent }, () => this.weigh('production', percent));
      await this.waitMinutes(minutes);
    }
    await this.pass('POST_PRODUCTION_TRAFFIC_SHIFT');
    await this.bake();
  }

  /** Nothing has to share its traffic with a first revision. */
  private steps(): { readonly percent: number; readonly minutes: number }[] {
    const { Strategy, CanaryConfiguration: canary, LinearConfiguration: linear } = this.settings.configuration;
    const last = { percent: 100, minutes: 0 };
    if (!this.source || Strategy === 'BLUE_GREEN') return [last];
    if (Strategy === 'CANARY') return [{ percent: canary?.CanaryPercent ?? 5, minutes: canary?.CanaryBakeTimeInMinutes ?? 10 }, last];
    const { StepPercent = 10, StepBakeTimeInMinutes: minutes = 6 } = linear ?? {};
    const steps = Array.from({ length: Math.ceil(100 / StepPercent) - 1 }, (_, index) => ({ percent: (index + 1) * StepPercent, minutes }));
    return [...steps, last];
  }

  private async scaleUp(): Promise<void> {
    this.enter('SCALE_UP');
    await this.startTask(this.target);
  }

  private async startTask(revision: ServiceRevision): Promise<void> {
    await this.startAndRegister(revision).catch((error: Error) => {
      throw new Error(`${this.failureOfTasks()}: ${error.message}`);
    });
  }

  private failureOfTasks(): string {
    if (!this.isRolling) return 'Service deployment rolled back because tasks failed to start';
    return this.settings.configuration.DeploymentCircuitBreaker?.Enable
      ? 'ECS Deployment Circuit Breaker was triggered'
      : 'The service reaches no steady state (ECS itself would go on trying, because there is no circuit breaker)';
  }

  private async startAndRegister(revision: ServiceRevision): Promise<void> {
    const began = performance.now();
    revision.task = await this.controller.tasks.start(revision, this.settings.loadBalancers);
    if (!revision.task) {
      this.log('no task', 'no program is known for the service, or it wants none');
      return;
    }
    this.log('task started', { port: revision.task.port, taskDefinition: nameOf(revision.taskDefinition) });
    await revision.task.register();
    this.log('task healthy', { port: revision.task.port }, Math.round(performance.now() - began));
  }

  private async bake(): Promise<void> {
    this.enter('BAKE_TIME');
    await this.waitMinutes(this.settings.configuration.BakeTimeInMinutes ?? 0);
  }

  private async complete(): Promise<void> {
    this.enter('CLEAN_UP');
    this.canBeStopped = false;
    this.alarms.end();
    if (!this.source?.task?.hasEnded) await this.source?.task?.drain();
    this.status = 'SUCCESSFUL';
    this.controller.tell(this, 'COMPLETED', '');
  }

  private async fail(error: Error): Promise<void> {
    const rollsBack = this.rollsBack(error);
    this.canBeStopped = false;
    this.interruption = new Interruption();
    this.alarms.end();
    this.statusReason = error.message;
    if (error instanceof Stopped) {
      this.log('stopped', error.message);
      return this.settle(false, 'STOPPED');
    }
    this.log('failed', error.message);
    this.controller.tell(this, 'FAILED', error.message);
    if (!rollsBack) {
      await this.target.task?.drain();
      this.status = 'STOPPED';
      return;
    }
    this.status = 'ROLLBACK_IN_PROGRESS';
    this.rollback = { reason: error.message, startedAt: new Date(), serviceRevisionArn: this.source!.arn };
    this.log('rollback', { to: nameOf(this.source!.taskDefinition) });
    this.controller.tell(this, 'ROLLING_BACK', error.message);
    await this.settle(true, 'ROLLBACK_SUCCESSFUL');
  }

  /** A first deployment has nothing to go back to; a rolling one goes back only where the service says so. */
  private rollsBack(error: Error): boolean {
    const { DeploymentCircuitBreaker: breaker, Alarms: alarms } = this.settings.configuration;
    if (!this.source || error instanceof Stopped) return false;
    if (!this.isRolling || error.message.includes('StopServiceDeployment')) return true;
    return Boolean(this.alarms.status === 'TRIGGERED' ? alarms?.Rollback : breaker?.Enable && breaker.Rollback);
  }

  /** Puts everything back to the source revision. */
  private async settle(withHooks: boolean, status: DeploymentStatus): Promise<void> {
    const failures: string[] = [];
    if (this.source?.task?.hasEnded) await this.startTask(this.source);
    for (const [kind, stage] of [['production', 'PRODUCTION_TRAFFIC_SHIFT'], ['test', 'TEST_TRAFFIC_SHIFT']] as const) {
      if (!this.source || this.weights[kind] === undefined) continue;
      await this.weigh(kind, 0);
      if (withHooks) await this.pass(stage, { [kind]: 0 }, undefined, true).catch((error) => failures.push(`${error.message}`));
    }
    await this.target.task?.drain();
    failures.forEach((failure) => this.log('rollback failed', failure));
    this.status = failures.length > 0 ? 'ROLLBACK_FAILED' : status;
    if (withHooks) this.controller.tell(this, 'COMPLETED', this.statusReason);
  }

  private failForGood(reason: Error): void {
    this.log('rollback failed', reason.message);
    this.statusReason += ` The rollback failed: ${reason.message}`;
    this.status = 'ROLLBACK_FAILED';
  }

  /** A stage with its hooks; what happens at the stage itself comes first. */
  private async pass(stage: LifecycleStage, percents: Percents = {}, act?: () => Promise<void>, isRollback = false): Promise<void> {
    this.enter(stage);
    await act?.();
    this.interruption.check();
    if (!this.source && !this.controller.options.hooksOnCreation) return;
    const hooks = (this.settings.configuration.LifecycleHooks ?? []).filter(({ LifecycleStages }) => LifecycleStages.includes(stage));
    const { interruption, controller: { lambda, options, timeline } } = this;
    this.runs = hooks.map((hook) => new HookRun(hook, stage, isRollback, {
      deploymentArn: this.arn,
      lambda,
      options,
      wait: (milliseconds) => interruption.within(sleep(milliseconds)),
      tell: (execution, what, detail, milliseconds) => {
        timeline.add(this.id, stage, what, { function: execution.target, ...detail === undefined ? {} : { detail } }, milliseconds);
        this.controller.tellHook(this, execution);
      },
    }));
    this.hooks.push(...this.runs.map(({ execution }) => execution));
    const began = performance.now();
    try {
      await interruption.within(Promise.all(this.runs.map((run) => run.run(this.details(percents)))));
    } finally {
      if (hooks.length > 0) this.hookTimes.push(performance.now() - began);
    }
  }

  private details(percents: Percents): ExecutionDetails {
    const weights = (percent: number | undefined) => percent === undefined ? {} : {
      [this.target.arn]: percent,
      ...this.source ? { [this.source.arn]: 100 - percent } : {},
    };
    return {
      testTrafficWeights: weights(percents.test),
      productionTrafficWeights: weights(percents.production),
      serviceArn: this.target.service.serviceArn,
      targetServiceRevisionArn: this.target.arn,
    };
  }

  private async weigh(kind: keyof Percents, percent: number): Promise<void> {
    this.weights[kind] = percent;
    for (const [index, { TargetGroupArn, AdvancedConfiguration: advanced }] of this.settings.loadBalancers.entries()) {
      const rule = kind === 'test' ? advanced?.TestListenerRule : advanced?.ProductionListenerRule;
      if (!rule) continue;
      const own = this.target.targetGroups[index];
      const other = own === TargetGroupArn ? advanced!.AlternateTargetGroupArn : TargetGroupArn;
      const weights = new Map([[other, Math.round(100 - percent)], [own, Math.round(percent)]]);
      await this.controller.loadBalancers.forward(rule, weights);
      this.log(`${kind} traffic`, Object.fromEntries([...weights].map(([arn, weight]) => [arn.split('/')[1], weight])));
    }
  }

  private raiseAlarm(names: readonly string[]): void {
    this.log('alarm', names);
    this.interrupt(new Error(`Service deployment rolled back because of the following alarm(s): ${names.join(', ')}`));
  }

  private async waitMinutes(minutes: number): Promise<void> {
    if (minutes === 0) return;
    this.log('waits', `${minutes} minutes`);
    await this.interruption.within(sleep(minutes * this.controller.options.secondsPerMinute * 1000));
  }

  private enter(stage: LifecycleStage): void {
    this.interruption.check();
    this.stage = stage;
    this.log('entered');
  }

  private log(what: string, detail?: unknown, milliseconds?: number): void {
    this.controller.timeline.add(this.id, this.stage ?? '', what, detail, milliseconds);
  }
}

/** The last part of an ARN: `family:revision` of a task definition. */
export function nameOf(arn: string): string {
  return arn.split('/').at(-1)!;
}
