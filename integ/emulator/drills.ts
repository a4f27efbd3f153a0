/*
 * What can go wrong in a release, tried: examples/aivp's production environment on the emulator, with real migrations by Alembic on a real
 * PostgreSQL, real requests all the time, and the deployed functions called as ECS calls them. Each drill says what an operator would see.
 */
import { SERVICE } from './aivp-lifecycle';
import { Checks } from './checks';
import { Emulator } from './emulator';
import { ReleaseWorld } from './release-world';

const checks = new Checks();

/** A release that must not be noticed by users, whatever becomes of it. */
async function unnoticed(world: ReleaseWorld, what: string, version: string, context: { readonly [name: string]: string } = {}) {
  const migrations = await world.migrations();
  const told = world.messages.length;
  const { result, requests: { answers, failed } } = await checks.step(what, () => world.underTraffic('/health', () => world.lifecycle.release(version, context)));
  checks.check(`users notice nothing of ${what} (${answers.length} requests)`, failed.length === 0 && answers.length > 20, failed.slice(0, 3));
  return { ...result, migrations: await world.migrations() - migrations, messages: world.messages.slice(told).join('\n---\n') };
}

async function serves(world: ReleaseWorld, version: string): Promise<void> {
  const answers = await world.lifecycle.health();
  const healthy = answers.every(({ status, body }) => status === 200 && body.status === 'healthy');
  checks.check(`${version} serves, and is healthy`, healthy && answers[0].body.version === version, answers);
}

async function schemaIs(world: ReleaseWorld, revision: string, ...columns: string[]): Promise<void> {
  const [{ version_num: at }] = await world.lifecycle.query('SELECT version_num FROM alembic_version');
  const rows = await world.lifecycle.query("SELECT column_name FROM information_schema.columns WHERE table_name = 'users'");
  const found = rows.map(({ column_name: name }) => name).filter(name => ['nickname', 'age', 'half'].includes(`${name}`)).sort();
  checks.check(`the schema is at ${revision} with [${columns}]`, at === revision && `${found}` === `${[...columns].sort()}`, { at, found });
}

/** What became of a release, and what was run and told meanwhile. */
interface Release {
  readonly status: string;
  readonly migrations: number;
  readonly messages: string;
}

function rolledBack(outcome: Release, migrations: number, reason: RegExp): void {
  checks.check('the stack is back in a stable state', outcome.status === 'UPDATE_ROLLBACK_COMPLETE', outcome.status);
  checks.check(`${migrations} migrations were run, none of them on the way back`, outcome.migrations === migrations, outcome.migrations);
  checks.check(`the alert says ${reason}`, reason.test(outcome.messages), outcome.messages.slice(-3000));
}

async function firstDeployment(world: ReleaseWorld): Promise<void> {
  await checks.step('drill 8: first deployment into an empty account', () => world.lifecycle.create());
  checks.check('the first migration was run once, before the first task', await world.migrations() === 1, await world.migrations());
  await serves(world, 'v1');
  await schemaIs(world, '0001');
  await world.subscribe();
}

async function goodRelease(world: ReleaseWorld): Promise<void> {
  const good = await unnoticed(world, 'drill 1: a good release', 'v2');
  checks.check('it succeeds', good.status === 'UPDATE_COMPLETE', good);
  checks.check('its migration was run once', good.migrations === 1, good.migrations);
  await serves(world, 'v2');
  await schemaIs(world, '0002', 'nickname');
  const stages = world.deployments.timeline(SERVICE, world.lastDeployment).map(({ stage }) => stage);
  checks.check('migrated before its first task, tested before any user',
    stages.indexOf('PRE_SCALE_UP') < stages.indexOf('SCALE_UP') && stages.indexOf('POST_TEST_TRAFFIC_SHIFT') < stages.indexOf('PRODUCTION_TRAFFIC_SHIFT'), stages);
  const { hookMilliseconds, hookWorkMilliseconds } = world.lastDeployment;
  console.log(`  the library's own steps: ${hookMilliseconds} ms with the migration and the pauses between calls, ${hookWorkMilliseconds} ms at work`);
  checks.check('they take less than 10 s', hookMilliseconds < 10_000, hookMilliseconds);
  const smoke = await world.log('ApiServiceSmokeTestHookLog');
  const paths = ['/health', '/api/health/db', '/api/health/redis'];
  checks.check('every smoke test has its line in the log', paths.every(path => smoke.includes(`"${path}"`)), smoke.slice(-2000));
  console.log(world.deployments.describe(SERVICE, world.lastDeployment).split('\n').map(line => line.slice(0, 160)).join('\n'));

  const again = await unnoticed(world, 'drill 1: a second deployment of the same version', 'v2', { cpu: '1024' });
  checks.check('it succeeds without a migration', again.status === 'UPDATE_COMPLETE' && again.migrations === 0, again);
}

async function failedMigrations(world: ReleaseWorld): Promise<void> {
  const transactional = await unnoticed(world, 'drill 2: a migration fails half-way, in a transaction', 'v3-transactional');
  rolledBack(transactional, 1, /migration[^]*division by zero/);
  await serves(world, 'v2');
  await schemaIs(world, '0002', 'nickname');

  const half = await unnoticed(world, 'drill 2: a migration fails half-way, without a transaction', 'v3-half');
  rolledBack(half, 1, /exit(ed with)? code 1|exit code 255|division by zero/);
  await serves(world, 'v2');
  await schemaIs(world, '0002', 'nickname', 'half');
}

async function hangingMigration(world: ReleaseWorld): Promise<void> {
  const [database] = (world.emulator.dataPlane.databases).values();
  const reader = await database.connect('app');
  await reader.query('BEGIN; SELECT count(*) FROM users');
  const hanging = await unnoticed(world, 'drill 3: a migration hangs on a lock', 'v3-hanging', { migrationMinutes: '1' });
  rolledBack(hanging, 1, /time limit of 1 minute/);
  const began = Date.now();
  const probe = await database.connect('app');
  await probe.query("SET lock_timeout = '10s'; INSERT INTO users (email, display_name) VALUES ('drill@example.com', 'Drill') ON CONFLICT DO NOTHING");
  await reader.query('COMMIT');
  await Promise.all([reader.end(), probe.end()]);
  const held = await world.lifecycle.query("SELECT 1 FROM pg_tables WHERE tablename = 'held'");
  checks.check(`its locks were given up (asked for one: ${Date.now() - began} ms), and what it had made is gone`, held.length === 0, held);
  await serves(world, 'v2');
}

async function failedSmokeTest(world: ReleaseWorld): Promise<void> {
  const untested = await unnoticed(world, 'drill 4: a smoke test fails', 'v3-untested');
  rolledBack(untested, 1, /smoke tests[^]*GET \/api\/health\/redis[^]*503/);
  await serves(world, 'v2');
  await schemaIs(world, '0003', 'nickname', 'half', 'age');
}

async function alarmDuringBake(world: ReleaseWorld): Promise<void> {
  world.deployments.options.secondsPerMinute = 3;
  const before = world.deployments.of(SERVICE).length;
  const alarm = world.reaches('BAKE_TIME', before).then(() => world.setAlarm('ApiServiceErrors', 'ALARM'));
  const baking = await unnoticed(world, 'drill 5: an alarm while the release bakes', 'v4');
  await alarm;
  await world.setAlarm('ApiServiceErrors', 'OK');
  world.deployments.options.secondsPerMinute = 0.2;
  rolledBack(baking, 1, /rolled back[^]*alarm/i);
  await serves(world, 'v2');
}

async function brokenStack(world: ReleaseWorld): Promise<void> {
  const broken = await unnoticed(world, 'drill 6: another resource fails after the release', 'v5', { broken: 'true' });
  checks.check('the stack is back in a stable state', broken.status === 'UPDATE_ROLLBACK_COMPLETE', broken.status);
  checks.check('the new version was migrated once, the old one not again', broken.migrations === 1, broken.migrations);
  await serves(world, 'v2');
}

async function atOnce(world: ReleaseWorld): Promise<void> {
  const migrations = await world.migrations();
  const hook = world.hookAt('PRE_SCALE_UP');
  const { arn: resourceArn, target, source } = world.lastDeployment;
  const event = (executionId: string, version: string, revision = target) => ({
    executionId,
    lifecycleStage: 'PRE_SCALE_UP',
    resourceArn,
    executionDetails: { serviceArn: target.service.serviceArn, targetServiceRevisionArn: revision.arn },
    hookDetails: { ...hook.HookDetails as object, version },
  });
  const invoke = (details: object) => world.invoke('ApiServiceMigrationsHandler', details);

  await checks.step('drill 7: a hook called twice with one execution id, and another release at the same time', async () => {
    const first = event('execution-1', 'drill-7a');
    const answers = await Promise.all([invoke(first), invoke(first), invoke(event('execution-2', 'drill-7b'))]);
    checks.check('all are told to wait', answers.every(({ body }) => body.hookStatus === 'IN_PROGRESS'), answers);
    checks.check('one task is running for all', await world.migrations() - migrations === 1, await world.migrations() - migrations);
    for (const [index, version] of ['drill-7a', 'drill-7b'].entries()) {
      let answer = answers[index === 0 ? 0 : 2];
      for (let attempt = 0; attempt < 60 && answer.body.hookStatus === 'IN_PROGRESS'; attempt++) {
        await new Promise(resolve => setTimeout(resolve, 500));
        answer = await invoke({ ...event(`execution-${index + 1}`, version), hookDetails: answer.body.hookDetails });
      }
      checks.check(`${version} is migrated in the end`, answer.body.hookStatus === 'SUCCEEDED', answer);
    }
    checks.check('each was migrated once', await world.migrations() - migrations === 2, await world.migrations() - migrations);
  });

  const revisions = world.deployments.of(SERVICE).map(deployment => deployment.target);
  const old = revisions.find(revision => revision.taskDefinition !== target.taskDefinition) ?? source!;
  const answer = await checks.step('drill 7: a hook called for the way back', () => invoke(event('execution-3', 'drill-7c', old)));
  checks.check('nothing is migrated, and the way back goes on', answer.body.hookStatus === 'SUCCEEDED' && await world.migrations() - migrations === 2, answer);
}

async function rotation(world: ReleaseWorld): Promise<void> {
  const [role] = await world.applicationSessions();
  world.deployments.options.secondsPerMinute = 2;
  const before = world.deployments.of(SERVICE).length;
  const during = world.reaches('BAKE_TIME', before).then(async () => {
    await world.rotateApplicationLogin();
    const check = await world.check();
    checks.check('while the release goes on, nothing else begins', !check.failed && world.deployments.of(SERVICE).length === before + 1, check);
  });
  const release = await unnoticed(world, 'drill 9: the login is rotated in the middle of a release', 'v6');
  await during;
  world.deployments.options.secondsPerMinute = 0.2;
  checks.check('the release succeeds', release.status === 'UPDATE_COMPLETE', release);
  await serves(world, 'v6');

  const { requests } = await checks.step('drill 9: the next check brings the new login to the tasks', () => world.underTraffic('/api/health/db', async () => {
    const check = await world.check();
    checks.check('the check works', !check.failed, [check, await world.log('ApiReleaseOperatorLog')]);
    await world.deployments.settled(SERVICE);
  }));
  const { answers, failed } = requests;
  checks.check(`every one of ${answers.length} requests found the database`, failed.length === 0 && answers.length > 20, failed.slice(0, 3));
  const sessions = await world.applicationSessions();
  checks.check('the tasks have the other role now', sessions.length === 1 && sessions[0] !== role, [role, sessions, await world.log('ApiReleaseOperatorLog')]);
  const count = world.deployments.of(SERVICE).length;
  await world.check();
  checks.check('one new deployment for one rotation', world.deployments.of(SERVICE).length === count && count === before + 2, { before, count });
}

async function undo(world: ReleaseWorld): Promise<void> {
  const command = (...words: string[]) => world.invoke('ApiServiceMigrationsHandler', { command: ['alembic', ...words] });
  const answer = await checks.step('undoing the last schema change by hand', () => command('downgrade', '-1'));
  checks.check('it says exit code and output', !answer.failed && answer.body.exitCode === 0, answer);
  await schemaIs(world, '0002', 'nickname', 'half');
  const next = await unnoticed(world, 'the same version again: it migrates again', 'v6', { cpu: '1024' });
  checks.check('it brings the schema back', next.status === 'UPDATE_COMPLETE' && next.migrations === 1, next);
  const wrong = await command('downgrade', 'nowhere');
  checks.check('a command that fails says why', wrong.failed && /nowhere/.test(JSON.stringify(wrong.body)), wrong);
}

async function changedRule(world: ReleaseWorld): Promise<void> {
  await world.lifecycle.release('v6', { cpu: '1024' });
  // Only then does the template name the group without tasks.
  if (!await world.isLive('ApiServiceAlternateTargetGroup')) {
    await world.forceDeployment();
    await world.deployments.settled(SERVICE);
  }
  const [group] = world.lastDeployment.target.targetGroups;
  checks.check('the traffic is on the group that the template sends nothing to', await world.isLive('ApiServiceAlternateTargetGroup'), group);
  const { result, requests } = await checks.step('a change of the rule itself: other paths', () => world.underTraffic('/health', () =>
    world.lifecycle.tryToDeploy({ version: 'v6', cpu: '1024', paths: '/health,/api/*' })));
  const lost = requests.failed.map(({ at }) => at);
  const gap = lost.length > 0 ? Math.max(...lost) - Math.min(...lost) : 0;
  console.log(`  ${lost.length} of ${requests.answers.length} requests lost in ${gap} ms`);
  checks.check('the traffic is on the live tasks again within seconds',
    result.status === 'UPDATE_COMPLETE' && gap < 5000 && requests.answers.at(-1)!.status === 200,
    [result, lost, await world.log('DeploymentHelperLog')]);
  await serves(world, 'v6');
}

/** The image of the new version was never pushed, so the guard in the template is not reached on the way there, nor on the way back. */
async function changedRuleTakenBack(world: ReleaseWorld): Promise<void> {
  const { result, requests } = await checks.step('a change of the rule that is taken back: other paths, and an image that is missing', () =>
    world.underTraffic('/health', () => world.lifecycle.tryToDeploy({ version: 'never-pushed', cpu: '1024', paths: '/health,/api/*,/more/*' })));
  checks.check('the stack is back in a stable state', result.status === 'UPDATE_ROLLBACK_COMPLETE', result);
  const { answers, failed } = requests;
  console.log(`  ${failed.length} of ${answers.length} requests lost`);
  checks.check('the traffic was turned back each time within seconds',
    failed.length * 50 < 10_000 && answers.at(-1)!.status === 200, [failed.map(({ at }) => at), await world.log('DeploymentHelperLog')]);
  await serves(world, 'v6');
}

const DRILLS = [
  firstDeployment, goodRelease, failedMigrations, hangingMigration, failedSmokeTest, alarmDuringBake, brokenStack, rotation, undo, atOnce,
  changedRule, changedRuleTakenBack,
];

/** All of them, or those that are named; the first deployment and the first release come before any other. */
function isAskedFor(name: string): boolean {
  const names = process.argv.slice(2);
  return names.length === 0 || [firstDeployment.name, goodRelease.name, ...names].includes(name);
}

async function main(): Promise<void> {
  const emulator = await Emulator.start();
  const world = await ReleaseWorld.create(emulator);
  world.deployments.options.secondsPerMinute = 0.2;
  try {
    for (const drill of DRILLS) if (isAskedFor(drill.name)) await drill(world);
  } catch (error) {
    console.error(error);
    console.error(world.deployments.describe(SERVICE, world.lastDeployment));
    checks.fail(`${error}`);
  } finally {
    await world.stop();
    await emulator.stop();
  }
  checks.close('drills');
}

void main();
