import * as fc from 'fast-check';
import { APP_ID, Deployment, MAIN, secretsOf, SHARED, SOURCES, STACK_ID, TestWorld } from './operator-world';
import { AwsError } from './ssm-stand-in';
import { backendStackName, historyName, secretsPath } from '../../../src/amplify/operator/branch-paths';
import { refreshSecrets } from '../../../src/amplify/operator/secrets';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:shop/production-AbCdEf';
const AUTH = { name: 'NEXTAUTH_SECRET', secret: ARN, field: 'nextauth' };
const STRIPE = { name: 'STRIPE_KEY', parameter: '/shop/stripe' };
const LONG = 'a-very-long-branch-name-that-goes-well-past-fifty-characters-1234567890';

let world: TestWorld;

beforeEach(() => {
  world = new TestWorld();
  world.secrets.set(ARN, JSON.stringify({ nextauth: 'grün-1', cognito: 'blau-1', port: 5432 }));
  world.ssm.make('/shop/stripe', 'sk_live_1');
});

/** What is kept below a path. */
function keptBelow(path: string): { [name: string]: string } {
  return Object.fromEntries(Object.entries(world.ssm.values).filter(([name]) => name.startsWith(`${path}/`)).map(([name, value]) => [name.slice(path.length + 1), value]));
}

const writes = () => world.ssm.callsOf('PutParameter').map(({ Name }) => Name);

test.each([
  ['main', 'main-branch-fea140fca9'],
  ['feature/login', 'featurelogin-branch-ee87a3ec90'],
  [LONG, 'averylongbranchnamethatgoeswellpastfiftycharacters-branch-5f045eaac9'],
])('the path of branch %s is where @aws-amplify/platform-core 1.12.1 looks', (branch, name) => {
  expect(secretsPath(APP_ID, branch)).toBe(`/amplify/${APP_ID}/${name}`);
  expect(backendStackName(APP_ID, branch)).toBe(`amplify-${APP_ID}-${name}`);
});

test('branches whose names differ only in signs have paths of their own, and shared secrets have one', () => {
  const branches = ['a/b', 'ab', 'a-b', 'a b', 'A/b', "a'b", '日本', '日'];
  for (const path of [secretsPath, backendStackName, historyName]) {
    expect(new Set(branches.map(branch => path(APP_ID, branch))).size).toBe(branches.length);
  }
  expect(secretsPath(APP_ID)).toBe(`/amplify/shared/${APP_ID}`);
});

test('secrets of both kinds of sources are kept encrypted with the default key, with the tags of who made them', async () => {
  const deployment = new Deployment(world);
  expect(await deployment.deploy(secretsOf('main', AUTH, STRIPE, { name: 'PORT', secret: ARN, field: 'port' }))).toBe(true);
  expect(keptBelow(MAIN)).toEqual({ NEXTAUTH_SECRET: 'grün-1', STRIPE_KEY: 'sk_live_1', PORT: '5432' });
  expect(deployment.physicalId).toBe(MAIN);
  expect(deployment.answers[0].Data).toEqual({ Path: MAIN, Revision: expect.stringMatching(/^[0-9a-f]{16}$/) });
  for (const call of world.ssm.callsOf('PutParameter')) {
    expect(call).toMatchObject({ Type: 'SecureString', Tier: 'Intelligent-Tiering' });
    expect(call).not.toHaveProperty('KeyId');
  }
  expect(world.ssm.tagsOf(`${MAIN}/PORT`)).toEqual({ 'cdk-web-platform:stack': STACK_ID, 'cdk-web-platform:resource': 'Resource' });
});

test('secrets for all branches are kept in the shared path', async () => {
  await new Deployment(world).deploy(secretsOf(undefined, STRIPE));
  expect(keptBelow(SHARED)).toEqual({ STRIPE_KEY: 'sk_live_1' });
});

test('a list of no tags is not taken for a parameter', async () => {
  world.ssm.listsTagsOfNothing = true;
  const deployment = new Deployment(world);
  expect(await deployment.deploy(secretsOf('main', AUTH))).toBe(true);
  world.ssm.make(`${MAIN}/STRIPE_KEY`, 'mine');
  expect(await deployment.deploy(secretsOf('main', AUTH, STRIPE))).toBe(false);
  expect(keptBelow(MAIN)).toEqual({ NEXTAUTH_SECRET: 'grün-1', STRIPE_KEY: 'mine' });
});

test('what exists already is found without decrypting it', async () => {
  world.ssm.make(`${MAIN}/NEXTAUTH_SECRET`, 'with a key of somebody else');
  await new Deployment(world).deploy(secretsOf('main', AUTH));
  expect(world.ssm.callsOf('GetParameters').filter(({ WithDecryption }) => WithDecryption)).toEqual([]);
});

test('a whole secret is kept as it is, JSON or not', async () => {
  world.secrets.set('plain', 'no {json}');
  await new Deployment(world).deploy(secretsOf('main', { name: 'PLAIN', secret: 'plain' }, { name: 'ALL', secret: ARN }));
  expect(keptBelow(MAIN)).toEqual({ PLAIN: 'no {json}', ALL: world.secrets.get(ARN) });
});

test('what has not changed is not written again', async () => {
  const deployment = new Deployment(world);
  await deployment.deploy(secretsOf('main', AUTH, STRIPE));
  const [{ Data: before }] = deployment.answers;
  world.ssm.calls.splice(0);
  await deployment.deploy(secretsOf('main', AUTH, STRIPE));
  expect(writes()).toEqual([]);
  expect(deployment.answers[0].Data).toEqual(before);
});

test('a deployment that changes a value answers another revision, which is no hash of a value', async () => {
  const deployment = new Deployment(world);
  await deployment.deploy(secretsOf('main', AUTH));
  const revisions = [deployment.answers[0].Data!.Revision];
  for (const value of ['two', 'grün-1']) {
    world.secrets.set(ARN, JSON.stringify({ nextauth: value }));
    await deployment.deploy(secretsOf('main', AUTH));
    revisions.push(deployment.answers[0].Data!.Revision);
  }
  expect(new Set(revisions).size).toBe(3);
});

test('thirty secrets, one of them above 4 KB, are kept, changed and removed', async () => {
  const sources = Array.from({ length: 30 }, (_, index) => ({ name: `NAME_${index}`, secret: ARN, field: `f${index}` }));
  const fields = Object.fromEntries(sources.map(({ field }, index) => [field, index === 7 ? 'x'.repeat(5000) : `value ${index}`]));
  world.secrets.set(ARN, JSON.stringify(fields));
  const deployment = new Deployment(world);
  expect(await deployment.deploy(secretsOf('main', ...sources))).toBe(true);
  expect(Object.keys(keptBelow(MAIN))).toHaveLength(30);
  expect(await deployment.deploy(secretsOf('main', ...sources.slice(0, 12)))).toBe(true);
  expect(Object.keys(keptBelow(MAIN))).toHaveLength(12);
  expect(await deployment.delete()).toBe(true);
  expect(Object.keys(world.ssm.values)).toEqual(['/shop/stripe']);
});

test('an update removes names that nobody wants any more, and leaves those of others', async () => {
  const deployment = new Deployment(world);
  await deployment.deploy(secretsOf('main', AUTH, STRIPE));
  world.ssm.make(`${MAIN}/BY_HAND`, 'mine');
  await deployment.deploy(secretsOf('main', STRIPE));
  expect(keptBelow(MAIN)).toEqual({ STRIPE_KEY: 'sk_live_1', BY_HAND: 'mine' });
});

test('another branch gets its secrets before the old one loses them', async () => {
  const deployment = new Deployment(world);
  await deployment.deploy(secretsOf('main', AUTH));
  const removing = jest.spyOn(world.parameters, 'remove');
  await deployment.deploy(secretsOf('production', AUTH));
  expect(deployment.answers).toHaveLength(2);
  expect(removing.mock.calls.map(([names]) => [...names])).toEqual([[], [`${MAIN}/NEXTAUTH_SECRET`]]);
  expect(keptBelow(MAIN)).toEqual({});
  expect(keptBelow(secretsPath(APP_ID, 'production'))).toEqual({ NEXTAUTH_SECRET: 'grün-1' });
});

test.each([true, false])('a deployment that fails after another branch got its secrets leaves the old ones only (id remembered: %s)', async remembers => {
  const deployment = new Deployment(world, 'Custom::AmplifySecrets', 'Resource', STACK_ID, remembers);
  await deployment.deploy(secretsOf('main', AUTH));
  const before = world.ssm.values;
  await deployment.deploy(secretsOf('production', AUTH), 'fails');
  expect(deployment.physicalId).toBe(MAIN);
  expect(world.ssm.values).toEqual(before);
});

test('deleting removes what it made, also what SSM does not list yet, and nothing else', async () => {
  const deployment = new Deployment(world);
  await deployment.deploy(secretsOf('main', AUTH));
  world.ssm.make(`${MAIN}/BY_HAND`, 'mine');
  world.ssm.make(`${MAIN}/OF_ANOTHER`, 'other', { 'cdk-web-platform:stack': STACK_ID, 'cdk-web-platform:resource': 'Another' });
  world.ssm.unlisted.add(`${MAIN}/NEXTAUTH_SECRET`);
  await deployment.delete();
  expect(keptBelow(MAIN)).toEqual({ BY_HAND: 'mine', OF_ANOTHER: 'other' });
});

test('after deletion it can be created again', async () => {
  for (let round = 0; round < 3; round++) {
    const deployment = new Deployment(world, 'Custom::AmplifySecrets', 'Resource', `${STACK_ID}-${round}`);
    expect(await deployment.deploy(secretsOf('main', AUTH))).toBe(true);
    expect(await deployment.delete()).toBe(true);
  }
  expect(keptBelow(MAIN)).toEqual({});
});

test.each([
  ['by hand', {}, 'not made by this library'],
  ['by another stack', { 'cdk-web-platform:stack': 'arn:other', 'cdk-web-platform:resource': 'Resource' }, 'made by Resource of arn:other'],
])('what exists already, made %s, is not overwritten even if its value is right, and the reason says what to do', async (_, tags, maker) => {
  world.ssm.make(`${MAIN}/NEXTAUTH_SECRET`, 'grün-1', tags);
  const deployment = new Deployment(world);
  expect(await deployment.deploy(secretsOf('main', STRIPE, AUTH))).toBe(false);
  expect(deployment.reason).toContain(`${MAIN}/NEXTAUTH_SECRET exists already, ${maker}. Nothing was changed. Delete what is not needed any more`);
  expect(keptBelow(MAIN)).toEqual({ NEXTAUTH_SECRET: 'grün-1' });
  expect(writes()).toEqual([]);
});

test('what is in the way of an update is not overwritten, also if SSM does not list it', async () => {
  const deployment = new Deployment(world);
  await deployment.deploy(secretsOf('main', AUTH));
  world.ssm.make(`${MAIN}/STRIPE_KEY`, 'mine');
  world.ssm.unlisted.add(`${MAIN}/STRIPE_KEY`);
  expect(await deployment.deploy(secretsOf('main', AUTH, STRIPE))).toBe(false);
  expect(keptBelow(MAIN)).toEqual({ NEXTAUTH_SECRET: 'grün-1', STRIPE_KEY: 'mine' });
});

test.each<[string, string | undefined, object, string]>([
  ['no field of that name', '{"other":"hidden"}', AUTH, `NEXTAUTH_SECRET: there is no text in field nextauth of secret ${ARN}`],
  ['no JSON', '{"nextauth":hidden', AUTH, `NEXTAUTH_SECRET: there is no text in field nextauth of secret ${ARN}`],
  ['null', 'null', AUTH, 'there is no text in field nextauth'],
  ['an object in the field', '{"nextauth":{"hidden":"hidden"}}', AUTH, 'there is no text in field nextauth'],
  ['what every object inherits', '{"a":"hidden"}', { ...AUTH, field: 'constructor' }, 'there is no text in field constructor'],
  ['a list, which has a length', '["hidden"]', { ...AUTH, field: 'length' }, 'there is no text in field length'],
  ['nothing in the field', '{"nextauth":"","b":"hidden"}', AUTH, 'field nextauth of secret arn:aws:secretsmanager:eu-central-1:111111111111:secret:shop/production-AbCdEf is empty, which SSM cannot keep'],
  ['bytes only', undefined, { name: 'A', secret: ARN }, `A: there is no text in secret ${ARN}`],
  ['too much', 'hidden'.repeat(1500), { name: 'A', secret: ARN }, `A: secret ${ARN} has more than the 8192 bytes`],
  ['no such parameter', '', { name: 'A', parameter: '/shop/none' }, 'A: there is no text in parameter /shop/none'],
  ['double braces', '{{ssm:hidden}}', { name: 'A', secret: ARN }, `SSM refused to write ${MAIN}/A: ValidationException: what it says is left out`],
  ['no such secret', '', { name: 'A', secret: 'arn:none' }, "arn:none cannot be read: Secrets Manager can't find the specified secret."],
])('a source with %s fails with a reason that quotes nothing', async (_, secret, source, reason) => {
  world.secrets.set(ARN, secret);
  const deployment = new Deployment(world);
  expect(await deployment.deploy(secretsOf('main', source as never, STRIPE))).toBe(false);
  expect(deployment.reason).toContain(reason);
  expect(deployment.reason + world.told).not.toContain('hidden');
  expect(keptBelow(MAIN)).toEqual({});
  expect(world.pauses).toBe(0);
});

test('all that is wrong with the sources is told at once', async () => {
  const deployment = new Deployment(world);
  await deployment.deploy(secretsOf('main', { name: 'A', secret: 'arn:none' }, { name: 'B', secret: ARN, field: 'none' }, { name: 'C', parameter: '/none' }));
  expect(deployment.reason).toMatch(/arn:none cannot be read.*; B: there is no text in field none.*; C: there is no text in parameter \/none/);
});

test('neither answers nor the log have a value', async () => {
  const deployment = new Deployment(world);
  await deployment.deploy(secretsOf('main', AUTH, STRIPE, { name: 'ALL', secret: ARN }));
  await deployment.deploy(secretsOf('main', AUTH));
  await deployment.delete();
  for (const hidden of ['grün', 'blau', 'sk_live', '5432']) expect(world.told + JSON.stringify(deployment.answers)).not.toContain(hidden);
  expect(world.lines).toContainEqual({ written: `${MAIN}/NEXTAUTH_SECRET` });
  expect(world.lines).toContainEqual({ removed: `${MAIN}/STRIPE_KEY` });
});

test('rights that are not known everywhere are waited for, with what was begun', async () => {
  world.ssm.fault = ({ action }) => action === 'PutParameter' && world.pauses < 3 && writes().length % 2 === 0 ? new AwsError('AccessDeniedException', 'not yet') : undefined;
  expect(await new Deployment(world).deploy(secretsOf('main', AUTH, STRIPE))).toBe(true);
  expect(keptBelow(MAIN)).toEqual({ NEXTAUTH_SECRET: 'grün-1', STRIPE_KEY: 'sk_live_1' });
  expect(world.pauses).toBeGreaterThan(0);
});

test('a reason is no longer than CloudFormation takes, and the log has all of it', async () => {
  const sources = Array.from({ length: 50 }, (_, index) => ({ name: `NAME_${index}`, secret: `arn:${'ü'.repeat(100)}${index}` }));
  const deployment = new Deployment(world);
  expect(await deployment.deploy(secretsOf('main', ...sources))).toBe(false);
  expect(Buffer.byteLength(JSON.stringify(deployment.answers))).toBeLessThan(4096);
  expect(deployment.reason).toMatch(/^\/amplify.*ü0 cannot be read/);
  expect(world.told).toContain('ü49 cannot be read');
});

test('patience ends, and the reason says why', async () => {
  world.readSecret = () => Promise.reject(new AwsError('AccessDeniedException', 'not authorized to perform secretsmanager:GetSecretValue'));
  const deployment = new Deployment(world);
  expect(await deployment.deploy(secretsOf('main', AUTH))).toBe(false);
  expect([world.pauses, deployment.reason]).toEqual([19, `${MAIN}: ${ARN} cannot be read: not authorized to perform secretsmanager:GetSecretValue`]);
});

test('on the way back nothing fails, and other resources still get their attributes', async () => {
  const deployment = new Deployment(world);
  await deployment.deploy(secretsOf('main', AUTH));
  world.secrets.clear();
  expect(await deployment.deploy(secretsOf('main', AUTH, STRIPE))).toBe(false);
  expect(deployment.answers.map(({ Status }) => Status)).toEqual(['FAILED', 'SUCCESS']);
  expect(deployment.answers[1]).toMatchObject({ PhysicalResourceId: MAIN, Data: { Path: MAIN, Revision: 'unknown' } });
  expect(keptBelow(MAIN)).toEqual({ NEXTAUTH_SECRET: 'grün-1' });
});

test('when nobody knows whether the stack goes back, a failed update removes nothing', async () => {
  const deployment = new Deployment(world);
  await deployment.deploy(secretsOf('main', AUTH));
  world.secrets.clear();
  world.findStackStatus = () => Promise.reject(new Error('no right'));
  await expect(deployment.deploy(secretsOf('production', AUTH))).rejects.toThrow();
  expect(keptBelow(MAIN)).toEqual({ NEXTAUTH_SECRET: 'grün-1' });
});

test('a deletion that fails is told, so that it is tried again, except on the way back', async () => {
  const deployment = new Deployment(world);
  await deployment.deploy(secretsOf('main', AUTH));
  world.ssm.fault = () => new AwsError('InternalServerError');
  expect(await deployment.delete()).toBe(false);
  expect(await deployment.delete('ROLLBACK_IN_PROGRESS')).toBe(true);
});

test('deleting what was never created, under an id of CloudFormation, touches nothing', async () => {
  const deployment = new Deployment(world);
  Object.assign(deployment, { physicalId: 'Shop-Resource-1ABC', properties: secretsOf('main', AUTH) });
  expect(await deployment.delete()).toBe(true);
  expect(world.ssm.calls).toEqual([]);
});

describe('rotation', () => {
  const describeSet = (name: string, branchName: string | undefined, sources: object[], resource = 'Resource') =>
    world.ssm.make(`${SOURCES}/${name}`, JSON.stringify({ appId: APP_ID, ...branchName && { branchName }, sources, owner: { stackId: STACK_ID, resource } }), {}, 'String');

  beforeEach(async () => {
    await new Deployment(world).deploy(secretsOf('main', AUTH, STRIPE));
    await new Deployment(world, 'Custom::AmplifySecrets', 'Shared').deploy(secretsOf(undefined, STRIPE));
    describeSet('main', 'main', [AUTH, STRIPE]);
    describeSet('shared', undefined, [STRIPE], 'Shared');
    world.ssm.calls.splice(0);
  });

  test('new values of all sources follow; what is the same is not written', async () => {
    expect(await refreshSecrets(world)).toEqual({ refreshed: [] });
    expect(writes()).toEqual([]);
    world.ssm.make('/shop/stripe', 'sk_live_2');
    expect(await refreshSecrets(world)).toEqual({ refreshed: [`${MAIN}/STRIPE_KEY`, `${SHARED}/STRIPE_KEY`] });
    world.secrets.set(ARN, '{"nextauth":"grün-2"}');
    expect(await refreshSecrets(world)).toEqual({ refreshed: [`${MAIN}/NEXTAUTH_SECRET`] });
    expect(keptBelow(MAIN)).toEqual({ NEXTAUTH_SECRET: 'grün-2', STRIPE_KEY: 'sk_live_2' });
  });

  test('a parameter that somebody deleted is made again, by its owner', async () => {
    world.ssm.parameters.delete(`${MAIN}/NEXTAUTH_SECRET`);
    await refreshSecrets(world);
    expect(world.ssm.tagsOf(`${MAIN}/NEXTAUTH_SECRET`)).toMatchObject({ 'cdk-web-platform:resource': 'Resource' });
  });

  test('one that is deleted just before it is written keeps its owner', async () => {
    world.ssm.make('/shop/stripe', 'sk_live_2');
    world.ssm.fault = ({ action, input }) => {
      if (action === 'PutParameter') world.ssm.parameters.delete(input.Name);
      return undefined;
    };
    await refreshSecrets(world);
    world.ssm.fault = () => undefined;
    expect(world.ssm.tagsOf(`${MAIN}/STRIPE_KEY`)).toMatchObject({ 'cdk-web-platform:resource': 'Resource' });
  });

  test('a set that fails does not stop the others, and Lambda hears of it', async () => {
    world.secrets.clear();
    world.ssm.make('/shop/stripe', 'sk_live_2');
    await expect(refreshSecrets(world)).rejects.toThrow(`Not all secrets are up to date: ${ARN} cannot be read`);
    expect(keptBelow(SHARED)).toEqual({ STRIPE_KEY: 'sk_live_2' });
    expect(keptBelow(MAIN)).toEqual({ NEXTAUTH_SECRET: 'grün-1', STRIPE_KEY: 'sk_live_1' });
  });
});

describe('whatever fails', () => {
  /** Once, at the number of the call. */
  const failAt = (failing: number, name: string) => {
    const start = world.ssm.calls.length;
    world.ssm.fault = (_, number) => number - start === failing ? new AwsError(name, 'fault') : undefined;
  };

  test.each(['ThrottlingException', 'InternalServerError', 'AccessDeniedException'])('each call in turn with %s: the next try repairs it, and a stack that goes back leaves nothing', async name => {
    for (let failing = 1; ; failing++) {
      world = new TestWorld();
      world.secrets.set(ARN, JSON.stringify({ nextauth: 'one' }));
      world.ssm.make('/shop/stripe', 'sk');
      world.ssm.make(`${MAIN}/BY_HAND`, 'mine');
      const deployment = new Deployment(world);
      failAt(failing, name);
      const created = await deployment.deploy(secretsOf('main', AUTH, STRIPE));
      const reached = world.ssm.calls.length >= failing;
      if (!created) expect(keptBelow(MAIN)).toEqual({ BY_HAND: 'mine' });
      if (!created) expect(await deployment.deploy(secretsOf('main', AUTH, STRIPE))).toBe(true);
      expect(keptBelow(MAIN)).toEqual({ NEXTAUTH_SECRET: 'one', STRIPE_KEY: 'sk', BY_HAND: 'mine' });
      if (!reached) return;
    }
  });

  const NAMES = ['A', 'B', 'C', 'D'];
  const branch = fc.constantFrom('a/b', 'ab', undefined);
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('deploy' as const),
        branch,
        names: fc.subarray(NAMES, { minLength: 1 }),
        ends: fc.constantFrom('succeeds' as const, 'fails' as const),
        fault: fc.integer({ min: 0, max: 16 }),
      }),
    },
    fc.record({ kind: fc.constant('delete' as const) }),
    fc.record({ kind: fc.constant('rotate' as const), value: fc.string({ minLength: 1, maxLength: 5 }).filter(value => !value.includes('{{')) }),
    fc.record({ kind: fc.constant('byHand' as const), branch, name: fc.constantFrom(...NAMES, 'E') }),
    fc.record({ kind: fc.constant('tidyUp' as const) }),
  );

  test('whatever happens in whatever order, parameters of others are untouched and ours are the wanted ones', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.boolean(), async (steps, remembers) => {
      world = new TestWorld();
      const deployment = new Deployment(world, 'Custom::AmplifySecrets', 'Resource', STACK_ID, remembers);
      let rotation = '';
      let others: { [name: string]: string } = {};
      let wanted: string[] = [];
      const rotate = async (value: string) => {
        rotation = value;
        world.secrets.set('arn', JSON.stringify(Object.fromEntries(NAMES.map(name => [name, `${name}${rotation}`]))));
        if (deployment.properties) expect(await deployment.deploy(deployment.properties)).toBe(true);
      };
      const inTheWay = (names: string[]) => names.some(name => name in others);

      await rotate('1');
      for (const current of steps) {
        if (current.kind === 'deploy') {
          const names = current.names.map(name => `${secretsPath(APP_ID, current.branch)}/${name}`);
          const expected = current.ends === 'succeeds' && !inTheWay(names);
          const start = world.ssm.calls.length;
          // On the way back, a failure would leave what nobody can reach.
          world.ssm.fault = (_, number) => number - start === current.fault && !/ROLLBACK|CLEANUP/.test(world.stacks.get(STACK_ID)!)
            ? new AwsError('InternalServerError', 'fault') : undefined;
          const succeeded = await deployment.deploy(secretsOf(current.branch, ...current.names.map(name => ({ name, secret: 'arn', field: name }))), current.ends);
          world.ssm.fault = () => undefined;
          if (current.fault === 0) expect(succeeded).toBe(expected);
          if (succeeded) expect(expected).toBe(true);
          if (succeeded) wanted = names;
        } else if (current.kind === 'delete' && deployment.properties) {
          expect(await deployment.delete()).toBe(true);
          wanted = [];
        } else if (current.kind === 'rotate') {
          await rotate(current.value);
        } else if (current.kind === 'byHand') {
          const name = `${secretsPath(APP_ID, current.branch)}/${current.name}`;
          if (!world.ssm.parameters.has(name)) world.ssm.make(name, others[name] = 'by hand');
        } else if (current.kind === 'tidyUp') {
          for (const name of Object.keys(others)) world.ssm.parameters.delete(name);
          others = {};
        }
        expect(world.ssm.values).toEqual({ ...others, ...Object.fromEntries(wanted.map(name => [name, `${name.slice(-1)}${rotation}`])) });
      }
    }), { numRuns: 200 });
  });
});
