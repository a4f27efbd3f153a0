/** What the process says when it ends. Documented in docs/cli.md: scripts depend on it. */
export enum ExitCode {
  /** Done, and nothing to complain of. */
  DONE = 0,
  /** Something was found, or AWS or a program said no. */
  FOUND = 1,
  /** The command cannot be done as it was given: nothing was done. */
  USAGE = 2,
  /** A mistake of ours. */
  DEFECT = 3,
  /** A person pressed Ctrl-C, as shells have it. */
  INTERRUPTED = 130,
}

/** A command was right, and what it asked for did not work. */
export class Refusal extends Error {
  constructor(problem: string, public readonly fix: string) {
    super(`${problem}\n  fix: ${fix}`);
    this.name = 'Refusal';
  }
}

/** A person pressed Ctrl-C at a question, with the name that the library of the other questions gives it. */
export class Interruption extends Error {
  public override readonly name = 'ExitPromptError';
}
