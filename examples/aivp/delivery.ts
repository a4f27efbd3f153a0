import { App, CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { DeliveryRoles, GithubDelivery, SmokeTest } from 'cdk-web-platform';
import { Construct } from 'constructs';

const REPOSITORY = 'acme/aivp';
const REGION = 'eu-central-1';

/** A merge to `main` goes to staging, and after an approval to production. This folder is the repository. */
export function addDelivery(app: App): GithubDelivery {
  const smokeTests: SmokeTest[] = [
    // The new version answers, and not the one before.
    { path: '/health', expectedFields: { status: 'healthy', version: '{release}' } },
    { path: '/api/health/db', expectedFields: { status: 'healthy' } },
    { path: '/api/health/redis', expectedFields: { status: 'healthy' } },
  ];
  return new GithubDelivery(app, 'Delivery', {
    repository: REPOSITORY,
    region: REGION,
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
        { environment: 'staging', branches: ['main'], regions: [REGION], images: [props.staging] },
        { environment: 'production', branches: ['main'], regions: [REGION], images: [props.production] },
      ],
      // An account has one of GitHub: AivpDesktop has made it.
      provider: iam.OidcProviderNative.fromOidcProviderArn(this, 'Github',
        this.formatArn({ service: 'iam', region: '', resource: 'oidc-provider', resourceName: 'token.actions.githubusercontent.com' })),
    });
    for (const environment of ['staging', 'staging-read', 'production', 'production-read']) {
      new CfnOutput(this, `RoleOf${environment.replace('-', '')}`, { value: roles.environmentVariables(environment).DELIVERY_ROLE_ARN });
    }
  }
}
