import * as fc from 'fast-check';
import { checkService, CheckSurroundings } from '../../../src/service/release/release-operator-check';
import { DeploymentFilter, ListedDeployment } from '../../../src/service/release/release-operator-deployments';
import { followRotations, RotationSurroundings, RunningService } from '../../../src/service/release/rotated-secrets';

const NOW = Date.parse('2026-03-05T16:00:00Z');
const MINUTE = 60_000;
const ADDRESS = { cluster: 'web', service: 'api' };
const ago = (minutes: number) => new Date(NOW - minutes * MINUTE);

interface Scene {
  readonly rotations?: { [secret: string]: Date | undefined };
  readonly deployments?: ListedDeployment[];
  readonly service?: RunningService;
  /** Task definitions by revision. */
  readonly revisions?: { [arn: string]: string };
  readonly failure?: { readonly name: string };
}

/** Whether the service is deployed anew. */
async function follow({ rotations = { secret: ago(10) }, deployments = [], service, revisions = {}, failure }: Scene): Promise<boolean> {
  let restarts = 0;
  const world: RotationSurroundings = {
    lastRotation: async secret => {
      if (failure) throw Object.assign(new Error('failed'), failure);
      return rotations[secret];
    },
    list: async (_, { createdAfter }: DeploymentFilter) => deployments.filter(({ createdAt }) => createdAt! > createdAfter!),
    describe: async () => undefined,
    describeService: async () => service ?? { status: 'ACTIVE', desiredCount: 2, taskDefinition: 'api:1', deployments: [{ createdAt: ago(600) }] },
    revisions: async arns => arns.filter(arn => arn in revisions).map(arn => ({ serviceRevisionArn: arn, taskDefinition: revisions[arn] })),
    restart: async () => { restarts += 1; },
    now: () => NOW,
    log: () => undefined,
  };
  await followRotations(ADDRESS, Object.keys(rotations), world);
  return restarts === 1;
}

test('tasks that began before a rotation are replaced', async () => {
  expect(await follow({})).toBe(true);
  expect(await follow({ deployments: [{ status: 'SUCCESSFUL', createdAt: ago(11) }] })).toBe(true);
});

test('the newest rotation of several secrets counts', async () => {
  const deployments = [{ status: 'SUCCESSFUL', createdAt: ago(20) }];
  expect(await follow({ rotations: { one: ago(30), two: undefined }, deployments })).toBe(false);
  expect(await follow({ rotations: { one: ago(30), two: ago(10), three: ago(40) }, deployments })).toBe(true);
});

test('a secret that was never rotated, or is gone, is nothing to follow', async () => {
  expect(await follow({ rotations: { secret: undefined } })).toBe(false);
  expect(await follow({ failure: { name: 'ResourceNotFoundException' } })).toBe(false);
});

test('a secret that may not be read is an error', async () => {
  await expect(follow({ failure: { name: 'AccessDeniedException' } })).rejects.toThrow('failed');
});

test('tasks that began after the rotation stay', async () => {
  expect(await follow({ deployments: [{ status: 'ROLLBACK_SUCCESSFUL', createdAt: ago(5) }, { status: 'SUCCESSFUL', createdAt: ago(9) }] })).toBe(false);
});

test('a rotation that is older than ECS remembers is let be', async () => {
  expect(await follow({ rotations: { secret: ago(90 * 24 * 60) } })).toBe(false);
  expect(await follow({ rotations: { secret: ago(88 * 24 * 60) }, service: { status: 'ACTIVE', desiredCount: 1, deployments: [{ createdAt: ago(89 * 24 * 60) }] } })).toBe(true);
});

test.each<[string, RunningService]>([
  ['is being deleted', { status: 'DRAINING', desiredCount: 0 }],
  ['is deleted', { status: 'INACTIVE' }],
  ['has no tasks', { status: 'ACTIVE', desiredCount: 0 }],
  ['has tasks of after the rotation, although ECS lists no deployment', { status: 'ACTIVE', desiredCount: 2, deployments: [{ createdAt: ago(9) }] }],
])('a service that %s is let be', async (_, service) => {
  expect(await follow({ service })).toBe(false);
});

test('a service of which ECS knows no deployment at all is deployed', async () => {
  expect(await follow({ service: { status: 'ACTIVE', desiredCount: 2 } })).toBe(true);
});

describe('after a deployment that failed since the rotation', () => {
  const failed = (targetServiceRevisionArn?: string) => ({ status: 'ROLLBACK_SUCCESSFUL', createdAt: ago(5), targetServiceRevisionArn });

  test('of the version that serves, none is forced: it would fail alike every five minutes', async () => {
    expect(await follow({ deployments: [failed('forced')], revisions: { forced: 'api:1' } })).toBe(false);
  });

  test('of a new version, the tasks that ECS went back to are replaced', async () => {
    expect(await follow({ deployments: [failed('release')], revisions: { release: 'api:2' } })).toBe(true);
    expect(await follow({ deployments: [failed('release'), failed('forced')], revisions: { release: 'api:2', forced: 'api:1' } })).toBe(false);
  });

  test('of an unknown version, none is forced', async () => {
    expect(await follow({ deployments: [failed()] })).toBe(false);
    expect(await follow({ deployments: [failed('forgotten')] })).toBe(false);
  });
});

/** A service whose deployments take their time and end as they are told, as ECS has it. */
class Service {
  public readonly forced: number[] = [];
  public rotation?: number;
  public tasksBegan = 0;
  private time = NOW;
  private serving = 'api:0';
  private deployments: { serviceDeploymentArn: string; status: string; createdAt: Date; targetServiceRevisionArn: string }[] = [];

  public release(version: number): void {
    if (!this.ongoing) this.deploy(`api:${version}`);
  }

  public end(isGood: boolean): void {
    const { ongoing } = this;
    if (!ongoing) return;
    Object.assign(ongoing, { status: isGood ? 'SUCCESSFUL' : 'ROLLBACK_SUCCESSFUL' });
    if (!isGood) return;
    this.serving = ongoing.targetServiceRevisionArn;
    this.tasksBegan = ongoing.createdAt.getTime();
  }

  public pass(minutes: number): void {
    this.time += minutes * MINUTE;
  }

  public rotate(): void {
    this.rotation = this.time;
  }

  public check(): Promise<unknown> {
    return checkService({ ...ADDRESS, timeoutMinutes: 14 * 24 * 60, secrets: ['secret'] }, this.world());
  }

  public get ongoing() {
    return this.deployments.find(({ status }) => status === 'IN_PROGRESS');
  }

  private deploy(taskDefinition: string): void {
    this.deployments.push({
      serviceDeploymentArn: `${this.deployments.length}`, status: 'IN_PROGRESS', createdAt: new Date(this.time), targetServiceRevisionArn: taskDefinition,
    });
  }

  private world(): CheckSurroundings {
    return {
      list: async (_, { status, createdAfter }) => this.deployments.filter(each =>
        (!status || status.includes(each.status)) && (!createdAfter || each.createdAt > createdAfter)),
      describe: async arn => this.deployments.find(({ serviceDeploymentArn }) => serviceDeploymentArn === arn),
      revisions: async arns => arns.map(arn => ({ serviceRevisionArn: arn, taskDefinition: arn })),
      describeService: async () => ({ status: 'ACTIVE', desiredCount: 2, taskDefinition: this.serving, deployments: [{ createdAt: new Date(this.tasksBegan) }] }),
      lastRotation: async () => this.rotation === undefined ? undefined : new Date(this.rotation),
      restart: async () => {
        this.forced.push(this.rotation!);
        this.deploy(this.serving);
      },
      stop: async () => { throw new Error('nothing here lasts for so long'); },
      findResource: async () => undefined,
      now: () => this.time,
      log: () => undefined,
    };
  }
}

const STEPS = fc.oneof(
  fc.record({ kind: fc.constant('release' as const), version: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant('end' as const), isGood: fc.boolean() }),
  fc.record({ kind: fc.constant('rotate' as const) }),
  fc.record({ kind: fc.constant('check' as const) }),
);

test('whatever the order of rotations, releases and their ends: at most one deployment is forced for each rotation, and none beside another', async () => {
  await fc.assert(fc.asyncProperty(fc.array(STEPS, { maxLength: 60 }), async steps => {
    const service = new Service();
    for (const step of steps) {
      service.pass(1);
      const busy = service.ongoing !== undefined;
      const before = service.forced.length;
      if (step.kind === 'release') service.release(step.version);
      if (step.kind === 'end') service.end(step.isGood);
      if (step.kind === 'rotate') service.rotate();
      if (step.kind === 'check') await service.check();
      if (busy) expect(service.forced).toHaveLength(before);
    }
    expect(new Set(service.forced).size).toBe(service.forced.length);
  }), { numRuns: 500 });
});

test('whatever happened: once deployments succeed again, one check later all tasks have begun after the last rotation', async () => {
  await fc.assert(fc.asyncProperty(fc.array(STEPS, { maxLength: 40 }), async steps => {
    const service = new Service();
    const play = async (step: typeof steps[number]) => {
      service.pass(1);
      if (step.kind === 'release') service.release(step.version);
      if (step.kind === 'end') service.end(step.isGood);
      if (step.kind === 'rotate') service.rotate();
      if (step.kind === 'check') await service.check();
    };
    for (const step of steps) await play(step);
    for (const step of [{ kind: 'rotate' }, { kind: 'end', isGood: false }, { kind: 'check' }, { kind: 'end', isGood: true }] as const) await play(step);
    expect(service.ongoing).toBeUndefined();
    expect(service.tasksBegan).toBeGreaterThanOrEqual(service.rotation!);
  }), { numRuns: 300 });
});
