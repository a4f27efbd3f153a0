import { CloudFormationClient, GetTemplateCommand, ListStackResourcesCommand, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { AwsOptions, clientSettings } from './clients';
import { PlatformError } from '../../src/errors';

/** A resource as it is deployed, with what its template says of it. */
export interface DeployedResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly description?: string;
}

/** All resources of a deployed stack. */
export async function deployedResources(stackName: string, options: AwsOptions, where: string): Promise<DeployedResource[]> {
  const client = new CloudFormationClient(clientSettings(options));
  const summaries = await listResources(client, stackName).catch((error: Error) => {
    if (!isMissing(error)) throw error;
    throw new PlatformError(where, {
      problem: 'there is no such stack.',
      got: `--stack ${stackName}${options.region ? ` in ${options.region}` : ''}`,
      allowed: 'a stack that is deployed in this account and region',
      fix: 'look at npx cdk list for its name, and give --region and --profile where it is elsewhere',
    });
  });
  const { TemplateBody: body = '{}' } = await client.send(new GetTemplateCommand({ StackName: stackName, TemplateStage: 'Original' }));
  const { Resources: resources = {} } = parse(body);
  return summaries.map(({ LogicalResourceId: logicalId = '', PhysicalResourceId: physicalId = '', ResourceType: type = '' }) => ({
    logicalId, physicalId, type, description: resources[logicalId]?.Properties?.Description,
  }));
}

export async function listResources(client: CloudFormationClient, stackName: string): Promise<StackResourceSummary[]> {
  const found: StackResourceSummary[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(new ListStackResourcesCommand({ StackName: stackName, NextToken: token }));
    found.push(...page.StackResourceSummaries ?? []);
    token = page.NextToken;
  } while (token);
  return found;
}

/** Whether CloudFormation said that a stack does not exist. */
export function isMissing({ name, message }: Error): boolean {
  return name === 'ValidationError' && /does not exist/.test(message);
}

/** The one that is meant, by a part of its name. */
export function choose<T>(found: readonly T[], nameOf: (one: T) => string, wanted: string | undefined, what: string, where: string): T {
  const named = wanted === undefined ? found : found.filter(one => nameOf(one).toLowerCase().includes(wanted.toLowerCase()));
  if (named.length === 1) return named[0];
  throw new PlatformError(where, {
    problem: named.length === 0 ? `there is no such ${what} in the stack.` : `the stack has more than one ${what}.`,
    got: wanted === undefined ? 'no --service' : `--service ${wanted}`,
    allowed: found.map(nameOf).join(', ') || `a stack with a ${what}`,
    fix: found.length === 0 ? 'name another stack: --stack' : 'name one of them: --service',
  });
}

/** Templates of the CDK are JSON; of another one nothing is known here. */
function parse(body: string): { readonly Resources?: { readonly [logicalId: string]: any } } {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}
