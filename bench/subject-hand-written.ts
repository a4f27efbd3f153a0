/*
 * What `subject-platform.ts` makes, as a team without the library would write it: L2s, and L1s where there is no L2 or where it
 * cannot say the same. The same resources with the same properties where these cost time; only ids, and with them the tree, differ.
 *
 * Two things are as such a team would have them: the default security group is closed by the VPC's own `restrictDefaultSecurityGroup`
 * (the table states the difference), and nothing is explained to auditors, which the library does at its own cost.
 *
 * What belongs to releases, and the functions with their rights, are in `subject-hand-written-releases.ts`; the firewall and what watches the
 * certificate are in `subject-hand-written-edge.ts`.
 */
import { join } from 'path';
import { App, Aws, CfnResource, CustomResource, Duration, Fn, RemovalPolicy, SecretValue, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct, IConstruct } from 'constructs';
import { certificateAlarms, certificateGraph, firewallAlarms, firewallGraphs, protect, tellOfRenewals } from './subject-hand-written-edge';
import { createHandler, createMonitoringRole, highest, mayUseKeyThrough, moveTraffic, operateReleases, rollBackOn, sum } from './subject-hand-written-releases';

const DOMAIN = 'api.example.com';
const CONTAINER_PORT = 8000;
const DATABASE_PORT = 5432;
const DATABASE_NAME = 'app';
const CACHE_PORT = 6379;
const CACHE_NODES = 2;
const KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
const MINUTE = Duration.minutes(1);
const GIB = 1024 ** 3;
const { BREACHING, MISSING } = cloudwatch.TreatMissingData;
const { LESS_THAN_THRESHOLD, GREATER_THAN_OR_EQUAL_TO_THRESHOLD } = cloudwatch.ComparisonOperator;

export function addStack(app: App, id: string): Stack {
  return new ApiStack(app, id);
}

class ApiStack extends Stack {
  private readonly key: kms.Key;
  private readonly vpc: ec2.Vpc;
  private readonly topic: sns.Topic;
  private readonly dashboard: cloudwatch.Dashboard;
  private readonly alarms: cloudwatch.Alarm[] = [];
  private readonly action: actions.SnsAction;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.key = this.createKey();
    this.topic = this.createTopic();
    this.action = new actions.SnsAction(this.topic);
    this.dashboard = new cloudwatch.Dashboard(this, 'Dashboard');
    this.vpc = this.createVpc();

    const listeners = this.createListeners();
    const database = this.createDatabase();
    const { secret: databaseSecret, ready } = this.createCredentials(database);
    const cache = this.createCache();
    const service = this.createService(listeners, { DATABASE_URL: databaseSecret, REDIS_URL: cache.secret });

    service.connections.allowTo(database, ec2.Port.tcp(DATABASE_PORT));
    service.connections.allowTo(cache.securityGroup, ec2.Port.tcp(CACHE_PORT));
    service.node.addDependency(ready, cache.secret);
    operateReleases(this, { service, secret: databaseSecret, topic: this.topic, key: this.key });
    this.dashboard.addWidgets(new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: this.alarms, width: 24, height: 4 }));
  }

  private createKey(): kms.Key {
    const key = new kms.Key(this, 'Key', { description: 'Data, logs and messages of the API', enableKeyRotation: true, removalPolicy: KEPT });
    const ofTopics = { ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': this.formatArn({ service: 'sns', resource: '*' }) } };
    const allow = (sid: string, principal: string, keyActions: string[], conditions: { [key: string]: unknown }) => key.addToResourcePolicy(
      new iam.PolicyStatement({ sid, principals: [new iam.ServicePrincipal(principal)], actions: keyActions, resources: ['*'], conditions }));
    allow('CloudWatchLogs', `logs.${this.region}.${this.urlSuffix}`, ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': this.formatArn({ service: 'logs', resource: '*' }) } });
    allow('CloudWatchAlarms', 'cloudwatch.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey*'],
      { StringEquals: { 'aws:SourceAccount': this.account }, ...ofTopics });
    allow('EventBridge', 'events.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey*'], ofTopics);
    return key;
  }

  private createTopic(): sns.Topic {
    const topic = new sns.Topic(this, 'Topic', { masterKey: this.key, enforceSSL: true });
    topic.addSubscription(new subscriptions.EmailSubscription('ops@example.com'));
    topic.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'AlarmsOfThisAccount',
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': this.account },
        ArnLike: { 'aws:SourceArn': this.formatArn({ service: 'cloudwatch', resource: 'alarm:*' }) },
      },
    }));
    return topic;
  }

  private createVpc(): ec2.Vpc {
    const vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16'),
      maxAzs: 2,
      reservedAzs: 1,
      natGateways: 2,
      restrictDefaultSecurityGroup: true,
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 19, mapPublicIpOnLaunch: false },
        { name: 'private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 19 },
        { name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 20 },
      ],
      gatewayEndpoints: {
        S3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    for (const kept of [vpc, ...vpc.isolatedSubnets]) keep(kept.node.defaultChild);
    const flowLogs = this.createLogGroup('FlowLogs');
    const role = new iam.Role(this, 'FlowLogRole', {
      description: 'Writes the flow logs of the VPC',
      assumedBy: new iam.ServicePrincipal('vpc-flow-logs.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': this.account },
          ArnLike: { 'aws:SourceArn': this.formatArn({ service: 'ec2', resource: 'vpc-flow-log', resourceName: '*' }) },
        },
      }),
      managedPolicies: [new iam.ManagedPolicy(this, 'FlowLogPolicy', {
        description: 'Writes the flow logs of the VPC',
        statements: [new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'], resources: [flowLogs.logGroupArn] })],
      })],
    });
    vpc.addFlowLog('FlowLog', { destination: ec2.FlowLogDestination.toCloudWatchLogs(flowLogs, role.withoutPolicyUpdates()) });

    const natGateways = vpc.publicSubnets.map(subnet => (subnet.node.findChild('NATGateway') as ec2.CfnNatGateway).attrNatGatewayId);
    const metric = (metricName: string, NatGatewayId: string) =>
      new cloudwatch.Metric({ namespace: 'AWS/NATGateway', metricName, dimensionsMap: { NatGatewayId }, statistic: 'Sum', period: MINUTE });
    natGateways.forEach((natGateway, index) => this.addAlarm(`NatGateway${index + 1}Ports`, metric('ErrorPortAllocation', natGateway), 0, 15,
      'A NAT gateway has had no free port for a quarter of an hour: connections to the internet fail. First: look in the flow logs who opens so many connections.',
      { treatMissingData: MISSING }));
    this.addRow('Network',
      graph('NAT: connections refused for lack of ports', 12, natGateways.map(natGateway => metric('ErrorPortAllocation', natGateway))),
      graph('NAT: packets dropped', 12, natGateways.map(natGateway => metric('PacketsDropCount', natGateway))));
    return vpc;
  }

  private createListeners() {
    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc: this.vpc,
      internetFacing: true,
      securityGroup: this.createSecurityGroup('LoadBalancerSecurityGroup', 'Load balancer'),
      dropInvalidHeaderFields: true,
      deletionProtection: true,
    });
    this.createAccessLogs(loadBalancer);
    loadBalancer.addListener('Redirect', {
      port: 80,
      open: false,
      defaultAction: elbv2.ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
    });
    const zone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'example.com' });
    const certificate = new acm.Certificate(this, 'Certificate', { domainName: DOMAIN, validation: acm.CertificateValidation.fromDns(zone) });
    const [listener, testListener] = Object.entries({ Https: 443, Test: 9000 }).map(([id, port]) => loadBalancer.addListener(id, {
      port,
      protocol: elbv2.ApplicationProtocol.HTTPS,
      open: false,
      certificates: [certificate],
      sslPolicy: elbv2.SslPolicy.RECOMMENDED_TLS,
      defaultAction: elbv2.ListenerAction.fixedResponse(404, { contentType: 'application/json', messageBody: '{"error":"not found"}' }),
    }));
    loadBalancer.connections.allowFromAnyIpv4(ec2.Port.HTTP, 'Clients');
    loadBalancer.connections.allowFromAnyIpv4(ec2.Port.HTTPS, 'Clients');
    new route53.ARecord(this, 'Record', { zone, recordName: DOMAIN, target: route53.RecordTarget.fromAlias(new targets.LoadBalancerTarget(loadBalancer)) });

    const { metrics } = loadBalancer;
    this.addAlarm('LoadBalancerErrors', new cloudwatch.MathExpression({
      label: 'Errors made by the load balancer (%)',
      expression: 'IF(FILL(errors, 0) < 5, 0, 100 * FILL(errors, 0) / (FILL(requests, 0) + FILL(errors, 0)))',
      usingMetrics: {
        errors: metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT, { period: MINUTE }),
        requests: metrics.requestCount({ period: MINUTE }),
      },
      period: MINUTE,
    }), 1, 5, 'More than 1 % of requests are answered with an error by the load balancer itself. First: look at the healthy hosts and the task events.',
    { datapointsToAlarm: 3 });
    this.addRow('Load balancer',
      graph('Requests', 8, [metrics.requestCount()]),
      graph('Errors', 8, [metrics.httpCodeElb(elbv2.HttpCodeElb.ELB_5XX_COUNT),
        metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT), metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_4XX_COUNT)]),
      graph('Response time', 8, ['p50', 'p95', 'p99'].map(statistic => metrics.targetResponseTime({ statistic, label: statistic }))),
      ...firewallGraphs(this), certificateGraph(certificate));
    this.createEdge(loadBalancer, certificate);
    return { listener, testListener };
  }

  private createEdge(loadBalancer: elbv2.ApplicationLoadBalancer, certificate: acm.Certificate): void {
    protect(this, loadBalancer, this.key);
    tellOfRenewals(this, certificate, this.topic);
    for (const { id, metric, threshold, periods, description, options } of [...certificateAlarms(certificate), ...firewallAlarms(this)]) {
      this.addAlarm(id, metric, threshold, periods, description, options);
    }
  }

  /** `logAccessLogs` needs to know the region, and this stack is for any. */
  private createAccessLogs(loadBalancer: elbv2.ApplicationLoadBalancer): void {
    const bucket = new s3.Bucket(this, 'AccessLogs', {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [{
        expiration: Duration.days(90),
        noncurrentVersionExpiration: Duration.days(1),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      }],
      removalPolicy: KEPT,
    });
    bucket.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'LoadBalancerLogDelivery',
      principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`*/AWSLogs/${this.account}/*`)],
      conditions: { ArnLike: { 'aws:SourceArn': `arn:${this.partition}:elasticloadbalancing:*:${this.account}:loadbalancer/*` } },
    }));
    loadBalancer.setAttribute('access_logs.s3.enabled', 'true');
    loadBalancer.setAttribute('access_logs.s3.bucket', bucket.bucketName);
    loadBalancer.setAttribute('access_logs.s3.prefix', 'load-balancer');
    loadBalancer.node.addDependency(bucket.policy!);
  }

  private createDatabase(): rds.DatabaseInstance {
    const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.of('17', '17') });
    const identifier = `api-${Fn.select(4, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))))}`;
    const logGroups = ['postgresql', 'upgrade'].map(log => this.createLogGroup(`Database-${log}`, `/aws/rds/instance/${identifier}/${log}`));
    const securityGroup = this.createSecurityGroup('DatabaseSecurityGroup', 'Database');
    const parameterGroup = new rds.ParameterGroup(this, 'DatabaseParameters', {
      engine,
      description: 'PostgreSQL 17 of the API',
      parameters: {
        'rds.force_ssl': '1',
        'password_encryption': 'scram-sha-256',
        'log_min_duration_statement': '1000',
        'log_statement': 'ddl',
        'log_connections': '1',
        'log_disconnections': '1',
        'log_lock_waits': '1',
      },
    });
    const monitoringRole = createMonitoringRole(this);
    const database = new rds.DatabaseInstance(this, 'Database', {
      instanceIdentifier: identifier,
      engine,
      vpc: this.vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      securityGroups: [securityGroup],
      port: DATABASE_PORT,
      instanceType: new ec2.InstanceType('t4g.small'),
      databaseName: DATABASE_NAME,
      // Taken out again below, where RDS is asked to make the password.
      credentials: rds.Credentials.fromPassword('postgres', SecretValue.unsafePlainText('managed by RDS')),
      multiAz: true,
      storageType: rds.StorageType.GP3,
      allocatedStorage: 20,
      maxAllocatedStorage: 500,
      storageEncrypted: true,
      storageEncryptionKey: this.key,
      backupRetention: Duration.days(14),
      copyTagsToSnapshot: true,
      iamAuthentication: true,
      autoMinorVersionUpgrade: true,
      allowMajorVersionUpgrade: true,
      publiclyAccessible: false,
      caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
      enablePerformanceInsights: true,
      performanceInsightEncryptionKey: this.key,
      monitoringInterval: MINUTE,
      monitoringRole,
      cloudwatchLogsExports: ['postgresql', 'upgrade'],
      deletionProtection: true,
      removalPolicy: KEPT,
      parameterGroup,
    });
    const resource = database.node.defaultChild as rds.CfnDBInstance;
    resource.addPropertyDeletionOverride('MasterUserPassword');
    resource.manageMasterUserPassword = true;
    resource.masterUserSecret = { kmsKeyId: this.key.keyArn };
    resource.node.addDependency(...logGroups, monitoringRole);
    for (const part of [securityGroup, parameterGroup, database.node.findChild('SubnetGroup')]) part.node.findAll().forEach(keep);
    this.watchDatabase(database);
    return database;
  }

  private watchDatabase(database: rds.DatabaseInstance): void {
    const metric = (metricName: string, options: cloudwatch.MetricOptions = {}) => database.metric(metricName, { period: MINUTE, ...options });
    const alarm = (name: string, metricName: string, threshold: number, periods: number, description: string,
      { statistic, ...options }: Partial<cloudwatch.CreateAlarmOptions> & { statistic?: string } = {}) =>
      this.addAlarm(`Database${name}`, metric(metricName, { statistic }), threshold, periods, description, { treatMissingData: MISSING, ...options });
    alarm('Cpu', 'CPUUtilization', 90, 5, 'The database has been busy above 90 % of its CPU for five minutes. First: look at the top statements.', { treatMissingData: BREACHING });
    alarm('TransactionIds', 'MaximumUsedTransactionIDs', 1_000_000_000, 1, 'Half of the transaction ids are used up; at two billion PostgreSQL stops taking writes. First: find what keeps vacuum from finishing.');
    alarm('ReadLatency', 'ReadLatency', 0.02, 5, 'One in ten reads of the disk takes more than 20 ms. First: look for the statements that wait for I/O.', { statistic: 'p90' });
    alarm('WriteLatency', 'WriteLatency', 0.02, 5, 'One in ten writes of the disk takes more than 20 ms. First: look for the statements that wait for I/O.', { statistic: 'p90' });
    alarm('Memory', 'FreeableMemory', GIB, 15, 'Less than a quarter of the memory has been free for 15 minutes. First: look at the number of connections.', { comparisonOperator: LESS_THAN_THRESHOLD, treatMissingData: BREACHING });
    alarm('Connections', 'DatabaseConnections', 364, 5, 'More than 90 % of about 405 connections are taken; at all of them the application is refused. First: look for a service that does not close connections.', { treatMissingData: BREACHING });
    alarm('Storage', 'FreeStorageSpace', 2 * GIB, 5, 'The disk is nearly full and storage autoscaling does not keep up; a full disk stops the database. First: raise the maximum.', { statistic: 'Minimum', comparisonOperator: LESS_THAN_THRESHOLD, treatMissingData: BREACHING });
    alarm('DiskOperations', 'EBSIOBalance%', 10, 3, 'Less than 10 % of the disk burst (operations) is left; without it the disk slows down. First: find what reads or writes so much.', { comparisonOperator: LESS_THAN_THRESHOLD });
    alarm('DiskThroughput', 'EBSByteBalance%', 10, 3, 'Less than 10 % of the disk burst (throughput) is left; without it the disk slows down. First: find what reads or writes so much.', { comparisonOperator: LESS_THAN_THRESHOLD });
    this.addRow('Database',
      graph('Database: CPU and memory', 6, [metric('CPUUtilization', { label: 'CPU %' })], [metric('FreeableMemory', { label: 'Free memory' })]),
      graph('Database: connections', 6, [metric('DatabaseConnections', { label: 'Database' })]),
      graph('Database: latency', 6, ['Read', 'Write'].map(kind => metric(`${kind}Latency`, { label: `${kind} p90 (s)`, statistic: 'p90' }))),
      graph('Database: storage', 6, [metric('FreeStorageSpace', { label: 'Free storage', statistic: 'Minimum' })]));
  }

  /** Logins of the application's own, made and rotated by a function. */
  private createCredentials(database: rds.DatabaseInstance) {
    const [owner, application] = ['Owner', 'Application'].map(name => new secretsmanager.Secret(this, `${name}Secret`, {
      description: `${name} login of the database`,
      encryptionKey: this.key,
      removalPolicy: KEPT,
      generateSecretString: { secretStringTemplate: '{}', generateStringKey: 'placeholder', excludePunctuation: true },
    }));
    const master = secretsmanager.Secret.fromSecretAttributes(this, 'MasterSecret', {
      secretCompleteArn: (database.node.defaultChild as rds.CfnDBInstance).attrMasterUserSecretSecretArn,
      encryptionKey: this.key,
    });
    const securityGroup = this.createSecurityGroup('CredentialsSecurityGroup', 'Function that makes and rotates database logins');
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'Secrets Manager');
    database.connections.allowFrom(securityGroup, ec2.Port.tcp(DATABASE_PORT), 'Credentials function');

    const own = [owner.secretArn, application.secretArn];
    const { handler, role } = createHandler(this, 'Credentials', {
      bundle: join('database', 'application-credentials.lambda'),
      description: 'Makes the database logins of the application and rotates them',
      timeout: Duration.minutes(10),
      vpc: this.vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [securityGroup],
      key: this.key,
      statements: [
        new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], resources: [master.secretArn, ...own] }),
        new iam.PolicyStatement({ actions: ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'], resources: own }),
        mayUseKeyThrough(this, 'secretsmanager', this.key),
      ],
      environment: {
        DATABASE_HOST: database.dbInstanceEndpointAddress,
        DATABASE_PORT: database.dbInstanceEndpointPort,
        DATABASE_NAME,
        MASTER_SECRET: master.secretArn,
        OWNER_SECRET: owner.secretArn,
        APPLICATION_SECRET: application.secretArn,
        NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
      },
    });
    this.addAlarm('CredentialsErrors', handler.metricErrors({ period: Duration.minutes(5) }), 0, 1,
      'Making or rotating the database logins has failed; the logins in use go on working. First: read the log of the function.');

    const ready = this.createCredentialsResource(handler, database, owner, application);
    ready.node.addDependency(role, securityGroup, ...database.connections.securityGroups);
    for (const [id, secret] of Object.entries({ OwnerRotation: owner, ApplicationRotation: application })) {
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
    return { secret: application, ready };
  }

  private createCredentialsResource(
    handler: lambda.Function, database: rds.DatabaseInstance, owner: secretsmanager.Secret, application: secretsmanager.Secret,
  ): CustomResource {
    return new CustomResource(this, 'Credentials', {
      resourceType: 'Custom::DatabaseCredentials',
      serviceToken: handler.functionArn,
      serviceTimeout: Duration.minutes(12),
      properties: {
        host: database.dbInstanceEndpointAddress,
        port: database.dbInstanceEndpointPort,
        databaseName: DATABASE_NAME,
        applicationHost: database.dbInstanceEndpointAddress,
        ownerSecret: owner.secretArn,
        applicationSecret: application.secretArn,
      },
    });
  }

  private createCache() {
    const securityGroup = this.createSecurityGroup('CacheSecurityGroup', 'Cache');
    const passwordSecret = new secretsmanager.Secret(this, 'CachePassword', {
      description: 'Password of the cache',
      encryptionKey: this.key,
      removalPolicy: KEPT,
      generateSecretString: { secretStringTemplate: '{}', generateStringKey: 'password', passwordLength: 64, excludePunctuation: true },
    });
    const password = passwordSecret.secretValueFromJson('password');
    const subnetGroup = new elasticache.CfnSubnetGroup(this, 'CacheSubnets', {
      description: 'Subnets of the cache', subnetIds: this.vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_ISOLATED }).subnetIds,
    });
    const parameterGroup = new elasticache.CfnParameterGroup(this, 'CacheParameters', {
      cacheParameterGroupFamily: 'valkey8', description: 'Parameters of the cache', properties: { 'maxmemory-policy': 'volatile-lru' },
    });
    const cache = new elasticache.CfnReplicationGroup(this, 'Cache', {
      replicationGroupDescription: 'Cache of the API',
      engine: 'valkey',
      engineVersion: '8.2',
      autoMinorVersionUpgrade: true,
      cacheNodeType: 'cache.t4g.small',
      numCacheClusters: CACHE_NODES,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      port: CACHE_PORT,
      cacheSubnetGroupName: subnetGroup.ref,
      cacheParameterGroupName: parameterGroup.ref,
      securityGroupIds: [securityGroup.securityGroupId],
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      authToken: password.unsafeUnwrap(),
      atRestEncryptionEnabled: true,
      kmsKeyId: this.key.keyArn,
      snapshotRetentionLimit: 7,
      snapshotWindow: '03:00-04:00',
      preferredMaintenanceWindow: 'sun:04:30-sun:05:30',
      logDeliveryConfigurations: ['slow-log', 'engine-log'].map(logType => ({
        logType,
        logFormat: 'json',
        destinationType: 'cloudwatch-logs',
        destinationDetails: { cloudWatchLogsDetails: { logGroup: this.createLogGroup(`Cache-${logType}`).logGroupName } },
      })),
    });
    for (const part of [subnetGroup, parameterGroup, cache, securityGroup]) part.applyRemovalPolicy(KEPT);
    const host = cache.attrPrimaryEndPointAddress;
    const secret = new secretsmanager.Secret(this, 'CacheSecret', {
      description: 'Connection to the cache',
      encryptionKey: this.key,
      removalPolicy: KEPT,
      secretObjectValue: {
        engine: SecretValue.unsafePlainText('valkey'),
        host: SecretValue.unsafePlainText(host),
        port: SecretValue.unsafePlainText(String(CACHE_PORT)),
        password,
        url: SecretValue.unsafePlainText(`rediss://:${password.unsafeUnwrap()}@${host}:${CACHE_PORT}`),
      },
    });
    this.watchCache(cache);
    return { securityGroup, secret };
  }

  private watchCache(cache: elasticache.CfnReplicationGroup): void {
    const nodes = Array.from({ length: CACHE_NODES }, (_, index) => `${cache.ref}-00${index + 1}`);
    const metric = (node: string, metricName: string, options: cloudwatch.MetricOptions = {}) => new cloudwatch.Metric({
      namespace: 'AWS/ElastiCache', metricName, dimensionsMap: { CacheClusterId: node }, statistic: 'Average', period: MINUTE, ...options,
    });
    const cpu = (node: string, options: cloudwatch.MetricOptions = {}) =>
      metric(node, 'CPUUtilization', { dimensionsMap: { CacheClusterId: node, CacheNodeId: '0001' }, ...options });
    nodes.forEach((node, index) => {
      const id = `CacheNode${index + 1}`;
      const missing = { treatMissingData: MISSING };
      this.addAlarm(`${id}Cpu`, cpu(node), 45, 5, 'The cache has no CPU left and commands queue up. First: look in the slow log for expensive commands, then choose a larger node type.', missing);
      this.addAlarm(`${id}Memory`, metric(node, 'DatabaseMemoryUsagePercentage'), 80, 5, 'The memory of the cache is nearly full. First: check that keys are written with an expiry.', missing);
      this.addAlarm(`${id}Evictions`, metric(node, 'Evictions', { statistic: 'Sum' }), 0, 5, 'The cache drops keys before they expire, because its memory is full. First: see what grew (redis-cli --bigkeys).');
      this.addAlarm(`${id}Lag`, metric(node, 'ReplicationLag'), 1, 15, 'A replica is more than a second behind; a failover now would lose these writes. First: look at the write rate.', missing);
    });
    const each = (metricOf: (node: string, options: cloudwatch.MetricOptions) => cloudwatch.Metric) =>
      nodes.map((node, index) => metricOf(node, { label: `node ${index + 1}` }));
    this.addRow('Cache',
      graph('CPU (%)', 6, each(cpu), [], 45),
      graph('Memory (%)', 6, each((node, options) => metric(node, 'DatabaseMemoryUsagePercentage', options)), [], 80),
      graph('Evicted keys', 6, each((node, options) => metric(node, 'Evictions', { statistic: 'Sum', ...options })), [], 0),
      graph('Replication lag (s)', 6, each((node, options) => metric(node, 'ReplicationLag', options)), [], 1));
  }

  private createService(
    listeners: { readonly listener: elbv2.ApplicationListener; readonly testListener: elbv2.ApplicationListener },
    secrets: { [name: string]: secretsmanager.Secret },
  ): ecs.FargateService {
    const cluster = new ecs.Cluster(this, 'Cluster', {
      vpc: this.vpc, enableFargateCapacityProviders: true, containerInsightsV2: ecs.ContainerInsights.ENABLED,
    });
    const definition = new ecs.FargateTaskDefinition(this, 'Task', {
      cpu: 512,
      memoryLimitMiB: 1024,
      runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
      volumes: [{ name: 'tmp' }],
    });
    const container = definition.addContainer('app', {
      image: ecs.ContainerImage.fromRegistry('ghcr.io/example/api:1'),
      environment: { LOG_LEVEL: 'info' },
      secrets: Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, ecs.Secret.fromSecretsManager(secret, 'url')])),
      portMappings: [{ containerPort: CONTAINER_PORT }],
      readonlyRootFilesystem: true,
      stopTimeout: Duration.seconds(30),
      logging: ecs.LogDrivers.awsLogs({ logGroup: this.createLogGroup('ServiceLogs'), streamPrefix: 'app' }),
    });
    container.addMountPoints({ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false });

    const securityGroup = this.createSecurityGroup('ServiceSecurityGroup', 'Tasks of the API');
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'AWS and other services over TLS');
    const service = new ecs.FargateService(this, 'Service', {
      cluster,
      taskDefinition: definition,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [securityGroup],
      capacityProviderStrategies: [{ capacityProvider: 'FARGATE', weight: 100 }],
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      deploymentStrategy: ecs.DeploymentStrategy.BLUE_GREEN,
      bakeTime: Duration.minutes(10),
      availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED,
      healthCheckGracePeriod: Duration.seconds(60),
      propagateTags: ecs.PropagatedTagSource.SERVICE,
      enableECSManagedTags: true,
      enableExecuteCommand: false,
    });
    service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 10 }).scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });
    const groups = ['TargetGroup', 'AlternateTargetGroup'].map(id => new elbv2.ApplicationTargetGroup(this, id, {
      vpc: this.vpc,
      port: 80,
      targetType: elbv2.TargetType.IP,
      deregistrationDelay: Duration.seconds(30),
      healthCheck: {
        path: '/health',
        healthyHttpCodes: '200',
        interval: Duration.seconds(15),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2,
      },
    }));
    moveTraffic(this, { service, container: { containerName: 'app', containerPort: CONTAINER_PORT }, groups, ...listeners, key: this.key });
    rollBackOn(service, this.watchReleases(groups));
    this.watchService(service, groups);
    return service;
  }

  /** The alarms that also turn a release back. */
  private watchReleases(groups: elbv2.ApplicationTargetGroup[]): cloudwatch.Alarm[] {
    const period = MINUTE;
    const [blue, green] = groups.map(({ metrics }) => metrics);
    const errors = 'FILL(blueErrors, 0) + FILL(greenErrors, 0)';
    return [
      this.addAlarm('Errors', new cloudwatch.MathExpression({
        label: 'Requests answered with 5xx (%)',
        expression: `IF(${errors} < 5, 0, 100 * (${errors}) / (FILL(blueRequests, 0) + FILL(greenRequests, 0)))`,
        usingMetrics: {
          blueErrors: blue.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period }),
          greenErrors: green.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period }),
          blueRequests: blue.requestCount({ period }),
          greenRequests: green.requestCount({ period }),
        },
        period,
      }), 1, 5, 'More than 1 % of requests are answered with an error by the service. First: read its logs.', { datapointsToAlarm: 3 }),
      this.addAlarm('LatencyHigh', highest(groups, 'Response time, p95 (s)', metrics => metrics.targetResponseTime({ statistic: 'p95', period }), period), 1, 5,
        'One request in twenty has taken longer than a second for five minutes. First: look at the CPU of the service and of the database.'),
      this.addAlarm('UnhealthyHosts', sum(groups, 'Unhealthy tasks', metrics => metrics.unhealthyHostCount({ statistic: 'Maximum', period }), period), 1, 5,
        'A task has failed its health check for five minutes. First: read the logs of the newest task.', { comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD }),
    ];
  }

  private watchService(service: ecs.FargateService, groups: elbv2.ApplicationTargetGroup[]): void {
    const period = MINUTE;
    this.addAlarm('NoHealthyHosts', sum(groups, 'Healthy tasks', metrics => metrics.healthyHostCount({ statistic: 'Minimum', period }), period), 1, 2,
      "No task is healthy: nobody is served. First: read the service's events.", { comparisonOperator: LESS_THAN_THRESHOLD, treatMissingData: BREACHING });
    this.addAlarm('CpuHigh', service.metricCpuUtilization({ period }), 80, 5,
      'The tasks have used more than 80 % of their CPU for five minutes, although scaling adds tasks. First: see whether the service is at its maximum of tasks.', { treatMissingData: BREACHING });
    this.addAlarm('MemoryHigh', service.metricMemoryUtilization({ period }), 80, 5,
      'The tasks have used more than 80 % of their memory for five minutes: at 100 % they are killed. First: compare with the last release.', { treatMissingData: BREACHING });
    this.addRow('Service',
      graph('Requests', 6, [sum(groups, 'Requests', metrics => metrics.requestCount())],
        [sum(groups, 'Healthy tasks', metrics => metrics.healthyHostCount({ statistic: 'Minimum' }))]),
      graph('Errors', 6, [
        sum(groups, '5xx', metrics => metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT)),
        sum(groups, '4xx', metrics => metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_4XX_COUNT)),
      ]),
      graph('Response time', 6, ['p50', 'p95', 'p99'].map(statistic => highest(groups, statistic, metrics => metrics.targetResponseTime({ statistic })))),
      graph('CPU and memory (%)', 6, [service.metricCpuUtilization({ period }), service.metricMemoryUtilization({ period })]));
  }

  private createSecurityGroup(id: string, description: string): ec2.SecurityGroup {
    return new ec2.SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: false });
  }

  private createLogGroup(id: string, logGroupName?: string): logs.LogGroup {
    return new logs.LogGroup(this, id, { logGroupName, retention: logs.RetentionDays.ONE_MONTH, encryptionKey: this.key, removalPolicy: KEPT });
  }

  private addAlarm(id: string, metric: cloudwatch.IMetric, threshold: number, evaluationPeriods: number, alarmDescription: string,
    options: Partial<cloudwatch.AlarmProps> = {}): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, {
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      metric,
      threshold,
      evaluationPeriods,
      alarmDescription,
      ...options,
    });
    alarm.addAlarmAction(this.action);
    alarm.addOkAction(this.action);
    this.alarms.push(alarm);
    return alarm;
  }

  private addRow(title: string, ...widgets: cloudwatch.IWidget[]): void {
    this.dashboard.addWidgets(new cloudwatch.TextWidget({ markdown: `## ${title}`, width: 24, height: 1, background: cloudwatch.TextWidgetBackground.TRANSPARENT }));
    this.dashboard.addWidgets(...widgets);
  }
}

/** What a database or a cache that outlives its stack still uses has to outlive it too. */
function keep(part?: IConstruct): void {
  if (CfnResource.isCfnResource(part)) part.applyRemovalPolicy(KEPT);
}

function graph(
  title: string, width: number, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = [], threshold?: number,
): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({
    title,
    width,
    left,
    right,
    leftYAxis: threshold === undefined ? undefined : { min: 0 },
    leftAnnotations: threshold === undefined ? [] : [{ value: threshold, label: 'alarm', color: cloudwatch.Color.RED }],
  });
}
