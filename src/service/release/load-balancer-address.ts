/** What EC2 is asked. */
export interface InterfaceFilter {
  readonly Name: string;
  readonly Values: string[];
}

/** What it answers, as far as it is read. */
export interface DescribedInterfaces {
  readonly NetworkInterfaces?: { readonly PrivateIpAddress?: string }[];
}

/** A load balancer in a VPC. */
export interface PlacedLoadBalancer {
  readonly vpcId: string;
  /** Name with its id, such as `app/my-alb/50dc6c495c0c9188`. */
  readonly fullName: string;
}

/**
 * The private addresses of a load balancer. The name of an internet-facing one stands for public addresses, also inside the VPC, and who
 * comes through those is not known by the security group. Its network interfaces are known by their description:
 * https://repost.aws/knowledge-center/elb-find-load-balancer-ip
 */
export async function privateAddresses(
  { vpcId, fullName }: PlacedLoadBalancer, describe: (filters: InterfaceFilter[]) => Promise<DescribedInterfaces>,
): Promise<string[]> {
  // With the VPC, EC2 does not ask for pages: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html
  const { NetworkInterfaces = [] } = await explained(describe([
    { Name: 'vpc-id', Values: [vpcId] },
    { Name: 'description', Values: [`ELB ${fullName}`] },
  ]));
  const addresses = NetworkInterfaces.map(({ PrivateIpAddress }) => PrivateIpAddress).filter(address => address !== undefined);
  if (addresses.length > 0) return addresses;
  throw new Error(`The load balancer ${fullName} has no address: no network interface in ${vpcId} is described as 'ELB ${fullName}'.`);
}

async function explained<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const { name, message } = error as Error;
    if (/Timeout|Abort|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH/.test(`${name} ${message}`)) {
      throw new Error('The address of the load balancer could not be asked for: there is no way to the EC2 API from these subnets. '
        + `Add the interface endpoint ec2 to the VPC, or a way to the internet. (${name}: ${message})`);
    }
    throw new Error(`The address of the load balancer could not be asked for. ${name}: ${message}`);
  }
}
