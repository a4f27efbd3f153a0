import * as fc from 'fast-check';
import { guardRule, GuardReport, GuardSurroundings, PATIENCE_MILLISECONDS, RuleAction } from '../../../src/service/release/rule-guard-logic';

/*
 * What takes long, on a clock that is not waited for, and what holds for any rule and any targets.
 */
const PROPERTIES = { RuleArn: 'rule', TargetGroupArns: ['blue', 'green'] };

/** What comes before a call, to spoil it. */
type Faults = { [Call in 'actions' | 'setActions' | 'states']?: (...parameters: Parameters<GuardSurroundings[Call]>) => Promise<void> };

/** A load balancer whose template has just been written over the live weights, on a clock that only sleeping moves. */
class World implements GuardSurroundings {
  public actionsNow: readonly RuleAction[] = forward([['blue', 1], ['green', 0]]);
  public clock = 0;
  public changes = 0;

  constructor(public readonly targets: { [group: string]: string[] } = { blue: [], green: ['healthy'] }, private readonly faults: Faults = {}) {}

  public async actions(ruleArn: string): Promise<readonly RuleAction[]> {
    await this.faults.actions?.(ruleArn);
    return this.actionsNow;
  }

  public async setActions(ruleArn: string, actions: readonly RuleAction[]): Promise<void> {
    await this.faults.setActions?.(ruleArn, actions);
    this.changes++;
    this.actionsNow = actions;
  }

  public async states(group: string): Promise<readonly string[]> {
    await this.faults.states?.(group);
    return this.targets[group];
  }

  public now(): number {
    return this.clock;
  }

  public async sleep(milliseconds: number): Promise<void> {
    this.clock += milliseconds;
  }

  public guard(): Promise<GuardReport> {
    return guardRule(PROPERTIES, this);
  }

  public weights(): { [group: string]: number } {
    return Object.fromEntries(this.actionsNow[0].ForwardConfig!.TargetGroups!.map(({ TargetGroupArn, Weight }) => [TargetGroupArn, Weight]));
  }
}

function forward(weights: [string, number][]): RuleAction[] {
  return [{ Type: 'forward', ForwardConfig: { TargetGroups: weights.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })) } }];
}

function refusal(name: string, httpStatusCode?: number): Error {
  return Object.assign(new Error('as asked'), { name, $metadata: { httpStatusCode } });
}

test('rights for a replaced rule may take twenty seconds to spread', async () => {
  const world: World = new World(undefined, { setActions: async () => { if (world.clock < 20_000) throw refusal('AccessDenied', 403); } });

  expect(await world.guard()).toMatchObject({ done: 'turned to green', milliseconds: 20_000 });
  expect(world.weights()).toEqual({ blue: 0, green: 1 });
});

test.each([
  ['AccessDenied', 403], ['Throttling', 400], ['RuleNotFoundException', 400], ['ServiceUnavailable', 503], ['TooManyRequests', 429], ['ECONNREFUSED', undefined],
])('%s is not waited for longer than the function may last, and fails where nobody is served', async (name, status) => {
  const world = new World(undefined, { setActions: async () => { throw refusal(name, status); } });
  const report = await world.guard();

  expect(report).toMatchObject({ failed: true, done: 'nothing', problem: `cannot turn the rule to green: ${name}: as asked` });
  expect(report.milliseconds).toBeGreaterThan(PATIENCE_MILLISECONDS - 2000);
  expect(report.milliseconds).toBeLessThanOrEqual(PATIENCE_MILLISECONDS);
});

test('a rule or targets that cannot be seen never fail the update', async () => {
  for (const call of ['actions', 'states'] as const) {
    const world = new World(undefined, { [call]: async () => { throw refusal('AccessDenied', 403); } });
    const report = await world.guard();

    expect(report).toMatchObject({ done: 'nothing', problem: expect.stringContaining('cannot see where the traffic goes, or the health of the targets: AccessDenied') });
    expect(report.failed).toBeUndefined();
    expect(world.changes).toBe(0);
  }
});

test('what will not pass is not waited for', async () => {
  const world = new World(undefined, { actions: async () => { throw refusal('ValidationError', 400); } });

  expect(await world.guard()).toMatchObject({ milliseconds: 0 });
});

test('a change whose answer was lost counts where the rule shows it', async () => {
  const world: World = new World(undefined, {
    setActions: async (_, actions) => {
      world.actionsNow = actions;
      throw refusal('ECONNRESET');
    },
  });

  expect(await world.guard()).toEqual(expect.objectContaining({ done: 'turned to green' }));
});

test('a change that was taken is waited for until it shows', async () => {
  let reads = 0;
  const before = forward([['blue', 1], ['green', 0]]);
  const world: World = new World();
  world.actions = async () => ++reads < 4 ? before : world.actionsNow;

  expect(await world.guard()).toMatchObject({ done: 'turned to green', milliseconds: 2000 });
});

test('a change that was taken and never shows fails', async () => {
  const world = new World();
  world.setActions = async () => undefined;

  expect(await world.guard()).toMatchObject({ failed: true, problem: 'cannot turn the rule to green: it was changed, but does not show the change' });
});

test('a change that was taken and cannot be read back is let pass, with a problem', async () => {
  const world: World = new World(undefined, { actions: async () => { if (world.changes > 0) throw refusal('ValidationError', 400); } });
  const report = await world.guard();

  expect(report).toMatchObject({ done: 'turned to green', problem: 'cannot read the rule back: ValidationError: as asked' });
  expect(report.failed).toBeUndefined();
});

test('a refused change is not mistaken for a done one where the rule cannot be read either', async () => {
  const world: World = new World(undefined, {
    setActions: async () => {
      world.changes = 1;
      throw refusal('ValidationError', 400);
    },
    actions: async () => { if (world.changes > 0) throw refusal('ValidationError', 400); },
  });

  expect(await world.guard()).toMatchObject({ done: 'nothing', failed: true });
});

test('for any targets and weights: whoever is served stays served, whoever can be is, nothing is lost, and twice is once', async () => {
  const states = fc.array(fc.constantFrom('healthy', 'initial', 'unhealthy', 'draining', 'unused', 'unavailable', 'unhealthy.draining'), { maxLength: 4 });
  const weight = fc.constantFrom(0, 1, 10, 100);
  await fc.assert(fc.asyncProperty(states, states, weight, weight, async (blue, green, blueWeight, greenWeight) => {
    const world = new World({ blue, green });
    world.actionsNow = forward([['blue', blueWeight], ['green', greenWeight]]);
    const report = await world.guard();

    const after = world.weights();
    const healthy = (group: 'blue' | 'green') => world.targets[group].includes('healthy');
    const whole = (blueWeight === 0) !== (greenWeight === 0);
    const [current, other] = blueWeight > 0 ? ['blue', 'green'] as const : ['green', 'blue'] as const;

    expect(report.failed).toBeUndefined();
    expect([after.blue, after.green].sort()).toEqual([blueWeight, greenWeight].sort());
    if (!whole || healthy(current) || (blue.length === 0 && green.length === 0)) expect(world.changes).toBe(0);
    if (whole && !healthy(current) && healthy(other)) expect(after[other]).toBeGreaterThan(0);
    if (whole && world.targets[current].length === 0 && world.targets[other].length > 0) expect(after[other]).toBeGreaterThan(0);

    const changes = world.changes;
    await world.guard();
    expect(world.changes).toBe(changes);
  }), { numRuns: 500 });
});
