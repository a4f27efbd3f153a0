import { CloudFormationReceiver } from './cloudformation-receiver';
import { answerCloudFormation } from '../src/custom-resource-answer';

let receiver: CloudFormationReceiver;
beforeEach(async () => { receiver = await CloudFormationReceiver.start(); });
afterEach(() => receiver.stop());

const atOnce = async () => undefined;

test('CloudFormation gets the answer with what it knows the request by', async () => {
  await answerCloudFormation(receiver.request('Create'), { Status: 'SUCCESS', PhysicalResourceId: 'id', Data: { Digest: 'sha256:1' } });
  expect(receiver.answers).toEqual([{
    StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Resource', Status: 'SUCCESS', PhysicalResourceId: 'id', Data: { Digest: 'sha256:1' },
  }]);
});

test('an answer that is not taken is given again', async () => {
  receiver.failures = 3;
  await answerCloudFormation(receiver.request('Create'), { Status: 'SUCCESS', PhysicalResourceId: 'id' }, atOnce);
  expect(receiver.answers).toHaveLength(1);
});

test('an answer that is never taken is an error, for the function to be called again', async () => {
  receiver.failures = 4;
  await expect(answerCloudFormation(receiver.request('Create'), { Status: 'SUCCESS', PhysicalResourceId: 'id' }, atOnce)).rejects.toThrow('answered 503');
});
