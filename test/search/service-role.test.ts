import { CloudFormationReceiver } from '../cloudformation-receiver';

const send = jest.fn();
jest.mock('@aws-sdk/client-iam', () => ({
  IAMClient: jest.fn(() => ({ send })),
  CreateServiceLinkedRoleCommand: jest.fn(input => input),
}));
import { makeServiceRole } from '../../src/search/service-role-handler';

let receiver: CloudFormationReceiver;
const pause = jest.fn(async () => undefined);
beforeEach(async () => { receiver = await CloudFormationReceiver.start(); });
afterEach(() => receiver.stop());

test('the first domain of an account gets the role, and time for it to be known', async () => {
  await makeServiceRole(receiver.request('Create'), pause);
  expect(send).toHaveBeenCalledWith({ AWSServiceName: 'opensearchservice.amazonaws.com' });
  expect(pause).toHaveBeenCalled();
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
});

test('every other domain finds it there', async () => {
  send.mockRejectedValueOnce(new Error('Service role name AWSServiceRoleForAmazonOpenSearchService has been taken in this account'));
  await makeServiceRole(receiver.request('Update'), pause);
  expect(pause).not.toHaveBeenCalled();
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
});

test('a missing right is told', async () => {
  jest.spyOn(console, 'error').mockImplementation();
  send.mockRejectedValueOnce(new Error('not authorized'));
  await makeServiceRole(receiver.request('Create'), pause);
  expect(receiver.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('not authorized') }]);
});

test('the role outlives the stack, because others use it', async () => {
  await makeServiceRole(receiver.request('Delete'), pause);
  expect(send).not.toHaveBeenCalled();
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
});
