/* examples/realtechee: what its three branches are given. */
import { APP_IDS } from './amplify-ids';
import { AmplifyWorld, branchHash, Variables } from './amplify-world';
import { Checks } from './checks';
import { ACCOUNT, REGION } from './emulator';

const STACK = 'Realtechee';
const APP = APP_IDS.realtechee;
const REQUIRED = ['BACKEND_SUFFIX', 'USER_POOL_ID', 'USER_POOL_CLIENT_ID', 'IDENTITY_POOL_ID', 'GRAPHQL_URL', 'API_KEY', 'S3_BUCKET'];

export class RealtecheeSuite {
  constructor(private readonly world: AmplifyWorld, private readonly checks: Checks) {}

  public async run(): Promise<void> {
    const { world, checks } = this;
    await world.createSecret('realtechee/github', 'ghp_never-used');
    for (const branch of ['main', 'production']) {
      for (const name of REQUIRED) await world.setParameter(`/realtechee/${branch}/${name}`, valueOf(name, branch));
    }
    await checks.step('deploying realtechee, without Amplify', () => world.cdk.deploy([STACK], { quiet: true }));
    await this.checkBranches();

    await world.setParameter('/realtechee/production/API_KEY', 'wrong');
    await checks.step('deploying it again after a parameter has changed', () => world.cdk.deploy([STACK], { quiet: true }));
    await this.checkChange();
    await checks.step('a backend whose update fails', () => this.checkBackend());
    await checks.step('destroying it', () => world.cdk.destroy([STACK], { quiet: true }));
  }

  private async checkBranches(): Promise<void> {
    const [main, staging, production] = await Promise.all(['main', 'staging', 'production'].map(async branch => (await this.world.variablesOf(APP, branch))[0]));
    for (const [branch, variables] of Object.entries({ main, production })) {
      const wrong = REQUIRED.filter(name => variables[name] !== valueOf(name, branch));
      this.checks.check(`${branch} has its seven variables`, wrong.length === 0, wrong);
    }
    this.checks.check('staging has those of main, and none of its own', same(staging, main), staging);
    this.checks.check('all have AMPLIFY_APP_ID', [main, staging, production].every(({ AMPLIFY_APP_ID }) => AMPLIFY_APP_ID === APP), main.AMPLIFY_APP_ID);
  }

  /** What ampx deploys for a branch is a stack: one that fails is what it was before. */
  private async checkBackend(): Promise<void> {
    const { world, checks } = this;
    const stack = `amplify-${APP}-production-branch-${branchHash(APP, 'production')}`;
    const schema = { Type: 'AWS::SSM::Parameter', Properties: { Name: '/backend/schema', Type: 'String', Value: 'one' } };
    await world.changeStack(stack, { Schema: schema });
    checks.check('the backend is deployed', await world.status(stack) === 'CREATE_COMPLETE', await world.status(stack));
    const nobody = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:nobody`;
    const impossible = { Type: 'Custom::Impossible', DependsOn: 'Schema', Properties: { ServiceToken: nobody } };
    await world.changeStack(stack, { Schema: { ...schema, Properties: { ...schema.Properties, Value: 'two' } }, Impossible: impossible });
    checks.check('its update goes back by itself', await world.status(stack) === 'UPDATE_ROLLBACK_COMPLETE', await world.status(stack));
    const [after] = await world.parametersBelow('/backend');
    checks.check('the backend is what it was', after.Value === 'one', after);
  }

  /** The way back itself needs Amplify: the operator's tests walk it against an Amplify of their own. */
  private async checkChange(): Promise<void> {
    const versions = await this.world.variablesOf(APP, 'production');
    this.checks.check('production’s earlier variables are kept', versions.length === 2 && versions[0].API_KEY === valueOf('API_KEY', 'production'), versions.length);
    this.checks.check('the new value has arrived', versions.at(-1)?.API_KEY === 'wrong', versions.at(-1)?.API_KEY);
    const main = await this.world.variablesOf(APP, 'main');
    this.checks.check('main has not changed', main.length === 1, main.length);
  }
}

function valueOf(name: string, branch: string): string {
  return `${name} of ${branch}`;
}

function same(one: Variables, other: Variables): boolean {
  return JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
}
