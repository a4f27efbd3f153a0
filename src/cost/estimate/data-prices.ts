import type { Bill } from './bill';
import { several, type PricingRules } from './pricing-rules';
import type { TemplateResource } from './template-resource';
import { MONTH_HOURS } from '../default-usage';

const SERVERLESS = 'db.serverless';
/** @see https://aws.amazon.com/rds/proxy/pricing/ */
const LEAST_PROXY_VCPUS = 2;
const LEAST_CAPACITY_UNITS = 0.5;

/** What keeps state. */
export const DATA_PRICES: PricingRules = {
  'AWS::RDS::DBInstance': (instance, bill) => {
    const cluster = bill.ofType('AWS::RDS::DBCluster').find(each => instance.refersTo(each, 'DBClusterIdentifier'));
    if (cluster || instance.properties.DBClusterIdentifier !== undefined) return chargeAuroraInstance(instance, cluster, bill);
    chargeInstance(instance, bill);
    chargeInstanceStorage(instance, bill);
    chargeManagedPassword(instance, bill);
  },

  'AWS::RDS::DBCluster': (cluster, bill) => {
    if (!String(cluster.properties.Engine).startsWith('aurora')) return bill.unpriced(cluster, 'it is a Multi-AZ cluster of RDS');
    const isOptimized = isIoOptimized(cluster);
    const clusters = bill.ofType('AWS::RDS::DBCluster');
    const storage = isOptimized ? 'aurora-storage-io-optimized' : 'aurora-storage';
    bill.charge(cluster, { price: storage, what: 'Aurora storage', quantity: bill.share(bill.usage.auroraGB, clusters), use: true });
    if (!isOptimized) {
      bill.charge(cluster, { price: 'aurora-requests', what: 'Aurora reads and writes', quantity: bill.share(bill.usage.auroraRequests, clusters) / 1e6, use: true });
    }
    chargeManagedPassword(cluster, bill);
  },

  'AWS::RDS::DBProxy': (proxy, bill) => {
    const targets = bill.ofType('AWS::RDS::DBProxyTargetGroup').filter(each => each.refersTo(proxy, 'DBProxyName'));
    const isOf = (candidate: TemplateResource) => targets.some(target => target.refersTo(candidate));
    if (bill.ofType('AWS::RDS::DBCluster').some(isOf)) {
      const what = 'RDS Proxy of Aurora Serverless';
      return bill.charge(proxy, { price: 'rds-proxy-serverless', what, quantity: 8 * MONTH_HOURS });
    }
    const instance = bill.ofType('AWS::RDS::DBInstance').find(isOf);
    const vcpus = Math.max(LEAST_PROXY_VCPUS, instance ? vcpusOf(databaseClass(instance)) : LEAST_PROXY_VCPUS);
    const unsure = instance ? undefined : 'its database is not in the same stack: the least was taken';
    bill.charge(proxy, { price: 'rds-proxy', what: `RDS Proxy, ${vcpus} vCPU`, quantity: vcpus * MONTH_HOURS, unsure });
  },

  'AWS::ElastiCache::ReplicationGroup': (group, bill) => {
    const replicas = group.number('ReplicasPerNodeGroup', 0);
    const shards = group.number('NumNodeGroups', 1);
    const nodes = group.properties.NumCacheClusters === undefined ? shards * (1 + replicas) : group.number('NumCacheClusters', 1);
    chargeCacheNodes(group, bill, nodes);
  },

  'AWS::ElastiCache::CacheCluster': (cluster, bill) => chargeCacheNodes(cluster, bill, cluster.number('NumCacheNodes', 1)),

  'AWS::ElastiCache::ServerlessCache': (cache, bill) => {
    const engine = cacheEngine(cache);
    if (!engine) return bill.unpriced(cache, `its engine is ${cache.properties.Engine}`);
    const caches = bill.ofType('AWS::ElastiCache::ServerlessCache');
    const least = engine === 'valkey' ? 0.1 : 1;
    const quantity = Math.max(least, bill.share(bill.usage.cacheGB, caches)) * MONTH_HOURS;
    bill.charge(cache, { price: `${engine}-serverless-data`, what: 'data in the cache', quantity, use: true });
    bill.charge(cache, { price: `${engine}-serverless-units`, what: 'processing units', quantity: bill.share(bill.usage.cacheUnits, caches) / 1e6, use: true });
  },

  'AWS::S3::Bucket': (bucket, bill) => {
    const buckets = bill.ofType('AWS::S3::Bucket');
    const { storedGB, objectWrites, objectReads } = bill.usage;
    bill.charge(bucket, { price: 'bucket-storage', what: 'objects in S3 Standard', quantity: bill.share(storedGB, buckets), use: true });
    bill.charge(bucket, { price: 'bucket-writes', what: 'objects written', quantity: bill.share(objectWrites, buckets) / 1000, use: true });
    bill.charge(bucket, { price: 'bucket-reads', what: 'objects read', quantity: bill.share(objectReads, buckets) / 1000, use: true });
    if (copiesToAnotherRegion(bucket, bill)) bill.unpriced(bucket, 'the table has no price of the transfer of its copies to another region');
    if (JSON.stringify(bucket.properties.LifecycleConfiguration ?? '').includes('INTELLIGENT_TIERING')) {
      bill.charge(bucket, { price: 'bucket-tiering', what: 'watching of objects (Intelligent-Tiering)', quantity: bill.share(objectWrites, buckets) / 1000, use: true });
    }
  },

  'AWS::DynamoDB::Table': (table, bill) => chargeTable(table, bill, 1, table.isTrue('PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled')),

  'AWS::DynamoDB::GlobalTable': (table, bill) => {
    const replicas = table.list('Replicas');
    const recovery = replicas.some(replica => [true, 'true'].includes(replica?.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled));
    chargeTable(table, bill, Math.max(1, replicas.length), recovery);
  },

  'AWS::OpenSearchService::Domain': (domain, bill) => {
    const nodes = domain.number('ClusterConfig.InstanceCount', 1);
    chargeSearchNodes(domain, bill, 'data', domain.text('ClusterConfig.InstanceType', 'm7g.large.search'), nodes);
    if (domain.isTrue('ClusterConfig.DedicatedMasterEnabled')) {
      const masters = domain.number('ClusterConfig.DedicatedMasterCount', 3);
      chargeSearchNodes(domain, bill, 'master', domain.text('ClusterConfig.DedicatedMasterType', 'm7g.medium.search'), masters);
    }
    if (domain.isTrue('ClusterConfig.WarmEnabled')) bill.unpriced(domain, 'the table has no price of its warm nodes');
    if (!domain.isTrue('EBSOptions.EBSEnabled')) return;
    if (domain.text('EBSOptions.VolumeType', 'gp3') !== 'gp3') return bill.unpriced(domain, `its disks of type ${domain.properties.EBSOptions.VolumeType}`);
    bill.charge(domain, { price: 'search-storage', what: `disks of ${several(nodes, 'node')}`, quantity: nodes * domain.number('EBSOptions.VolumeSize', 10) });
  },
};

/** Where S3 copies objects to is a bucket of another stack if it is in another region. */
function copiesToAnotherRegion(bucket: TemplateResource, bill: Bill): boolean {
  const rules: { readonly Status?: string }[] = bucket.list('ReplicationConfiguration.Rules');
  if (!rules.some(({ Status: status }) => status === 'Enabled')) return false;
  return !bill.ofType('AWS::S3::Bucket').some(other => other !== bucket && bucket.refersTo(other, 'ReplicationConfiguration'));
}

function databaseClass(instance: TemplateResource): string {
  return instance.text('DBInstanceClass', 'db.t4g.micro');
}

/** Burstable and `large` ones have two; `xlarge` has four, and so on. */
function vcpusOf(instanceClass: string): number {
  const [, many = ''] = /\.(\d*)xlarge/.exec(instanceClass) ?? [];
  return instanceClass.includes('xlarge') ? 4 * Number(many || 1) : 2;
}

/** A listed Multi-AZ price comes first: twice the rounded price of one is off by up to 0.001 an hour. */
function chargeInstance(instance: TemplateResource, bill: Bill): void {
  const type = databaseClass(instance);
  const quantity = bill.usage.databaseHours;
  if (instance.text('Engine', 'postgres') !== 'postgres') return bill.unpriced(instance, `the table has no price of ${instance.properties.Engine}`);
  const commitment = 'RDS reserved instances' as const;
  if (!instance.isTrue('MultiAZ')) {
    bill.charge(instance, { price: `rds-single:${type}`, what: `PostgreSQL ${type}`, quantity, commitment });
  } else if (bill.hasPrice(instance, `rds-multi:${type}`)) {
    bill.charge(instance, { price: `rds-multi:${type}`, what: `PostgreSQL ${type}, Multi-AZ`, quantity, commitment });
  } else {
    const unsure = 'twice the price of one, which is rounded';
    bill.charge(instance, { price: `rds-single:${type}`, what: `PostgreSQL ${type}, Multi-AZ`, quantity: 2 * quantity, commitment, unsure });
  }
  if (instance.properties.DatabaseInsightsMode === 'advanced') {
    bill.charge(instance, { price: 'database-insights-vcpu', what: 'Database Insights, advanced', quantity: vcpusOf(type) * quantity });
  }
}

/** Stopped databases keep their disks. Backups are free up to the size of the database. */
function chargeInstanceStorage(instance: TemplateResource, bill: Bill): void {
  const isMulti = instance.isTrue('MultiAZ');
  const size = instance.number('AllocatedStorage', 20);
  if (instance.text('StorageType', 'gp3') !== 'gp3') bill.unpriced(instance, `its storage of type ${instance.properties.StorageType}`);
  else bill.charge(instance, { price: `rds-storage-${isMulti ? 'multi' : 'single'}`, what: `storage${isMulti ? ', Multi-AZ' : ''}`, quantity: size });
  if (instance.properties.AutomaticBackupReplicationRegion === undefined) return;
  const unsure = 'as many GB of backups as the database has, without their transfer';
  bill.charge(instance, { price: 'rds-backup', what: 'backups in another region', quantity: size, use: true, unsure });
}

/** RDS keeps the password that it manages in a secret, which is paid as any other. */
function chargeManagedPassword(resource: TemplateResource, bill: Bill): void {
  if (resource.isTrue('ManageMasterUserPassword')) bill.charge(resource, { price: 'secret', what: 'secret of the master password', quantity: 1 });
}

function isIoOptimized(cluster: TemplateResource | undefined): boolean {
  return cluster?.properties.StorageType === 'aurora-iopt1';
}

function chargeAuroraInstance(instance: TemplateResource, cluster: TemplateResource | undefined, bill: Bill): void {
  if (instance.properties.DBInstanceClass !== SERVERLESS) return bill.unpriced(instance, `the table has no price of Aurora on ${instance.properties.DBInstanceClass}`);
  const least = Math.max(LEAST_CAPACITY_UNITS, cluster?.number('ServerlessV2ScalingConfiguration.MinCapacity', LEAST_CAPACITY_UNITS) ?? LEAST_CAPACITY_UNITS);
  const units = bill.usage.auroraCapacityUnits ?? least;
  const price = isIoOptimized(cluster) ? 'aurora-capacity-io-optimized' : 'aurora-capacity';
  bill.charge(instance, {
    price, what: `Aurora Serverless, ${several(units, 'capacity unit')}`, quantity: units * bill.usage.databaseHours, use: bill.usage.auroraCapacityUnits !== undefined,
  });
  if (cluster?.properties.DatabaseInsightsMode === 'advanced') {
    bill.charge(instance, { price: 'database-insights-capacity', what: 'Database Insights, advanced', quantity: units * bill.usage.databaseHours });
  }
}

function cacheEngine({ properties }: TemplateResource): 'valkey' | 'redis' | undefined {
  const engine = String(properties.Engine ?? 'redis').toLowerCase();
  return engine === 'valkey' || engine === 'redis' ? engine : undefined;
}

function chargeCacheNodes(resource: TemplateResource, bill: Bill, nodes: number): void {
  const engine = cacheEngine(resource);
  if (!engine) return bill.unpriced(resource, `its engine is ${resource.properties.Engine}`);
  const type = resource.text('CacheNodeType', 'cache.t4g.micro');
  bill.charge(resource, {
    price: `${engine}:${type}`,
    what: `${engine === 'valkey' ? 'Valkey' : 'Redis'} ${type}, ${several(nodes, 'node')}`,
    quantity: nodes * MONTH_HOURS,
    commitment: 'ElastiCache reserved nodes',
  });
}

function chargeSearchNodes(domain: TemplateResource, bill: Bill, kind: string, type: string, nodes: number): void {
  bill.charge(domain, {
    price: `search:${type}`, what: `OpenSearch ${type}, ${several(nodes, `${kind} node`)}`, quantity: nodes * MONTH_HOURS, commitment: 'OpenSearch reserved instances',
  });
}

function chargeTable(table: TemplateResource, bill: Bill, replicas: number, recovery: boolean): void {
  if (table.properties.BillingMode !== 'PAY_PER_REQUEST') return bill.unpriced(table, 'the table has no price of provisioned capacity');
  const tables = bill.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable');
  const { tableReads, tableWrites, tableGB } = bill.usage;
  const gigabytes = replicas * bill.share(tableGB, tables);
  bill.charge(table, { price: 'table-reads', what: 'reads', quantity: bill.share(tableReads, tables) / 1e6, use: true });
  bill.charge(table, { price: 'table-writes', what: 'writes', quantity: replicas * bill.share(tableWrites, tables) / 1e6, use: true });
  bill.charge(table, { price: 'table-storage', what: 'items', quantity: gigabytes, use: true });
  if (recovery) bill.charge(table, { price: 'table-recovery', what: 'point-in-time recovery', quantity: gigabytes, use: true });
}
