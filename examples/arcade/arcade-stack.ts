import * as path from 'path';
import { SecretValue, Stack, StackProps } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  AlertRoute, AppMetrics, EncryptionKey, EnvironmentProfile, FirewallMatch, FirewallPlacement, FirewallRule, ImageRegistry,
  ProductionWebPlatform, RuntimeConfig, SignInProvider, SiteKind, WebFirewall,
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
   * Whether players upload covers.
   * @default true
   */
  readonly uploads?: boolean;
  /**
   * Whether games are searched with OpenSearch.
   * @default true
   */
  readonly search?: boolean;
  /**
   * Whether there is a way back, in production.
   * @default true
   */
  readonly recovery?: boolean;
}

const MAPPINGS = { properties: { slug: { type: 'keyword' }, title: { type: 'text' }, maker: { type: 'text' }, year: { type: 'integer' } } };

/** One environment of arcade: the site, its API, players who sign in, covers that they upload, search, and in production the way back. */
export class ArcadeStack extends Stack {
  public readonly platform: ProductionWebPlatform;
  public readonly registry: ImageRegistry;

  constructor(scope: Construct, id: string, props: ArcadeStackProps) {
    super(scope, id, props);
    const { profile, domainName, version, uploads = true, search = true, recovery = true } = props;
    const encryptionKey = profile.customerManagedKey ? new EncryptionKey(this, 'EncryptionKey', { profile }).key : undefined;
    const isProduction = profile.deletionProtection;
    this.registry = new ImageRegistry(this, 'Registry', { profile, encryptionKey });

    const metrics = new AppMetrics(this, 'Metrics', { namespace: 'Arcade', profile });
    metrics.addAnomalyAlarm('Plays', {
      metricName: 'Plays',
      meaning: 'Far fewer games are played than at this time of other days.',
      firstStep: 'play one, then look at the errors of the catalogue.',
      onlyBelow: true,
    });
    const siteFirewall = profile.firewall ? new WebFirewall(this, 'SiteFirewall', {
      placement: FirewallPlacement.cloudFront(),
      profile,
      encryptionKey,
      rules: [FirewallRule.block('Probes', FirewallMatch.path().startsWith('/wp-'))],
    }) : undefined;

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
          // A delivery names the image with its digest.
          image: this.registry.image(this.node.tryGetContext('image:api') ?? version),
          containerPort: 8000,
          healthCheckPath: '/api/health',
          environment: { APP_VERSION: version, ...metrics.environment },
          migrations: { command: ['alembic', 'upgrade', 'head'] },
          targetMemoryPercent: 75,
          targetRequestsPerMinute: 1000,
          schedules: isProduction ? [{ name: 'evening', schedule: Schedule.cron({ hour: '16', minute: '0' }), minimumTasks: 4 }] : [],
          smokeTests: [{ path: '/api/health/db', expectedFields: { status: 'healthy' } }],
        },
      },
      cache: true,
      proxy: true,
      site: {
        kind: SiteKind.singlePageApp(),
        directory: props.site ?? path.join(__dirname, 'web', 'dist'),
        firewall: siteFirewall,
        intelligentTiering: true,
        passwordProtected: profile.name === 'staging',
        runtimeConfig: RuntimeConfig.script({ values: { VITE_API_BASE_URL: '', ENVIRONMENT: profile.name } }),
      },
      signIn: {
        providers: [SignInProvider.google({
          clientId: 'arcade.apps.googleusercontent.com',
          clientSecret: secretsmanager.Secret.fromSecretNameV2(this, 'GoogleSecret', 'arcade/google'),
        })],
      },
      uploads: uploads ? {} : undefined,
      search: search ? { indexes: [{ name: 'games', mappings: MAPPINGS }] } : undefined,
      alerts: {
        emails: ['operations@arcade.example.com'],
        routes: isProduction ? [AlertRoute.pagerDuty(SecretValue.secretsManager('arcade/pagerduty'), { criticalOnly: true })] : [],
      },
      recovery: isProduction && recovery ? { recoveryRegion: 'eu-west-1' } : undefined,
      budget: { monthlyLimit: isProduction ? 700 : 150 },
      costAnomalies: isProduction ? {} : undefined,
    });
    this.platform.monitoring.watch(metrics);
  }
}
