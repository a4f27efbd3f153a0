import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { checkInteger, checkOneOf } from '../validate';

const GIB = 1024;

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}

/**
 * Memory in MiB that goes with each number of CPU units.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
export const FARGATE_MEMORY: ReadonlyMap<number, number[]> = new Map([
  [256, [512, 1 * GIB, 2 * GIB]],
  [512, range(1 * GIB, 4 * GIB, GIB)],
  [1024, range(2 * GIB, 8 * GIB, GIB)],
  [2048, range(4 * GIB, 16 * GIB, GIB)],
  [4096, range(8 * GIB, 30 * GIB, GIB)],
  [8192, range(16 * GIB, 60 * GIB, 4 * GIB)],
  [16384, range(32 * GIB, 120 * GIB, 8 * GIB)],
]);

/** Refuses a pair that Fargate does not have. */
export function checkFargateSize(where: IConstruct, cpu: number, memoryLimitMiB: number): void {
  checkOneOf(where, 'cpu', cpu, [...FARGATE_MEMORY.keys()]);
  checkInteger(where, 'memoryLimitMiB', memoryLimitMiB, 512, 120 * GIB);
  if (Token.isUnresolved(cpu) || Token.isUnresolved(memoryLimitMiB)) return;

  const allowed = FARGATE_MEMORY.get(cpu)!;
  if (allowed.includes(memoryLimitMiB)) return;
  const nearest = allowed.reduce((best, size) => Math.abs(size - memoryLimitMiB) < Math.abs(best - memoryLimitMiB) ? size : best);
  throw new PlatformError(where, {
    problem: `memory of ${memoryLimitMiB} MiB does not go with ${cpu / 1024} vCPU.`,
    got: `memoryLimitMiB ${memoryLimitMiB}, cpu ${cpu}`,
    allowed: allowed.length > 4 ? `${allowed[0]} to ${allowed.at(-1)} MiB in steps of ${allowed[1] - allowed[0]}` : `${allowed.join(', ')} MiB`,
    fix: `set memoryLimitMiB to ${nearest}, or leave both out`,
  });
}
