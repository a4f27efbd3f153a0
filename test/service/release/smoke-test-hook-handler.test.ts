import { ApiAnswer, AwsApis, networkInterfaces } from './smoke-test-aws';
import { TestServer } from './smoke-test-servers';
import { handler } from '../../../src/service/release/smoke-test-hook.lambda';
import { readReleaseTestSettings } from '../../../src/service/release/smoke-test-release';

/*
 * The handler as it is, with the real SDK, against servers that play AWS and the new version.
 */
const REVISION = 'arn:aws:ecs:eu-central-1:111111111111:service-revision/shop/api/2';
const TASK_DEFINITION = 'arn:aws:ecs:eu-central-1:111111111111:task-definition/api:2';

let aws: AwsApis;
let green: TestServer;
let status: number;
let received: string[];
let lines: { [name: string]: unknown }[];

beforeAll(async () => {
  aws = await AwsApis.start();
});
afterAll(() => aws.stop());

beforeEach(async () => {
  status = 200;
  received = [];
  green = await TestServer.http((request, response) => {
    received.push(`${request.method} ${request.headers.host}${request.url}`);
    response.writeHead(status).end('{"status":"healthy"}');
  });
  lines = [];
  jest.spyOn(console, 'log').mockImplementation(line => lines.push(JSON.parse(line)));
  Object.assign(process.env, {
    SMOKE_TESTS: JSON.stringify([{ path: '/health', retries: 0, expectedFields: { status: 'healthy' } }]),
    TEST_PROTOCOL: 'http:',
    TEST_PORT: String(green.port),
    TEST_HOST: 'api.example.test',
    LOAD_BALANCER_DNS_NAME: '127.0.0.1',
    LOAD_BALANCER_FULL_NAME: 'app/shop/50dc6c495c0c9188',
    VPC_ID: 'vpc-1',
  });
  aws.reset({
    DescribeServiceRevisions: () => ({ serviceRevisions: [{ taskDefinition: TASK_DEFINITION }] }),
    DescribeNetworkInterfaces: () => networkInterfaces('127.0.0.2', '127.0.0.1'),
    PutEvents: () => ({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] }),
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await green.stop();
});

function event(hookDetails: object | string | undefined = { serviceTaskDefinition: TASK_DEFINITION }): object {
  return {
    executionId: 'execution',
    lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
    resourceArn: 'arn:aws:ecs:eu-central-1:111111111111:service-deployment/shop/api/1',
    executionDetails: { serviceArn: 'arn:aws:ecs:eu-central-1:111111111111:service/shop/api', targetServiceRevisionArn: REVISION },
    hookDetails,
  };
}

test('a version that answers as expected goes on, tested through the private addresses of the load balancer', async () => {
  expect(await handler(event())).toEqual({ hookStatus: 'SUCCEEDED' });

  expect(received).toEqual(['GET api.example.test/health']);
  expect(lines).toEqual([{ path: '/health', method: 'GET', ok: true, status: 200, milliseconds: expect.any(Number), tries: 1 }]);
  expect(aws.callsOf('DescribeServiceRevisions')).toEqual([{ serviceRevisionArns: [REVISION] }]);
  expect(aws.callsOf('DescribeNetworkInterfaces')).toMatchObject([{
    'Filter.1.Name': 'vpc-id', 'Filter.1.Value.1': 'vpc-1', 'Filter.2.Name': 'description', 'Filter.2.Value.1': 'ELB app/shop/50dc6c495c0c9188',
  }]);
  expect(aws.callsOf('PutEvents')).toEqual([]);
});

test('an internal load balancer is found by its name, and EC2 is not asked', async () => {
  delete process.env.LOAD_BALANCER_FULL_NAME;
  delete process.env.TEST_HOST;
  expect(await handler(event())).toEqual({ hookStatus: 'SUCCEEDED' });

  expect(received).toEqual(['GET 127.0.0.1/health']);
  expect(aws.callsOf('DescribeNetworkInterfaces')).toEqual([]);
});

test('a version that fails is rolled back, with the reason on the event bus and in the log', async () => {
  status = 503;
  expect(await handler(event())).toEqual({ hookStatus: 'FAILED' });

  const reason = 'GET /health: expected status 200, got 503 after 1 try: {"status":"healthy"}';
  expect(lines).toMatchObject([{ path: '/health', ok: false, status: 503, problem: 'expected status 200, got 503' }, { failed: reason }]);
  const [{ Entries: [entry] }] = aws.callsOf('PutEvents') as [{ Entries: { Detail: string }[] }];
  expect(entry).toMatchObject({ Source: 'cdk-web-platform', DetailType: 'Release Step Failed' });
  expect(JSON.parse(entry.Detail)).toEqual({ step: 'smoke tests', reason, serviceRevision: REVISION });
});

test.each<[string, ApiAnswer]>([
  ['refused as a whole', { error: 'AccessDeniedException' }],
  ['refused as an entry', { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'later' }] }],
])('an event that is %s does not change the answer', async (_, answer) => {
  status = 503;
  aws.answers.PutEvents = () => answer;
  expect(await handler(event())).toEqual({ hookStatus: 'FAILED' });
  expect(lines[2]).toEqual({ eventNotPut: expect.stringMatching(/AccessDeniedException|InternalFailure: later/) });
});

test('a deployment back to an older task definition is not tested', async () => {
  status = 503;
  expect(await handler(event({ serviceTaskDefinition: TASK_DEFINITION.replace(':2', ':3') }))).toEqual({ hookStatus: 'SUCCEEDED' });
  expect(received).toEqual([]);
  expect(lines).toEqual([{ skipped: expect.stringContaining('a rollback is not tested') }]);
});

test.each<[string, object | string | undefined, () => ApiAnswer]>([
  ['ECS refuses to tell', { serviceTaskDefinition: TASK_DEFINITION }, () => ({ error: 'ClientException' })],
  ['the revision is not found', { serviceTaskDefinition: TASK_DEFINITION }, () => ({ serviceRevisions: [] })],
  ['the details are missing', undefined, () => ({ serviceRevisions: [{ taskDefinition: TASK_DEFINITION }] })],
  ['the details are no JSON', '{', () => ({ serviceRevisions: [{ taskDefinition: TASK_DEFINITION }] })],
  ['the details are text', JSON.stringify({ serviceTaskDefinition: TASK_DEFINITION }), () => ({ serviceRevisions: [{ taskDefinition: TASK_DEFINITION }] })],
])('a deployment is tested where %s', async (_, details, answer) => {
  aws.answers.DescribeServiceRevisions = answer;
  expect(await handler(event(details))).toEqual({ hookStatus: 'SUCCEEDED' });
  expect(received).toHaveLength(1);
});

describe('a load balancer without an address', () => {
  const reasonOf = async () => {
    expect(await handler(event())).toEqual({ hookStatus: 'FAILED' });
    expect(received).toEqual([]);
    const [{ Entries: [{ Detail }] }] = aws.callsOf('PutEvents') as [{ Entries: { Detail: string }[] }];
    return JSON.parse(Detail).reason;
  };

  test('none of the network interfaces is its own', async () => {
    aws.answers.DescribeNetworkInterfaces = () => networkInterfaces();
    expect(await reasonOf()).toBe("The load balancer app/shop/50dc6c495c0c9188 has no address: no network interface in vpc-1 is described as 'ELB app/shop/50dc6c495c0c9188'.");
  });

  test('EC2 refuses', async () => {
    aws.answers.DescribeNetworkInterfaces = () => ({ error: 'UnauthorizedOperation' });
    expect(await reasonOf()).toBe('The address of the load balancer could not be asked for. UnauthorizedOperation: no');
  });

  test('there is no way to EC2', async () => {
    const nobody = await TestServer.http(() => undefined);
    process.env.AWS_ENDPOINT_URL_EC2 = nobody.url;
    await nobody.stop();
    // The endpoint of a client is read once.
    jest.resetModules();
    const fresh = jest.requireActual<{ handler: typeof handler }>('../../../src/service/release/smoke-test-hook.lambda');
    expect(await fresh.handler(event())).toEqual({ hookStatus: 'FAILED' });
    expect(lines).toEqual([{ failed: expect.stringMatching(/there is no way to the EC2 API from these subnets\. Add the interface endpoint ec2 to the VPC.*ECONNREFUSED/) }]);
  });
});

test('the two minutes begin with the function, and whatever hangs ends with them', async () => {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  const asked = jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(300));
  process.env.SMOKE_TESTS = JSON.stringify([{ path: '/slow', timeoutSeconds: 60, retries: 10 }]);
  const slow = await TestServer.http(() => undefined);
  process.env.TEST_PORT = String(slow.port);
  try {
    expect(await handler(event())).toEqual({ hookStatus: 'FAILED' });
  } finally {
    await slow.stop();
  }
  expect(asked.mock.calls).toEqual([[120_000]]);
  expect(lines[1].failed).toBe('GET /slow: no answer before the time of all smoke tests was over after 1 try');
});

test('an event of something else is refused', async () => {
  await expect(handler({ RequestType: 'Create' })).rejects.toThrow('this is not an event of an ECS lifecycle hook');
});

test.each(['SMOKE_TESTS', 'TEST_PROTOCOL', 'TEST_PORT', 'LOAD_BALANCER_DNS_NAME', 'VPC_ID'])('a function without %s says so', name => {
  expect(() => readReleaseTestSettings({ ...process.env, [name]: undefined })).toThrow(`the environment variable ${name} is missing`);
});

test('where nobody said what users call, the certificate may have any name', () => {
  expect(readReleaseTestSettings(process.env).listener).toMatchObject({ host: 'api.example.test', anyCertificateName: false });
  expect(readReleaseTestSettings({ ...process.env, TEST_HOST: undefined }).listener).toMatchObject({ host: '127.0.0.1', anyCertificateName: true });
});
