import type { HostedApp } from './hosted-app';
import type { ParameterStore } from './parameter-store';
import { isGoingBack } from '../../custom-resource-answer';
import type { Waiting } from '../../patience';

/** What the operator needs of the world. */
export interface OperatorWorld extends Waiting {
  readonly appId: string;
  /** Where the descriptions of the kept secrets are. */
  readonly sourcesPath: string;
  readonly parameters: ParameterStore;
  readonly app: HostedApp;
  readSecret(arn: string): Promise<string | undefined>;
  /** Undefined if there is no such stack. */
  findStackStatus(stack: string): Promise<string | undefined>;
  deleteStack(stackName: string): Promise<void>;
  now(): Date;
}

/** The way that a deployment takes. On the way back nothing may fail: it would leave the stack in UPDATE_ROLLBACK_FAILED. */
export type Direction = 'forth' | 'back' | 'unknown';

export async function directionOf(stackId: string, world: OperatorWorld): Promise<Direction> {
  try {
    return isGoingBack(await world.findStackStatus(stackId)) ? 'back' : 'forth';
  } catch (error) {
    world.log({ problem: `CloudFormation could not be asked whether this stack is going back: ${(error as Error).message}` });
    return 'unknown';
  }
}
