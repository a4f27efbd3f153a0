import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import * as fc from 'fast-check';
import { Repository } from './guarded-app';

const names = fc.option(fc.constantFrom('one', 'two'), { nil: undefined });
const buckets = fc.dictionary(fc.constantFrom('A', 'B', 'C', 'D'), names, { noNullPrototype: true });

test('of two random apps the second passes exactly when it keeps each bucket under its id and name, and is then in the lock file', () => {
  fc.assert(fc.property(buckets, buckets, (before, after) => {
    const repository = new Repository();
    const synth = (ids: { [id: string]: string | undefined }, ci = false) => repository.stack(stack => {
      for (const [id, bucketName] of Object.entries(ids)) new CfnBucket(stack, id, { bucketName });
    }, { ci });
    try {
      expect(synth(before)).toBe('');
      const kept = Object.entries(before).every(([id, name]) => id in after && after[id] === name);
      expect(synth(after) === '').toBe(kept);
      expect(synth(kept ? after : before, true)).toBe('');
    } finally {
      repository.remove();
    }
  }), { numRuns: 60 });
});
