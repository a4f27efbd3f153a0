import { Fn, Stack } from 'aws-cdk-lib';

/** The first zones of the region, chosen at deployment: the account is not asked at synth, whatever the stack's environment. */
export function firstZones(count: number): string[] {
  return Array.from({ length: count }, (_, index) => Fn.select(index, Fn.getAzs()));
}

/**
 * Makes something while `stack.availabilityZones` answers with given zones.
 *
 * `ec2.Vpc` reads that property even when it is given zones, only to compare them. In a stack with account and region the
 * mere reading asks the CLI to look the zones up, so that synthesis would need credentials.
 */
export function withZones<T>(stack: Stack, zones: string[], make: () => T): T {
  const own = Object.getOwnPropertyDescriptor(stack, 'availabilityZones');
  Object.defineProperty(stack, 'availabilityZones', { configurable: true, get: () => [...zones] });
  try {
    return make();
  } finally {
    if (own) Object.defineProperty(stack, 'availabilityZones', own);
    else Reflect.deleteProperty(stack, 'availabilityZones');
  }
}
