import { Check, checkService, CheckSurroundings } from '../../../src/service/release/release-operator-check';

const CHECK: Check = { cluster: 'web', service: 'api', timeoutMinutes: 30, secrets: ['secret'] };

/** What one check tells and logs where the world is a little different. */
async function run(check: Check, different: Partial<CheckSurroundings>) {
  const logged: object[] = [];
  const refuse = async () => { throw new Error('not asked for'); };
  const news = await checkService(check, {
    list: async () => [],
    describe: refuse,
    revisions: refuse,
    stop: refuse,
    describeService: refuse,
    restart: refuse,
    findResource: refuse,
    lastRotation: async () => undefined,
    now: Date.now,
    log: line => { logged.push(line); },
    ...different,
  });
  return { news, logged };
}

function failure(name: string, metadata?: object, message = 'failed'): Partial<CheckSurroundings> {
  return { list: async () => { throw Object.assign(new Error(message), { name, $metadata: metadata }); } };
}

const NOTHING = { news: [], logged: [] };

test('a service that nothing happens to makes no line', async () => {
  expect(await run(CHECK, {})).toEqual(NOTHING);
  expect(await run({ ...CHECK, secrets: [] }, {})).toEqual(NOTHING);
});

test('while a deployment is at work no secret is looked at', async () => {
  const ongoing = { serviceDeploymentArn: 'arn', status: 'IN_PROGRESS' };
  const lastRotation = jest.fn();
  const describe = async () => ({ ...ongoing, createdAt: new Date() });
  expect(await run(CHECK, { list: async () => [ongoing], describe, lastRotation })).toEqual(NOTHING);
  expect(await run(CHECK, { list: async () => [{ ...ongoing, status: 'ROLLBACK_IN_PROGRESS' }], lastRotation })).toEqual(NOTHING);
  expect(lastRotation).not.toHaveBeenCalled();
});

test.each([
  ['ThrottlingException', { httpStatusCode: 400 }],
  ['LimitExceededException', { httpStatusCode: 400 }],
  ['ServerException', { httpStatusCode: 500 }],
  ['Unknown', { httpStatusCode: 429 }],
  ['TimeoutError', {}],
])('%s waits for the next check, with a line', async (name, metadata) => {
  expect(await run(CHECK, failure(name, metadata))).toEqual({ news: [], logged: [{ check: CHECK, problem: `${name}: failed` }] });
});

test.each(['ServiceNotFoundException', 'ServiceNotActiveException', 'ClusterNotFoundException', 'ServiceDeploymentNotFoundException'])(
  '%s is quiet', async name => {
    expect(await run(CHECK, failure(name, { httpStatusCode: 400 }))).toEqual(NOTHING);
  });

test.each([
  ['AccessDeniedException', { httpStatusCode: 400 }],
  ['InvalidParameterException', { httpStatusCode: 400 }],
  ['TypeError', undefined],
])('%s is an error that somebody must see', async (name, metadata) => {
  await expect(run(CHECK, failure(name, metadata))).rejects.toThrow('failed');
});

describe('a service of a template', () => {
  const check = { ...CHECK, service: undefined, stack: 'stack', resource: 'Api' };
  const nameOf = async (id?: string) => {
    const asked: string[] = [];
    const list = async ({ service }: { service: string }) => { asked.push(service); return []; };
    await run(check, { findResource: async resource => { expect(resource).toEqual({ stack: 'stack', resource: 'Api' }); return id; }, list });
    return asked;
  };

  test.each([
    ['arn:aws:ecs:eu-west-1:1:service/web/api', ['api']],
    ['arn:aws-cn:ecs:cn-north-1:1:service/web/api|web', ['api']],
    ['Platform-Api-1ABC', []],
    ['', []],
    [undefined, []],
  ])('is found by its physical id %s', async (id, asked) => {
    expect(await nameOf(id)).toEqual(asked);
  });

  test('that CloudFormation has not begun is quiet, and a mistake is not', async () => {
    const findResource = (message: string) => ({
      findResource: async () => { throw Object.assign(new Error(message), { name: 'ValidationError', $metadata: { httpStatusCode: 400 } }); },
    });
    expect(await run(check, findResource('Resource Api does not exist for stack stack'))).toEqual(NOTHING);
    expect(await run(check, findResource('Stack with id stack does not exist'))).toEqual(NOTHING);
    await expect(run(check, findResource('1 validation error detected'))).rejects.toThrow('validation');
  });
});
