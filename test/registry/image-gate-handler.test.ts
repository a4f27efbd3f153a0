import * as http from 'http';
import { AddressInfo } from 'net';
import type { Context } from 'aws-lambda';
import { openImageGate } from '../../src/registry/image-gate-handler';
import { GateEvent } from '../../src/registry/image-gate-logic';

/*
 * The handler as it is, with the real ECR client, against a server that plays ECR and CloudFormation.
 */
const mockState = { invocations: [] as { [key: string]: unknown }[], invocationFails: false };
jest.mock('@aws-sdk/client-lambda', () => ({
  InvokeCommand: class { constructor(public readonly input: object) {} },
  LambdaClient: class {
    public async send(command: { input: { [key: string]: unknown } }): Promise<void> {
      if (mockState.invocationFails) throw new Error('not allowed');
      mockState.invocations.push(command.input);
    }
  },
}), { virtual: true });

const DIGEST = `sha256:${'a'.repeat(64)}`;
const registry: { [tag: string]: string } = { v1: DIGEST };
const answers: { headers: http.IncomingHttpHeaders; body: { [key: string]: unknown } }[] = [];
let refusals = 0;
let server: http.Server;
let address: string;

beforeAll(async () => {
  server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => serve(request, JSON.parse(Buffer.concat(chunks).toString()), response));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_ECR: address, AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test',
  });
});

afterAll(() => new Promise(resolve => server.close(resolve)));

beforeEach(() => {
  answers.length = 0;
  mockState.invocations = [];
  mockState.invocationFails = false;
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});

type Body = { imageIds: { imageTag: string }[] } & { [key: string]: unknown };

function serve(request: http.IncomingMessage, body: Body, response: http.ServerResponse): void {
  if (request.method === 'PUT') {
    if (refusals-- > 0) {
      response.writeHead(503).end();
      return;
    }
    answers.push({ headers: request.headers, body });
    response.end();
    return;
  }
  const digest = registry[body.imageIds[0].imageTag];
  response.writeHead(digest ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(digest ? { imageDetails: [{ imageDigest: digest }] } : { __type: 'ImageNotFoundException', message: 'none' }));
}

function event(changes: object = {}): GateEvent {
  return {
    RequestType: 'Create',
    ResponseURL: `${address}/answer?signature=1`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Gate',
    ResourceProperties: { RepositoryName: 'shop', RepositoryUri: 'host/shop', RegistryId: '111111111111', Tag: 'v1', WaitSeconds: '3300' },
    ...changes,
  } as GateEvent;
}

function context(remaining = 900_000): Context {
  return { invokedFunctionArn: 'arn:gate', getRemainingTimeInMillis: () => remaining } as Context;
}

const missing = { ResourceProperties: { RepositoryName: 'shop', RepositoryUri: 'host/shop', RegistryId: '1', Tag: 'v9', WaitSeconds: '3300' } };

test('an image that is there answers CloudFormation with its digest, without a content type', async () => {
  await openImageGate(event(), context());

  expect(answers).toEqual([{
    headers: expect.not.objectContaining({ 'content-type': expect.anything() }),
    body: { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Gate', Status: 'SUCCESS', PhysicalResourceId: `v1@${DIGEST}`, Data: { Digest: DIGEST } },
  }]);
});

test('an answer that is not taken is given again', async () => {
  refusals = 1;
  await openImageGate(event(), context());

  expect(answers).toHaveLength(1);
});

test('with its time nearly over the function calls itself, and CloudFormation hears nothing yet', async () => {
  await openImageGate(event(missing), context(40_000));

  expect(answers).toEqual([]);
  expect(mockState.invocations).toEqual([expect.objectContaining({ FunctionName: 'arn:gate', InvocationType: 'Event' })]);
  expect(JSON.parse(mockState.invocations[0].Payload as string)).toMatchObject({ RequestId: 'request', deadline: expect.any(Number) });
});

test('a function that cannot call itself says so', async () => {
  mockState.invocationFails = true;
  await openImageGate(event(missing), context(40_000));

  expect(answers[0].body).toMatchObject({ Status: 'FAILED', Reason: 'The gate could not go on waiting. Error: not allowed', PhysicalResourceId: 'Gate' });
});

test('a wait that is over answers with the commands', async () => {
  await openImageGate(event({ ...missing, PhysicalResourceId: 'v1', deadline: Date.now() }), context());

  expect(answers[0].body).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('docker push host/shop:v9'), PhysicalResourceId: 'v1' });
});

test('an event that makes no sense is answered, not thrown', async () => {
  await openImageGate(event({ ResourceProperties: undefined }), context());

  expect(answers[0].body).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('The gate failed. TypeError') });
});
