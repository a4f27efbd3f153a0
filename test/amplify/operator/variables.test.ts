import { createHash } from 'crypto';
import { APP_ID, Deployment, SHARED, TestWorld, variablesOf } from './operator-world';
import { AwsError } from './ssm-stand-in';
import { buildAgain } from '../../../src/amplify/operator/builds';
import { listVersions, restoreVariables } from '../../../src/amplify/operator/restore';
import { decode, encode } from '../../../src/amplify/operator/variable-history';

const HISTORY = `/cdk-web-platform/amplify/${APP_ID}/main-fea140fca9/variables`;
const ONE = { API_URL: 'https://one', POOL: 'pool' };
/** Of no use to a compressor. */
const NOISE = Array.from({ length: 150 }, (_, index) => createHash('sha512').update(String(index)).digest('base64')).join('');
const TWO = { API_URL: 'https://two', BUCKET: 'bucket' };

let world: TestWorld;
let deployment: Deployment;

beforeEach(() => {
  world = new TestWorld();
  world.amplify.add('main');
  deployment = new Deployment(world, 'Custom::AmplifyVariables');
});

const versions = () => world.ssm.parameters.get(HISTORY)!.versions.map(({ value }) => decode(value));
const jobs = () => world.amplify.jobsOf('main').map(({ jobReason }) => jobReason);

/** As a deployment does: CloudFormation changes the branch, then the resource runs. */
async function deploy(variables: { [name: string]: string }, others?: object, afterwards?: 'fails'): Promise<boolean> {
  world.amplify.branches.get('main')!.environmentVariables = variables;
  return deployment.deploy(variablesOf('main', variables, others), afterwards);
}

describe('when a build has ended', () => {
  const minute = (number: number) => new Date(Date.UTC(2027, 2, 1, 12, number));
  const built = (from: number, to?: number) => world.amplify.jobsOf('main').push({
    jobId: String(world.amplify.jobsOf('main').length + 1), status: to === undefined ? 'RUNNING' : 'FAILED', startTime: minute(from), endTime: to === undefined ? undefined : minute(to),
  });
  const again = () => buildAgain({ buildEnded: 'main' }, world);

  /** Amplify refuses a build beside another. */
  async function deployAt(number: number): Promise<void> {
    world.ssm.now = minute(number);
    world.amplify.fault = ({ action }) => action === 'StartJob' ? new AwsError('LimitExceededException', 'The branch main already has pending or running jobs.') : undefined;
    await deploy(ONE);
    world.amplify.fault = () => undefined;
  }

  test('that was begun before the variables changed, the branch is built again, once', async () => {
    built(0);
    await deployAt(3);
    Object.assign(world.amplify.jobsOf('main')[0], { status: 'SUCCEED', endTime: minute(7) });
    world.amplify.now = minute(8);
    expect(await again()).toBe('2');
    expect(jobs().at(-1)).toBe('Variables changed during the last build');
    expect(await again()).toBeUndefined();
    Object.assign(world.amplify.jobsOf('main')[1], { status: 'SUCCEED', endTime: minute(12) });
    expect(await again()).toBeUndefined();
  });

  test('that had the variables of a deployment which then failed, the branch is built with those it has', async () => {
    await deploy(ONE);
    world.amplify.now = minute(1);
    world.ssm.now = minute(2);
    await deploy(TWO, undefined, 'fails');
    for (const job of world.amplify.jobsOf('main')) Object.assign(job, { status: 'SUCCEED', endTime: minute(9) });
    expect(await again()).toBe('3');
  });

  test.each<[string, () => Promise<unknown>]>([
    ['it had the variables', async () => { await deployAt(3); built(4, 7); }],
    ['it was begun while they were recorded', async () => { await deployAt(3); built(3, 7); }],
    ['another one is running', async () => { built(0, 2); await deployAt(3); built(1); }],
    ['nothing is recorded of the branch', async () => built(0, 2)],
    ['the branch was never built', () => deployAt(3)],
    ['pushes are not built either', async () => { built(0, 7); await deployAt(3); world.amplify.branches.get('main')!.enableAutoBuild = false; }],
    ['the branch has gone', async () => { await deployAt(3); world.amplify.fault = ({ action }) => action === 'GetBranch' ? new AwsError('NotFoundException') : undefined; built(0, 7); }],
  ])('nothing is built where %s', async (_where, prepare) => {
    await prepare();
    expect(await again()).toBeUndefined();
    expect(world.amplify.callsOf('StartJob').filter(({ jobReason }) => jobReason.includes('last build'))).toEqual([]);
  });
});

describe('after a deployment', () => {
  test('changed variables are a new version of one encrypted parameter', async () => {
    expect(await deploy(ONE)).toBe(true);
    await deploy(TWO);
    await deploy(TWO);
    expect(versions()).toEqual([ONE, TWO]);
    expect(deployment.physicalId).toBe(HISTORY);
    expect(world.ssm.callsOf('PutParameter')[0]).toMatchObject({ Type: 'SecureString', Tier: 'Intelligent-Tiering' });
    expect(world.told + JSON.stringify(deployment.answers)).not.toMatch(/https|pool|bucket"/);
  });

  test('the branch is built when variables have changed, and not when nothing has', async () => {
    await deploy(ONE);
    expect(jobs()).toEqual(['Variables or secrets changed']);
    await deploy(ONE);
    expect(jobs()).toHaveLength(1);
    await deploy(TWO);
    expect(jobs()).toHaveLength(2);
    expect(world.amplify.callsOf('StartJob')[0]).toMatchObject({ appId: APP_ID, branchName: 'main', jobType: 'RELEASE' });
  });

  test('the branch is built when secrets have changed', async () => {
    await deploy(ONE, { Secrets: ['a'] });
    await deploy(ONE, { Secrets: ['b'] });
    await deploy(ONE, { Secrets: ['b'] });
    expect(jobs()).toHaveLength(2);
  });

  test('a branch that was never built is, once', async () => {
    await deploy(ONE, { StartBuilds: 'false' });
    expect(jobs()).toEqual([]);
    await deploy(ONE);
    await deploy(ONE);
    expect(jobs()).toHaveLength(1);
  });

  test('an app without a repository is not built', async () => {
    world.amplify.repository = undefined;
    expect(await deploy(ONE)).toBe(true);
    expect(world.amplify.callsOf('StartJob')).toEqual([]);
    expect(world.lines).toContainEqual({ notBuilt: 'main', because: expect.stringContaining('no repository') });
  });

  test.each(['StartJob', 'GetApp', 'ListJobs'])('a failure of %s is told, and never fails the deployment', async failing => {
    world.amplify.fault = ({ action }) => action === failing ? new AwsError('LimitExceededException', 'too many builds') : undefined;
    expect(await deploy(ONE)).toBe(true);
    expect(await deploy(ONE)).toBe(true);
    expect(world.told).toContain('too many builds');
  });

  test('on the way back nothing is built', async () => {
    await deploy(ONE);
    expect(await deploy(TWO, undefined, 'fails')).toBe(false);
    expect(versions()).toEqual([ONE, TWO, ONE]);
    expect(jobs()).toHaveLength(2);
  });

  test('more than 4 KB are compressed, and more than SSM keeps is told without failing', async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`NAME_${index}`, `https://example.com/${index}`]));
    await deploy(many);
    expect(versions()).toEqual([many]);
    expect(Buffer.byteLength(world.ssm.value(HISTORY)!)).toBeLessThan(4096);
    const noise = { NOISE };
    expect(Buffer.byteLength(encode(noise))).toBeGreaterThan(8192);
    expect(await deploy(noise)).toBe(true);
    expect(versions()).toEqual([many]);
    expect(world.told).toContain('above the 8 KB');
    expect(jobs()).toHaveLength(2);
  });

  test.each([[{}], [{ A: '' }], [{ A: '{{ssm:x}}', B: '$"\'\n\\' }], [{ __proto__x: 'a', constructor: 'b' }]])('variables %j come back as they were', async variables => {
    await deploy(variables);
    expect(versions()).toEqual([variables]);
  });

  test('the stack takes the history with it, and no other', async () => {
    await deploy(ONE);
    world.ssm.make(`${SHARED}/A`, 'mine');
    expect(await deployment.delete()).toBe(true);
    expect(world.ssm.values).toEqual({ [`${SHARED}/A`]: 'mine' });
  });

  test('a resource with another id takes the history over, which the old one then leaves', async () => {
    await deploy(ONE);
    const renamed = new Deployment(world, 'Custom::AmplifyVariables', 'Renamed');
    expect(await renamed.deploy(variablesOf('main', TWO))).toBe(true);
    expect(await deployment.delete()).toBe(true);
    expect(versions()).toEqual([ONE, TWO]);
    expect(await renamed.delete()).toBe(true);
    expect(world.ssm.values).toEqual({});
  });

  test('what somebody else wrote there does not stop anything', async () => {
    world.ssm.make(HISTORY, 'no JSON');
    expect(await deploy(ONE)).toBe(true);
    expect(versions()).toEqual([undefined, ONE]);
    await deploy(TWO);
    expect((await listVersions({ variables: 'main' }, world)).versions.map(({ version }) => version)).toEqual([2, 3]);
  });

  test('each call that fails in turn is repaired by the next try', async () => {
    for (let failing = 1; ; failing++) {
      world = new TestWorld();
      world.amplify.add('main');
      deployment = new Deployment(world, 'Custom::AmplifyVariables');
      world.ssm.fault = (_, number) => number === failing ? new AwsError('InternalServerError', 'fault') : undefined;
      const created = await deploy(ONE);
      const reached = world.ssm.calls.length >= failing;
      if (!created) expect(world.ssm.values).toEqual({});
      if (!created) expect(await deploy(ONE)).toBe(true);
      expect(versions()).toEqual([ONE]);
      if (!reached) return;
    }
  });
});

describe('by hand', () => {
  beforeEach(async () => {
    await deploy(ONE);
    await deploy(TWO);
    world.amplify.jobsOf('main').splice(0);
    world.lines.splice(0);
  });

  const now = () => world.amplify.branches.get('main')!.environmentVariables;

  test('versions are listed with the names that changed, without values', async () => {
    const listed = await listVersions({ variables: 'main' }, world);
    expect(listed).toEqual({
      branch: 'main',
      versions: [
        { version: 1, time: '2027-03-01T12:00:00.000Z', current: false, added: ['API_URL', 'POOL'], changed: [], removed: [] },
        { version: 2, time: '2027-03-01T12:00:00.000Z', current: true, added: ['BUCKET'], changed: ['API_URL'], removed: ['POOL'] },
      ],
    });
    expect(JSON.stringify(listed)).not.toMatch(/https|"pool"|"bucket"/);
  });

  test('the previous ones come back, are the newest version and are built; other settings of the branch stay', async () => {
    const done = await restoreVariables({ restoreVariables: 'main', version: 'previous' }, world);
    expect(done).toEqual({ branch: 'main', restored: 1, version: 3, job: '1', added: ['POOL'], changed: ['API_URL'], removed: ['BUCKET'] });
    expect(now()).toEqual(ONE);
    expect(versions()).toEqual([ONE, TWO, ONE]);
    expect(jobs()).toEqual(['Variables of version 1 restored']);
    expect(world.amplify.callsOf('UpdateBranch')).toEqual([{ appId: APP_ID, branchName: 'main', environmentVariables: ONE }]);
    expect(world.amplify.branches.get('main')!.framework).toBe('Next.js - SSR');
    expect(world.told).not.toContain('https');
  });

  test('previous again goes forth again', async () => {
    await restoreVariables({ restoreVariables: 'main', version: 'previous' }, world);
    expect(await restoreVariables({ restoreVariables: 'main', version: 'previous' }, world)).toMatchObject({ restored: 2 });
    expect(now()).toEqual(TWO);
  });

  test.each([1, '1'])('a version comes back by its number: %p', async version => {
    expect(await restoreVariables({ restoreVariables: 'main', version }, world)).toMatchObject({ restored: 1 });
    expect(now()).toEqual(ONE);
  });

  test('what was changed in the console is recorded before it is overwritten', async () => {
    const byHand = { API_URL: 'https://console' };
    world.amplify.branches.get('main')!.environmentVariables = byHand;
    expect(await restoreVariables({ restoreVariables: 'main', version: 'previous' }, world)).toMatchObject({ restored: 2, version: 4 });
    expect(versions()).toEqual([ONE, TWO, byHand, TWO]);
    expect(now()).toEqual(TWO);
  });

  test('what cannot be recorded is not overwritten', async () => {
    const noise = { NOISE };
    world.amplify.branches.get('main')!.environmentVariables = noise;
    await expect(restoreVariables({ restoreVariables: 'main', version: 'previous' }, world)).rejects.toThrow('Nothing was changed');
    expect(now()).toEqual(noise);
  });

  test('an app without a repository gets its variables back without a build', async () => {
    world.amplify.repository = undefined;
    expect(await restoreVariables({ restoreVariables: 'main', version: 1 }, world)).toMatchObject({ restored: 1, job: undefined });
    expect(now()).toEqual(ONE);
  });

  test('of 120 versions SSM keeps 100, all of which are listed', async () => {
    for (let number = 0; number < 118; number++) await deploy({ NUMBER: String(number) });
    const { versions: listed } = await listVersions({ variables: 'main' }, world);
    expect(listed.map(({ version }) => version)).toEqual(Array.from({ length: 100 }, (_, index) => index + 21));
    expect(await restoreVariables({ restoreVariables: 'main', version: 'previous' }, world)).toMatchObject({ restored: 119 });
  });

  test.each<[string, object, string]>([
    ['an unknown branch', { restoreVariables: 'mian', version: 1 }, `The app ${APP_ID} has no branch mian. It has: a/b, main, staging`],
    ['an unknown version', { restoreVariables: 'main', version: 7 }, 'There is no version 7 of the variables of branch main. There are: previous, 1, 2'],
    ['a version that is missing', { restoreVariables: 'main' }, 'There is no version undefined'],
    ['a branch without versions', { restoreVariables: 'staging', version: 1 }, 'No variables of branch staging are recorded'],
  ])('%s is refused with what exists', async (_, request, message) => {
    world.amplify.add('staging');
    world.amplify.add('a/b');
    await expect(restoreVariables(request as never, world)).rejects.toThrow(message);
    expect(world.amplify.callsOf('UpdateBranch')).toEqual([]);
  });

  test('where nothing differs, nothing is restored', async () => {
    world.ssm.parameters.get(HISTORY)!.versions.splice(0, 1);
    await expect(restoreVariables({ restoreVariables: 'main', version: 'previous' }, world)).rejects.toThrow('No recorded version of branch main differs');
  });

  test.each(['ssm', 'amplify'] as const)('whatever call to %s fails, the same command again does the same, and nothing is lost', async service => {
    for (let failing = 1; failing < 9; failing++) {
      world = new TestWorld();
      world.amplify.add('main');
      deployment = new Deployment(world, 'Custom::AmplifyVariables');
      await deploy(ONE);
      await deploy(TWO);
      const byHand = { API_URL: 'https://console' };
      world.amplify.branches.get('main')!.environmentVariables = byHand;
      const start = world[service].calls.length;
      world[service].fault = (_, number) => number - start === failing ? new AwsError('InternalServerError', 'fault') : undefined;
      const command = () => restoreVariables({ restoreVariables: 'main', version: 'previous' }, world);
      await command().catch(command);
      expect(now()).toEqual(TWO);
      for (const variables of [ONE, TWO, byHand]) expect(versions()).toContainEqual(variables);
    }
  });
});
