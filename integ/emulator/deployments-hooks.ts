/*
 * Lifecycle hooks as ECS documents them:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html and …/pause-lifecycle-hooks.html
 */
import { randomBytes, randomUUID } from 'crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeploymentOptions, LifecycleHook, LifecycleStage } from './deployments-model';

/** Seconds until an IN_PROGRESS hook is asked again, unless it says how many. */
const CALLBACK_SECONDS = 30;
const MINUTES_OF_A_HOOK = 1440;

/** What a hook is told about a deployment. */
export interface ExecutionDetails {
  readonly testTrafficWeights: { readonly [revision: string]: number };
  readonly productionTrafficWeights: { readonly [revision: string]: number };
  readonly serviceArn: string;
  readonly targetServiceRevisionArn: string;
}

/** One call of a hook's function. */
export interface HookInvocation {
  readonly event: object;
  readonly answer: unknown;
  readonly milliseconds: number;
}

/** One hook at one stage, from its first call to its end. */
export interface HookExecution {
  readonly stage: LifecycleStage;
  readonly hookId: string;
  readonly targetType: 'AWS_LAMBDA' | 'PAUSE';
  /** Name of the function, or PAUSE. */
  readonly target: string;
  readonly targetArn?: string;
  readonly expiresAt: Date;
  readonly timeoutAction: 'ROLLBACK' | 'CONTINUE';
  readonly isRollback: boolean;
  readonly invocations: HookInvocation[];
  status: 'AWAITING_ACTION' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';
  /** From the first call to the end, with all waiting between calls. */
  milliseconds: number;
}

/** Where a deployment's hooks are run from. */
export interface HookSurroundings {
  readonly deploymentArn: string;
  readonly lambda: LambdaClient;
  readonly options: DeploymentOptions;
  /** Waits; throws when the deployment is stopped meanwhile. */
  wait(milliseconds: number): Promise<void>;
  /** Something happened to a hook. */
  tell(execution: HookExecution, what: string, detail?: unknown, milliseconds?: number): void;
}

type Answer = 'CONTINUE' | 'ROLLBACK';

/** Runs one hook at one stage. */
export class HookRun {
  public readonly execution: HookExecution;
  private readonly began = performance.now();
  private answer?: Answer;

  constructor(
    private readonly hook: LifecycleHook,
    stage: LifecycleStage,
    isRollback: boolean,
    private readonly surroundings: HookSurroundings,
  ) {
    const { TargetType: targetType = 'AWS_LAMBDA', HookTargetArn: targetArn, TimeoutConfiguration: timeout } = hook;
    this.execution = {
      stage,
      hookId: targetType === 'PAUSE' ? `ecs-pause-${randomBytes(32).toString('base64url')}` : randomUUID(),
      targetType,
      target: targetArn?.split(':').at(-1) ?? 'PAUSE',
      targetArn,
      expiresAt: new Date(Date.now() + (timeout?.TimeoutInMinutes ?? MINUTES_OF_A_HOOK) * this.secondsPerMinute(targetType) * 1000),
      timeoutAction: timeout?.Action ?? 'ROLLBACK',
      isRollback,
      invocations: [],
      status: targetType === 'PAUSE' ? 'AWAITING_ACTION' : 'IN_PROGRESS',
      milliseconds: 0,
    };
  }

  /** Throws when the deployment has to roll back. */
  public async run(details: ExecutionDetails): Promise<void> {
    try {
      await (this.execution.targetType === 'PAUSE' ? this.pause() : this.askFunction(details));
    } finally {
      this.execution.milliseconds = Math.round(performance.now() - this.began);
    }
  }

  /** What a person says to a pause. */
  public continueWith(answer: Answer): void {
    this.answer = answer;
  }

  private secondsPerMinute(targetType: string): number {
    return targetType === 'PAUSE' ? this.surroundings.options.secondsPerMinute : 60;
  }

  private async pause(): Promise<void> {
    this.surroundings.tell(this.execution, 'hook awaiting action');
    while (!this.answer && !this.hasExpired()) await this.surroundings.wait(20);
    if (!this.answer) return this.timeOut();
    if (this.answer === 'ROLLBACK') throw this.failure('ContinueServiceDeployment was called with ROLLBACK');
    this.end('SUCCEEDED');
  }

  private async askFunction(executionDetails: ExecutionDetails): Promise<void> {
    let hookDetails = this.hook.HookDetails;
    while (!this.hasExpired()) {
      const answer = await this.invoke({
        executionId: this.execution.hookId,
        lifecycleStage: this.execution.stage,
        resourceArn: this.surroundings.deploymentArn,
        executionDetails,
        ...hookDetails === undefined ? {} : { hookDetails },
      });
      if (answer.hookStatus === 'SUCCEEDED') return this.end('SUCCEEDED');
      if (answer.hookStatus === 'FAILED') throw this.failure(`Lifecycle hook target ${this.hook.HookTargetArn} returned FAILED status.`);
      if (answer.hookStatus !== 'IN_PROGRESS') throw this.failure(this.unreadable(`HookStatus must not be ${answer.hookStatus ?? 'null'}`));
      hookDetails = this.nextDetails(answer.hookDetails);
      await this.surroundings.wait((answer.callBackDelay ?? CALLBACK_SECONDS) * 1000);
    }
    return this.timeOut();
  }

  private async invoke(event: object): Promise<{ hookStatus?: string; callBackDelay?: number; hookDetails?: object }> {
    this.surroundings.tell(this.execution, 'hook invoked', { call: this.execution.invocations.length + 1, isRollback: this.execution.isRollback });
    const began = performance.now();
    const { Payload, FunctionError } = await this.surroundings.lambda.send(
      new InvokeCommand({ FunctionName: this.hook.HookTargetArn, Payload: JSON.stringify(event) }),
    ).catch((error) => {
      throw this.failure(`ECS was unable to invoke hook target ${this.hook.HookTargetArn} due to ${error}`);
    });
    const milliseconds = Math.round(performance.now() - began);
    const text = Buffer.from(Payload ?? []).toString();
    const answer = parse(text);
    this.execution.invocations.push({ event, answer, milliseconds });
    this.surroundings.tell(this.execution, 'hook answered', answer, milliseconds);
    if (FunctionError) throw this.failure(this.unreadable(`${FunctionError}: ${text}`));
    return typeof answer === 'object' && answer !== null ? answer : {};
  }

  private nextDetails(given: object | undefined): unknown {
    if (given === undefined) return this.hook.HookDetails;
    const configured = this.hook.HookDetails;
    return this.surroundings.options.mergeHookDetails && typeof configured === 'object' ? { ...configured, ...given } : given;
  }

  private timeOut(): void {
    this.execution.status = 'TIMED_OUT';
    this.surroundings.tell(this.execution, 'hook timed out', this.execution.timeoutAction);
    if (this.execution.timeoutAction === 'ROLLBACK') throw this.rollback('The lifecycle hook timed out.');
  }

  private failure(reason: string): Error {
    this.end('FAILED', reason);
    return this.rollback(reason);
  }

  private rollback(reason: string): Error {
    return new Error(`Service deployment rolled back because ${this.execution.stage} lifecycle hook(s) failed. ${reason}`);
  }

  private unreadable(why: string): string {
    return `ECS was unable to parse the response from ${this.hook.HookTargetArn} due to ${why}`;
  }

  private end(status: 'SUCCEEDED' | 'FAILED', reason?: string): void {
    this.execution.status = status;
    this.surroundings.tell(this.execution, status === 'SUCCEEDED' ? 'hook succeeded' : 'hook failed', reason);
  }

  private hasExpired(): boolean {
    return Date.now() > this.execution.expiresAt.getTime();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
