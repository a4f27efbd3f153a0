import { awsError, LocalWorld } from './migration-world';
import { advance } from '../../../src/service/release/migration-advance';

let world: LocalWorld;

beforeEach(() => { world = new LocalWorld(); });
afterEach(() => world.tasks.clear());

describe('ECS that starts no task', () => {
  test('for lack of capacity is asked again with a new token', async () => {
    world.tasks.refusals.push({ refusal: 'Capacity is unavailable at this time.', passing: true }, { refusal: 'Capacity is unavailable at this time.', passing: true });

    expect(await world.toTheEnd(world.run('execution-1', 'v1', world.tasks.register('true')))).toMatchObject({ kind: 'succeeded' });
    expect(world.tasks.requests).toBe(3);
    expect(world.lines[0]).toMatchObject({ migration: 'waiting', on: 'Capacity is unavailable at this time.' });
  });

  test('for lack of capacity until the time limit fails', async () => {
    const run = world.run('execution-1', 'v1', world.tasks.register('true'));
    for (let count = 0; count < 2; count++) world.tasks.refusals.push({ refusal: 'Capacity is unavailable at this time.', passing: true });
    await advance(run, world);
    world.putForward(60_000);

    expect(await advance(run, world)).toMatchObject({ kind: 'failed', reason: expect.stringContaining('ECS starts no task: Capacity is unavailable') });
    expect(world.memory.lock).toBeUndefined();
  });

  test('for another reason fails at once and keeps nobody waiting', async () => {
    world.tasks.refusals.push({ refusal: 'MISSING', passing: false });

    expect(await advance(world.run('execution-1', 'v1', world.tasks.register('true')), world)).toEqual({
      kind: 'failed', reason: expect.stringMatching(/^The migration failed: ECS starts no task: MISSING\.\nTask definition arn:.*:1\.$/),
    });
    expect(await world.toTheEnd(world.run('execution-2', 'v1', world.tasks.register('true')))).toMatchObject({ kind: 'succeeded' });
  });

  test('because it refuses the request fails at once', async () => {
    world.tasks.refusals.push(awsError('InvalidParameterException', 400, 'No such subnet'));

    expect(await advance(world.run('execution-1', 'v1', world.tasks.register('true')), world)).toMatchObject({ reason: expect.stringContaining('InvalidParameterException: No such subnet') });
    expect(world.memory.lock).toBeUndefined();
  });
});

describe('an error of AWS', () => {
  test.each([['ThrottlingException', 400], ['ServerException', 500], ['TimeoutError', undefined], ['ProvisionedThroughputExceededException', 400]])(
    '%s at the start of a task is waited out, with the same token', async (name, status) => {
      world.tasks.refusals.push(awsError(name, status));
      const run = world.run('execution-1', 'v1', world.tasks.register('true'));

      expect(await advance(run, world)).toEqual({ kind: 'waiting', on: `${name}: no` });
      expect(await world.toTheEnd(run)).toMatchObject({ kind: 'succeeded' });
      expect(world.tasks.requests).toBe(2);
    });

  test('while a task runs is waited out, and told when it stays', async () => {
    const run = world.run('execution-1', 'v1', world.tasks.register('true'));
    await advance(run, world);
    world.tasks.outage = awsError('ServerException', 503);
    expect(await advance(run, world)).toMatchObject({ kind: 'waiting' });
    world.putForward(2 * 60_000 + 150_000);

    expect(await advance(run, world)).toEqual({ kind: 'failed', reason: 'The migration could not go on. ServerException: no' });
  });

  test('about rights that are new is waited out for a minute', async () => {
    const run = world.run('execution-1', 'v1', world.tasks.register('true'));
    world.tasks.refusals.push(awsError('AccessDeniedException', 400), awsError('AccessDeniedException', 400));
    expect(await advance(run, world)).toMatchObject({ kind: 'waiting' });
    world.putForward(60_000);

    expect(await advance(run, world)).toMatchObject({ kind: 'failed', reason: expect.stringContaining('AccessDeniedException') });
  });

  test('that is a mistake of the program is told at once', async () => {
    jest.spyOn(world.memory, 'find').mockRejectedValue(new TypeError('x is not a function'));

    expect(await advance(world.run('execution-1', 'v1', world.tasks.register('true')), world)).toEqual({
      kind: 'failed', reason: 'The migration could not go on. TypeError: x is not a function',
    });
  });
});
