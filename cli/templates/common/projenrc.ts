import { awscdk, javascript } from 'projen';

const project = new awscdk.AwsCdkTypeScriptApp({
  name: 'my-app',
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
  minNodeVersion: '20.0.0',
  cdkVersion: 'VERSION_OF_AWS_CDK_LIB',
  cdkVersionPinning: true,
  cdkCliVersion: 'VERSION_OF_AWS_CDK',
  constructsVersion: 'VERSION_OF_CONSTRUCTS',
  typescriptVersion: 'VERSION_OF_TYPESCRIPT',
  projenVersion: 'VERSION_OF_PROJEN',
  deps: ['cdk-web-platform@VERSION_OF_CDK_WEB_PLATFORM'],
  devDeps: ['tsx@VERSION_OF_TSX'],
  app: 'npx tsx src/main.ts',
  context: {
    '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
    '@aws-cdk/aws-iam:minimizePolicies': true,
    '@aws-cdk/core:checkSecretUsage': true,
    '@aws-cdk/core:target-partitions': ['aws'],
  },
  // Workflows are GithubDelivery's.
  github: false,
  // Tests run with Node's own runner.
  jest: false,
  sampleCode: false,
  tsconfig: { compilerOptions: { module: 'node20', target: 'es2022', lib: ['es2022'] } },
});
// Node's test() answers a promise that nobody has to await.
project.eslint?.addOverride({ files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-floating-promises': 'off' } });
project.testTask.exec('tsx --test test/*.test.ts');
project.synth();
