import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { MyAppStack } from './my-app-stack';
import { DeliveryRoles, EnvironmentProfile, GithubDelivery } from 'cdk-web-platform';

const app = new App();
const repository = 'my-org/my-app';
const env = { region: 'eu-central-1' };
// What CloudFront wants in us-east-1 is deployed there.
const regions = [env.region, 'us-east-1'];
/** The API's image in the registry, by its tag: -c image:api=v2. The delivery says its digest too. */
const version = app.node.tryGetContext('image:api') ?? 'v1';
const smokeTests = [{ path: '/' }, { path: '/api/health' }];

const staging = new MyAppStack(app, 'my-app-staging', { env, profile: EnvironmentProfile.staging(), version });
const production = new MyAppStack(app, 'my-app-production', { env, profile: EnvironmentProfile.production(), version });

// What GitHub's jobs may do in AWS. Deployed by hand, when both environments are there.
const delivery = new Stack(app, 'my-app-delivery', { env });
const roles = new DeliveryRoles(delivery, 'Roles', {
  // With its numbers where GitHub made it since July 2026: README.md.
  repository,
  targets: [
    { environment: 'staging', branches: ['main'], regions, images: [staging.registry.repository] },
    { environment: 'production', branches: ['main'], regions, images: [production.registry.repository] },
  ],
});
for (const environment of ['staging', 'staging-read', 'production', 'production-read']) {
  new CfnOutput(delivery, `RoleOf${environment.replace('-', '')}`, { value: roles.environmentVariables(environment).DELIVERY_ROLE_ARN });
}

// A push to main goes to staging, and after an approval to production. Each synth writes .github/workflows.
new GithubDelivery(app, 'Delivery', {
  repository,
  region: env.region,
  appDirectory: '.',
  environments: [
    // Their addresses are the variable DELIVERY_URL of each environment on GitHub.
    { name: 'staging', stacks: ['my-app-staging*'], smokeTests },
    // Users, and teams as my-org/operations.
    { name: 'production', stacks: ['my-app-production*'], smokeTests, approvers: ['my-org'] },
  ],
  images: [{ name: 'api', directory: 'api' }],
  // What checkov would stop a release for.
  acceptedChecks: {
    CKV_AWS_2: "CloudFront's way to the load balancer is inside the network",
    CKV_AWS_18: 'the bucket of the access logs itself',
    CKV_AWS_103: "CloudFront's way to the load balancer is inside the network",
    CKV_AWS_115: 'helpers of a deployment run once, and share what the account has',
    CKV_AWS_117: 'helpers of a deployment talk to AWS, and to nothing in the network',
    CKV_AWS_136: "images are encrypted with ECR's own key",
    CKV_AWS_157: 'staging has one zone',
    CKV_AWS_174: "CloudFront's own name has TLS of its own: remove this with a domain",
  },
});
