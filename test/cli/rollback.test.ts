import { AwsStandIn } from './aws';
import { call } from './program';

// Each call is a process.
jest.setTimeout(60_000);

const SERVICE = 'arn:aws:ecs:eu-central-1:111111111111:service/Shop-Cluster/Shop-Api';
const REVISION = 'arn:aws:ecs:eu-central-1:111111111111:service-revision/Shop-Cluster/Shop-Api';
const DEPLOYMENT = 'arn:aws:ecs:eu-central-1:111111111111:service-deployment/Shop-Cluster/Shop-Api';
const TASKS = 'arn:aws:ecs:eu-central-1:111111111111:task-definition/ShopApi';

let aws: AwsStandIn;
beforeEach(async () => {
  aws = await AwsStandIn.start();
  resources(['ApiService', 'AWS::ECS::Service', SERVICE]);
  aws.on('DescribeServiceRevisions', ({ serviceRevisionArns }) => (
    { serviceRevisions: serviceRevisionArns.map((arn: string) => ({ serviceRevisionArn: arn, taskDefinition: `${TASKS}:${arn.split('/').at(-1)}` })) }));
});
afterEach(() => aws.stop());

function resources(...all: string[][]): void {
  const members = all.map(([logicalId, type, id]) => `<member><LogicalResourceId>${logicalId}</LogicalResourceId><ResourceType>${type}</ResourceType>
    <PhysicalResourceId>${id}</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>`);
  aws.on('ListStackResources', () => `<StackResourceSummaries>${members.join('')}</StackResourceSummaries>`)
    .on('GetTemplate', () => '<TemplateBody>{}</TemplateBody>');
}

/** Deployments, the oldest first, by the revision of the task definition that each deployed. */
function history(...deployments: [revision: string, status: string][]): object {
  return {
    serviceDeployments: deployments.map(([revision, status], index) => (
      { serviceDeploymentArn: `${DEPLOYMENT}/${index}`, targetServiceRevisionArn: `${REVISION}/${revision}`, status, createdAt: 1_700_000_000 + index })),
  };
}

const rollback = (...args: string[]) => call(['rollback', '--stack', 'Shop', '--json', '--no-wait', ...args], {
  environment: { ...aws.environment, CDK_WEB_PLATFORM_POLL_MILLISECONDS: '10' },
});
const changes = () => aws.calls.filter(({ action }) => ['UpdateService', 'StopServiceDeployment'].includes(action));

test('goes to the release before, past those that failed and those of the same version', async () => {
  const releases: [string, string][] = [['1', 'SUCCESSFUL'], ['2', 'SUCCESSFUL'], ['3', 'ROLLBACK_SUCCESSFUL'], ['4', 'SUCCESSFUL'], ['4', 'SUCCESSFUL']];
  aws.on('ListServiceDeployments', () => history(...releases));
  aws.on('UpdateService', ({ taskDefinition }) => {
    releases.push([taskDefinition.split(':').at(-1), 'IN_PROGRESS']);
    return {};
  });
  const { code, stdout } = await rollback('--yes');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ from: 'ShopApi:4', to: 'ShopApi:2', status: 'IN_PROGRESS', deployment: `${DEPLOYMENT}/5` });
  expect(changes()).toEqual([{ action: 'UpdateService', parameters: { cluster: 'Shop-Cluster', service: SERVICE, taskDefinition: `${TASKS}:2` } }]);
});

test('rolls back what is under way', async () => {
  aws.on('ListServiceDeployments', () => history(['1', 'SUCCESSFUL'], ['2', 'IN_PROGRESS'])).on('StopServiceDeployment', () => ({}));
  expect((await rollback('--yes')).code).toBe(0);
  expect(changes()).toEqual([{ action: 'StopServiceDeployment', parameters: { serviceDeploymentArn: `${DEPLOYMENT}/1`, stopType: 'ROLLBACK' } }]);
});

test.each<[string, [string, string][], string[], RegExp]>([
  ['the first release has none before it', [['1', 'SUCCESSFUL']], [], /no release before/],
  ['what goes back already is left alone', [['1', 'SUCCESSFUL'], ['2', 'ROLLBACK_IN_PROGRESS']], [], /goes back already/],
  ['another release is not begun beside one', [['1', 'SUCCESSFUL'], ['2', 'IN_PROGRESS']], ['--to', 'ShopApi:1'], /under way/],
])('%s', async (_, releases, args, message) => {
  aws.on('ListServiceDeployments', () => history(...releases));
  const { code, stderr } = await rollback('--yes', ...args);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/\n {2}fix: /);
  expect(changes()).toEqual([]);
});

test('a release whose task definition was deregistered is told apart from other refusals', async () => {
  aws.on('ListServiceDeployments', () => history(['1', 'SUCCESSFUL'], ['2', 'SUCCESSFUL']));
  aws.on('UpdateService', () => ({ error: 'ClientException', message: 'TaskDefinition is inactive' }));
  const { code, stderr } = await rollback('--yes');
  expect(code).toBe(1);
  expect(stderr).toMatch(/ShopApi:1 was deregistered.*\n {2}fix: deploy the commit of that release again/);
  aws.on('UpdateService', () => ({ error: 'InvalidParameterException', message: 'no' }));
  expect((await rollback('--yes')).stderr).not.toContain('deregistered');
});

test('of two services one has to be named', async () => {
  resources(['ApiService', 'AWS::ECS::Service', SERVICE], ['AdminService', 'AWS::ECS::Service', `${SERVICE}-Admin`]);
  const { code, stderr } = await rollback('--yes');
  expect(code).toBe(2);
  expect(stderr).toContain('allowed: ApiService (Shop-Api), AdminService (Shop-Api-Admin)\n  fix: name one of them: --service');
});

test('what AWS does not allow is said in a line', async () => {
  aws.on('ListServiceDeployments', () => ({ error: 'AccessDeniedException' }));
  const { code, stderr } = await rollback('--yes');
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^AWS refused: .*\n {2}fix: .*\n$/) });
});
