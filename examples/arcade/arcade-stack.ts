import * as path from 'path';
import { Stack, StackProps } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { EncryptionKey, EnvironmentProfile, ImageRegistry, ProductionWebPlatform, RuntimeConfig, SiteKind } from 'cdk-web-platform';
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

/** One environment of arcade: the site for everybody, the API that only the site's distribution reaches, and who signs in. */
export class ArcadeStack extends Stack {
  public readonly platform: ProductionWebPlatform;

  constructor(scope: Construct, id: string, props: ArcadeStackProps) {
    super(scope, id, props);
    const { profile, domainName, version } = props;
    const encryptionKey = profile.customerManagedKey ? new EncryptionKey(this, 'EncryptionKey', { profile }).key : undefined;
    const registry = new ImageRegistry(this, 'Registry', { profile, encryptionKey });

    this.platform = new ProductionWebPlatform(this, 'Platform', {
      profile,
      encryptionKey,
      domain: {
        domainName,
        alternativeDomainNames: [`www.${domainName}`],
        hostedZone: route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', props.zone),
      },
      services: {
        Catalogue: {
          image: registry.image(version),
          containerPort: 8000,
          healthCheckPath: '/api/health',
          environment: { APP_VERSION: version },
          smokeTests: [{ path: '/api/health/db', expectedFields: { status: 'healthy' } }],
        },
      },
      cache: true,
      proxy: true,
      site: {
        kind: SiteKind.singlePageApp(),
        directory: props.site ?? path.join(__dirname, 'web', 'dist'),
        passwordProtected: profile.name === 'staging',
        runtimeConfig: RuntimeConfig.script({ values: { VITE_API_BASE_URL: '', ENVIRONMENT: profile.name } }),
      },
      signIn: {},
      alerts: { emails: ['operations@arcade.example.com'] },
    });
  }
}
