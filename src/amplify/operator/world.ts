import type { HostedApp } from './hosted-app';
import type { ParameterStore } from './parameter-store';

/** What the operator needs of the world. */
export interface OperatorWorld {
  readonly appId: string;
  /** Where the descriptions of the kept secrets are. */
  readonly sourcesPath: string;
  readonly parameters: ParameterStore;
  readonly app: HostedApp;
  readSecret(arn: string): Promise<string | undefined>;
  /** Undefined if there is no such stack. */
  findStackStatus(stack: string): Promise<string | undefined>;
  deleteStack(stackName: string): Promise<void>;
  pause(milliseconds: number): Promise<void>;
  log(line: object): void;
  now(): Date;
}

const TRIES = 20;
const PAUSE_MILLISECONDS = 5_000;

/** A new right is not known everywhere at once. What is done must be able to be done again. */
export async function patiently<T>(world: OperatorWorld, action: () => Promise<T>): Promise<T> {
  for (let number = 1; ; number++) {
    try {
      return await action();
    } catch (error) {
      const { name, message } = error as Error;
      if (number === TRIES || !name.startsWith('AccessDenied')) throw error;
      world.log({ waiting: message, try: number });
      await world.pause(PAUSE_MILLISECONDS);
    }
  }
}

/** The way that a deployment takes. On the way back nothing may fail: it would leave the stack in UPDATE_ROLLBACK_FAILED. */
export type Direction = 'forth' | 'back' | 'unknown';

export async function directionOf(stackId: string, world: OperatorWorld): Promise<Direction> {
  try {
    return /ROLLBACK/.test(await world.findStackStatus(stackId) ?? '') ? 'back' : 'forth';
  } catch (error) {
    world.log({ problem: `CloudFormation could not be asked whether this stack is going back: ${(error as Error).message}` });
    return 'unknown';
  }
}
