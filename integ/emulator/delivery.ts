/*
 * The road of examples/aivp from a push to production and back: every script of the committed workflows, in real bash, with the real CDK and AWS command
 * lines before the emulator, and real curl asking the example's API, a process on a real PostgreSQL and Redis, at its real addresses over TLS.
 *
 * Not real: GitHub (`gh`, artifacts, sign-in), the build (`docker` makes an image of nothing; what runs for it is the example's source), the push
 * (`skopeo` puts the manifest into the emulator's ECR by the AWS command line), ECR's scan (always clean) and npm.
 */
import { Checks } from './checks';
import { DeliveryWorld, EnvironmentName, releaseOf } from './delivery-world';
import { runSuite } from './suite';

/** The team's own time. */
const TEAMS = ['Install', 'Install CDK', 'Lint', 'Test', 'Build'];
const checks = new Checks();

void runSuite('delivery', checks, async emulator => {
  const world = await DeliveryWorld.create(emulator);
  try {
    await live(world);
  } finally {
    world.hub.remove();
  }
});

async function live(world: DeliveryWorld): Promise<void> {
  await checks.step('by hand, once: both environments with a first image', () => world.deployByHand());
  const unapproved = await failure(world.begin('delivery.yml', 1).jobs('settings'));
  checks.check('without its reviewers, production is not approved by anybody, and nothing begins', unapproved.includes('environment production is not there'), unapproved);
  world.hub.write('environments/production', JSON.stringify({ protection_rules: [{ type: 'required_reviewers', reviewers: [{ reviewer: { slug: 'operations' } }] }] }));

  const first = await release(world, 1, 'v1');
  const second = await release(world, 2, 'v2');
  checks.check('each release has an image of its own', first !== second, first);
  await look(world);
  await failing(world, second);
  await rollBack(world, first, second);
}

/** A push that reaches production. Answers the image's digest. */
async function release(world: DeliveryWorld, number: number, version: string): Promise<string> {
  world.scripts.length = 0;
  const before = world.deployments().length;
  const delivery = world.begin('delivery.yml', number);
  const digest = await checks.step(`release ${releaseOf(number)}: build and synthesize once`, () => world.build(delivery, version));
  await checks.step('staging: push, scan, deploy, smoke test', () => world.in('staging', delivery, 'deploy-staging'));
  await runs(world, 'staging', number, digest);
  await checks.step('approved; production', () => world.in('production', delivery, 'deploy-production'));
  await runs(world, 'production', number, digest);
  await delivery.jobs('release');

  const deployments = world.deployments().slice(before);
  checks.check('staging, then production', deployments.map(({ stack }) => stack).join() === 'AivpStaging,AivpProd', deployments);
  checks.check('both got the same assembly, file by file', deployments[0].files === deployments[1].files, deployments);
  printShare(world, deployments.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
  return digest;
}

/** Goal: less than a minute, so that ten are left for the team's build and AWS. Printed and not checked, as machines differ. */
function printShare(world: DeliveryWorld, deploying: number): void {
  const times = new Map<string, number>();
  for (const { step, milliseconds } of world.scripts) if (!TEAMS.includes(step)) times.set(step, (times.get(step) ?? 0) + milliseconds);
  const share = [...times.values()].reduce((sum, time) => sum + time, 0) - deploying;
  times.set('Deploy', times.get('Deploy')! - deploying);
  console.table([...times].map(([script, time]) => ({ script, seconds: (time / 1000).toFixed(1) })));
  console.log(`  the library's share of the release: ${(share / 1000).toFixed(1)} s; cdk deploy: ${(deploying / 1000).toFixed(1)} s`);
}

/** What runs in an environment, as ECS and as users see it. */
async function runs(world: DeliveryWorld, environment: EnvironmentName, number: number, digest: string): Promise<void> {
  const { image } = (await world.service(environment)).container();
  checks.check(`the task definition of ${environment} has the digest of ${releaseOf(number)}`, image!.endsWith(`@${digest}`), image);
  const health = await world.health(environment);
  checks.check(`${environment} answers as ${releaseOf(number)}`, health.version === releaseOf(number) && health.status === 'healthy', health);
}

/** What only looks: a pull request's comparison, and the nightly drift. */
async function look(world: DeliveryWorld): Promise<void> {
  const pullRequest = world.begin('delivery-pull-request.yml', 7);
  const diff = await checks.step('a pull request that changes nothing', async () => {
    await pullRequest.jobs('verify', 'synth');
    return world.in('production', pullRequest, 'diff-production');
  });
  checks.check('there is no difference to what is deployed', diff.includes('There were no differences'), diff);
  const drift = (number: number) => world.in('production', world.begin('delivery-drift.yml', number), 'drift-production');
  checks.check('nothing has drifted', (await checks.step('the nightly look', () => drift(8))).includes('No drift detected'), 'see above');
  await world.changeByHand('production');
  const said = await failure(drift(9));
  checks.check('what was changed by hand is found', said.includes('AWS::Logs::LogGroup') && said.includes('production is not what was deployed last'), said);
}

/** A release whose smoke test fails in staging. */
async function failing(world: DeliveryWorld, running: string): Promise<void> {
  const delivery = world.begin('delivery.yml', 3);
  const digest = await world.build(delivery, 'v4');
  await world.resolve('staging');
  const said = await checks.step('a release that does not answer in staging', () => failure(world.in('staging', delivery, 'deploy-staging')));
  await world.resolve();
  checks.check('the smoke test fails', said.includes('GET https://api.staging.aivp.example.com/health failed: no answer'), said);
  checks.check('it says how to go back', said.includes('gh workflow run delivery-rollback.yml'), said);
  await runs(world, 'staging', 3, digest);
  await runs(world, 'production', 2, running);
}

async function rollBack(world: DeliveryWorld, first: string, second: string): Promise<void> {
  const { files } = world.deployments()[0];
  const gone = await failure(world.in('production', world.begin('delivery-rollback.yml', 4, { release: '9.1-01234567' }), 'rollback-production'));
  checks.check('a release that never was is refused', gone.includes('There is no release delivery-9.1-01234567'), gone);
  await runs(world, 'production', 2, second);

  const rollback = world.begin('delivery-rollback.yml', 5, { release: releaseOf(1) });
  const said = await checks.step(`production goes back to ${releaseOf(1)}`, () => world.in('production', rollback, 'rollback-production'));
  checks.check('the smoke test of the first release passes', said.includes('GET /health: as expected'), said);
  checks.check('the assembly is that of the first release', world.deployments().at(-1)!.files === files, world.deployments());
  await runs(world, 'production', 1, first);
  await checks.step(`staging goes back to ${releaseOf(2)}`, () =>
    world.in('staging', world.begin('delivery-rollback.yml', 6, { release: releaseOf(2) }), 'rollback-staging'));
  await runs(world, 'staging', 2, second);
}

/** What a run says that must not succeed. */
async function failure(running: Promise<string>): Promise<string> {
  return running.then(() => 'it succeeded', error => `${error}`);
}
