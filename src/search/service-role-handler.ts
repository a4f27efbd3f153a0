/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import { setTimeout as sleep } from 'timers/promises';
import { CreateServiceLinkedRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { answerCloudFormation, CustomResourceRequest } from '../custom-resource-answer';

const client = new IAMClient();
const ID = 'opensearch-service-role';
/** A role that has just been made shows everywhere within seconds. */
const PROPAGATION_MILLISECONDS = 15_000;

/**
 * Makes the role with which OpenSearch Service joins VPCs, once in an account. Without it the first domain of an account fails. It stays: other domains use it.
 *
 * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/slr-aos.html
 */
export async function makeServiceRole(request: CustomResourceRequest, pause: (milliseconds: number) => Promise<unknown> = sleep): Promise<void> {
  try {
    if (request.RequestType !== 'Delete') {
      await client.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'opensearchservice.amazonaws.com' }));
      await pause(PROPAGATION_MILLISECONDS);
    }
  } catch (error) {
    // "Service role name … has been taken in this account": that is what was wanted.
    if (!/has been taken/.test((error as Error).message)) {
      const Reason = `The service-linked role of OpenSearch Service could not be made. ${error}`;
      console.error(JSON.stringify({ failed: Reason }));
      return answerCloudFormation(request, { Status: 'FAILED', Reason, PhysicalResourceId: ID });
    }
  }
  return answerCloudFormation(request, { Status: 'SUCCESS', PhysicalResourceId: ID });
}
