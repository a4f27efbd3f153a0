import { keepSecrets, KeptSet } from './secrets';
import { OperatorWorld } from './world';

/** By hand or by schedule. */
export interface RefreshRequest {
  readonly refreshSecrets: true;
}

/**
 * Carries new values of all sources to where they are kept. All are compared: that costs next to nothing, and finds also an older version
 * of a secret that was made current again, and a parameter that somebody has changed.
 */
export async function refreshSecrets(world: OperatorWorld): Promise<{ readonly refreshed: string[] }> {
  const refreshed: string[] = [];
  const problems: string[] = [];
  for (const [name, { value }] of await world.parameters.below(world.sourcesPath)) {
    try {
      refreshed.push(...(await keepSecrets(JSON.parse(value) as KeptSet, world)).written);
    } catch (error) {
      problems.push((error as Error).message);
      world.log({ failed: name, problem: (error as Error).message });
    }
  }
  // Lambda tries again, and the event is kept among the failed ones.
  if (problems.length > 0) throw new Error(`Not all secrets are up to date: ${problems.join('; ')}`);
  return { refreshed };
}
