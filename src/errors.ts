import { IConstruct } from 'constructs';

/** What is wrong with a value that a user gave. */
export interface Problem {
  /** One sentence that ends in a full stop. */
  readonly problem: string;
  /** The value got, with the name of its prop. */
  readonly got: string;
  /** The values that would be right. */
  readonly allowed: string;
  /** What to do. */
  readonly fix: string;
}

/** The library's one error: where, what, got, allowed, what to do. Thrown before any resource is made. */
export class PlatformError extends Error {
  constructor(where: IConstruct | string, problem: Problem) {
    super([
      `${typeof where === 'string' ? where : where.node.path}: ${problem.problem}`,
      `  got: ${problem.got}`,
      `  allowed: ${problem.allowed}`,
      `  fix: ${problem.fix}`,
    ].join('\n'));
    this.name = 'PlatformError';
  }
}
