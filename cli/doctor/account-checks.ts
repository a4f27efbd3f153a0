import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DescribeAddressesCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetAWSDefaultServiceQuotaCommand, GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { bad, Finding, good, unknown } from './finding';
import { allResources, DeployableStack } from '../assembly';
import { isMissing, listResources } from '../aws/deployed-stack';

type Settings = { readonly profile?: string; readonly region?: string };

/** What the templates will ask of an account, and what counts as used: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
const QUOTAS = [
  {
    type: 'AWS::EC2::VPC',
    what: 'VPCs',
    service: 'vpc',
    code: 'L-F678F1CE',
    used: async (ec2: EC2Client) => (await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.length ?? 0,
  },
  {
    type: 'AWS::EC2::EIP',
    what: 'Elastic IP addresses',
    service: 'ec2',
    code: 'L-0263D0A3',
    used: async (ec2: EC2Client) => (await ec2.send(new DescribeAddressesCommand({}))).Addresses?.length ?? 0,
  },
];

/** Whether the bootstrap stack is there, and new enough for these stacks. */
export async function checkBootstrap(where: string, environment: string, stacks: readonly DeployableStack[], settings: Settings): Promise<Finding[]> {
  const needed = new Map<string, number>();
  for (const { bootstrapParameter: name, bootstrapVersion: version } of stacks) {
    if (name !== undefined && version !== undefined) needed.set(name, Math.max(version, needed.get(name) ?? 0));
  }
  const ssm = new SSMClient(settings);
  const fix = `npx cdk bootstrap ${environment}${settings.profile ? ` --profile ${settings.profile}` : ''}`;
  return Promise.all([...needed].map(async ([name, version]) => {
    try {
      const { Parameter: parameter } = await ssm.send(new GetParameterCommand({ Name: name }));
      const there = Number(parameter?.Value);
      const says = `version ${there}, and ${version} is needed`;
      return there >= version ? good(where, 'bootstrap', says) : bad(where, 'bootstrap', says, fix);
    } catch (error) {
      return (error as Error).name === 'ParameterNotFound' ? bad(where, 'bootstrap', `not there (no parameter ${name})`, fix) : unknown(where, 'bootstrap', error);
    }
  }));
}

/** Whether what the stacks will make still fits into the account. */
export async function checkQuotas(where: string, stacks: readonly DeployableStack[], settings: Settings): Promise<Finding[]> {
  const findings = QUOTAS.map(async ({ type, what, service, code, used }) => {
    const makers = stacks.filter(stack => allResources(stack).some(resource => resource.type === type));
    if (makers.length === 0) return [];
    try {
      const news = await Promise.all(makers.map(stack => newResources(stack, type, settings)));
      const more = news.reduce((sum, count) => sum + count, 0);
      if (more === 0) return [];
      const [there, quota] = await Promise.all([used(new EC2Client(settings)), quotaOf(service, code, settings)]);
      const says = `${what}: ${there} of ${quota} are used, ${more} more will be made`;
      const fix = `https://console.aws.amazon.com/servicequotas/home/services/${service}/quotas/${code}: ask for ${there + more} at least`;
      return [there + more <= quota ? good(where, 'quota', says) : bad(where, 'quota', says, fix)];
    } catch (error) {
      return [unknown(where, 'quota', error)];
    }
  });
  return (await Promise.all(findings)).flat();
}

/** How many resources of a type the next deployment of a stack will make. */
async function newResources(stack: DeployableStack, type: string, settings: Settings): Promise<number> {
  const deployed = await deployedIds(stack, settings);
  return allResources(stack).filter(resource => resource.type === type && !deployed.has(resource.logicalId)).length;
}

/** A quota that nobody raised has no value of the account's own in some regions. */
async function quotaOf(service: string, code: string, settings: Settings): Promise<number> {
  const client = new ServiceQuotasClient(settings);
  const request = { ServiceCode: service, QuotaCode: code };
  const answer = await client.send(new GetServiceQuotaCommand(request)).catch(async (error: Error) => {
    if (error.name !== 'NoSuchResourceException') throw error;
    return client.send(new GetAWSDefaultServiceQuotaCommand(request));
  });
  return answer.Quota!.Value!;
}

async function deployedIds({ name }: DeployableStack, settings: Settings): Promise<ReadonlySet<string>> {
  try {
    const resources = await listResources(new CloudFormationClient(settings), name);
    return new Set(resources.map(({ LogicalResourceId: id }) => id!));
  } catch (error) {
    if (isMissing(error as Error)) return new Set();
    throw error;
  }
}
