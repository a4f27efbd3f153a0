import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { DesktopReleases, EnvironmentProfile } from 'cdk-web-platform';
import { Construct } from 'constructs';

export interface DesktopStackProps extends StackProps {
  /** Zone of the product's domain. */
  readonly zone: route53.HostedZoneAttributes;
}

/** Where the desktop app gets its updates: one place for all environments, with a channel for testers. */
export class DesktopStack extends Stack {
  public readonly releases: DesktopReleases;

  constructor(scope: Construct, id: string, props: DesktopStackProps) {
    super(scope, id, props);
    this.releases = new DesktopReleases(this, 'Releases', {
      profile: EnvironmentProfile.production(),
      domainName: `downloads.${props.zone.zoneName}`,
      hostedZone: route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', props.zone),
      github: { repository: 'aivp/desktop' },
      channels: ['latest', 'beta'],
    });
    for (const [name, value] of Object.entries(this.releases.githubVariables)) new CfnOutput(this, name.replace(/_/g, ''), { value });
  }
}
