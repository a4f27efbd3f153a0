import { App, CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { DeliveryRoles, GithubDelivery } from 'cdk-web-platform';
import { Construct } from 'constructs';

const REPOSITORY = 'acme/arcade';

/** A merge to `main` goes to staging, and after an approval to production. This folder is the repository. `ArcadeAccount` and `ArcadeDelivery` are deployed by hand. */
export function addDelivery(app: App): GithubDelivery {
  const health = { path: '/api/health', expectedFields: { version: '{release}' } };
  return new GithubDelivery(app, 'Delivery', {
    repository: REPOSITORY,
    region: 'eu-central-1',
    environments: [
      // Its site asks for a password.
      { name: 'staging', stacks: ['ArcadeStaging*'], url: 'https://staging.arcade.example.com', smokeTests: [{ path: '/', expectedStatus: 401 }] },
      { name: 'production', stacks: ['ArcadeProduction*'], approvers: ['acme/operations'], url: 'https://arcade.example.com', smokeTests: [{ path: '/' }, health] },
    ],
    images: [{ name: 'api', directory: 'api' }],
    // TypeScript's checks are part of the site's build.
    testCommand: 'npm --prefix web ci && npm --prefix web run build',
    buildCommand: 'npm --prefix web ci && npm --prefix web run build',
    acceptedChecks: {
      CKV_AWS_18: 'only the bucket of access logs has none: its own would be written into itself without end',
      CKV_AWS_115: 'helpers of a deployment run one at a time, and a reservation would take from what the account has for others',
      CKV_AWS_117: 'these functions call AWS alone; those that need the database are in the network',
      CKV_AWS_157: 'staging has its database in one zone by intention; production has two',
    },
    repositoryRoot: __dirname,
  });
}

export interface DeliveryStackProps extends StackProps {
  /** Where images of staging are. */
  readonly staging: ecr.IRepository;
  /** Where images of production are. */
  readonly production: ecr.IRepository;
}

/** What the jobs of the delivery may do in AWS, without a stored key. */
export class DeliveryStack extends Stack {
  constructor(scope: Construct, id: string, props: DeliveryStackProps) {
    super(scope, id, props);
    const roles = new DeliveryRoles(this, 'Roles', {
      repository: REPOSITORY,
      targets: [
        { environment: 'staging', branches: ['main'], regions: ['eu-central-1', 'us-east-1'], images: [props.staging] },
        { environment: 'production', branches: ['main'], regions: ['eu-central-1', 'us-east-1', 'eu-west-1'], images: [props.production] },
      ],
    });
    for (const environment of ['staging', 'staging-read', 'production', 'production-read']) {
      new CfnOutput(this, `RoleOf${environment.replace('-', '')}`, { value: roles.environmentVariables(environment).DELIVERY_ROLE_ARN });
    }
  }
}
