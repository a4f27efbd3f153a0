import { Stack, StackProps } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { ApiServiceOptions, EncryptionKey, EnvironmentProfile, FargateApiWithRds, ImageRegistry } from 'cdk-web-platform';
import { Construct } from 'constructs';

export interface AlvaStackProps extends StackProps {
  readonly profile: EnvironmentProfile;
  /** Zone of the product's domain. */
  readonly zone: route53.HostedZoneAttributes;
  /** Tag of the three images in their registries. */
  readonly version: string;
}

/** One environment of alva: a web front end, an API and a sign-in service behind one load balancer. */
export class AlvaStack extends Stack {
  public readonly platform: FargateApiWithRds;
  /** Where the three images are. */
  public readonly repositories: ecr.IRepository[] = [];
  private readonly encryptionKey: kms.IKey;

  constructor(scope: Construct, id: string, private readonly props: AlvaStackProps) {
    super(scope, id, props);
    const domain = props.profile.name === 'production' ? 'alva.example.com' : `${props.profile.name}.alva.example.com`;

    this.encryptionKey = new EncryptionKey(this, 'EncryptionKey', { profile: props.profile }).key;
    this.platform = new FargateApiWithRds(this, 'Platform', {
      profile: props.profile,
      encryptionKey: this.encryptionKey,
      domainName: domain,
      alternativeDomainNames: [`auth.${domain}`],
      hostedZone: route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', props.zone),
      cache: true,
      alertEmails: ['operations@alva.example.com'],
      ...this.container('Web', 3000, '/health'),
      usesDatabase: false,
    });
    this.platform.addService('Api', { ...this.container('Api', 8080, '/api/health'), paths: ['/api', '/api/*'] });
    this.platform.addService('Auth', { ...this.container('Auth', 8081, '/health'), hosts: [`auth.${domain}`] });
  }

  /** What the three have in common: an image registry each, half a vCPU and 1 GiB, error tracking and mail, and a test of each new version. */
  private container(name: string, containerPort: number, smokeTest: string): ApiServiceOptions {
    const { profile, version } = this.props;
    const registry = new ImageRegistry(this, `${name}Registry`, { profile, encryptionKey: this.encryptionKey });
    this.repositories.push(registry.repository);
    const secret = secretsmanager.Secret.fromSecretNameV2(this, `${name}Keys`, `alva/${profile.name}/keys`);
    return {
      // A delivery names each image with its digest.
      image: registry.image(this.node.tryGetContext(`image:${name.toLowerCase()}`) ?? version),
      containerPort,
      cpu: 512,
      memoryLimitMiB: 1024,
      smokeTests: [{ path: smokeTest }],
      environment: { ENVIRONMENT: profile.name, VERSION: version },
      secrets: {
        SMTP_URL: ecs.Secret.fromSecretsManager(secret, 'SMTP_URL'),
        SENTRY_DSN: ecs.Secret.fromSecretsManager(secret, 'SENTRY_DSN'),
      },
    };
  }
}
