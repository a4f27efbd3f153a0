import { Duration, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import {
  AmplifyBuildSize, AmplifyFramework, AmplifyMultiBranchApp, AmplifyMultiBranchAppProps, AmplifyRule, AmplifyStage, BranchBackend, BranchVariable,
  BuildSmokeTest,
} from '../../src';
import { github, secretOf, value } from '../amplify/amplify-fixtures';

/** The pattern, with the props of a test. */
export function addPattern(stack: Stack, props: Partial<AmplifyMultiBranchAppProps> = {}, id: string = 'Web'): AmplifyMultiBranchApp {
  return new AmplifyMultiBranchApp(stack, id, {
    framework: AmplifyFramework.nextJs(), repository: github(stack), branches: { main: {} }, ...props,
  });
}

/** Everything that the pattern can do, at once. */
export function everything(stack: Stack): Partial<AmplifyMultiBranchAppProps> {
  return {
    variables: { AWS_REGION: value(stack.region), SHARED: BranchVariable.secret(secretOf(stack, 'shared')) },
    requires: ['GRAPHQL_URL', 'STRIPE_KEY'],
    branches: {
      // Before the branch whose backend it shares.
      staging: { backend: BranchBackend.sharedWith('main'), stage: AmplifyStage.BETA },
      main: {
        backend: BranchBackend.own(),
        stage: AmplifyStage.DEVELOPMENT,
        variables: { GRAPHQL_URL: BranchVariable.ssmParameter('/shop/main/url'), STRIPE_KEY: BranchVariable.secureString('/shop/main/stripe') },
      },
      production: {
        backend: BranchBackend.own(),
        autoBuild: false,
        variables: {
          GRAPHQL_URL: BranchVariable.stackOutput('shop-production', 'Url'),
          STRIPE_KEY: BranchVariable.secret(secretOf(stack, 'stripe'), { field: 'key', availableAtBuild: true }),
          AWS_S3_BUCKET_NAME: value('files'),
        },
      },
    },
    domain: {
      domainName: 'example.com',
      subdomains: { '': 'production', 'staging': 'staging' },
      certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:us-east-1:111111111111:certificate/8f1e2d3c'),
    },
    nonProductionPassword: true,
    pullRequestPreviews: { backend: BranchBackend.own(), variables: { GRAPHQL_URL: value('https://preview.example.com') }, lifetime: Duration.days(7) },
    rules: [AmplifyRule.redirect('https://www.example.com', 'https://example.com', { permanent: true }), AmplifyRule.notFound('/404.html')],
    customHeaders: [{ pattern: '/api/*', headers: { 'Cache-Control': 'no-store' } }],
    preBuildCommands: ['npm run lint'],
    postBuildCommands: ['npm test'],
    buildSmokeTest: BuildSmokeTest.page({ path: '/login', contains: 'Sign in', startCommand: 'npm start' }),
    buildSize: AmplifyBuildSize.LARGE_16GB,
    smokeTests: [{ path: '/login', expectedText: 'Sign in' }],
    monthlyBudget: 100,
    notifyOfSuccess: true,
    alertEmails: ['operations@example.com'],
  };
}
