import { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from 'aws-lambda';
import { CloudFormationReceiver } from './cloudformation-receiver';
import { CustomResourceRequest } from '../src/custom-resource-answer';
import { handler, HelperRequest } from '../src/deployment-helper.lambda';

const context = { invokedFunctionArn: 'arn:helper', getRemainingTimeInMillis: () => 900_000 } as Context;
const DIGEST = `sha256:${'a'.repeat(64)}`;
const IMAGE = { RepositoryName: 'shop', RepositoryUri: 'host/shop', RegistryId: '111111111111', Tag: 'v1', WaitSeconds: '3300' };

let receiver: CloudFormationReceiver;
let error: jest.SpyInstance;
beforeEach(async () => {
  process.env.AWS_REGION = 'eu-central-1';
  receiver = await CloudFormationReceiver.start();
  jest.spyOn(console, 'log').mockImplementation();
  error = jest.spyOn(console, 'error').mockImplementation();
});
afterEach(() => {
  jest.restoreAllMocks();
  return receiver.stop();
});

function request(type: CustomResourceRequest['RequestType'], ResourceType: string, ResourceProperties: object): HelperRequest {
  return { ...receiver.request(type, type === 'Create' ? undefined : 'Physical'), ResourceType, ResourceProperties } as HelperRequest;
}

/** What is asked of a service, which answers the same to everything. */
function spyOn(client: { prototype: { send: unknown } }, answer: object): jest.SpyInstance {
  return jest.spyOn(client.prototype as { send: (command: object) => Promise<object> }, 'send').mockResolvedValue(answer);
}

test('a default security group is closed', async () => {
  const send = spyOn(EC2Client, {});
  await handler(request('Create', 'Custom::ClosedDefaultSecurityGroup', { GroupId: 'sg-1', Account: '111111111111' }), context);

  expect(send).toHaveBeenCalledTimes(2);
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'sg-1' }]);
});

test('an image is found, and its digest is told', async () => {
  const send = spyOn(ECRClient, { imageDetails: [{ imageDigest: DIGEST }] });
  await handler(request('Create', 'Custom::ImageGate', IMAGE), context);

  expect(send).toHaveBeenCalledTimes(1);
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: `v1@${DIGEST}`, Data: { Digest: DIGEST } }]);
});

test('the continuation of a wait finds its way back to the image', async () => {
  spyOn(ECRClient, { imageDetails: [{ imageDigest: DIGEST }] });
  await handler({ ...request('Create', 'Custom::ImageGate', IMAGE), deadline: Date.now() + 60_000 } as HelperRequest, context);

  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', Data: { Digest: DIGEST } }]);
});

test('a listener rule is looked at', async () => {
  const send = spyOn(ElasticLoadBalancingV2Client, { Rules: [{ Actions: [{ Type: 'fixed-response' }] }], TargetHealthDescriptions: [] });
  await handler(request('Update', 'Custom::ListenerRuleGuard', { RuleArn: 'arn:rule', TargetGroupArns: ['arn:blue', 'arn:green'] }), context);

  expect(send).toHaveBeenCalledTimes(3);
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'Physical' }]);
});

test.each(['Create', 'Update'] as const)('%s of what nobody knows is refused at once, instead of an hour later', async type => {
  await handler(request(type, 'Custom::Unheard', {}), context);

  expect(receiver.answers).toMatchObject([{
    Status: 'FAILED', Reason: 'The deployment helper knows no resource of the type Custom::Unheard.', PhysicalResourceId: type === 'Create' ? 'Resource' : 'Physical',
  }]);
  expect(JSON.parse(error.mock.calls[0][0])).toEqual({ failed: expect.stringContaining('Custom::Unheard') });
});

test('what nobody knows can be deleted, so that no stack hangs', async () => {
  await handler(request('Delete', 'toString', {}), context);

  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'Physical' }]);
});
