import { Annotations, Aws, CustomResource, Duration, Stack, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ApplicationCredentialsFunction } from './application-credentials-function';
import { DatabaseServer } from './database-server';
import { DatabaseSettings, DEFAULT_PORT } from './database-settings';
import { withoutSnapshot } from '../environment/removal-policy';
import { createHelperFunction } from '../helper-function';

/** Longer than a database takes to answer for the first time. */
const HANDLER_TIMEOUT = Duration.minutes(10);

/** The secrets of one database. */
export interface DatabaseSecrets {
  readonly owner: secretsmanager.Secret;
  readonly application: secretsmanager.Secret;
  /** The proxy's copies of the two login roles' passwords; none without a proxy. */
  readonly proxyLogins: secretsmanager.Secret[];
}

/** What the function needs around it. */
export interface ApplicationCredentialsProps {
  readonly settings: DatabaseSettings;
  readonly server: DatabaseServer;
  readonly secrets: DatabaseSecrets;
  readonly proxy?: rds.DatabaseProxy;
}

/**
 * The function that makes the application's logins and rotates them, and what calls it.
 * It lives in the VPC and holds the right to read the master's password, which no service has.
 */
export class ApplicationCredentials extends Construct {
  public readonly handler: lambda.Function;
  /** The custom resource; created when the logins work. */
  public readonly ready: CustomResource;

  constructor(scope: Construct, id: string, private readonly props: ApplicationCredentialsProps) {
    super(scope, id);
    const securityGroup = this.createSecurityGroup();
    this.warnOfMissingEndpoint();
    this.handler = this.createHandler(securityGroup);
    this.ready = this.createResource(securityGroup);
    this.createRotation('OwnerRotation', props.secrets.owner);
    this.createRotation('ApplicationRotation', props.secrets.application);
  }

  private createSecurityGroup(): ec2.SecurityGroup {
    const { settings, server, proxy } = this.props;
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: settings.vpc,
      description: 'Function that makes and rotates database logins',
      allowAllOutbound: false,
    });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'Secrets Manager, and the answer to CloudFormation');
    server.securityGroup.connections.allowFrom(securityGroup, ec2.Port.tcp(settings.port), 'Credentials function');
    proxy?.connections.allowFrom(securityGroup, ec2.Port.tcp(DEFAULT_PORT), 'Credentials function');
    return securityGroup;
  }

  /** Where there is no way to the internet, Secrets Manager is an endpoint inside the VPC. */
  private warnOfMissingEndpoint(): void {
    const { vpc, handlerSubnets } = this.props.settings;
    const isolated = vpc.selectSubnets(handlerSubnets).subnets.every(subnet => vpc.isolatedSubnets.includes(subnet));
    const hasEndpoint = () => vpc.node.findAll()
      .some(child => ec2.CfnVPCEndpoint.isCfnVPCEndpoint(child) && JSON.stringify(child.serviceName).includes('secretsmanager'));
    if (!isolated || hasEndpoint()) return;
    Annotations.of(this).addWarningV2('cdk-web-platform:handlerWithoutSecretsManager',
      'The function that makes the database logins runs in isolated subnets: the VPC needs an interface endpoint for secretsmanager '
      + 'and a gateway endpoint for S3 there, or the deployment fails.');
  }

  private createHandler(securityGroup: ec2.SecurityGroup): lambda.Function {
    const { settings, server, secrets, proxy } = this.props;
    return createHelperFunction(this, ApplicationCredentialsFunction, {
      statements: this.statements(),
      logRetentionDays: settings.logRetentionDays,
      encryptionKey: settings.encryptionKey,
      removalPolicy: withoutSnapshot(settings.removalPolicy),
      description: 'Makes the database logins of the application and rotates them',
      vpc: settings.vpc,
      vpcSubnets: settings.handlerSubnets,
      securityGroups: [securityGroup],
      memorySize: 256,
      timeout: HANDLER_TIMEOUT,
      environment: {
        DATABASE_HOST: server.host,
        DATABASE_PORT: Tokenization.stringifyNumber(server.port),
        DATABASE_NAME: settings.databaseName,
        MASTER_SECRET: server.masterSecret.secretArn,
        OWNER_SECRET: secrets.owner.secretArn,
        APPLICATION_SECRET: secrets.application.secretArn,
        ...proxy && {
          PROXY_HOST: proxy.endpoint,
          PROXY_PORT: String(DEFAULT_PORT),
          PROXY_LOGIN_A_SECRET: secrets.proxyLogins[0].secretArn,
          PROXY_LOGIN_B_SECRET: secrets.proxyLogins[1].secretArn,
        },
        // Amazon's certificate authorities, which Node.js runtimes ship but no longer load by themselves:
        // https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html
        NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
      },
    });
  }

  private statements(): iam.PolicyStatement[] {
    const { server, secrets } = this.props;
    const own = [secrets.owner, secrets.application, ...secrets.proxyLogins].map(secret => secret.secretArn);
    return [
      new iam.PolicyStatement({
        actions: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
        resources: [server.masterSecret.secretArn, ...own],
      }),
      new iam.PolicyStatement({
        actions: ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'],
        resources: own,
      }),
      ...this.mayUseKeys(),
    ];
  }

  /** Keys of the secrets, through Secrets Manager only. */
  private mayUseKeys(): iam.PolicyStatement[] {
    const { settings, server } = this.props;
    const keys = [...new Set([settings.encryptionKey, server.masterSecret.encryptionKey])].filter(key => key !== undefined);
    if (keys.length === 0) return [];
    return [new iam.PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: keys.map(key => key.keyArn),
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(this).region}.${Aws.URL_SUFFIX}` } },
    })];
  }

  private createResource(securityGroup: ec2.SecurityGroup): CustomResource {
    const { settings, server, secrets, proxy } = this.props;
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::DatabaseCredentials',
      serviceToken: this.handler.functionArn,
      // A function that was killed cannot answer; a little longer than it may run is long enough to wait.
      serviceTimeout: HANDLER_TIMEOUT.plus(Duration.minutes(2)),
      // The function reads its environment; what stands here only makes CloudFormation call it again when it changes.
      properties: {
        host: server.host,
        port: Tokenization.stringifyNumber(server.port),
        databaseName: settings.databaseName,
        applicationHost: proxy?.endpoint ?? server.host,
        ownerSecret: secrets.owner.secretArn,
        applicationSecret: secrets.application.secretArn,
      },
    });
    // Rights and rules that no property refers to; a cluster answers only when its writer is there.
    resource.node.addDependency(this.node.findChild('Role'), securityGroup, server.securityGroup);
    if (server.cluster) resource.node.addDependency(server.cluster);
    return resource;
  }

  private createRotation(id: string, secret: secretsmanager.Secret): void {
    // Not the L2's schedule: it lets the function read random passwords of every kind, which it makes itself.
    const schedule = new secretsmanager.CfnRotationSchedule(this, id, {
      secretId: secret.secretArn,
      rotationLambdaArn: this.handler.functionArn,
      rotationRules: { automaticallyAfterDays: this.props.settings.rotateAfter.toDays() },
      rotateImmediatelyOnUpdate: false,
    });
    const permission = new lambda.CfnPermission(this, `${id}Permission`, {
      action: 'lambda:InvokeFunction',
      functionName: this.handler.functionArn,
      principal: 'secretsmanager.amazonaws.com',
      sourceArn: secret.secretArn,
    });
    schedule.addDependency(permission);
    // A schedule is tried out when it is made, which needs a login that works.
    schedule.node.addDependency(this.ready);
  }
}
