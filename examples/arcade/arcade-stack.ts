import * as path from 'path';
import { SecretValue, Stack, StackProps } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  AlertRoute, EncryptionKey, EnvironmentProfile, ImageRegistry, ProductionWebPlatform, RuntimeConfig, SignInProvider, SiteKind,
} from 'cdk-web-platform';
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
  /**
   * Whether games are searched with OpenSearch.
   * @default true
   */
  readonly search?: boolean;
}

const MAPPINGS = { properties: { title: { type: 'text' }, platform: { type: 'keyword' }, year: { type: 'integer' } } };

/** One environment of arcade: the site, its API, players who sign in, covers that they upload, search, and in production the way back. */
export class ArcadeStack extends Stack {
  public readonly platform: ProductionWebPlatform;

  constructor(scope: Construct, id: string, props: ArcadeStackProps) {
    super(scope, id, props);
    const { profile, domainName, version } = props;
    const encryptionKey = profile.customerManagedKey ? new EncryptionKey(this, 'EncryptionKey', { profile }).key : undefined;
    const isProduction = profile.deletionProtection;
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
      signIn: {
        providers: [SignInProvider.google({
          clientId: 'arcade.apps.googleusercontent.com',
          clientSecret: secretsmanager.Secret.fromSecretNameV2(this, 'GoogleSecret', 'arcade/google'),
        })],
      },
      uploads: {},
      search: props.search ?? true ? { indexes: [{ name: 'games', mappings: MAPPINGS }] } : undefined,
      alerts: {
        emails: ['operations@arcade.example.com'],
        routes: isProduction ? [AlertRoute.pagerDuty(SecretValue.secretsManager('arcade/pagerduty'), { criticalOnly: true })] : [],
      },
      recovery: isProduction ? { recoveryRegion: 'eu-west-1' } : undefined,
      budget: { monthlyLimit: isProduction ? 700 : 150 },
      costAnomalies: isProduction ? {} : undefined,
    });
  }
}
