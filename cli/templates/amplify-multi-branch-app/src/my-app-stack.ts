import { Stack, StackProps } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { AmplifyFramework, AmplifyMultiBranchApp, AmplifyRepository, BranchVariable } from 'cdk-web-platform';

/** my-app: one Amplify app, with a branch for each environment. */
export class MyAppStack extends Stack {
  public readonly web: AmplifyMultiBranchApp;

  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    // A secret made once by hand, with GitHub's token as its value.
    const accessToken = secretsmanager.Secret.fromSecretNameV2(this, 'Token', 'my-app/github');

    this.web = new AmplifyMultiBranchApp(this, 'Web', {
      repository: AmplifyRepository.github('my-org/my-app', { accessToken }),
      framework: AmplifyFramework.nextJs(),
      requires: ['API_URL'],
      branches: {
        main: { variables: { API_URL: BranchVariable.value('https://api.example.com') } },
        staging: { variables: { API_URL: BranchVariable.value('https://api.staging.example.com') } },
      },
      nonProductionPassword: true,
    });
  }
}
