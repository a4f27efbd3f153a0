import { CustomResource, Duration, Fn, Names, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import { Construct } from 'constructs';
import type { AccessLevel } from './administrator/access';
import { grantAccess, mapRole, requestStatement } from './search-access';
import { SearchAdministrator } from './search-administrator';
import { SearchDomainProps } from './search-domain-props';
import { SearchDomainSettings, zonesOf } from './search-domain-settings';
import { validateSearchDomain } from './search-domain-validation';
import { createDomainAlarms, domainMetric, domainWidgets, WatchedDomain } from './search-watch';
import { acknowledge } from '../acknowledge';
import { DeploymentHelper } from '../deployment-helper';
import { IWatched } from '../observability/watched';

const MASTER_NODES = 3;

const IN_VPC = 'A domain in a VPC takes no policy by IP address: who reaches it is decided by security groups, and what gets through has to be signed by a role '
  + 'that was let in: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html';

/** Without thresholds the slow logs stay empty, whatever the domain publishes. */
const SLOW = { 'index.search.slowlog.threshold.query.warn': '2s', 'index.indexing.slowlog.threshold.index.warn': '2s' };

/** Log groups by what OpenSearch Service calls them. */
const LOGS = {
  ES_APPLICATION_LOGS: 'ApplicationLog', SEARCH_SLOW_LOGS: 'SearchSlowLog', INDEX_SLOW_LOGS: 'IndexSlowLog', AUDIT_LOGS: 'AuditLog',
};

/**
 * An OpenSearch domain in private subnets: encrypted, with fine-grained access by IAM role, index templates from the app's own code, logs and alarms.
 *
 * Nobody has a password, and nobody gets in who was not granted it. The indexes can be lost: a `SearchIngestion` fills them from PostgreSQL.
 */
export class SearchDomain extends Construct implements ec2.IConnectable, IWatched {
  /** The domain. */
  public readonly domain: opensearch.CfnDomain;
  /** Name of the domain. It holds the stack's own id, so what stayed of a deleted stack does not block the next. */
  public readonly domainName: string;
  /** ARN of the domain. */
  public readonly domainArn: string;
  /** Where it answers: `https://…`, for an application's OPENSEARCH_URL. Requests are signed for the service `es`. */
  public readonly endpoint: string;
  /** Names of the indexes that deployments look after. */
  public readonly indexNames: string[];
  /** Who may connect. Nobody, until a service is allowed to. */
  public readonly connections: ec2.Connections;
  /** Network identity of the domain. */
  public readonly securityGroup: ec2.SecurityGroup;
  /** Alarms; empty where the profile has alarms off. */
  public readonly alarms: cloudwatch.Alarm[];

  private readonly settings: SearchDomainSettings;
  private readonly administrator: SearchAdministrator;
  private readonly indexes: CustomResource;

  constructor(scope: Construct, id: string, props: SearchDomainProps) {
    super(scope, id);
    this.settings = validateSearchDomain(this, props);
    this.domainName = this.uniqueName();
    this.domainArn = Stack.of(this).formatArn({ service: 'es', resource: 'domain', resourceName: this.domainName });

    this.securityGroup = this.createSecurityGroup();
    this.connections = new ec2.Connections({ securityGroups: [this.securityGroup], defaultPort: ec2.Port.HTTPS });
    this.administrator = new SearchAdministrator(this, 'Administrator', {
      settings: this.settings, domainArn: this.domainArn, domainSecurityGroup: this.securityGroup,
    });
    this.domain = this.createDomain();
    this.domain.node.addDependency(this.createServiceRole(), this.createLogRights());
    this.endpoint = `https://${this.domain.attrDomainEndpoint}`;
    this.indexes = this.createIndexes();
    this.indexNames = this.settings.indexes.map(({ name }) => name);
    this.alarms = this.settings.alarms ? createDomainAlarms(this, this.watched()) : [];
  }

  /** Lets somebody search. What runs has to be allowed to connect, too. */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return grantAccess(this.reach(), grantee, 'read');
  }

  /** Lets somebody search, and write and delete documents. */
  public grantReadWrite(grantee: iam.IGrantable): iam.Grant {
    return grantAccess(this.reach(), grantee, 'readWrite');
  }

  /** Lets somebody do all that, and make, switch and delete indexes. */
  public grantIndexing(grantee: iam.IGrantable): iam.Grant {
    return grantAccess(this.reach(), grantee, 'indexing');
  }

  /**
   * A metric of the domain, once a minute.
   *
   * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-cloudwatchmetrics.html
   */
  public metric(metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return domainMetric(this.watched(), metricName, 'Average', Duration.minutes(1)).with(options);
  }

  /** The domain's row on the dashboard. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return domainWidgets(this.watched());
  }

  /**
   * The right to send requests, for a function that is made with all its rights at once.
   * @internal
   */
  public _requestStatement(scope: Construct, level: AccessLevel): iam.PolicyStatement {
    return requestStatement(scope, this.domainArn, level);
  }

  /**
   * Lets such a function's role in, once the indexes are there.
   * @internal
   */
  public _letIn(role: iam.IRole, level: AccessLevel): void {
    const access = mapRole(this.reach(), role, level);
    if (Stack.of(access) === Stack.of(this)) access.node.addDependency(this.indexes);
  }

  private createSecurityGroup(): ec2.SecurityGroup {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: this.settings.vpc,
      description: `Search of ${this.node.path}`.slice(0, 255),
      allowAllOutbound: false,
    });
    securityGroup.applyRemovalPolicy(this.settings.removalPolicy);
    return securityGroup;
  }

  private createDomain(): opensearch.CfnDomain {
    const { engineVersion, encryptionKey, storageGiB, removalPolicy } = this.settings;
    const domain = new opensearch.CfnDomain(this, 'Domain', {
      domainName: this.domainName,
      engineVersion: `OpenSearch_${engineVersion}`,
      clusterConfig: this.clusterConfig(),
      vpcOptions: { securityGroupIds: [this.securityGroup.securityGroupId], subnetIds: this.subnetIds() },
      ebsOptions: { ebsEnabled: true, volumeType: 'gp3', volumeSize: storageGiB },
      encryptionAtRestOptions: { enabled: true, kmsKeyId: encryptionKey?.keyId },
      nodeToNodeEncryptionOptions: { enabled: true },
      domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: 'Policy-Min-TLS-1-2-PFS-2023-10' },
      advancedSecurityOptions: {
        enabled: true,
        internalUserDatabaseEnabled: false,
        masterUserOptions: { masterUserArn: this.administrator.role.roleArn },
      },
      accessPolicies: this.accessPolicy(),
      logPublishingOptions: this.createLogs(),
      softwareUpdateOptions: { autoSoftwareUpdateEnabled: true },
    });
    acknowledge(domain, 'AwsSolutions-OS3', IN_VPC);
    // Otherwise a new version would be a new, empty domain.
    domain.cfnOptions.updatePolicy = { enableVersionUpgrade: true };
    domain.applyRemovalPolicy(removalPolicy);
    return domain;
  }

  private clusterConfig(): opensearch.CfnDomain.ClusterConfigProperty {
    const { instanceType, dataNodes, dedicatedMasters, masterInstanceType } = this.settings;
    const zones = this.subnetIds().length;
    return {
      instanceType,
      instanceCount: dataNodes,
      dedicatedMasterEnabled: dedicatedMasters,
      ...dedicatedMasters ? { dedicatedMasterType: masterInstanceType, dedicatedMasterCount: MASTER_NODES } : {},
      zoneAwarenessEnabled: zones > 1,
      ...zones > 1 ? { zoneAwarenessConfig: { availabilityZoneCount: zones } } : {},
    };
  }

  /** One in each zone that the domain uses. */
  private subnetIds(): string[] {
    const { vpc, vpcSubnets, dataNodes } = this.settings;
    const { subnetIds } = vpc.selectSubnets({ ...vpcSubnets, onePerAz: true });
    return subnetIds.slice(0, zonesOf(dataNodes, subnetIds.length));
  }

  /** Signed requests of this account only; whose, and of what kind, is decided by IAM and by fine-grained access control. */
  private accessPolicy(): iam.PolicyDocument {
    return new iam.PolicyDocument({
      statements: [new iam.PolicyStatement({
        principals: [new iam.AccountRootPrincipal()], actions: ['es:ESHttp*'], resources: [`${this.domainArn}/*`],
      })],
    });
  }

  private createLogs(): { [kind: string]: opensearch.CfnDomain.LogPublishingOptionProperty } {
    return Object.fromEntries(Object.entries(LOGS).map(([kind, id]) => {
      const logGroup = new logs.LogGroup(this, id, {
        retention: this.settings.logRetentionDays,
        encryptionKey: this.settings.encryptionKey,
        removalPolicy: this.settings.removalPolicy,
      });
      return [kind, { enabled: true, cloudWatchLogsLogGroupArn: logGroup.logGroupArn }];
    }));
  }

  /** OpenSearch Service tries the log groups when it makes the domain. */
  private createLogRights(): logs.ResourcePolicy {
    const { account } = Stack.of(this);
    return new logs.ResourcePolicy(this, 'LogRights', {
      policyStatements: [new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('es.amazonaws.com')],
        actions: ['logs:PutLogEvents', 'logs:CreateLogStream'],
        resources: Object.values(LOGS).map(id => (this.node.findChild(id) as logs.LogGroup).logGroupArn),
        conditions: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': this.domainArn } },
      })],
    });
  }

  /** The role with which the service joins VPCs: one in an account, which the first domain in it would otherwise lack. */
  private createServiceRole(): CustomResource {
    const helper = DeploymentHelper.of(this, this.settings);
    const serviceName = 'opensearchservice.amazonaws.com';
    const policy = helper.allow(this, 'ServiceRolePolicy', [new iam.PolicyStatement({
      actions: ['iam:CreateServiceLinkedRole'],
      resources: [Stack.of(this).formatArn({
        service: 'iam', region: '', resource: 'role', resourceName: `aws-service-role/${serviceName}/AWSServiceRoleForAmazonOpenSearchService`,
      })],
      conditions: { StringEquals: { 'iam:AWSServiceName': serviceName } },
    })]);
    const role = new CustomResource(this, 'ServiceRole', {
      resourceType: 'Custom::SearchServiceRole', serviceToken: helper.serviceToken, serviceTimeout: Duration.minutes(5),
    });
    role.node.addDependency(policy);
    return role;
  }

  private createIndexes(): CustomResource {
    const definitions = this.settings.indexes.map(({ name, mappings = {}, settings }) => ({ name, mappings, settings: { ...SLOW, ...settings } }));
    const indexes = this.administrator.ask(this, 'Indexes', 'Custom::SearchIndexes', {
      Endpoint: this.endpoint,
      // As text: CloudFormation would make texts of all numbers and booleans inside.
      Indexes: Stack.of(this).toJsonString(definitions),
      Replicas: this.settings.dataNodes > 1 ? '1' : '0',
    });
    indexes.node.addDependency(...this.administrator.ways);
    return indexes;
  }

  /** At most 28 characters. */
  private uniqueName(): string {
    const stackUuid = Fn.select(2, Fn.split('/', Stack.of(this).stackId));
    const readable = Names.uniqueResourceName(this, { maxLength: 15 }).toLowerCase().replace(/^[^a-z]/, 's');
    return `${readable}-${Fn.select(4, Fn.split('-', stackUuid))}`;
  }

  private reach() {
    const { settings, administrator, domainArn, endpoint } = this;
    return { block: this, settings, administrator, domainArn, endpoint };
  }

  private watched(): WatchedDomain {
    const { dataNodes, dedicatedMasters, storageGiB, encryptionKey } = this.settings;
    return {
      domainName: this.domain.ref,
      account: Stack.of(this).account,
      dataNodes,
      masterNodes: dedicatedMasters ? MASTER_NODES : 0,
      storageGiB,
      hasOwnKey: encryptionKey !== undefined,
    };
  }
}
