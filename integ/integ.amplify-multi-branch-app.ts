/*
 * Needs an account: there is no Amplify API in the emulator, which only synthesizes this. The app has no repository, so nothing but the account is needed.
 * What is built and served by a push is shown by deploying examples/realtechee or examples/rpg with a repository of yours.
 */
import { ExpectedResult, IntegTest, Match } from '@aws-cdk/integ-tests-alpha';
import { App, Stack } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AmplifyFramework, AmplifyMultiBranchApp, AmplifyRule, AmplifyStage, BranchVariable, EnvironmentProfile } from 'cdk-web-platform';

const app = new App();
const env = { region: process.env.CDK_DEFAULT_REGION ?? 'eu-central-1' };
const stack = new Stack(app, 'IntegAmplifyMultiBranchApp', { env });
const secret = new secretsmanager.Secret(stack, 'Stripe', { generateSecretString: { secretStringTemplate: '{}', generateStringKey: 'STRIPE_KEY' } });

const platform = new AmplifyMultiBranchApp(stack, 'Web', {
  profile: EnvironmentProfile.development().with({ alarms: true }),
  framework: AmplifyFramework.nextJs(),
  requires: ['GRAPHQL_URL', 'AWS_S3_BUCKET_NAME', 'STRIPE_KEY'],
  variables: { STRIPE_KEY: BranchVariable.secret(secret, { field: 'STRIPE_KEY' }) },
  branches: {
    main: {
      stage: AmplifyStage.DEVELOPMENT,
      variables: { GRAPHQL_URL: BranchVariable.value('https://main.example.com'), AWS_S3_BUCKET_NAME: BranchVariable.value('main-bucket') },
    },
    production: { variables: { GRAPHQL_URL: BranchVariable.value('https://example.com'), AWS_S3_BUCKET_NAME: BranchVariable.value('bucket') } },
  },
  rules: [AmplifyRule.redirect('/old/<*>', '/new/<*>', { permanent: true })],
  nonProductionPassword: true,
  monthlyBudget: 10,
});

const assertionStack = new Stack(app, 'IntegAmplifyMultiBranchAppAssertions', { env });
const test = new IntegTest(app, 'Test', { testCases: [stack], assertionStack, diffAssets: true });
const { appId, operator } = platform.app;
const call = (service: string, name: string, parameters: object) => test.assertions.awsApiCall(service, name, parameters);
const { functionName } = operator.function;
const operate = (payload: object) => test.assertions.invokeFunction({ functionName, payload: JSON.stringify(payload) });

call('Amplify', 'getApp', { appId }).expect(ExpectedResult.objectLike({
  app: Match.objectLike({ platform: 'WEB_COMPUTE', enableBasicAuth: false, buildSpec: Match.stringLikeRegexp('not one of main, production') }),
}));
call('Amplify', 'getBranch', { appId, branchName: 'main' }).expect(ExpectedResult.objectLike({
  branch: Match.objectLike({
    enableBasicAuth: true,
    stage: 'DEVELOPMENT',
    environmentVariables: Match.objectLike({ AMPLIFY_APP_ID: appId, APP_AWS_S3_BUCKET_NAME: 'main-bucket', SECRET_PARAMETERS: `/amplify/shared/${appId}/STRIPE_KEY` }),
  }),
}));
call('Amplify', 'getBranch', { appId, branchName: 'production' }).expect(ExpectedResult.objectLike({
  branch: Match.objectLike({ enableBasicAuth: false, stage: 'PRODUCTION', computeRoleArn: Match.stringLikeRegexp('^arn:') }),
}));
call('SSM', 'getParameter', { Name: `/amplify/shared/${appId}/STRIPE_KEY` }).expect(ExpectedResult.objectLike({ Parameter: Match.objectLike({ Type: 'SecureString' }) }));

// The way back: somebody changes a variable by hand, and one invocation undoes it.
call('Amplify', 'updateBranch', { appId, branchName: 'production', environmentVariables: { GRAPHQL_URL: 'https://wrong.example.com' } })
  .next(operate({ restoreVariables: 'production', version: 'previous' })).expect(ExpectedResult.objectLike({ Payload: Match.stringLikeRegexp('GRAPHQL_URL') }))
  .next(call('Amplify', 'getBranch', { appId, branchName: 'production' })).expect(ExpectedResult.objectLike({
    branch: Match.objectLike({ environmentVariables: Match.objectLike({ GRAPHQL_URL: 'https://example.com' }) }),
  }));
