/*
 * examples/rpg and examples/realtechee, deployed by the real CDK CLI apart from Amplify itself: tables, buckets, roles, secrets, alarms and budget are
 * read back, secrets and variables go through the real function, and the game is built by its build spec and served from its deployed data.
 */
import { RealtecheeSuite } from './amplify-realtechee';
import { RpgSuite } from './amplify-rpg';
import { AmplifyWorld } from './amplify-world';
import { Checks } from './checks';
import { runSuite } from './suite';

const checks = new Checks();

void runSuite('amplify', checks, async emulator => {
  const world = new AmplifyWorld(emulator);
  await world.cdk.bootstrap();
  await new RealtecheeSuite(world, checks).run();
  await new RpgSuite(world, checks).run();
});
