import { SmokeTestTarget } from './smoke-test-request';
import { failureReason, PlannedSmokeTest, runSmokeTests, SmokeTestSurroundings } from './smoke-test-run';

/** An address, and what is asked there. */
export interface AddressTests {
  /** Address that the tests' paths are added to. */
  readonly url: string;
  readonly tests: readonly PlannedSmokeTest[];
}

/** Runs the tests and says what failed and why; nothing where all are well. What cannot be read, or tested, has failed too. */
export async function testAddress(read: () => AddressTests, world: SmokeTestSurroundings): Promise<string | undefined> {
  try {
    const { url: text, tests } = read();
    const url = new URL(text);
    const base = url.pathname.replace(/\/$/, '');
    return failureReason(await runSmokeTests(tests.map(test => ({ ...test, path: base + test.path })), targetOf(url), world));
  } catch (error) {
    return `The smoke tests could not run. ${(error as Error).message}`;
  }
}

function targetOf({ protocol, hostname, host, port }: URL): SmokeTestTarget {
  if (protocol !== 'http:' && protocol !== 'https:') throw new Error(`${protocol} is neither http: nor https:`);
  return { protocol, host, addresses: [hostname.replace(/^\[|\]$/g, '')], port: Number(port || (protocol === 'https:' ? 443 : 80)) };
}
