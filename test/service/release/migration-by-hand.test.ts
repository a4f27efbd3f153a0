import { LocalWorld, until } from './migration-world';
import { isCommandRequest, runCommand } from '../../../src/service/release/migration-by-hand';

let world: LocalWorld;

beforeEach(() => { world = new LocalWorld(); });
afterEach(() => world.tasks.clear());

async function release(version: string, ...command: string[]): Promise<string> {
  const arn = world.tasks.register(...command);
  world.tasks.definitions[arn].environment!.VERSION = version;
  await world.toTheEnd(world.run(`release of ${version} ${world.tasks.requests}`, version, arn));
  // Ends are told apart by the millisecond.
  world.putForward(1);
  return arn;
}

test('a command runs in the task definition of the newest migrated version, and its answer has the end of its output', async () => {
  await release('v1', 'true');
  const newest = await release('v2', 'true');
  await release('v3', 'false');

  expect(await runCommand({ command: ['sh', '-c', 'echo "took $VERSION back"'] }, 'id', world)).toEqual({
    answer: { status: 'SUCCEEDED', task: world.tasks.tasks.at(-1)!.arn, taskDefinition: newest, exitCode: 0, seconds: 0, lastLines: ['took v2 back'] },
  });
});

test('a command without output has none in its answer', async () => {
  await release('v1', 'true');

  expect((await runCommand({ command: ['true'] }, 'id', world)).answer.lastLines).toEqual([]);
});

test('a task definition can be named', async () => {
  await release('v1', 'true');
  const failed = await release('v2', 'false');

  expect((await runCommand({ command: ['sh', '-c', 'echo $VERSION'], taskDefinition: failed }, 'id', world)).answer).toMatchObject({ lastLines: ['v2'], taskDefinition: failed });
});

test('before any version was migrated, one has to be named', async () => {
  await release('v1', 'false');

  await expect(runCommand({ command: ['true'] }, 'id', world)).rejects.toThrow('no version has been migrated so far. Give the one to run it in as "taskDefinition"');
});

test('a failed command throws its reason, and the same invocation runs it no second time', async () => {
  await release('v1', 'true');
  const request = { command: ['sh', '-c', 'echo "no such revision"; exit 1'] };

  await expect(runCommand(request, 'id', world)).rejects.toThrow(/^The command failed after 0 s: exit code 1\.\nLast lines of its output:\nno such revision\nTask arn/);
  await expect(runCommand(request, 'id', world)).rejects.toThrow('exit code 1');
  expect(world.tasks.tasks).toHaveLength(2);
});

test('a command is refused, not kept waiting, while something runs: who asks twice gets it once', async () => {
  await release('v1', 'true');
  const first = runCommand({ command: ['sh', '-c', 'sleep 0.3'] }, 'one', world);
  await until(() => world.memory.lock?.phase === 'RUNNING');

  await expect(runCommand({ command: ['sh', '-c', 'sleep 0.3'] }, 'two', world))
    .rejects.toThrow(/^Nothing was run: the command \["sh","-c","sleep 0\.3"\] in task arn.* is under way\. Ask again when it has ended\.$/);
  expect((await first).answer).toMatchObject({ status: 'SUCCEEDED' });
  expect(world.tasks.tasks).toHaveLength(2);
});

test('a release waits for a command that runs, with its name in the log', async () => {
  const v1 = await release('v1', 'true');
  const byHand = runCommand({ command: ['sh', '-c', 'sleep 0.2'] }, 'id', world);
  await until(() => world.memory.lock?.phase === 'RUNNING');

  expect(await world.toTheEnd(world.run('release', 'v2', v1))).toMatchObject({ kind: 'succeeded' });
  await byHand;
  expect(world.lines).toContainEqual(expect.objectContaining({ migration: 'waiting', version: 'v2', on: expect.stringContaining('the command ["sh","-c","sleep 0.2"] in task') }));
  expect(world.tasks.overlaps()).toEqual([]);
});

describe('after a command by hand', () => {
  test('the next release migrates its version again: the schema may be another one', async () => {
    await release('v1', 'true');
    await release('v2', 'true');
    await runCommand({ command: ['true'] }, 'downgrade', world);
    await release('v2', 'true');

    expect(world.tasks.tasks).toHaveLength(4);
    await release('v2', 'true');
    expect(world.tasks.tasks).toHaveLength(4);
  });

  test('so does the one before it', async () => {
    await release('v1', 'true');
    await release('v2', 'true');
    await runCommand({ command: ['true'] }, 'downgrade', world);
    await release('v1', 'true');
    expect(world.tasks.tasks).toHaveLength(4);

    // The newer one was taken back, and is not part of what runs now.
    await release('v2', 'true');
    expect(world.tasks.tasks).toHaveLength(5);
  });

  test.each(['true', 'false'])('a way back from a later release (which ended with %s) is safe: nothing is run', async end => {
    await release('v1', 'true');
    await release('v2', 'true');
    await runCommand({ command: ['true'] }, 'look', world);
    await release('v3', end);
    expect(world.tasks.tasks).toHaveLength(4);

    expect(await world.toTheEnd(world.run('rollback', 'v2', world.tasks.register('false')))).toMatchObject({ kind: 'succeeded' });
    expect(world.tasks.tasks).toHaveLength(4);
    expect(world.story()).toContain('migrated before a later version');
  });

  test('a later release that never began says nothing of the schema', async () => {
    await release('v1', 'true');
    await release('v2', 'true');
    await runCommand({ command: ['true'] }, 'downgrade', world);
    await release('v3', '/no/such/program');
    await release('v2', 'true');

    expect(world.memory.records.get('v2')).toMatchObject({ status: 'SUCCEEDED', execution: 'release of v2 5' });
  });

  test('a version that never succeeded is run whatever came later', async () => {
    await release('v1', 'false');
    await runCommand({ command: ['true'], taskDefinition: await release('v2', 'true') }, 'look', world);
    await release('v3', 'true');
    await release('v1', 'true');

    expect(world.memory.records.get('v1')).toMatchObject({ status: 'SUCCEEDED' });
  });
});

test('a command that outlasts the invocation is followed in a further one, which keeps its time limit and gives the lock back', async () => {
  await release('v1', 'true');
  world.remainingMilliseconds = 0;
  const { answer, continuation } = await runCommand({ command: ['sh', '-c', 'sleep 0.2'] }, 'id', world);

  expect(answer).toEqual({ status: 'RUNNING', task: world.tasks.tasks[1].arn, taskDefinition: expect.stringMatching(/:1$/) });
  world.remainingMilliseconds = 900_000;
  expect((await runCommand(JSON.parse(JSON.stringify(continuation)), 'another', world)).answer).toMatchObject({ status: 'SUCCEEDED', task: answer.task });
  expect(world.tasks.tasks).toHaveLength(2);
  expect(world.memory.lock).toBeUndefined();
});

test.each<[object, boolean]>([
  [{ command: ['alembic', 'downgrade', '-1'] }, true],
  [{ command: ['true'], taskDefinition: 'family:3' }, true],
  [{ command: ['true'], taskDefinition: 3 }, false],
  [{ command: [] }, false],
  [{ command: 'alembic downgrade -1' }, false],
  [{ command: ['sleep', 60] }, false],
  [{}, false],
])('%j is a command: %s', (event, expected) => {
  expect(isCommandRequest(event)).toBe(expected);
});
