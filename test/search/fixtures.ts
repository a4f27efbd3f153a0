import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { PlatformError } from '../../src/errors';
import { SearchDomain, SearchDomainProps, SearchIngestion, SearchIngestionProps } from '../../src/search';

const { PUBLIC, PRIVATE_ISOLATED, PRIVATE_WITH_EGRESS } = ec2.SubnetType;

export const newStack = (id = 'Stack') => new Stack(new App(), id);

/** A VPC over some zones, with a way out unless said otherwise. */
export function network(stack: Stack, zones = 3, ...kinds: ec2.SubnetType[]): ec2.Vpc {
  const subnets = kinds.length > 0 ? kinds : [PUBLIC, PRIVATE_WITH_EGRESS, PRIVATE_ISOLATED];
  return new ec2.Vpc(stack, 'Vpc', {
    availabilityZones: ['a', 'b', 'c'].slice(0, zones),
    natGateways: subnets.includes(PRIVATE_WITH_EGRESS) ? 1 : 0,
    subnetConfiguration: subnets.map((subnetType, index) => ({ name: `subnet${index}`, subnetType })),
  });
}

export function buildDomain(props: Partial<SearchDomainProps> = {}, stack = newStack(), zones = 3) {
  const vpc = (props.vpc ?? network(stack, zones)) as ec2.Vpc;
  return { stack, vpc, search: new SearchDomain(stack, 'Search', { vpc, indexes: [{ name: 'games' }], ...props }) };
}

export function buildIngestion(props: Partial<SearchIngestionProps> = {}, stack = newStack()) {
  const { vpc, search } = buildDomain({}, stack);
  const group = new ec2.SecurityGroup(stack, 'DatabaseGroup', { vpc });
  const given: SearchIngestionProps = {
    vpc,
    search,
    database: { connections: new ec2.Connections({ securityGroups: [group], defaultPort: ec2.Port.tcp(5432) }) },
    databaseSecret: new secretsmanager.Secret(stack, 'DatabaseSecret'),
    ...props,
  };
  return { stack, ...given, ingestion: new SearchIngestion(stack, 'Ingestion', given) };
}

export const domainTemplate = (props: Partial<SearchDomainProps> = {}, zones = 3) => Template.fromStack(buildDomain(props, newStack(), zones).stack);

/** The message of the error, having made sure that it is ours and that nothing was left half made. */
export function refusal(path: string, make: () => unknown, stack: Stack): string {
  let message = '';
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(PlatformError);
    message = (error as Error).message;
  }
  expect(message).toMatch(new RegExp(`^Stack/${path}: .*\\n {2}got: .*\\n {2}allowed: .*\\n {2}fix: `));
  expect(stack.node.findChild(path).node.children).toHaveLength(0);
  return message;
}
