import * as path from 'path';
import { Stack, StackProps } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { EncryptionKey, EnvironmentProfile, FargateApiWithRds, ImageRegistry, RuntimeConfig, SiteApi, SiteKind, StaticCdnSite } from 'cdk-web-platform';
import { Construct } from 'constructs';

export interface ArcadeStackProps extends StackProps {
  readonly profile: EnvironmentProfile;
  /** Address of the site. */
  readonly domainName: string;
  /** Zone of the address. */
  readonly zone: route53.HostedZoneAttributes;
  /** Tag of the API's image in the registry. */
  readonly version: string;
  /** Folder of the built site. */
  readonly site?: string;
}

/** One environment of arcade: the site for everybody, and the API that only the site's distribution reaches. */
export class ArcadeStack extends Stack {
  public readonly api: FargateApiWithRds;
  public readonly site: StaticCdnSite;

  constructor(scope: Construct, id: string, props: ArcadeStackProps) {
    super(scope, id, props);
    const { profile, domainName, version } = props;
    const hostedZone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', props.zone);
    const encryptionKey = profile.customerManagedKey ? new EncryptionKey(this, 'EncryptionKey', { profile }).key : undefined;

    this.api = new FargateApiWithRds(this, 'Catalogue', {
      profile,
      encryptionKey,
      image: new ImageRegistry(this, 'Registry', { profile, encryptionKey }).image(version),
      containerPort: 8000,
      healthCheckPath: '/api/health',
      environment: { APP_VERSION: version },
      internal: true,
      domainName: `origin.${domainName}`,
      hostedZone,
      alertEmails: ['operations@arcade.example.com'],
      smokeTests: [{ path: '/api/health/db', expectedFields: { status: 'healthy' } }],
    });
    this.site = new StaticCdnSite(this, 'Site', {
      profile,
      encryptionKey,
      kind: SiteKind.singlePageApp(),
      directory: props.site ?? path.join(__dirname, 'web', 'dist'),
      domainName,
      alternativeDomainNames: [`www.${domainName}`],
      hostedZone,
      passwordProtected: profile.name === 'staging',
      runtimeConfig: RuntimeConfig.script({ values: { VITE_API_BASE_URL: '', ENVIRONMENT: profile.name } }),
      api: SiteApi.privateLoadBalancer(this.api.loadBalancer.loadBalancer, { domainName: `origin.${domainName}` }),
      monitoring: this.api.monitoring,
    });
  }
}
