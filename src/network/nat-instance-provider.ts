import * as ec2 from 'aws-cdk-lib/aws-ec2';

/*
 * NAT on a small instance. CDK's own NatInstanceProviderV2 has no way to encrypt the disk or to require IMDSv2, and gives
 * the instance an address that changes when it is replaced.
 */
export class NatInstanceProvider extends ec2.NatProvider {
  /** The one instance, once the VPC has asked for it. */
  public instance?: ec2.Instance;

  constructor(private readonly cidr: string) {
    super();
  }

  public get configuredGateways(): ec2.GatewayConfig[] {
    return this.instance ? [{ az: this.instance.instanceAvailabilityZone, gatewayId: this.instance.instanceId }] : [];
  }

  public configureNat({ vpc, natSubnets, privateSubnets }: ec2.ConfigureNatOptions): void {
    const [subnet] = natSubnets;
    this.instance = new ec2.Instance(vpc, 'NatInstance', {
      vpc,
      vpcSubnets: { subnets: [subnet] },
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.NANO),
      machineImage: ec2.MachineImage.latestAmazonLinux2023({ cpuType: ec2.AmazonLinuxCpuType.ARM_64 }),
      securityGroup: this.createSecurityGroup(vpc),
      userData: natUserData(),
      sourceDestCheck: false,
      httpTokens: ec2.HttpTokens.REQUIRED,
      detailedMonitoring: true,
      ebsOptimized: true,
      blockDevices: [{ deviceName: '/dev/xvda', volume: ec2.BlockDeviceVolume.ebs(8, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 }) }],
    });
    // An own address outlives the instance, so that others can put it on their lists.
    const address = new ec2.CfnEIP(vpc, 'NatAddress', { domain: 'vpc', instanceId: this.instance.instanceId });
    address.node.addDependency(subnet.internetConnectivityEstablished);
    for (const privateSubnet of privateSubnets) this.configureSubnet(privateSubnet);
  }

  public configureSubnet(subnet: ec2.PrivateSubnet): void {
    subnet.addRoute('DefaultRoute', {
      routerType: ec2.RouterType.INSTANCE,
      routerId: this.instance!.instanceId,
      enablesInternetConnectivity: true,
    });
  }

  private createSecurityGroup(vpc: ec2.IVpc): ec2.SecurityGroup {
    const securityGroup = new ec2.SecurityGroup(vpc, 'NatSecurityGroup', { vpc, description: 'NAT instance: from inside the VPC to anywhere' });
    securityGroup.addIngressRule(ec2.Peer.ipv4(this.cidr), ec2.Port.allTraffic(), 'Anything that the VPC sends out');
    return securityGroup;
  }
}

function natUserData(): ec2.UserData {
  const userData = ec2.UserData.forLinux();
  userData.addCommands(
    // The address and the S3 endpoint, where the packages lie, may come after the instance.
    'until dnf install -y iptables-services; do sleep 5; done',
    "echo 'net.ipv4.ip_forward=1' > /etc/sysctl.d/90-nat.conf",
    'sysctl -p /etc/sysctl.d/90-nat.conf',
    'systemctl enable --now iptables',
    "iptables -t nat -A POSTROUTING -o \"$(ip -o route show default | awk '{print $5; exit}')\" -j MASQUERADE",
    'iptables -F FORWARD',
    'iptables-save > /etc/sysconfig/iptables',
  );
  return userData;
}
