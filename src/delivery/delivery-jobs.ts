import { TAKE_NEWEST_RELEASE, TAKE_RELEASE, WRITE_RELEASE } from './delivery-news-scripts';
import type { DeliveryPlan, DeliveryRoad, PlannedEnvironment } from './delivery-plan';
import { DELIVERY_ROLE_VARIABLES, readEnvironment } from './delivery-role-variables';
import {
  AWAIT_SCANS, BUILD_IMAGE, CHECK_ORDER, CHECK_SETTINGS, DEPLOY, DETECT_DRIFT, DIFF, FIND_IMAGES, JUDGE, PACK, PUSH_IMAGES,
  repositoryVariable, SMOKE_TEST, SYNTHESIZE,
} from './delivery-scripts';
import { ACTIONS } from './release-actions';
import { action, checkOut, Job, LINUX_RUNNER, signIn, variable } from './workflow-pieces';
import type { YamlValue } from '../yaml';

const URL_VARIABLE = 'DELIVERY_URL';

const RELEASE = '${{ needs.settings.outputs.release }}';
const TOKEN = '${{ github.token }}';
const BASH = { run: { shell: 'bash' } };

/** Minutes of the jobs. CloudFormation may need an hour for a database or a distribution. */
const MINUTES = { settings: 5, commands: 30, image: 30, synth: 20, deploy: 90, look: 30, tell: 5 };

/** Never two at once, whichever workflow they are of, and none is stopped half-way. */
function oneAtATime(plan: DeliveryPlan, environment: string): Job {
  return { 'group': `${plan.prefix}-to-${environment}`, 'cancel-in-progress': false };
}

/** The first of all: the release's name, and whether approvals are what they seem. */
export function settingsJob(plan: DeliveryPlan, road: DeliveryRoad): Job {
  const approved = road.environments.filter(({ approvers }) => approvers.length > 0);
  return {
    'name': 'Check',
    // Not in a fork.
    'if': `github.repository == '${plan.repository}'`,
    'runs-on': LINUX_RUNNER,
    'timeout-minutes': MINUTES.settings,
    'permissions': { actions: 'read' },
    'defaults': BASH,
    'outputs': { release: '${{ steps.check.outputs.release }}' },
    'steps': [{ name: 'Check settings', id: 'check', env: { GH_TOKEN: TOKEN, APPROVERS: JSON.stringify(Object.fromEntries(approved.map(({ name, approvers }) => [name, approvers]))) }, run: CHECK_SETTINGS }],
  };
}

/** The team's own commands. They have no right in AWS, and cannot write to the repository. */
export function verifyJob(plan: DeliveryPlan): Job {
  return {
    ...commandsJob(plan, 'Verify', MINUTES.commands),
    steps: [
      ...preparation(plan),
      ...(plan.lintCommand ? [{ name: 'Lint', run: plan.lintCommand }] : []),
      { name: 'Test', run: plan.testCommand },
    ],
  };
}

/** Builds each image once, on a machine with its processor, and hands it over as a file: whoever installs packages here cannot push. */
export function imageJob(plan: DeliveryPlan): Job {
  return {
    'name': 'Build image ${{ matrix.image }}',
    'needs': 'settings',
    'strategy': {
      matrix: {
        include: plan.images.map(({ name, directory, dockerfile, target, architecture }) => ({
          image: name, directory, dockerfile, target, architecture, runner: architecture === 'arm64' ? `${LINUX_RUNNER}-arm` : LINUX_RUNNER,
        })),
      },
    },
    'runs-on': '${{ matrix.runner }}',
    'timeout-minutes': MINUTES.image,
    'permissions': { contents: 'read' },
    'defaults': BASH,
    'steps': [
      checkOut(),
      action('Take layers of the build before', ACTIONS.cache, {
        'path': '${{ runner.temp }}/layers',
        'key': 'layers-${{ matrix.image }}-${{ matrix.architecture }}-${{ github.sha }}',
        'restore-keys': 'layers-${{ matrix.image }}-${{ matrix.architecture }}-',
      }),
      {
        name: 'Build',
        env: {
          IMAGE: '${{ matrix.image }}',
          DIRECTORY: '${{ matrix.directory }}',
          DOCKERFILE: '${{ matrix.dockerfile }}',
          TARGET: '${{ matrix.target }}',
          PLATFORM: 'linux/${{ matrix.architecture }}',
        },
        run: BUILD_IMAGE,
      },
      handOver('image', 'image-${{ matrix.image }}', '${{ runner.temp }}/image/*.tar', plan.approvalDays),
      handOver('digest', 'digest-${{ matrix.image }}', '${{ runner.temp }}/image/*.digest', plan.approvalDays),
    ],
  };
}

/** The one synth. What it writes is what every environment gets. */
export function synthJob(plan: DeliveryPlan): Job {
  return {
    ...commandsJob(plan, 'Synthesize', MINUTES.synth),
    needs: ['settings', 'verify', ...(plan.images.length > 0 ? ['image'] : [])],
    steps: [
      ...preparation(plan),
      ...(plan.images.length > 0 ? [takeOver('digests', { 'pattern': 'digest-*', 'path': 'digests', 'merge-multiple': true })] : []),
      ...synthesis(plan, RELEASE),
      handOver('assembly', 'assembly', 'release/', plan.approvalDays),
    ],
  };
}

/** Steps from the app to an assembly that the judges have seen. */
export function synthesis(plan: DeliveryPlan, release: string): YamlValue[] {
  return [
    ...(plan.buildCommand ? [{ name: 'Build', run: plan.buildCommand }] : []),
    // Workflows that the app would write otherwise are refused.
    { name: 'Synthesize', env: { RELEASE: release, CDK_WEB_PLATFORM_CHECK: '1' }, run: SYNTHESIZE },
    ...(plan.templateChecks ? [{ name: 'Judge templates', env: { STACKS: stacksOf(plan), ACCEPTED_CHECKS: plan.acceptedChecks }, run: JUDGE }] : []),
    { name: 'Pack', env: { RELEASE: release }, run: PACK },
  ];
}

function stacksOf({ roads }: DeliveryPlan): string {
  return roads.flatMap(({ environments }) => environments.map(({ stacks }) => stacks)).join(' ');
}

/** Everything that happens to an environment, in one job: it is approved once, and no other deployment comes between. */
export function deployJob(plan: DeliveryPlan, road: DeliveryRoad, environment: PlannedEnvironment): Job {
  const before = road.environments[road.environments.indexOf(environment) - 1];
  return {
    name: `Deploy ${environment.name}`,
    needs: ['settings', 'synth', ...(before ? [deployJobId(before)] : [])],
    ...environmentJob(plan, environment, { 'id-token': 'write', 'actions': 'read', 'contents': 'read' }),
    steps: [
      { name: 'Check order', env: { GH_TOKEN: TOKEN, PREFIX: road.name, ENVIRONMENT: environment.name }, run: CHECK_ORDER },
      ...cdk(plan),
      takeOver('assembly', { name: 'assembly', path: 'release' }),
      ...(plan.images.length > 0 ? [takeOver('images', { 'pattern': 'image-*', 'path': 'images', 'merge-multiple': true })] : []),
      signIn(variable(DELIVERY_ROLE_VARIABLES.environment), environment.region, plan.sessionSeconds),
      ...(plan.images.length > 0 ? [
        { name: 'Push images', env: { RELEASE, ...repositories(plan) }, run: PUSH_IMAGES },
        {
          name: 'Await scans',
          env: {
            STOP_AT: plan.stopAt,
            ACCEPTED_VULNERABILITIES: plan.acceptedVulnerabilities,
            SCAN_SECONDS: 600,
            SCAN_PAUSE_SECONDS: 5,
            ...repositories(plan),
          },
          run: AWAIT_SCANS,
        },
      ] : []),
      ...deployment(plan, road, environment, RELEASE),
    ],
  };
}

export function deployJobId(environment: PlannedEnvironment): string {
  return `deploy-${environment.name.toLowerCase()}`;
}

/** What was released, for people and for the way back. */
export function releaseJob(road: DeliveryRoad): Job {
  return {
    'name': 'Write release',
    'needs': ['settings', 'synth', ...road.environments.map(deployJobId)],
    'runs-on': LINUX_RUNNER,
    'timeout-minutes': MINUTES.tell,
    'permissions': { contents: 'write' },
    'defaults': BASH,
    'steps': [
      takeOver('assembly', { name: 'assembly', path: 'release' }),
      {
        name: 'Write release',
        env: { GH_TOKEN: TOKEN, PREFIX: road.name, RELEASE, ENVIRONMENTS: road.environments.map(({ name }) => name).join(', ') },
        run: WRITE_RELEASE,
      },
    ],
  };
}

/** A release from before, as it was. */
export function rollbackJob(plan: DeliveryPlan, road: DeliveryRoad, environment: PlannedEnvironment): Job {
  return {
    name: `Roll back ${environment.name}`,
    if: `github.repository == '${plan.repository}' && inputs.environment == '${environment.name}'`,
    ...environmentJob(plan, environment, { 'id-token': 'write', 'contents': 'read' }),
    steps: [
      ...cdk(plan),
      { name: 'Take release', id: 'take', env: { GH_TOKEN: TOKEN, PREFIX: road.name, RELEASE: '${{ inputs.release }}' }, run: TAKE_RELEASE },
      signIn(variable(DELIVERY_ROLE_VARIABLES.environment), environment.region, plan.sessionSeconds),
      ...(plan.images.length > 0 ? [{ name: 'Find images', env: repositories(plan), run: FIND_IMAGES }] : []),
      ...deployment(plan, road, environment, '${{ steps.take.outputs.release }}'),
    ],
  };
}

/** Looks every night for what was changed by hand. */
export function driftJob(plan: DeliveryPlan, road: DeliveryRoad, environment: PlannedEnvironment): Job {
  return {
    name: `Look at ${environment.name}`,
    if: `github.repository == '${plan.repository}'`,
    ...lookingJob(environment, { 'id-token': 'write', 'contents': 'read' }),
    steps: [
      ...cdk(plan),
      { name: 'Take release', env: { GH_TOKEN: TOKEN, PREFIX: road.name }, run: TAKE_NEWEST_RELEASE },
      signIn(variable(DELIVERY_ROLE_VARIABLES.environment), environment.region),
      {
        'name': 'Detect drift',
        'working-directory': plan.appDirectory,
        'env': { ENVIRONMENT: environment.name, STACKS: environment.stacks, QUALIFIER: plan.qualifier, AWS_REGION: environment.region },
        'run': DETECT_DRIFT,
      },
    ],
  };
}

/** What a pull request would change in an environment. */
export function diffJob(plan: DeliveryPlan, environment: PlannedEnvironment): Job {
  return {
    name: `Compare ${environment.name}`,
    needs: 'synth',
    // The code of a fork gets no role.
    if: 'github.event.pull_request.head.repo.full_name == github.repository',
    ...lookingJob(environment, { 'id-token': 'write', 'contents': 'read' }),
    steps: [
      ...cdk(plan),
      takeOver('assembly', { name: 'assembly', path: 'release' }),
      signIn(variable(DELIVERY_ROLE_VARIABLES.environment), environment.region),
      { 'name': 'Diff', 'working-directory': plan.appDirectory, 'env': { ENVIRONMENT: environment.name, STACKS: environment.stacks }, 'run': DIFF },
      handOver('diff', `diff-${environment.name}`, 'diff/', 1),
    ],
  };
}

/**
 * The CDK's command line as the lockfile of the commit has it, before the job signs in. No script of a package runs, and nothing of the app: it is
 * in the assembly.
 */
function cdk(plan: DeliveryPlan): YamlValue[] {
  return [
    checkOut(),
    setUpNode(plan),
    { 'name': 'Install CDK', 'working-directory': plan.appDirectory, 'run': plan.cdkInstallCommand },
  ];
}

function deployment(plan: DeliveryPlan, road: DeliveryRoad, environment: PlannedEnvironment, release: string): YamlValue[] {
  return [
    { 'name': 'Deploy', 'working-directory': plan.appDirectory, 'env': { STACKS: environment.stacks }, 'run': DEPLOY },
    ...(environment.smokeTests ? [{
      name: 'Smoke test',
      env: {
        RELEASE: release,
        URL: environment.url ?? variable(URL_VARIABLE),
        SMOKE_TESTS: environment.smokeTests,
        RETRY_SECONDS: 2,
        GO_BACK: `It is deployed. To go back: gh workflow run ${road.name}-rollback.yml -f environment=${environment.name} -f release=<release>`,
      },
      run: SMOKE_TEST,
    }] : []),
  ];
}

function environmentJob(plan: DeliveryPlan, { name, url }: PlannedEnvironment, permissions: Job): Job {
  return {
    'runs-on': LINUX_RUNNER,
    // A session that lasts longer is for deployments that do.
    'timeout-minutes': Math.max(MINUTES.deploy, plan.sessionSeconds / 60 + 30),
    'environment': { name, url },
    'concurrency': oneAtATime(plan, name),
    permissions,
    'defaults': BASH,
  };
}

function lookingJob({ name }: PlannedEnvironment, permissions: Job): Job {
  return { 'runs-on': LINUX_RUNNER, 'timeout-minutes': MINUTES.look, 'environment': readEnvironment(name), permissions, 'defaults': BASH };
}

function commandsJob(plan: DeliveryPlan, name: string, minutes: number): Job {
  return {
    name,
    'needs': 'settings',
    'runs-on': LINUX_RUNNER,
    'timeout-minutes': minutes,
    'permissions': { contents: 'read' },
    'defaults': { run: { 'shell': 'bash', 'working-directory': plan.appDirectory } },
  };
}

/** The commit's files, with what the commands need. */
export function preparation(plan: DeliveryPlan): YamlValue[] {
  return [checkOut(), setUpNode(plan), { name: 'Install', run: plan.installCommand }];
}

/** A cache that other runs write to has no place in what is deployed. */
function setUpNode(plan: DeliveryPlan): YamlValue {
  return action('Set up Node.js', ACTIONS.setupNode, { 'node-version': plan.nodeVersion, 'package-manager-cache': false });
}

function repositories(plan: DeliveryPlan): { [name: string]: string } {
  return Object.fromEntries(plan.images.map(({ name }) => [repositoryVariable(name), variable(repositoryVariable(name))]));
}

export function handOver(what: string, name: string, path: string, days: number): YamlValue {
  return action(`Hand over ${what}`, ACTIONS.uploadArtifact, { name, path, 'if-no-files-found': 'error', 'compression-level': 0, 'retention-days': days });
}

export function takeOver(what: string, options: { [name: string]: YamlValue }): YamlValue {
  return action(`Take over ${what}`, ACTIONS.downloadArtifact, options);
}
