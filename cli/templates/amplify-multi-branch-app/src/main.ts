import { App } from 'aws-cdk-lib';
import { MyAppStack } from './my-app-stack';
import { BranchPromotion } from 'cdk-web-platform';

const app = new App();

// One app: its branches are the environments, and Amplify builds them at each push.
new MyAppStack(app, 'my-app');

// From staging to production by hand, after an approval: a merge. Each synth writes .github/workflows.
new BranchPromotion(app, 'Promotion', {
  repository: 'my-org/my-app',
  from: 'staging',
  to: 'main',
  // Users, and teams as my-org/operations.
  approvers: ['my-org'],
  fromUrl: 'https://staging.example.com',
  toUrl: 'https://example.com',
  smokeTests: [{ path: '/' }],
  // Staging asks for a password.
  fromSmokeTests: [{ path: '/', expectedStatus: 401 }],
});
