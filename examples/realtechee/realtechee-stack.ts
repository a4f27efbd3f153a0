import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AmplifyFramework, AmplifyMultiBranchApp, AmplifyRepository, AmplifyStage, BranchBackend, BranchVariable } from 'cdk-web-platform';
import { Construct } from 'constructs';

/** Without these no branch is built. Their values are parameters of Systems Manager, `/realtechee/<branch>/<name>`, and in no file here. */
const REQUIRED = ['BACKEND_SUFFIX', 'USER_POOL_ID', 'USER_POOL_CLIENT_ID', 'IDENTITY_POOL_ID', 'GRAPHQL_URL', 'API_KEY', 'S3_BUCKET'];

/** One app, three branches, two backends: staging works with that of main. */
export class RealtecheeStack extends Stack {
  public readonly platform: AmplifyMultiBranchApp;

  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    this.platform = new AmplifyMultiBranchApp(this, 'Web', {
      repository: AmplifyRepository.github('realtechee/web', { accessToken: secretsmanager.Secret.fromSecretNameV2(this, 'Token', 'realtechee/github') }),
      framework: AmplifyFramework.nextJs(),
      requires: REQUIRED,
      branches: {
        main: { backend: BranchBackend.own(), stage: AmplifyStage.DEVELOPMENT, variables: variablesOf('main') },
        staging: { backend: BranchBackend.sharedWith('main'), stage: AmplifyStage.BETA },
        production: { backend: BranchBackend.own(), variables: variablesOf('production') },
      },
      nonProductionPassword: true,
      smokeTests: [{ path: '/' }],
      alertEmails: ['operations@realtechee.example.com'],
    });
    new CfnOutput(this, 'Operator', { value: this.platform.app.operator.function.functionName });
  }
}

function variablesOf(branchName: string): { [name: string]: BranchVariable } {
  return Object.fromEntries(REQUIRED.map(name => [name, BranchVariable.ssmParameter(`/realtechee/${branchName}/${name}`)]));
}
