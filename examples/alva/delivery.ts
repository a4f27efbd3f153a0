import { App } from 'aws-cdk-lib';
import { GithubDelivery } from 'cdk-web-platform';

/** A push to the branch `staging` goes to staging, and after an approval to production. This folder is the repository. */
export function addDelivery(app: App): GithubDelivery {
  const answers = [{ path: '/health' }, { path: '/api/health' }];
  return new GithubDelivery(app, 'Delivery', {
    repository: 'acme/alva',
    region: 'eu-central-1',
    environments: [
      { name: 'staging', branches: ['staging'], stacks: ['alva-staging'], url: 'https://staging.alva.example.com', smokeTests: answers },
      { name: 'production', stacks: ['alva-production'], approvers: ['acme/operations'], url: 'https://alva.example.com', smokeTests: answers },
    ],
    images: ['web', 'api', 'auth'].map(name => ({ name, directory: name })),
    acceptedChecks: {
      CKV_AWS_18: 'the bucket of the access logs itself',
      CKV_AWS_115: 'helpers of a deployment run once, and share what the account has',
      CKV_AWS_117: 'helpers of a deployment talk to AWS, and to nothing in the network',
      CKV_AWS_157: 'staging has one zone',
      CKV_AWS_260: 'only redirects to HTTPS',
    },
    repositoryRoot: __dirname,
  });
}
