/* Logins of the application's own, made and rotated by a function, and the proxy that knows them. */
import { join } from 'path';
import { CustomResource, Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IDependable } from 'constructs';
import { allow, createSecurityGroup, Handler, KEPT, mayUseKeyThrough, Platform } from './foundation';

export const DATABASE_PORT = 5432;
export const DATABASE_NAME = 'app';

export interface CredentialsProps {
  readonly platform: Platform;
  readonly vpc: ec2.IVpc;
  readonly instance: rds.DatabaseInstance;
  /** Name of a proxy. */
  readonly proxyName?: string;
}

export class Credentials extends Construct {
  public readonly ownerSecret: secretsmanager.Secret;
  public readonly applicationSecret: secretsmanager.Secret;
  public readonly proxy?: rds.DatabaseProxy;
  public readonly ready: IDependable[];
  /** The two logins between which a rotation changes, as the proxy knows them. */
  private readonly proxyLogins: secretsmanager.Secret[] = [];

  constructor(scope: Construct, id: string, private readonly props: CredentialsProps) {
    super(scope, id);
    [this.ownerSecret, this.applicationSecret] = ['Owner', 'Application'].map(name => this.createSecret(name, `${name} login of the database`));
    if (props.proxyName !== undefined) this.proxy = this.createProxy(props.proxyName);
    const securityGroup = this.createSecurityGroup();
    const handler = this.createHandler(securityGroup);
    const ready = this.createResource(handler);
    ready.node.addDependency(handler.role, securityGroup, ...props.instance.connections.securityGroups);
    this.rotate(handler.function, ready);
    const target = this.proxy?.node.findChild('ProxyTargetGroup');
    // The proxy tries its logins as soon as it has a target.
    target?.node.addDependency(ready, this.proxy!.node.findChild('IAMRole'));
    this.ready = target ? [ready, target] : [ready];
    props.platform.monitoring.addAlarm(this, 'Errors', {
      metric: handler.function.metricErrors({ period: Duration.minutes(5) }),
      threshold: 0,
      periods: 1,
      page: 'database-credentials',
      values: { handler: handler.function.functionName },
    });
  }

  private createSecret(name: string, description: string): secretsmanager.Secret {
    return new secretsmanager.Secret(this, `${name}Secret`, {
      description,
      encryptionKey: this.props.platform.key,
      removalPolicy: KEPT,
      generateSecretString: { secretStringTemplate: '{}', generateStringKey: 'placeholder', excludePunctuation: true },
    });
  }

  private createProxy(dbProxyName: string): rds.DatabaseProxy {
    const { vpc, instance } = this.props;
    for (const [letter, place] of [['A', 'first'], ['B', 'second']]) {
      this.proxyLogins.push(this.createSecret(`ProxyLogin${letter}`, `Proxy's copy of the ${place} login of the database`));
    }
    const securityGroup = createSecurityGroup(this, 'ProxySecurityGroup', vpc, 'Database proxy');
    return new rds.DatabaseProxy(this, 'Proxy', {
      dbProxyName,
      proxyTarget: rds.ProxyTarget.fromInstance(instance),
      secrets: [...this.proxyLogins, this.ownerSecret],
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      securityGroups: [securityGroup],
      requireTLS: true,
      iamAuth: false,
      clientPasswordAuthType: rds.ClientPasswordAuthType.POSTGRES_SCRAM_SHA_256,
      idleClientTimeout: Duration.minutes(30),
    });
  }

  private createSecurityGroup(): ec2.SecurityGroup {
    const { vpc, instance } = this.props;
    const securityGroup = createSecurityGroup(this, 'SecurityGroup', vpc, 'Function that makes and rotates database logins');
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'Secrets Manager, and the answer to CloudFormation');
    for (const { connections } of [instance, ...this.proxy ? [this.proxy] : []]) {
      connections.allowFrom(securityGroup, ec2.Port.tcp(DATABASE_PORT), 'Credentials function');
    }
    return securityGroup;
  }

  private createHandler(securityGroup: ec2.SecurityGroup): Handler {
    const { instance, vpc, platform } = this.props;
    const master = (instance.node.defaultChild as rds.CfnDBInstance).attrMasterUserSecretSecretArn;
    const own = [this.ownerSecret, this.applicationSecret, ...this.proxyLogins].map(secret => secret.secretArn);
    const [loginA, loginB] = this.proxyLogins;
    return new Handler(this, 'Function', {
      bundle: join('database', 'application-credentials.lambda'),
      description: 'Makes the database logins of the application and rotates them',
      timeout: Duration.minutes(10),
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [securityGroup],
      platform,
      statements: [
        allow(['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], [master, ...own]),
        allow(['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'], own),
        mayUseKeyThrough(this, 'secretsmanager', platform.key),
      ],
      environment: {
        DATABASE_HOST: instance.dbInstanceEndpointAddress,
        DATABASE_PORT: instance.dbInstanceEndpointPort,
        DATABASE_NAME,
        MASTER_SECRET: master,
        OWNER_SECRET: this.ownerSecret.secretArn,
        APPLICATION_SECRET: this.applicationSecret.secretArn,
        ...this.proxy && {
          PROXY_HOST: this.proxy.endpoint,
          PROXY_PORT: String(DATABASE_PORT),
          PROXY_LOGIN_A_SECRET: loginA.secretArn,
          PROXY_LOGIN_B_SECRET: loginB.secretArn,
        },
        NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
      },
    });
  }

  private createResource(handler: Handler): CustomResource {
    const { instance } = this.props;
    return new CustomResource(this, 'Resource', {
      resourceType: 'Custom::DatabaseCredentials',
      serviceToken: handler.function.functionArn,
      serviceTimeout: Duration.minutes(12),
      properties: {
        host: instance.dbInstanceEndpointAddress,
        port: instance.dbInstanceEndpointPort,
        databaseName: DATABASE_NAME,
        applicationHost: this.proxy?.endpoint ?? instance.dbInstanceEndpointAddress,
        ownerSecret: this.ownerSecret.secretArn,
        applicationSecret: this.applicationSecret.secretArn,
      },
    });
  }

  private rotate(handler: lambda.Function, ready: CustomResource): void {
    for (const [id, secret] of Object.entries({ OwnerRotation: this.ownerSecret, ApplicationRotation: this.applicationSecret })) {
      // The L2 lets the function read random passwords of every kind and gives one permission for any secret.
      const permission = new lambda.CfnPermission(this, `${id}Permission`, {
        action: 'lambda:InvokeFunction', functionName: handler.functionArn, principal: 'secretsmanager.amazonaws.com', sourceArn: secret.secretArn,
      });
      const schedule = new secretsmanager.CfnRotationSchedule(this, id, {
        secretId: secret.secretArn,
        rotationLambdaArn: handler.functionArn,
        rotationRules: { automaticallyAfterDays: 30 },
        rotateImmediatelyOnUpdate: false,
      });
      schedule.addDependency(permission);
      schedule.node.addDependency(ready);
    }
  }
}
