/* eslint-disable @typescript-eslint/no-require-imports -- each resource needs one handler, and its part of the SDK takes a second to load */
import type { Context } from 'aws-lambda';
import { answerCloudFormation, CustomResourceRequest } from './custom-resource-answer';
import type { RuleChangeEvent } from './service/release/rule-guard-handler';

/** CloudFormation's request, or a handler's own continuation of it. */
export interface HelperRequest extends CustomResourceRequest {
  readonly ResourceType: string;
}

type Handler = (request: HelperRequest, context: Context) => Promise<void>;

const handlers = new Map<string, Handler>([
  ['Custom::ClosedDefaultSecurityGroup', request => require('./network/default-security-group-handler').closeDefaultSecurityGroup(request)],
  ['Custom::ImageGate', (request, context) => require('./registry/image-gate-handler').openImageGate(request, context)],
  ['Custom::SearchServiceRole', request => require('./search/service-role-handler').makeServiceRole(request)],
  ['Custom::ListenerRuleGuard', request => require('./service/release/rule-guard-handler').guardListenerRule(request)],
]);

/** Hands a request of CloudFormation on to who knows that kind of resource; events are of changed listener rules. */
export async function handler(request: HelperRequest | RuleChangeEvent, context: Context): Promise<void> {
  if ('detail' in request) return require('./service/release/rule-guard-handler').guardChangedRule(request);
  const handle = handlers.get(request.ResourceType) ?? refuse;
  await handle(request, context);
}

/** What nobody knows was never made, so it can be deleted. */
async function refuse(request: HelperRequest): Promise<void> {
  const Reason = `The deployment helper knows no resource of the type ${request.ResourceType}.`;
  console.error(JSON.stringify({ failed: Reason }));
  const PhysicalResourceId = request.PhysicalResourceId ?? request.LogicalResourceId;
  return answerCloudFormation(request, request.RequestType === 'Delete'
    ? { Status: 'SUCCESS', PhysicalResourceId }
    : { Status: 'FAILED', Reason, PhysicalResourceId });
}
