import { administer, AdministratorRequest } from './administrator/requests';
import { OpenSearch } from './open-search';
import { answerCloudFormation } from '../custom-resource-answer';

const REQUEST_TIMEOUT = 30_000;
/** A function that was killed could not answer. */
const PATIENCE = { milliseconds: 600_000, pause: 10_000 };

/** The one role that OpenSearch trusts with everything: it puts templates in place and lets other roles in, at deployments and at no other time. */
export async function handler(request: AdministratorRequest): Promise<void> {
  const openSearch = OpenSearch.fromEnvironment(request.ResourceProperties.Endpoint, process.env, REQUEST_TIMEOUT);
  try {
    const PhysicalResourceId = await administer(request, openSearch, PATIENCE);
    await answerCloudFormation(request, { Status: 'SUCCESS', PhysicalResourceId });
  } catch (error) {
    const Reason = error instanceof Error ? error.message : String(error);
    console.error(JSON.stringify({ failed: Reason }));
    await answerCloudFormation(request, { Status: 'FAILED', Reason, PhysicalResourceId: request.PhysicalResourceId ?? request.LogicalResourceId });
  }
}
