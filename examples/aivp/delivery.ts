import { App } from 'aws-cdk-lib';
import { GithubDelivery, SmokeTest } from 'cdk-web-platform';

/** A merge to `main` goes to staging, and after an approval to production. This folder is the repository. */
export function addDelivery(app: App): GithubDelivery {
  const smokeTests: SmokeTest[] = [
    // The new version answers, and not the one before.
    { path: '/health', expectedFields: { status: 'healthy', version: '{release}' } },
    { path: '/api/health/db', expectedFields: { status: 'healthy' } },
    { path: '/api/health/redis', expectedFields: { status: 'healthy' } },
  ];
  return new GithubDelivery(app, 'Delivery', {
    repository: 'acme/aivp',
    region: 'eu-central-1',
    environments: [
      { name: 'staging', stacks: ['AivpStaging'], url: 'https://api.staging.aivp.example.com', smokeTests },
      { name: 'production', stacks: ['AivpProd'], approvers: ['acme/operations'], url: 'https://api.aivp.example.com', smokeTests },
    ],
    images: [{ name: 'api', directory: 'api' }],
    acceptedChecks: {
      CKV_AWS_18: 'the bucket of the access logs itself',
      CKV_AWS_115: 'helpers of a deployment run once, and share what the account has',
      CKV_AWS_117: 'helpers of a deployment talk to AWS, and to nothing in the network',
      CKV_AWS_157: 'staging has one zone',
      CKV_AWS_260: 'only redirects to HTTPS',
      // Of development, which is not delivered and keeps nothing of worth.
      ...Object.fromEntries([2, 26, 27, 65, 68, 91, 103, 111, 118, 119, 136, 149, 158, 173].map(number => [`CKV_AWS_${number}`, 'development, or AWS keys in staging'])),
    },
    repositoryRoot: __dirname,
  });
}
