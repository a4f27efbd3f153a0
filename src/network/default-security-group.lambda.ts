/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
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

/** Takes away the two rules that AWS gives every default security group. It stays closed when the resource goes. */
export async function handler(request: DefaultSecurityGroupRequest): Promise<void> {
  const { GroupId, Account } = request.ResourceProperties;
  try {
    if (request.RequestType !== 'Delete') {
      await unlessGone(client.send(new RevokeSecurityGroupIngressCommand({
        GroupId, IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId, UserId: Account }] }],
      })));
      await unlessGone(client.send(new RevokeSecurityGroupEgressCommand({
        GroupId, IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
      })));
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
async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if ((error as Error).name !== 'InvalidPermission.NotFound') throw error;
  }
}
