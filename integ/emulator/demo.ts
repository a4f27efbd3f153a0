/*
 * The whole life of examples/aivp's production environment on this machine: deployed by the real CDK CLI to the emulator,
 * its API running on a real PostgreSQL and a real Redis with the environment of the deployed task definition.
 * Then examples/arcade: a site beside its API. Each step is checked; what is wrong fails the run. Nothing is left running.
 */
import { AivpLifecycle, HealthAnswer } from './aivp-lifecycle';
import { ArcadeWorld } from './arcade-world';
import { Checks } from './checks';
import { Visitor } from './edge/visitor';
import type { Emulator } from './emulator';
import { runSuite } from './suite';

const checks = new Checks();

async function checkHealth(lifecycle: AivpLifecycle, version: string): Promise<HealthAnswer[]> {
  const answers = await lifecycle.health();
  for (const { path, status, body } of answers) checks.check(`${path} is healthy`, status === 200 && body.status === 'healthy', { status, body });
  checks.check(`the running version is ${version}`, answers[0].body.version === version, answers[0].body);
  return answers;
}

async function checkSchema(lifecycle: AivpLifecycle, revision: string): Promise<void> {
  const versions = await lifecycle.query('SELECT version_num FROM alembic_version');
  checks.check(`the deployment migrated the database to ${revision}`, versions[0]?.version_num === revision, versions);
}

async function live(lifecycle: AivpLifecycle): Promise<void> {
  await checks.step('preparing the account: bootstrap, the team’s own secret', () => lifecycle.prepareAccount());
  await checks.step('first deployment, while no image exists yet; the image is pushed beside it', () => lifecycle.create());
  const resources = await lifecycle.resources();
  checks.check('everything was created', resources.every(({ ResourceStatus }) => ResourceStatus === 'CREATE_COMPLETE'),
    resources.filter(({ ResourceStatus }) => ResourceStatus !== 'CREATE_COMPLETE'));

  const answers = await checkHealth(lifecycle, 'v1');
  await checkSchema(lifecycle, '0001');

  const first = await lifecycle.deployedService();
  const good = await checks.step('a new image with a migration: v2', () => lifecycle.release('v2'));
  checks.check('the release succeeds', good.status === 'UPDATE_COMPLETE', good);
  const second = await lifecycle.deployedService();
  checks.check('another image is deployed', second.container().image !== first.container().image, second.container().image);
  await checkHealth(lifecycle, 'v2');
  await checkSchema(lifecycle, '0002');

  await checks.step('another size: 1 vCPU', () => lifecycle.tryToDeploy({ version: 'v2', cpu: '1024' }));
  const third = await lifecycle.deployedService();
  checks.check('the task has 1 vCPU', third.taskDefinition.cpu === '1024', third.taskDefinition.cpu);

  const { status, said } = await checks.step('a release that fails: image v3 was never pushed', () => lifecycle.tryToDeploy({ version: 'v3', cpu: '1024' }));
  checks.check('the stack is rolled back', status === 'UPDATE_ROLLBACK_COMPLETE', status);
  checks.check('the reason says how to push the image', said.includes('docker push'), said.slice(-2000));
  const rolledBack = await lifecycle.deployedService();
  checks.check('the service is what it was', rolledBack.taskDefinition.cpu === '1024' && rolledBack.container().image === third.container().image,
    rolledBack.taskDefinition);
  await checkHealth(lifecycle, 'v2');

  const { kept, lost } = await checks.step('destroying the stack', () => lifecycle.destroy('v2'));
  checks.check('the database is still there', kept.some(({ kind }) => kind === 'AWS::RDS::DBInstance'), { kept, lost });
  checks.check('every secret and bucket is still there', lost.length === 0, lost);

  console.table([
    { what: 'deployed', answer: `${resources.length} resources of AivpProd: ${summary(resources.map(({ ResourceType }) => ResourceType!))}` },
    { what: 'answered at', answer: 'https://api.aivp.example.com' },
    ...answers.map(({ path, status: code, body }) => ({ what: path, answer: `${code} ${JSON.stringify(body)}` })),
    { what: 'kept after destroy', answer: summary(kept.map(({ kind }) => kind)) },
  ]);
}

/** The site beside the API: one address for both, and a second release of the site. */
async function liveWithSite(emulator: Emulator): Promise<void> {
  const world = await checks.step('examples/arcade: its site and its API', () => ArcadeWorld.start(emulator, 'first'));
  try {
    const visitor = new Visitor(world.server, world.authority);
    const ask = async (path: string) => {
      const { status, headers, body } = await visitor.get(`${world.url}${path}`);
      return { path, status, headers, text: body.toString() };
    };
    const answers = await Promise.all(['/', '/games/maze-baker', '/config.js', '/api/health', '/api/health/db'].map(ask));
    for (const { path, status } of answers) checks.check(`${path} answers`, status === 200, status);

    const before = await ask('/');
    await checks.step('a second release of the site', () => world.publish('second'));
    const after = await ask('/');
    checks.check('the second release is served', after.status === 200 && after.text !== before.text, after.text);
    console.table(answers.map(({ path, status, headers, text }) => ({
      'what': `${world.url}${path}`, 'answer': status, 'cache-control': headers['cache-control'], 'x-cache': headers['x-cache'], 'begins with': text.slice(0, 40),
    })));
  } finally {
    await world.stop();
  }
}

function summary(types: string[]): string {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).slice(0, 5).map(([type, count]) => `${count} ${type.split('::').at(-1)}`).join(', ');
}

void runSuite('demo', checks, async emulator => {
  await live(await AivpLifecycle.begin(emulator));
  await liveWithSite(emulator);
});
