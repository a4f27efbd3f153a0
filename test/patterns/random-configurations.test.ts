import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { build, configurations, MISTAKES } from './random-configurations';

const SEED = 20261120;

/** Copying the same bundles for each of hundreds of apps proves nothing. */
function newStack(): Stack {
  return new Stack(new App({ context: { 'aws:cdk:disable-asset-staging': true }, analyticsReporting: false }), 'Stack');
}

test('100 random configurations that a team could mean all synthesize', () => {
  fc.assert(fc.property(configurations, configuration => {
    const stack = newStack();
    build(stack, configuration);
    expect(Object.keys(Template.fromStack(stack).toJSON().Resources).length).toBeGreaterThan(50);
  }), { numRuns: 100, seed: SEED });
}, 300_000);

test('300 random configurations with one mistake are all refused with what was got, what is allowed and what to do', () => {
  fc.assert(fc.property(configurations, fc.constantFrom(...MISTAKES), (sound, [name, spoil]) => {
    const error = caught(() => build(newStack(), spoil(sound)));
    expect({ mistake: name, name: error?.name, message: error?.message })
      .toEqual({ mistake: name, name: 'PlatformError', message: expect.stringMatching(/.+: .+\.\n {2}got: .+\n {2}allowed: .+\n {2}fix: .+/) });
  }), { numRuns: 300, seed: SEED });
}, 300_000);

test.each(MISTAKES)('%s is refused on its own', (_name, spoil) => {
  const [sound] = fc.sample(configurations, { numRuns: 1, seed: SEED });
  expect(() => build(newStack(), spoil(sound))).toThrow(/got: .+\n {2}allowed: .+\n {2}fix: .+/);
});

function caught(run: () => unknown): Error | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
