import * as path from 'node:path';
import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { EnvironmentProfile, SiteKind, StaticCdnSite } from 'cdk-web-platform';

export interface MyAppStackProps extends StackProps {
  readonly profile: EnvironmentProfile;
}

/** One environment of my-app: a site in a private bucket, behind CloudFront. */
export class MyAppStack extends Stack {
  public readonly site: StaticCdnSite;

  constructor(scope: Construct, id: string, { profile, ...props }: MyAppStackProps) {
    super(scope, id, props);
    this.site = new StaticCdnSite(this, 'Site', {
      profile,
      kind: SiteKind.singlePageApp(),
      directory: path.join(__dirname, '..', 'site'),
    });
    new CfnOutput(this, 'Url', { value: this.site.url });
  }
}
