import { EC2Client } from '@aws-sdk/client-ec2';
import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { WebNetwork } from '../../src/network';
import { closeDefaultSecurityGroup, DefaultSecurityGroupRequest } from '../../src/network/default-security-group-handler';
import { CloudFormationReceiver } from '../cloudformation-receiver';
import { resourcesOf } from '../service/fixtures';

describe('the request', () => {
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

  const failure = (name: string, message: string) => Object.assign(new Error(message), { name });

  /** Waits no time at all, and says how long it should have been. */
  async function close(type: 'Create' | 'Update' | 'Delete'): Promise<number> {
    let waited = 0;
    await closeDefaultSecurityGroup(request(type), async milliseconds => { waited += milliseconds; });
    return waited;
  }

  test.each(['Create', 'Update'] as const)('%s takes away both rules that AWS gives, at once', async type => {
    await closeDefaultSecurityGroup(request(type));

    expect(send.mock.calls.map(([command]) => command.input)).toEqual([
      { GroupId: 'sg-1', IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-1', UserId: '111111111111' }] }] },
      { GroupId: 'sg-1', IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] },
    ]);
    expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'sg-1' }]);
  });

  test('rules that are gone already are no failure, and not waited for', async () => {
    send.mockRejectedValue(failure('InvalidPermission.NotFound', 'gone'));

    expect(await close('Create')).toBe(0);
    expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
  });

  test('a right that has just been given is waited for', async () => {
    send.mockRejectedValueOnce(failure('UnauthorizedOperation', 'not authorized')).mockRejectedValueOnce(failure('UnauthorizedOperation', 'not authorized'));

    expect(await close('Create')).toBe(10_000);
    expect(send).toHaveBeenCalledTimes(4);
    expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
  });

  test('what EC2 refuses for most of a minute is the reason that CloudFormation shows', async () => {
    send.mockRejectedValue(failure('UnauthorizedOperation', 'not authorized'));

    expect(await close('Create')).toBe(45_000);
    expect(receiver.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringMatching(/sg-1 could not be closed.*not authorized/) }]);
  });

  test('each call is given up in time, before CloudFormation gives up on the answer', async () => {
    await close('Create');

    for (const [, options] of send.mock.calls) expect(options.abortSignal).toBeInstanceOf(AbortSignal);
  });

  test('deleting the stack leaves the group closed', async () => {
    await close('Delete');

    expect(send).not.toHaveBeenCalled();
    expect(receiver.answers).toMatchObject([{ Status: 'SUCCESS' }]);
  });
});

describe('the resource', () => {
  const TYPE = 'Custom::ClosedDefaultSecurityGroup';

  test('may close the group of this VPC and no other, and is made when it may', () => {
    const stack = new Stack();
    new WebNetwork(stack, 'Network');
    const template = Template.fromStack(stack);
    const group = { 'Fn::GetAtt': [Match.stringLikeRegexp('^NetworkVpc'), 'DefaultSecurityGroup'] };

    template.hasResource(TYPE, {
      Properties: { ServiceTimeout: '300', GroupId: group, Account: { Ref: 'AWS::AccountId' } },
      DependsOn: [Match.stringLikeRegexp('^NetworkDefaultSecurityGroupPolicy')],
    });
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: [{
          Effect: 'Allow',
          Action: ['ec2:RevokeSecurityGroupIngress', 'ec2:RevokeSecurityGroupEgress'],
          Resource: { 'Fn::Join': ['', Match.arrayWith([':security-group/', group])] },
        }],
      },
    });
  });

  test('of one network may wait for another network, as users may tell it to', () => {
    const stack = new Stack();
    const [first, second] = ['First', 'Second'].map(id => new WebNetwork(stack, id));
    second.node.addDependency(first);

    // A circle in the template is refused here.
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    const [closed] = Object.keys(resourcesOf(template, TYPE, 'First'));
    const [vpc] = Object.values(resourcesOf(template, 'AWS::EC2::VPC', 'Second'));
    expect(vpc.DependsOn).toContain(closed);
  });

  test('of the network that the helper was made for may wait for a later one', () => {
    const stack = new Stack();
    const [first, second] = ['First', 'Second'].map(id => new WebNetwork(stack, id));
    first.node.addDependency(second);

    expect(Object.keys(resourcesOf(Template.fromStack(stack), TYPE))).toHaveLength(2);
  });

  test('in a nested stack has the helper of that stack', () => {
    const stack = new Stack(new App(), 'Stack');
    const nested = new NestedStack(stack, 'Nested');
    new WebNetwork(nested, 'Network');

    Template.fromStack(nested).resourceCountIs('AWS::Lambda::Function', 1);
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 0);
  });
});
