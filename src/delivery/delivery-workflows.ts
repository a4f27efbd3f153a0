import {
  deployJob, deployJobId, diffJob, driftJob, handOver, imageJob, preparation, releaseJob, rollbackJob, settingsJob, synthesis, synthJob, takeOver,
  verifyJob,
} from './delivery-jobs';
import { COMMENT, TAKE_RELEASED_IMAGES } from './delivery-news-scripts';
import type { DeliveryPlan, DeliveryRoad } from './delivery-plan';
import { Job, LINUX_RUNNER, workflowText } from './workflow-pieces';

/** Texts of the workflows by their files' names. They begin with what only those of this construct do. */
export function deliveryWorkflows(plan: DeliveryPlan, construct: string): Map<string, string> {
  const app = plan.appDirectory === '.' ? 'this repository' : plan.appDirectory;
  const header = [
    `Written by GithubDelivery of cdk-web-platform at each synth of the CDK app in ${app}, from the construct ${construct}.`,
    'To change it, change the construct, run `npx cdk synth` and commit.',
  ];
  const workflows = plan.roads.flatMap((road): [string, Job][] => [
    [road.name, deliveryWorkflow(plan, road)],
    [`${road.name}-pull-request`, pullRequestWorkflow(plan, road)],
    [`${road.name}-rollback`, rollbackWorkflow(plan, road)],
    [`${road.name}-drift`, driftWorkflow(plan, road)],
  ]);
  return new Map(workflows.map(([name, workflow]) => [`${name}.yml`, workflowText(header, workflow)]));
}

function deliveryWorkflow(plan: DeliveryPlan, road: DeliveryRoad): Job {
  return {
    name: road.name,
    on: { push: { branches: road.branches } },
    // Newer pushes do not wait here, or one that waits for an approval would hold them all: each environment takes its turns.
    concurrency: { 'group': `${road.name}-\${{ github.sha }}`, 'cancel-in-progress': false },
    permissions: {},
    jobs: {
      settings: settingsJob(plan, road),
      verify: verifyJob(plan),
      ...(plan.images.length > 0 ? { image: imageJob(plan) } : {}),
      synth: synthJob(plan),
      ...Object.fromEntries(road.environments.map(environment => [deployJobId(environment), deployJob(plan, road, environment)])),
      release: releaseJob(road),
    },
  };
}

function pullRequestWorkflow(plan: DeliveryPlan, road: DeliveryRoad): Job {
  const { needs: _, ...verify } = verifyJob(plan);
  const { needs: __, ...synth } = synthJob(plan);
  const [checkout, ...installation] = preparation(plan);
  const names = road.environments.map(({ name }) => name);
  return {
    name: `${road.name} pull request`,
    on: { pull_request: { branches: road.branches } },
    // Of a pull request only the newest commit counts.
    concurrency: { 'group': `${road.name}-pull-request-\${{ github.event.number }}`, 'cancel-in-progress': true },
    permissions: {},
    jobs: {
      verify,
      synth: {
        ...synth,
        steps: [
          checkout,
          {
            'name': 'Take released images',
            'id': 'released',
            'working-directory': '.',
            'env': { GH_TOKEN: '${{ github.token }}', PREFIX: road.name },
            'run': TAKE_RELEASED_IMAGES,
          },
          ...installation,
          ...synthesis(plan, '${{ steps.released.outputs.release }}'),
          handOver('assembly', 'assembly', 'release/', 1),
        ],
      },
      ...Object.fromEntries(road.environments.map(environment => [`diff-${environment.name.toLowerCase()}`, diffJob(plan, environment)])),
      comment: {
        'name': 'Comment',
        'needs': road.environments.map(({ name }) => `diff-${name.toLowerCase()}`),
        'runs-on': LINUX_RUNNER,
        'timeout-minutes': 5,
        'permissions': { 'pull-requests': 'write' },
        'defaults': { run: { shell: 'bash' } },
        'steps': [
          takeOver('diffs', { 'pattern': 'diff-*', 'path': 'diff', 'merge-multiple': true }),
          {
            name: 'Comment',
            env: {
              GH_TOKEN: '${{ github.token }}',
              PREFIX: road.name,
              ENVIRONMENTS: names.join(' '),
              ENVIRONMENT_COUNT: names.length,
              PULL_REQUEST: '${{ github.event.number }}',
            },
            run: COMMENT,
          },
        ],
      },
    },
  };
}

function rollbackWorkflow(plan: DeliveryPlan, road: DeliveryRoad): Job {
  return {
    'name': `${road.name} rollback`,
    'run-name': '${{ inputs.environment }} back to ${{ inputs.release }}',
    'on': {
      workflow_dispatch: {
        inputs: {
          environment: { description: 'What goes back', required: true, type: 'choice', options: road.environments.map(({ name }) => name) },
          release: { description: `A release, such as 42.1-0123abcd of the tag ${road.name}-42.1-0123abcd`, required: true, type: 'string' },
        },
      },
    },
    'permissions': {},
    'jobs': Object.fromEntries(road.environments.map(environment => [`rollback-${environment.name.toLowerCase()}`, rollbackJob(plan, road, environment)])),
  };
}

function driftWorkflow(plan: DeliveryPlan, road: DeliveryRoad): Job {
  return {
    name: `${road.name} drift`,
    // Not at a full hour, when GitHub is late.
    on: { schedule: [{ cron: '23 3 * * *' }], workflow_dispatch: {} },
    concurrency: { 'group': `${road.name}-drift`, 'cancel-in-progress': false },
    permissions: {},
    jobs: Object.fromEntries(road.environments.map(environment => [`drift-${environment.name.toLowerCase()}`, driftJob(plan, road, environment)])),
  };
}
