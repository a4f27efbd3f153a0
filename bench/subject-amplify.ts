import { App, Stack } from 'aws-cdk-lib';
import { AmplifyFramework, AmplifyMultiBranchApp, BranchBackend, BranchVariable } from 'cdk-web-platform';

/** The pattern with its production profile and three branches: what is compared with `subject-hand-written-amplify.ts`. */
export function addStack(app: App, id: string): Stack {
  const stack = new Stack(app, id);
  const variablesOf = (branch: string) => ({ GRAPHQL_URL: BranchVariable.ssmParameter(`/shop/${branch}/GRAPHQL_URL`), BUCKET: BranchVariable.value(`shop-${branch}`) });
  new AmplifyMultiBranchApp(stack, 'Web', {
    framework: AmplifyFramework.nextJs(),
    requires: ['GRAPHQL_URL', 'BUCKET'],
    branches: {
      main: { backend: BranchBackend.own(), variables: variablesOf('main') },
      staging: { backend: BranchBackend.sharedWith('main') },
      production: { backend: BranchBackend.own(), variables: variablesOf('production') },
    },
  });
  return stack;
}
