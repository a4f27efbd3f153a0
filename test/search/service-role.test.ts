import { makeServiceRole } from '../../src/search/service-role-handler';
import { CloudFormationReceiver } from '../cloudformation-receiver';

const mockSend = jest.fn();
jest.mock('@aws-sdk/client-iam', () => ({
  IAMClient: jest.fn(() => ({ send: (command: unknown) => mockSend(command) })),
  CreateServiceLinkedRoleCommand: jest.fn(input => input),
}));

let receiver: CloudFormationReceiver;
const pause = jest.fn(async () => undefined);
beforeEach(async () => { receiver = await CloudFormationReceiver.start(); });
afterEach(() => receiver.stop());

test('the first domain of an account gets the role, and time for it to be known', async () => {
  await makeServiceRole(receiver.request('Create'), pause);
  expect(mockSend).toHaveBeenCalledWith({ AWSServiceName: 'opensearchservice.amazonaws.com' });
  expect(pause).toHaveBeenCalled();
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
});

test('every other domain finds it there', async () => {
  mockSend.mockRejectedValueOnce(new Error('Service role name AWSServiceRoleForAmazonOpenSearchService has been taken in this account'));
  await makeServiceRole(receiver.request('Update'), pause);
  expect(pause).not.toHaveBeenCalled();
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
});

test('a missing right is told', async () => {
  jest.spyOn(console, 'error').mockImplementation();
  mockSend.mockRejectedValueOnce(new Error('not authorized'));
  await makeServiceRole(receiver.request('Create'), pause);
  expect(receiver.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('not authorized') }]);
});

test('the role outlives the stack, because others use it', async () => {
  await makeServiceRole(receiver.request('Delete'), pause);
  expect(mockSend).not.toHaveBeenCalled();
  expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
});
