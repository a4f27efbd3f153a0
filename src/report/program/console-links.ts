import type { AssemblyResource, AssemblyStack } from './assembly';

/** Consoles of partitions other than AWS's own: https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html */
const CONSOLES: readonly (readonly [string, string])[] = [['cn-', 'console.amazonaws.cn'], ['us-gov-', 'console.amazonaws-us-gov.com']];

/** The resources of a stack in its region; without one, in the region that the reader last used. */
export function stackLink(stack: AssemblyStack): string {
  const name = encodeURIComponent((outermost(stack)).name);
  return `${service(stack, 'cloudformation', 'home')}#/stacks/resources?filteringText=${name}&filteringStatus=active&viewNested=true&stackId=${name}`;
}

/** The page of a resource whose name the template fixes; of all others, the list of its stack's resources, which leads there once it is deployed. */
export function resourceLink(resource: AssemblyResource): string {
  const page = PAGES[resource.type];
  const name = page && resource.properties[page.name];
  return typeof name === 'string' ? page.link(resource.home, encodeURIComponent(name)) : stackLink(resource.home);
}

interface Page {
  /** The property that fixes the name. */
  readonly name: string;
  link(stack: AssemblyStack, name: string): string;
}

const PAGES: { readonly [type: string]: Page } = {
  'AWS::CloudWatch::Alarm': { name: 'AlarmName', link: (stack, name) => `${service(stack, 'cloudwatch', 'home')}#alarmsV2:alarm/${name}` },
  'AWS::CloudWatch::Dashboard': { name: 'DashboardName', link: (stack, name) => `${service(stack, 'cloudwatch', 'home')}#dashboards/dashboard/${name}` },
  'AWS::DynamoDB::Table': { name: 'TableName', link: (stack, name) => `${service(stack, 'dynamodbv2', 'home')}#table?name=${name}` },
  'AWS::Lambda::Function': { name: 'FunctionName', link: (stack, name) => `${service(stack, 'lambda', 'home')}#/functions/${name}` },
  'AWS::RDS::DBInstance': { name: 'DBInstanceIdentifier', link: (stack, name) => `${service(stack, 'rds', 'home')}#database:id=${name.toLowerCase()}` },
  'AWS::S3::Bucket': { name: 'BucketName', link: (stack, name) => service(stack, 's3', `buckets/${name}`) },
};

function service({ region }: AssemblyStack, name: string, page: string): string {
  const [, host] = CONSOLES.find(([prefix]) => region?.startsWith(prefix)) ?? ['', 'console.aws.amazon.com'];
  return region === undefined ? `https://${host}/${name}/${page}` : `https://${region}.${host}/${name}/${page}?region=${region}`;
}

/** A nested stack is listed with the one around it. */
function outermost(stack: AssemblyStack): AssemblyStack {
  return stack.parent ? outermost(stack.parent) : stack;
}
