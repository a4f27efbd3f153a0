/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import { setTimeout as sleep } from 'timers/promises';
import { EC2Client, RevokeSecurityGroupEgressCommand, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { answerCloudFormation, CustomResourceRequest } from '../custom-resource-answer';

/** What the template says. */
export interface DefaultSecurityGroupRequest extends CustomResourceRequest {
  readonly ResourceProperties: {
    readonly GroupId: string;
    /** Account of the VPC. */
    readonly Account: string;
  };
}

const client = new EC2Client();

/** A right that has just been given shows everywhere within seconds, a new group too. */
const ATTEMPTS = 10;
const PAUSE_MILLISECONDS = 5_000;

type Pause = (milliseconds: number) => Promise<unknown>;

/** A call that hangs is given up, to be tried again. */
const soon = () => ({ abortSignal: AbortSignal.timeout(10_000) });

/** Takes away the two rules that AWS gives every default security group. It stays closed when the resource goes. */
export async function closeDefaultSecurityGroup(request: DefaultSecurityGroupRequest, pause: Pause = sleep): Promise<void> {
  const { GroupId, Account } = request.ResourceProperties;
  try {
    if (request.RequestType !== 'Delete') {
      const everyPort = { IpProtocol: '-1' };
      const fromItself = { GroupId, IpPermissions: [{ ...everyPort, UserIdGroupPairs: [{ GroupId, UserId: Account }] }] };
      const toAnywhere = { GroupId, IpPermissions: [{ ...everyPort, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] };
      await revoke(() => client.send(new RevokeSecurityGroupIngressCommand(fromItself), soon()), pause);
      await revoke(() => client.send(new RevokeSecurityGroupEgressCommand(toAnywhere), soon()), pause);
    }
  } catch (error) {
    const Reason = `The default security group ${GroupId} could not be closed. ${error}`;
    console.error(JSON.stringify({ failed: Reason }));
    return answerCloudFormation(request, { Status: 'FAILED', Reason, PhysicalResourceId: GroupId });
  }
  console.log(JSON.stringify({ groupId: GroupId, closed: true }));
  return answerCloudFormation(request, { Status: 'SUCCESS', PhysicalResourceId: GroupId });
}

/** A rule that is gone already is what was wanted. */
async function revoke(call: () => Promise<unknown>, pause: Pause): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await call();
      return;
    } catch (error) {
      if ((error as Error).name === 'InvalidPermission.NotFound') return;
      if (attempt === ATTEMPTS) throw error;
    }
    await pause(PAUSE_MILLISECONDS);
  }
}
