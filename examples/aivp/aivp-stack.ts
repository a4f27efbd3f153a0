import { Duration, Stack, StackProps } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { EncryptionKey, EnvironmentProfile, FargateApiWithRds, ImageRegistry } from 'cdk-web-platform';
import { Construct } from 'constructs';

export interface AivpStackProps extends StackProps {
  readonly profile: EnvironmentProfile;
  /** Tag of the image in the registry. */
  readonly version: string;
  /** Address of the API; without it the API is reached by the load balancer's name. */
  readonly domainName?: string;
  /** Time limit of a migration; the block's default where it is left out. */
  readonly migrationTimeout?: Duration;
  /** Zone of the address. */
  readonly zone?: route53.HostedZoneAttributes;
}

/** One environment of the video platform's API. */
export class AivpStack extends Stack {
  public readonly registry: ImageRegistry;
  public readonly api: FargateApiWithRds;

  constructor(scope: Construct, id: string, props: AivpStackProps) {
    super(scope, id, props);
    const { profile, version, domainName, zone } = props;

    // The team's own secret, made once by hand for each environment: {"OPENAI_API_KEY": "…", "REPLICATE_API_KEY": "…", …}
    const keys = secretsmanager.Secret.fromSecretNameV2(this, 'Keys', `aivp/${profile.name}/keys`);
    const key = (name: string) => ({ [name]: ecs.Secret.fromSecretsManager(keys, name) });

    const encryptionKey = profile.customerManagedKey ? new EncryptionKey(this, 'EncryptionKey', { profile }).key : undefined;
    this.registry = new ImageRegistry(this, 'Registry', { profile, encryptionKey });
    this.api = new FargateApiWithRds(this, 'Api', {
      profile,
      encryptionKey,
      // A delivery names the image with its digest.
      image: this.registry.image(this.node.tryGetContext('image:api') ?? version),
      containerPort: 8000,
      cache: true,
      domainName,
      hostedZone: zone && route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', zone),
      // Desktop apps call it, no browsers: a wrong address fails instead of leaking a token on its way to a redirect.
      redirectHttp: false,
      migrations: { command: ['alembic', 'upgrade', 'head'], timeout: props.migrationTimeout },
      smokeTests: [
        { path: '/health', expectedFields: { status: 'healthy', version } },
        { path: '/api/health/db', expectedFields: { status: 'healthy' } },
        { path: '/api/health/redis', expectedFields: { status: 'healthy' } },
      ],
      environment: { APP_VERSION: version, LOG_LEVEL: 'info' },
      secrets: { ...key('OPENAI_API_KEY'), ...key('REPLICATE_API_KEY'), ...key('SUNO_API_KEY'), ...key('JWT_SECRET') },
      requiredVariables: ['DATABASE_URL', 'REDIS_URL', 'OPENAI_API_KEY', 'REPLICATE_API_KEY', 'SUNO_API_KEY', 'JWT_SECRET'],
    });
    this.createAssets(profile, encryptionKey);
  }

  /** Bucket of the videos; the bucket itself says that the API, and nobody else, reads and writes them. */
  private createAssets(profile: EnvironmentProfile, encryptionKey?: kms.IKey): void {
    const api = this.api.service.taskDefinition.taskRole;
    const assets = new s3.Bucket(this, 'Assets', {
      encryption: encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
      encryptionKey,
      bucketKeyEnabled: encryptionKey !== undefined,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      serverAccessLogsBucket: this.api.loadBalancer.accessLogsBucket,
      serverAccessLogsPrefix: this.api.loadBalancer.accessLogsBucket && 'assets/',
      lifecycleRules: [{
        transitions: [{ storageClass: s3.StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(30) }],
        noncurrentVersionExpiration: Duration.days(30),
        abortIncompleteMultipartUploadAfter: Duration.days(7),
      }],
      removalPolicy: profile.removalPolicyWithoutSnapshot,
    });
    assets.addToResourcePolicy(new iam.PolicyStatement({
      principals: [api],
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      resources: [assets.arnForObjects('*')],
    }));
    encryptionKey?.grant(api, 'kms:Decrypt', 'kms:GenerateDataKey');
  }
}
