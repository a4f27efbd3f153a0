import { mkdtempSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { awsError, LocalWorld, until } from './migration-world';
import { advance } from '../../../src/service/release/migration-advance';

const FOLDER = mkdtempSync(join(tmpdir(), 'migrations-'));
const SCHEMA = join(FOLDER, 'schema');
/** The schema is a file; each migration adds a line, a little slowly. */
const MIGRATE = 'sleep 0.1; echo "$REVISION" >> "$SCHEMA"; echo "at $REVISION"';

let world: LocalWorld;

beforeEach(() => {
  rmSync(SCHEMA, { force: true });
  world = new LocalWorld();
});

afterEach(() => world.tasks.clear());
afterAll(() => rmSync(FOLDER, { recursive: true }));

function image(revision: string, script = MIGRATE): string {
  const arn = world.tasks.register('sh', '-c', script);
  world.tasks.definitions[arn].environment!.SCHEMA = SCHEMA;
  world.tasks.definitions[arn].environment!.REVISION = revision;
  return arn;
}

/** The function is killed between its second change of the lock and the one before. */
function loseSecondChange(): void {
  const replace = world.memory.replace.bind(world.memory);
  jest.spyOn(world.memory, 'replace').mockImplementationOnce(replace).mockResolvedValueOnce(false);
}

function schema(): string[] {
  return readFileSync(SCHEMA, 'utf8').trim().split('\n');
}

describe('a version', () => {
  test('is migrated once, with the environment of its task definition, and its end is in the log and in the record', async () => {
    const one = image('one');

    expect(await advance(world.run('execution-1', 'v1', one), world)).toEqual({ kind: 'waiting', on: 'its task', task: world.tasks.tasks[0].arn });
    expect(await world.toTheEnd(world.run('execution-1', 'v1', one))).toMatchObject({
      kind: 'succeeded', record: { version: 'v1', status: 'SUCCEEDED', execution: 'execution-1', taskDefinition: one, exitCode: 0, seconds: 0, lastLines: 'at one' },
    });
    expect(schema()).toEqual(['one']);
    expect(world.story()).toEqual(['started', 'waiting', 'finished']);
    expect(world.lines.at(-1)).toMatchObject({ version: 'v1', exitCode: 0, seconds: 0, lastLines: ['at one'], task: world.tasks.tasks[0].arn });
    expect(world.memory.lock).toBeUndefined();
  });

  test('that is deployed a second time is not migrated again', async () => {
    const one = image('one');
    await world.toTheEnd(world.run('execution-1', 'v1', one));

    expect(await advance(world.run('execution-2', 'v1', image('one')), world)).toMatchObject({ kind: 'succeeded', record: { taskDefinition: one } });
    expect(world.tasks.tasks).toHaveLength(1);
    expect(world.story()).toContain('already migrated');
  });

  test('is not migrated on the way back', async () => {
    await world.toTheEnd(world.run('execution-1', 'v1', image('one')));
    await world.toTheEnd(world.run('execution-2', 'v2', image('two')));

    // The old image would not know the schema that it meets.
    expect(await advance(world.run('execution-3', 'v1', image('one', 'exit 1')), world)).toMatchObject({ kind: 'succeeded' });
    expect(schema()).toEqual(['one', 'two']);
  });

  test('that failed is not a way back: the one before is, and nothing is run for it', async () => {
    await world.toTheEnd(world.run('execution-1', 'v1', image('one')));
    expect(await world.toTheEnd(world.run('execution-2', 'v2', image('two', 'exit 3')))).toMatchObject({ kind: 'failed' });

    expect(await advance(world.run('execution-3', 'v1', image('one', 'exit 1')), world)).toMatchObject({ kind: 'succeeded' });
    expect(world.tasks.tasks).toHaveLength(2);
  });
});

describe('a failure', () => {
  test('has the exit code, the duration, the last lines and the task in its reason', async () => {
    const two = image('two', 'for i in $(seq 30); do echo "line $i"; done; echo "relation does not exist" >&2; sleep 0.05; exit 3');
    const { reason } = await world.toTheEnd(world.run('execution-1', 'v2', two)) as { reason: string };

    expect(reason).toMatch(/^The migration failed after 0 s: exit code 3\.\nLast lines of its output:\n/);
    expect(reason).toContain('line 30');
    expect(reason).not.toContain('line 11\n');
    expect(reason).toContain('relation does not exist');
    expect(reason).toContain(`Task ${world.tasks.tasks[0].arn} of ${two}.`);
    expect(world.lines.at(-1)).toMatchObject({ migration: 'failed', exitCode: 3 });
    expect(world.memory.records.get('v2')).toMatchObject({ status: 'FAILED', execution: 'execution-1', migrated: false });
    expect(world.memory.lock).toBeUndefined();
  });

  test('is answered again to the same execution, and run again for another', async () => {
    const fails = image('two', 'exit 3');
    const first = await world.toTheEnd(world.run('execution-1', 'v2', fails));

    expect(await advance(world.run('execution-1', 'v2', fails), world)).toEqual(first);
    expect(world.tasks.tasks).toHaveLength(1);
    expect(await world.toTheEnd(world.run('execution-2', 'v2', image('two')))).toMatchObject({ kind: 'succeeded' });
    expect(world.tasks.tasks).toHaveLength(2);
  });

  test('is told without output where the output cannot be read', async () => {
    jest.spyOn(world.tasks, 'lastLines').mockRejectedValue(awsError('AccessDeniedException', 400));

    expect(await world.toTheEnd(world.run('execution-1', 'v1', image('one', 'exit 3')))).toMatchObject({ reason: expect.stringMatching(/exit code 3\.\nTask /) });
    expect(world.story()).toContain('output unknown');
  });

  test('of a task that never starts is told after a second try, with the reason of ECS', async () => {
    const missing = world.tasks.register('/no/such/program');

    expect(await world.toTheEnd(world.run('execution-1', 'v1', missing))).toMatchObject({
      kind: 'failed', reason: expect.stringMatching(/its task never started: CannotStartContainerError: spawn \/no\/such\/program ENOENT\.\nTask/),
    });
    expect(world.tasks.tasks).toHaveLength(2);
    expect(world.tasks.tasks[0].token).not.toBe(world.tasks.tasks[1].token);
    expect(world.story()).toEqual(expect.arrayContaining(['trying again', 'failed']));
    expect(world.memory.records.get('v1')!.firstRun).toBeUndefined();
  });

  test('of a task that started at the second try is none', async () => {
    const late = world.tasks.register('/no/such/program');
    const run = world.run('execution-1', 'v1', late);
    await advance(run, world);
    world.tasks.definitions[late] = world.tasks.definitions[image('one')];

    expect(await world.toTheEnd(run)).toMatchObject({ kind: 'succeeded' });
  });

  test('that somebody caused by stopping the task counts, whatever the exit code', async () => {
    // A program that ends politely when it is told to, with half of its work done.
    const polite = image('one', 'trap "exit 0" TERM; echo began; while :; do sleep 0.02; done');
    const run = world.run('execution-1', 'v1', polite);
    await advance(run, world);
    const [task] = world.tasks.tasks;
    await until(() => task.output.length > 0);
    await world.tasks.stop(task.arn, 'Stopped in the console');

    expect(await world.toTheEnd(run)).toMatchObject({
      kind: 'failed', reason: expect.stringContaining('its task was stopped before its command had ended: Stopped in the console'),
    });
    expect(task.state.exitCode).toBe(0);
  });
});

describe('the time limit', () => {
  test('stops a command that hangs, and says so with what it printed', async () => {
    world.limit = 300;
    const hangs = image('one', 'echo waiting for a lock; sleep 60');

    expect(await world.toTheEnd(world.run('execution-1', 'v1', hangs))).toMatchObject({
      kind: 'failed', reason: expect.stringMatching(/^The migration failed after \d+ s: time limit of 0\.005 minutes reached\.\nLast lines of its output:\nwaiting for a lock\n/),
    });
    expect(world.tasks.tasks[0].state.stopped).toBe(true);
    expect(world.story()).toEqual(['started', 'waiting', 'stopping', 'waiting', 'failed']);
    expect(world.memory.lock).toBeUndefined();
  });

  test('counts as failed also where the program ends politely when it is stopped', async () => {
    world.limit = 300;
    const polite = image('one', 'trap "exit 0" TERM; while :; do sleep 0.02; done');

    expect(await world.toTheEnd(world.run('execution-1', 'v1', polite))).toMatchObject({ kind: 'failed', reason: expect.stringContaining('time limit') });
  });

  test('ends a task that does not listen to SIGTERM', async () => {
    world.limit = 300;
    const stubborn = image('one', 'trap "" TERM; while :; do sleep 0.02; done');

    expect(await world.toTheEnd(world.run('execution-1', 'v1', stubborn))).toMatchObject({ kind: 'failed' });
    expect(world.tasks.tasks[0].state).toMatchObject({ exitCode: 137 });
  });

  test('does not wait for ever for a task that ECS does not end, and keeps others out until it has', async () => {
    world.limit = 1000;
    world.tasks.isDeaf = true;
    const run = world.run('execution-1', 'v1', image('one', 'exec sleep 60'));
    await advance(run, world);
    world.putForward(1000);
    await advance(run, world);
    expect(await advance(run, world)).toMatchObject({ kind: 'waiting' });
    world.putForward(150_000);

    expect(await advance(run, world)).toMatchObject({ kind: 'failed', reason: expect.stringContaining('reached, but ECS has not ended its task yet.') });
    expect(await advance(run, world)).toMatchObject({ kind: 'failed' });
    const other = world.run('execution-2', 'v2', image('two'));
    expect(await advance(other, world)).toMatchObject({ kind: 'waiting' });
    world.tasks.tasks[0].process!.kill('SIGKILL');
    expect(await world.toTheEnd(other)).toMatchObject({ kind: 'succeeded' });
    expect(world.tasks.overlaps()).toEqual([]);
  });

  test('of the asker ends the task too', async () => {
    const run = { ...world.run('execution-1', 'v1', image('one', 'sleep 60')), deadline: world.now() + 100 };

    expect(await world.toTheEnd(run)).toMatchObject({ kind: 'failed', reason: expect.stringContaining('CloudFormation waits no longer') });
  });
});

describe('two at once', () => {
  test('never run at the same time, whatever the order in which they ask', async () => {
    const ends = await Promise.all(['v1', 'v2', 'v3', 'v4'].map((version, index) => world.toTheEnd(world.run(`execution-${index}`, version, image(version)))));

    expect(ends.map(({ kind }) => kind)).toEqual(['succeeded', 'succeeded', 'succeeded', 'succeeded']);
    expect(world.tasks.tasks).toHaveLength(4);
    expect(world.tasks.overlaps()).toEqual([]);
    expect(schema().sort()).toEqual(['v1', 'v2', 'v3', 'v4']);
  });

  test('of one version run it once', async () => {
    const one = image('one');
    const ends = await Promise.all(['a', 'b', 'c'].map(execution => world.toTheEnd(world.run(execution, 'v1', one))));

    expect(ends.map(({ kind }) => kind)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(schema()).toEqual(['one']);
  });

  test('of one execution start one task', async () => {
    const one = image('one');
    const ends = await Promise.all([1, 2, 3, 4].map(() => world.toTheEnd(world.run('execution-1', 'v1', one))));

    expect(ends.map(({ kind }) => kind)).toEqual(['succeeded', 'succeeded', 'succeeded', 'succeeded']);
    expect(schema()).toEqual(['one']);
    expect(world.tasks.requests).toBe(1);
  });

  test('do not wait for each other for ever: the second fails with who is at it', async () => {
    world.limit = 60_000;
    await advance(world.run('execution-1', 'v1', image('one', 'sleep 60')), world);
    const second = world.run('execution-2', 'v2', image('two'));
    expect(await advance(second, world)).toMatchObject({ kind: 'waiting', on: `the migration of v1 in task ${world.tasks.tasks[0].arn}`, holder: { owner: 'execution-1' } });

    expect(await advance({ ...second, since: second.since - 60_000 }, world)).toEqual({
      kind: 'failed', reason: expect.stringMatching(/^Another migration is under way, and this one has waited long enough: the migration of v1 in task .*\/0+1, since 20.*Z\.$/),
    });
    expect(world.tasks.tasks).toHaveLength(1);
  });

  test('wait when the lock changes under their hands', async () => {
    jest.spyOn(world.memory, 'replace').mockResolvedValueOnce(false);

    expect(await advance(world.run('execution-1', 'v1', image('one')), world)).toEqual({ kind: 'waiting', on: 'the start of its task' });
    expect(world.tasks.requests).toBe(0);
  });

  test('that find the version done when they have the lock run nothing and give it back', async () => {
    const one = image('one');
    await world.toTheEnd(world.run('execution-1', 'v1', one));
    jest.spyOn(world.memory, 'find').mockResolvedValueOnce(undefined);

    expect(await advance(world.run('execution-2', 'v1', one), world)).toMatchObject({ kind: 'succeeded' });
    expect(world.tasks.tasks).toHaveLength(1);
    expect(world.memory.lock).toBeUndefined();
  });
});

describe('a lock whose holder never comes back', () => {
  test('is settled when its task has ended: what became of it is recorded', async () => {
    const one = image('one');
    await advance(world.run('execution-1', 'v1', one), world);
    await until(() => world.tasks.tasks[0].state.stopped);

    expect(await world.toTheEnd(world.run('execution-2', 'v2', image('two')))).toMatchObject({ kind: 'succeeded' });
    expect(world.memory.records.get('v1')).toMatchObject({ status: 'SUCCEEDED', execution: 'execution-1' });
    expect(schema()).toEqual(['one', 'two']);
  });

  test('is waited for while its task runs, and its time limit is kept', async () => {
    world.limit = 400;
    await advance(world.run('execution-1', 'v1', image('one', 'sleep 60')), world);
    const second = { ...world.run('execution-2', 'v2', image('two')), since: world.now() + 60_000 };

    expect(await world.toTheEnd(second)).toMatchObject({ kind: 'succeeded' });
    expect(world.memory.records.get('v1')).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('time limit') });
    expect(world.tasks.overlaps()).toEqual([]);
  });

  test('is taken over after two minutes when no task was started', async () => {
    world.tasks.refusals.push(new TypeError('the function was killed'));
    jest.spyOn(world.memory, 'release').mockResolvedValueOnce();
    await advance(world.run('execution-1', 'v1', image('one')), world);
    expect(world.memory.lock).toMatchObject({ phase: 'LAUNCHING', owner: 'execution-1' });
    const second = world.run('execution-2', 'v2', image('two'));

    world.putForward(119_000);
    expect(await advance(second, world)).toMatchObject({ kind: 'failed' });
    expect(await advance({ ...second, since: world.now() }, world)).toMatchObject({ kind: 'waiting', on: 'the migration of v1' });
    world.putForward(1_000);
    expect(await world.toTheEnd({ ...second, since: world.now() })).toMatchObject({ kind: 'succeeded' });
    expect(schema()).toEqual(['two']);
  });

  test('is not taken over when a task was started after all', async () => {
    const one = image('one', 'sleep 0.3; exit 4');
    // The task is started, and the function killed before it could write so.
    loseSecondChange();
    await advance(world.run('execution-1', 'v1', one), world);
    expect(world.memory.lock!.task).toBeUndefined();
    world.putForward(120_000);

    world.limit = 600_000;
    const second = world.run('execution-2', 'v2', image('two'));
    expect(await advance(second, world)).toMatchObject({ kind: 'waiting', on: 'the migration of v1' });
    expect(world.memory.lock).toMatchObject({ owner: 'execution-1', phase: 'RUNNING', task: world.tasks.tasks[0].arn });
    expect(await world.toTheEnd(second)).toMatchObject({ kind: 'succeeded' });
    expect(world.memory.records.get('v1')).toMatchObject({ status: 'FAILED', exitCode: 4 });
    expect(world.tasks.overlaps()).toEqual([]);
  });

  test('goes on in the next step of the same execution, with the same token', async () => {
    const one = image('one');
    loseSecondChange();
    await advance(world.run('execution-1', 'v1', one), world);
    expect(await advance(world.run('execution-1', 'v1', one), world)).toEqual({ kind: 'waiting', on: 'the start of its task' });
    world.putForward(60_000);

    expect(await world.toTheEnd(world.run('execution-1', 'v1', one))).toMatchObject({ kind: 'succeeded' });
    expect(world.tasks.requests).toBe(2);
    expect(world.tasks.tasks).toHaveLength(1);
  });

  test('whose task ECS has forgotten is given up after a minute, because nobody can say how it ended', async () => {
    const run = world.run('execution-1', 'v1', image('one'));
    await advance(run, world);
    world.tasks.forgotten.add(world.tasks.tasks[0].arn);
    expect(await advance(run, world)).toMatchObject({ kind: 'waiting' });
    world.putForward(60_000);

    expect(await advance(run, world)).toMatchObject({ kind: 'failed', reason: expect.stringContaining('nobody can say how it ended') });
  });
});
