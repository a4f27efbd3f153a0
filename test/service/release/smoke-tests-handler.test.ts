import { AwsApis, stackIn } from './smoke-test-aws';
import { TestServer } from './smoke-test-servers';
import { DeploymentTestSurroundings, SmokeTestsRequest, testDeployment } from '../../../src/service/release/smoke-tests-deployment';
import { SmokeTestsEvent } from '../../../src/service/release/smoke-tests-event';
import { handler } from '../../../src/service/release/smoke-tests.lambda';
import { CloudFormationReceiver } from '../../cloudformation-receiver';

/*
 * The handler as it is, with the real SDK, against servers that play CloudFormation and what was deployed.
 */
let aws: AwsApis;
let site: TestServer;
let receiver: CloudFormationReceiver;
let status: number;
let received: string[];
let lines: { [name: string]: unknown }[];

beforeAll(async () => {
  aws = await AwsApis.start();
});
afterAll(() => aws.stop());

beforeEach(async () => {
  aws.reset({ DescribeStacks: () => stackIn('UPDATE_IN_PROGRESS') });
  status = 200;
  received = [];
  site = await TestServer.http(({ headers, url }, response) => {
    received.push(`${headers.host}${url}`);
    response.writeHead(status).end('hello');
  });
  receiver = await CloudFormationReceiver.start();
  lines = [];
  jest.spyOn(console, 'log').mockImplementation(line => lines.push(JSON.parse(line)));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await receiver.stop();
  await site.stop();
});

function request(type: 'Create' | 'Update' | 'Delete', changes: Partial<SmokeTestsRequest['ResourceProperties']> = {}): SmokeTestsRequest {
  const id = type === 'Create' ? undefined : 'physical';
  return { ...receiver.request(type, id), ResourceProperties: { Url: site.url, Tests: JSON.stringify([{ path: '/', retries: 0 }]), ...changes } };
}

const REASON = 'GET /: expected status 200, got 500 after 1 try: hello';

test.each(['Create', 'Update'] as const)('what answers as expected lets the deployment go on: %s', async type => {
  await handler(request(type));
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: type === 'Create' ? 'Resource' : 'physical' }]);
  expect(lines).toEqual([{ path: '/', method: 'GET', ok: true, status: 200, milliseconds: expect.any(Number), tries: 1 }]);
});

test.each(['Create', 'Update'] as const)('what does not fails the deployment with the reason: %s', async type => {
  status = 500;
  await handler(request(type));
  expect(receiver.answers).toMatchObject([{ Status: 'FAILED', Reason: REASON, PhysicalResourceId: type === 'Create' ? 'Resource' : 'physical' }]);
  expect(aws.callsOf('DescribeStacks')).toMatchObject([{ StackName: 'stack' }]);
  expect(lines).toMatchObject([{ path: '/', ok: false, status: 500 }, { failed: REASON }]);
});

test('a request that makes no sense is answered, not thrown', async () => {
  await handler({ ...request('Create'), ResourceProperties: undefined as never });
  expect(receiver.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringMatching(/^The smoke tests could not run\. Cannot destructure/) }]);
});

test.each(['UPDATE_ROLLBACK_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'IMPORT_ROLLBACK_IN_PROGRESS'])(
  'on the way back nothing fails, and the log has the results: %s', async state => {
    status = 500;
    aws.answers.DescribeStacks = () => stackIn(state);
    await handler(request('Update'));
    expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
    expect(lines).toMatchObject([{ path: '/', ok: false }, { failed: REASON, told: 'only here', because: `the stack is in ${state}: on the way back nothing may fail` }]);
  });

test('deleting asks nobody', async () => {
  status = 500;
  await handler(request('Delete'));
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'physical' }]);
  expect(received).toEqual([]);
  expect(aws.calls).toEqual([]);
});

describe('the address', () => {
  test('may have a path, which comes before those of the tests', async () => {
    await handler(request('Create', { Url: `${site.url}/app/`, Tests: '[{"path":"/health?a=1"}]' }));
    expect(received).toEqual([`${site.url.replace('http://', '')}/app/health?a=1`]);
    expect(lines[0].path).toBe('/app/health?a=1');
  });

  test.each([
    ['no-address', /^The smoke tests could not run\. Invalid URL$/],
    ['ftp://example.test', /^The smoke tests could not run\. ftp: is neither http: nor https:$/],
  ])('that nobody can call is told: %s', async (Url, reason) => {
    await handler(request('Create', { Url }));
    expect(receiver.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringMatching(reason) }]);
  });

  test.each([
    ['http://[::1]/', 'no connection to ::1:80'],
    ['https://127.0.0.9/', 'no connection to 127.0.0.9:443'],
  ])('has the port of its protocol: %s', async (Url, problem) => {
    await handler(request('Create', { Url }));
    expect(receiver.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining(problem) }]);
  });

  test('tests that are no JSON are told', async () => {
    await handler(request('Create', { Tests: 'x' }));
    expect(receiver.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringMatching(/could not run\. Unexpected token/) }]);
  });
});

describe('a stack whose state is not told', () => {
  let questions: number;
  let pauses: number[];
  const ask = (type: 'Create' | 'Update', answers: (string | undefined)[] = []) => {
    questions = 0;
    pauses = [];
    const world: DeploymentTestSurroundings = {
      deadline: new AbortController().signal,
      log: line => lines.push(line as { [name: string]: unknown }),
      pause: async milliseconds => void pauses.push(milliseconds),
      findStackStatus: async () => {
        const answer = answers[questions++];
        if (!answer) throw Object.assign(new Error('no'), { name: 'AccessDenied' });
        return answer;
      },
    };
    return testDeployment(request(type), world);
  };

  test('does not stop an update that works', async () => {
    expect(await ask('Update')).toEqual({ Status: 'SUCCESS', PhysicalResourceId: 'physical' });
    expect(questions).toBe(0);
  });

  test('never fails an update: it could be the way back', async () => {
    status = 500;
    expect(await ask('Update')).toEqual({ Status: 'SUCCESS', PhysicalResourceId: 'physical' });
    expect(questions).toBe(6);
    expect(pauses).toEqual(Array(5).fill(4000));
    expect(lines[lines.length - 1]).toMatchObject({ failed: REASON, because: expect.stringContaining('AccessDenied: no') });
  });

  test('is told with the first deployment, because no later one could fail', async () => {
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/^CloudFormation could not be asked whether this stack is going back\. AccessDenied: no.*interface endpoint cloudformation\.$/),
    });
    status = 500;
    expect(await ask('Create')).toMatchObject({ Status: 'FAILED', Reason: REASON });
  });

  test('is asked again, since a new right takes its time', async () => {
    status = 500;
    expect(await ask('Update', [undefined, undefined, 'UPDATE_ROLLBACK_IN_PROGRESS'])).toMatchObject({ Status: 'SUCCESS' });
    expect(await ask('Update', [undefined, 'UPDATE_IN_PROGRESS'])).toMatchObject({ Status: 'FAILED', Reason: REASON });
    expect(pauses).toEqual([4000]);
  });
});

describe('after an event', () => {
  const event = (changes: Partial<SmokeTestsEvent> = {}): SmokeTestsEvent => ({ url: site.url, tests: [{ path: '/', retries: 0 }], ...changes });

  test('what answers as expected is told in the log, and nowhere else', async () => {
    await handler(event({ tests: [{ path: '/', expectedText: 'hell' }] }));
    expect(lines).toEqual([{ path: '/', method: 'GET', ok: true, status: 200, milliseconds: expect.any(Number), tries: 1 }]);
    expect(receiver.answers).toEqual([]);
    expect(aws.calls).toEqual([]);
  });

  test('what does not is an error that names each test and why, and so is the last line of the log', async () => {
    const tests = [
      { path: '/', retries: 1, expectedText: 'welcome' },
      { path: '/api', retries: 0, expectedStatus: 201 },
      { path: '/fine', retries: 0 },
    ];
    const failed = "GET /: expected the text 'welcome', which is missing after 2 tries: hello\nGET /api: expected status 201, got 200 after 1 try: hello";
    await expect(handler(event({ tests }))).rejects.toThrow(failed);
    expect(lines).toHaveLength(4);
    expect(lines[3]).toEqual({ failed });
    expect(receiver.answers).toEqual([]);
  });

  test('the address may have a path', async () => {
    await handler(event({ url: `${site.url}/app` }));
    expect(received).toEqual([`${site.url.replace('http://', '')}/app/`]);
  });

  test.each<[string, unknown, string]>([
    ['has no address', { tests: [] }, 'The smoke tests could not run. Invalid URL'],
    ['has no tests', { url: 'https://example.test' }, 'The smoke tests could not run.'],
    ['is somebody else\'s', { source: 'aws.amplify' }, 'The smoke tests could not run.'],
  ])('an event that %s is an error', async (_, wrongEvent, message) => {
    await expect(handler(wrongEvent as SmokeTestsEvent)).rejects.toThrow(message);
    expect(lines).toEqual([{ failed: expect.stringContaining(message) }]);
  });

  test('a site that is not there', async () => {
    const gone = event();
    await site.stop();
    await expect(handler(gone)).rejects.toThrow(/^GET \/: no connection to 127\.0\.0\.1:\d+: ECONNREFUSED after 1 try$/);
    site = await TestServer.http((_, response) => response.end());
  });
});

test('four seconds lie between two questions', async () => {
  const wait = setTimeout;
  const waits: unknown[] = [];
  jest.spyOn(global, 'setTimeout').mockImplementation(((callback: () => void, milliseconds: number) => {
    waits.push(milliseconds);
    return wait(callback, milliseconds === 4000 ? 0 : milliseconds);
  }) as never);
  const answers = [{ error: 'AccessDenied' }, stackIn('CREATE_IN_PROGRESS')];
  aws.answers.DescribeStacks = () => answers.shift()!;
  await handler(request('Create'));
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
  expect(waits.filter(milliseconds => milliseconds === 4000)).toHaveLength(1);
  expect(aws.callsOf('DescribeStacks')).toHaveLength(2);
});

test('an answer of any length fits into what CloudFormation takes', async () => {
  const tests = Array.from({ length: 20 }, (_, index) => ({ path: `/${index}?${'x'.repeat(1500)}`, retries: 0, expectedStatus: 201 }));
  await handler(request('Create', { Tests: JSON.stringify(tests) }));
  expect(receiver.answers).toMatchObject([{ Status: 'FAILED' }]);
  expect(Buffer.byteLength(JSON.stringify(receiver.answers[0]))).toBeLessThan(4096 - 500);
});
