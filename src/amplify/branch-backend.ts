import { IConstruct } from 'constructs';
import { PlatformError } from '../errors';
import { checkGiven, checkText } from '../validate';

type Where = IConstruct | string;

/** Which backend of Amplify Gen 2 a branch works with. */
export class BranchBackend {
  /** The branch deploys a backend that is its own, isolated from all others. */
  public static own(): BranchBackend {
    return new BranchBackend(true);
  }

  /**
   * The branch works with the backend of another branch, and deploys none.
   * @param branchName name of the other branch, which must have its own backend.
   */
  public static sharedWith(branchName: string): BranchBackend {
    checkGiven('BranchBackend.sharedWith', 'branchName', branchName, 'the name of a branch');
    checkText('BranchBackend.sharedWith', 'branchName', branchName, /^[^]+$/, 'the name of a branch');
    return new BranchBackend(false, branchName);
  }

  /** The branch has no backend. */
  public static none(): BranchBackend {
    return new BranchBackend(false);
  }

  private constructor(
    /** Whether a build of the branch deploys a backend. */
    public readonly deploys: boolean,
    /** Branch whose backend it is, where it is another's. */
    public readonly sharedBranch?: string,
  ) {}
}

/**
 * The branch that has the backend of each branch: itself, another one, or none (undefined).
 * A backend that is shared must be the other branch's own; everything else is an error that shows the way through the branches.
 */
export function resolveBackends(where: Where, branches: ReadonlyMap<string, BranchBackend>): ReadonlyMap<string, string | undefined> {
  return new Map([...branches].map(([name, backend]) => [name, backend.deploys ? name : resolveBackend(where, name, backend, branches)]));
}

/** The same for one that is no branch itself, such as the previews of pull requests: undefined for its own backend, too. */
export function resolveBackend(where: Where, name: string, backend: BranchBackend, branches: ReadonlyMap<string, BranchBackend>): string | undefined {
  if (backend.sharedBranch === undefined) return undefined;
  const chain = [name];
  let next: string | undefined = backend.sharedBranch;
  while (next !== undefined && branches.has(next) && !chain.includes(next)) {
    chain.push(next);
    next = branches.get(next)!.sharedBranch;
  }
  const last = chain[chain.length - 1];
  if (next !== undefined && !branches.has(next)) throw wrong(where, [...chain, next], `there is no branch ${next}`, branches);
  if (next !== undefined) throw wrong(where, [...chain, next], "the branches share each other's backend, and none has one", branches);
  if (!branches.get(last)!.deploys) throw wrong(where, chain, `${last} has no backend`, branches);
  if (chain.length > 2) throw wrong(where, chain, `${chain[1]} has no backend of its own, but ${chain[2]}'s`, branches);
  return last;
}

function wrong(where: Where, chain: string[], reason: string, branches: ReadonlyMap<string, BranchBackend>): PlatformError {
  const own = [...branches].filter(([, { deploys }]) => deploys).map(([name]) => name);
  return new PlatformError(where, {
    problem: `The backend of ${chain[0]} cannot be resolved: ${reason}.`,
    got: chain.join(' -> '),
    allowed: own.length > 0 ? `a branch with its own backend: ${own.join(', ')}` : 'a branch with its own backend; no branch has one yet',
    fix: `name a branch with BranchBackend.own() in the sharedWith() of ${chain[0]}, or give ${chain[0]} BranchBackend.own() or BranchBackend.none()`,
  });
}
