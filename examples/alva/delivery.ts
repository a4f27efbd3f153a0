import { App, CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { DeliveryRoles, GithubDelivery } from 'cdk-web-platform';
import { Construct } from 'constructs';

const REPOSITORY = 'acme/alva';
const REGION = 'eu-central-1';

/** A push to the branch `staging` goes to staging, and after an approval to production. This folder is the repository. */
export function addDelivery(app: App): GithubDelivery {
  const answers = [{ path: '/health' }, { path: '/api/health' }];
  return new GithubDelivery(app, 'Delivery', {
    repository: REPOSITORY,
    region: REGION,
    environments: [
      { name: 'staging', branches: ['staging'], stacks: ['alva-staging'], url: 'https://staging.alva.example.com', smokeTests: answers },
      { name: 'production', stacks: ['alva-production'], approvers: ['acme/operations'], url: 'https://alva.example.com', smokeTests: answers },
    ],
    images: ['web', 'api', 'auth'].map(name => ({ name, directory: name })),
    acceptedChecks: {
      CKV_AWS_18: 'only the bucket of access logs has none: its own would be written into itself without end',
      CKV_AWS_115: 'helpers of a deployment run one at a time, and a reservation would take from what the account has for others',
      CKV_AWS_117: 'these functions call AWS alone; those that need the database are in the network',
      CKV_AWS_157: 'staging has its database in one zone by intention; production has two',
      CKV_AWS_260: 'port 80 answers with a redirect to HTTPS and nothing else',
    },
    repositoryRoot: __dirname,
  });
}

export interface DeliveryStackProps extends StackProps {
  /** Where images of staging are. */
  readonly staging: ecr.IRepository[];
  /** Where images of production are. */
  readonly production: ecr.IRepository[];
}

/** What the jobs of the delivery may do in AWS, without a stored key. */
export class DeliveryStack extends Stack {
  constructor(scope: Construct, id: string, props: DeliveryStackProps) {
    super(scope, id, props);
    const roles = new DeliveryRoles(this, 'Roles', {
      repository: REPOSITORY,
      targets: [
        { environment: 'staging', branches: ['staging'], regions: [REGION], images: props.staging },
        { environment: 'production', branches: ['staging'], regions: [REGION], images: props.production },
      ],
    });
    for (const environment of ['staging', 'staging-read', 'production', 'production-read']) {
      new CfnOutput(this, `RoleOf${environment.replace('-', '')}`, { value: roles.environmentVariables(environment).DELIVERY_ROLE_ARN });
    }
  }
}
