import { branch, plan } from './run';
import { AmplifyFramework } from '../../../src/amplify/amplify-framework';
import { BranchBackend } from '../../../src/amplify/branch-backend';
import { BuildPlan } from '../../../src/amplify/build/plan';
import { BuildSmokeTest } from '../../../src/amplify/build-smoke-test';

const VARIABLES = ['USER_POOL_ID', 'AWS_S3_BUCKET_NAME', 'API_KEY'];
const SECRETS = ['NEXTAUTH_SECRET', 'LICENSE'];
const needs = { requires: VARIABLES, variables: VARIABLES, secrets: SECRETS, buildSecrets: ['LICENSE'] };
const framework = AmplifyFramework.nextJs();
const smokeTest = BuildSmokeTest.page({ path: '/login', contains: 'Sign in' });
const previews = { backend: BranchBackend.sharedWith('main'), requires: ['API_KEY'], variables: ['API_KEY'] };
const main = branch('main', { backend: BranchBackend.own(), ...needs });
const staging = branch('staging', { backend: BranchBackend.sharedWith('main'), ...needs });
const odd = branch("it's $(odd) \"name\"", { variables: ['AWS_X'] });

/** One of each kind of script. */
export const PLANS: Readonly<Record<string, BuildPlan>> = {
  'everything': plan([main, staging, odd], { framework, previews, smokeTest, preBuildCommands: ['npm run lint'], postBuildCommands: ['npm run sitemap'] }),
  'everything for one branch': plan([main], { framework, smokeTest, appRoot: 'apps/web' }),
  'a server without needs': plan([branch('main')], { framework }),
  'previews without needs': plan([branch('main')], { previews: { backend: BranchBackend.own(), requires: [], variables: [] } }),
  'files only': plan([main, staging, branch('docs')]),
  'nothing': plan([branch('main')]),
};
