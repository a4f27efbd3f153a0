/* Search of a hand-written app: an OpenSearch domain in the network, and the function that administers it. */
import { join } from 'path';
import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import { Construct } from 'constructs';
import { allow, createLogGroup, createSecurityGroup, Handler, KEPT, MINUTE, Platform, suffix } from './foundation';
import { AlarmOptions, AT_LEAST, AT_MOST, BELOW, graphFromZero, MISSING, NOT_BREACHING } from './monitoring';

const INDEX = 'games';
const LOGS = ['Application', 'SearchSlow', 'IndexSlow', 'Audit'];
const MASTERS = 3;
const DATA_NODES = 2;
const STORAGE_GIB = 20;

export interface SearchProps {
  readonly platform: Platform;
  readonly vpc: ec2.IVpc;
  readonly helper: Handler;
}

export class Search extends Construct {
  public readonly endpoint: string;
  public readonly connections: ec2.Connections;
  /** The templates of the indexes are in place. */
  public readonly indexes: CustomResource;
  private readonly securityGroup: ec2.SecurityGroup;
  private readonly administrator: Handler;
  private readonly domain: opensearch.Domain;
  /** At most 28 characters. */
  private readonly domainName: string;
  private readonly domainArn: string;

  constructor(scope: Construct, id: string, private readonly props: SearchProps) {
    super(scope, id);
    this.domainName = `search-${suffix()}`;
    this.domainArn = Stack.of(this).formatArn({ service: 'es', resource: 'domain', resourceName: this.domainName });
    this.securityGroup = createSecurityGroup(this, 'SecurityGroup', props.vpc, 'Search');
    this.securityGroup.applyRemovalPolicy(KEPT);
    this.connections = new ec2.Connections({ securityGroups: [this.securityGroup], defaultPort: ec2.Port.HTTPS });
    this.administrator = this.createAdministrator();
    this.domain = this.createDomain();
    this.endpoint = `https://${this.domain.domainEndpoint}`;
    this.indexes = this.ask(this, 'Indexes', 'Custom::SearchIndexes', {
      Indexes: Stack.of(this).toJsonString([{
        name: INDEX,
        mappings: {},
        settings: { 'index.search.slowlog.threshold.query.warn': '2s', 'index.indexing.slowlog.threshold.index.warn': '2s' },
      }]),
      Replicas: '1',
    });
    this.watch();
    this.addRow();
  }

  /** Lets a role read or index: by IAM, and by the domain's own fine-grained access control. */
  public grantAccess(scope: Construct, role: iam.IRole, level: 'read' | 'indexing'): CustomResource {
    return this.ask(scope, 'SearchAccess', 'Custom::SearchAccess', {
      Name: `${scope.node.path.replace(/\//g, '-')}-${level}`, RoleArn: role.roleArn, Level: level, Patterns: [INDEX, `${INDEX}-*`],
    });
  }

  /** Lets a service search. */
  public grantRead(scope: Construct, role: iam.IRole): void {
    new iam.ManagedPolicy(scope, 'SearchRights', { roles: [role], statements: [this.requests('Get', 'Head', 'Post')] });
    this.grantAccess(scope, role, 'read');
  }

  public requests(...methods: string[]): iam.PolicyStatement {
    return allow(methods.map(method => `es:ESHttp${method}`), [`${this.domainArn}/*`]);
  }

  private createAdministrator(): Handler {
    const { platform, vpc } = this.props;
    const securityGroup = createSecurityGroup(this, 'AdministratorSecurityGroup', vpc, 'Administrator of search');
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'OpenSearch, and the answer to CloudFormation');
    this.securityGroup.addIngressRule(securityGroup, ec2.Port.HTTPS, 'Administrator');
    return new Handler(this, 'Administrator', {
      bundle: join('search', 'search-administrator.lambda'),
      description: 'Puts index templates in place and lets roles in, during deployments',
      timeout: Duration.minutes(12),
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [securityGroup],
      platform,
      statements: [this.requests('Get', 'Put', 'Patch', 'Delete')],
    });
  }

  private ask(scope: Construct, id: string, resourceType: string, properties: { [name: string]: unknown }): CustomResource {
    const resource = new CustomResource(scope, id, {
      resourceType,
      serviceToken: this.administrator.function.functionArn,
      serviceTimeout: Duration.minutes(13),
      properties: { Endpoint: this.endpoint, ...properties },
    });
    resource.node.addDependency(this.administrator.role, ...this.administrator.function.connections.securityGroups, this.securityGroup);
    return resource;
  }

  private createDomain(): opensearch.Domain {
    const { platform: { key }, vpc } = this.props;
    const [appLogGroup, slowSearchLogGroup, slowIndexLogGroup, auditLogGroup] = LOGS.map(name => createLogGroup(this, `${name}Log`, key));
    const domain = new opensearch.Domain(this, 'Domain', {
      domainName: this.domainName,
      version: opensearch.EngineVersion.openSearch('2.19'),
      capacity: {
        dataNodes: DATA_NODES,
        dataNodeInstanceType: 'm7g.medium.search',
        masterNodes: MASTERS,
        masterNodeInstanceType: 'm7g.medium.search',
        multiAzWithStandbyEnabled: false,
      },
      zoneAwareness: { enabled: true, availabilityZoneCount: 2 },
      vpc,
      vpcSubnets: [{ subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
      securityGroups: [this.securityGroup],
      ebs: { volumeType: ec2.EbsDeviceVolumeType.GP3, volumeSize: STORAGE_GIB },
      encryptionAtRest: { enabled: true, kmsKey: key },
      nodeToNodeEncryption: true,
      enforceHttps: true,
      tlsSecurityPolicy: opensearch.TLSSecurityPolicy.TLS_1_2_PFS,
      fineGrainedAccessControl: { masterUserArn: this.administrator.role.roleArn },
      logging: {
        appLogEnabled: true,
        appLogGroup,
        slowSearchLogEnabled: true,
        slowSearchLogGroup,
        slowIndexLogEnabled: true,
        slowIndexLogGroup,
        auditLogEnabled: true,
        auditLogGroup,
      },
      // The L2 would put the policies in place through a function.
      suppressLogsResourcePolicy: true,
      enableAutoSoftwareUpdate: true,
      enableVersionUpgrade: true,
      removalPolicy: KEPT,
    });
    const resource = domain.node.defaultChild as opensearch.CfnDomain;
    resource.accessPolicies = new iam.PolicyDocument({
      statements: [new iam.PolicyStatement({ principals: [new iam.AccountRootPrincipal()], actions: ['es:ESHttp*'], resources: [`${this.domainArn}/*`] })],
    });
    domain.node.addDependency(this.createLogRights(appLogGroup, slowSearchLogGroup, slowIndexLogGroup, auditLogGroup), this.createServiceRole());
    return domain;
  }

  private createLogRights(...logGroups: logs.LogGroup[]): logs.ResourcePolicy {
    return new logs.ResourcePolicy(this, 'LogRights', {
      policyStatements: [new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('es.amazonaws.com')],
        actions: ['logs:PutLogEvents', 'logs:CreateLogStream'],
        resources: logGroups.map(({ logGroupArn }) => logGroupArn),
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account }, ArnLike: { 'aws:SourceArn': this.domainArn } },
      })],
    });
  }

  /** The role with which the service joins VPCs, which an account may have or not. */
  private createServiceRole(): CustomResource {
    const { helper } = this.props;
    const AWSServiceName = 'opensearchservice.amazonaws.com';
    const policy = new iam.ManagedPolicy(this, 'ServiceRolePolicy', {
      roles: [helper.role],
      statements: [allow(['iam:CreateServiceLinkedRole'], [Stack.of(this).formatArn({
        service: 'iam', region: '', resource: 'role', resourceName: `aws-service-role/${AWSServiceName}/AWSServiceRoleForAmazonOpenSearchService`,
      })], { StringEquals: { 'iam:AWSServiceName': AWSServiceName } })],
    });
    const role = new CustomResource(this, 'ServiceRole', {
      resourceType: 'Custom::SearchServiceRole', serviceToken: helper.function.functionArn, serviceTimeout: Duration.minutes(5),
    });
    role.node.addDependency(policy);
    return role;
  }

  private metric(metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return this.domain.metric(metricName, { statistic: 'Maximum', period: MINUTE, ...options });
  }

  private watch(): void {
    const values = { domain: this.domain.domainName };
    const alarm = (metricName: string, threshold: number, periods: number, page: AlarmOptions['page'],
      { period, statistic, ...options }: Partial<AlarmOptions> & cloudwatch.MetricOptions = {}): AlarmOptions => ({
      metric: this.metric(metricName, { period: period ?? MINUTE, statistic: statistic ?? 'Maximum' }),
      threshold,
      periods,
      page,
      values,
      comparisonOperator: AT_LEAST,
      treatMissingData: MISSING,
      ...options,
    });
    const ofKey = { critical: true, treatMissingData: NOT_BREACHING };
    this.props.platform.monitoring.addAlarms(this, {
      Red: alarm('ClusterStatus.red', 1, 1, 'search-shards-lost', { critical: true }),
      Yellow: alarm('ClusterStatus.yellow', 1, 5, 'search-copies-missing'),
      FreeStorage: alarm('FreeStorageSpace', STORAGE_GIB * 256, 1, 'search-storage', { statistic: 'Minimum', comparisonOperator: AT_MOST }),
      WritesBlocked: alarm('ClusterIndexWritesBlocked', 1, 1, 'search-writes-blocked', { period: Duration.minutes(5), critical: true }),
      Memory: alarm('JVMMemoryPressure', 95, 3, 'search-memory', { critical: true }),
      Cpu: alarm('CPUUtilization', 80, 3, 'search-cpu', { period: Duration.minutes(15) }),
      Snapshot: alarm('AutomatedSnapshotFailure', 1, 1, 'search-snapshot'),
      Nodes: alarm('Nodes', DATA_NODES + MASTERS, 1, 'search-nodes', { statistic: 'Minimum', period: Duration.days(1), comparisonOperator: BELOW }),
      KeyError: alarm('KMSKeyError', 1, 1, 'search-key', ofKey),
      KeyInaccessible: alarm('KMSKeyInaccessible', 1, 1, 'search-key', ofKey),
    });
  }

  private addRow(): void {
    const lines = (metrics: { readonly [label: string]: string }, options: cloudwatch.MetricOptions = {}) =>
      Object.entries(metrics).map(([label, metricName]) => this.metric(metricName, { label, ...options }));
    const alarmAt = (value: number) => ({ leftAnnotations: [{ value, label: 'alarm', color: cloudwatch.Color.RED }] });
    this.props.platform.monitoring.addRow('Search',
      graphFromZero('Search: state', 6, lines({ red: 'ClusterStatus.red', yellow: 'ClusterStatus.yellow' }), [], alarmAt(1)),
      graphFromZero('Search: CPU and memory (%)', 6, lines({ CPU: 'CPUUtilization', memory: 'JVMMemoryPressure' }), [], alarmAt(95)),
      graphFromZero('Search: free storage (MiB)', 6, lines({ 'fullest node': 'FreeStorageSpace' }, { statistic: 'Minimum' }), [], alarmAt(STORAGE_GIB * 256)),
      graphFromZero('Search: latency p99 (ms)', 6, lines({ searches: 'SearchLatency', writes: 'IndexingLatency' }, { statistic: 'p99' })));
  }
}
