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
      CKV_AWS_18: 'only the bucket of access logs has none: its own would be written into itself without end',
      CKV_AWS_115: 'helpers of a deployment run one at a time, and a reservation would take from what the account has for others',
      CKV_AWS_117: 'these functions call AWS alone; those that need the database are in the network',
      CKV_AWS_157: 'staging has its database in one zone by intention; production has two',
    },
    repositoryRoot: __dirname,
  });
}
