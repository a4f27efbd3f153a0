import { App } from 'aws-cdk-lib';
import { BranchPromotion } from 'cdk-web-platform';

/** Amplify builds what is pushed to a branch. What `staging` has proven goes to `production` after an approval. This folder is the repository. */
export function addPromotion(app: App, domainName: string): BranchPromotion {
  return new BranchPromotion(app, 'Promotion', {
    repository: 'acme/rpg',
    approvers: ['acme/operations'],
    fromUrl: `https://staging.${domainName}`,
    toUrl: `https://${domainName}`,
    smokeTests: [{ path: '/login', expectedText: 'Sign in' }],
    repositoryRoot: __dirname,
  });
}
