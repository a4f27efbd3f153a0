import { EC2Client } from '@aws-sdk/client-ec2';
import { DefaultSecurityGroupRequest, handler } from '../../src/network/default-security-group.lambda';
import { CloudFormationReceiver } from '../cloudformation-receiver';

let receiver: CloudFormationReceiver;
let send: jest.SpyInstance;
beforeEach(async () => {
  receiver = await CloudFormationReceiver.start();
  send = jest.spyOn(EC2Client.prototype, 'send').mockImplementation(async () => ({}));
  jest.spyOn(console, 'log').mockImplementation();
  jest.spyOn(console, 'error').mockImplementation();
});
afterEach(() => {
  jest.restoreAllMocks();
  return receiver.stop();
});

const request = (type: 'Create' | 'Update' | 'Delete'): DefaultSecurityGroupRequest =>
  ({ ...receiver.request(type), ResourceProperties: { GroupId: 'sg-1', Account: '111111111111' } });

test.each(['Create', 'Update'] as const)('%s takes away both rules that AWS gives', async type => {
  await handler(request(type));

  expect(send.mock.calls.map(([command]) => command.input)).toEqual([
    { GroupId: 'sg-1', IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-1', UserId: '111111111111' }] }] },
    { GroupId: 'sg-1', IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] },
  ]);
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'sg-1' }]);
});

test('rules that are gone already are no failure', async () => {
  send.mockRejectedValue(Object.assign(new Error('gone'), { name: 'InvalidPermission.NotFound' }));
  await handler(request('Create'));
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
});

test('what EC2 refuses is the reason that CloudFormation shows', async () => {
  send.mockRejectedValue(Object.assign(new Error('not authorized'), { name: 'UnauthorizedOperation' }));
  await handler(request('Create'));
  expect(receiver.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringMatching(/sg-1 could not be closed.*not authorized/) }]);
});

test('deleting the stack leaves the group closed', async () => {
  await handler(request('Delete'));
  expect(send).not.toHaveBeenCalled();
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
});
